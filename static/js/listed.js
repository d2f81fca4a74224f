// The list of rooms changes entry by entry: what comes over the stream replaces an entry where it
// stands, and here the entry moves to its place among the others. A stream that opens says what the
// list shows, so that it is sent again only if it is another one. Without scripts the list is as it
// was when the page was made.

import { $, $$, on, onPage, room, stream } from './dom.js';

const entries = () => $$('#my-rooms li[id^="room-"]');
const idOf = entry => entry.id.slice('room-'.length);
const shownId = () => room?.split('/').at(-1);

// unreadElsewhere returns how many messages are unread in the rooms of the list without the one that
// is open, and how many of them mention the viewer.
export function unreadElsewhere() {
  const others = entries().filter(entry => idOf(entry) !== shownId());
  const sum = name => others.reduce((n, { dataset }) => n + Number(dataset[name]), 0);
  return { count: sum('unread'), calls: sum('mentions') };
}

// comesBefore tells the order of entries: the newest first, or those with something unread before.
function comesBefore(a, b) {
  const first = $('#my-rooms').dataset.order === 'unread' && (b.dataset.unread > 0) - (a.dataset.unread > 0);
  return first ? first < 0 : Number(a.dataset.active) > Number(b.dataset.active);
}

// place moves an entry to where it belongs among its neighbours, of which all others are in order.
export function place(entry) {
  const others = [...entry.parentElement.children].filter(other => other !== entry && other.id);
  const next = others.find(other => comesBefore(entry, other)) ?? null;
  if (entry.nextElementSibling === next) return;
  const list = entry.parentElement; // a move keeps the focus, where browsers know moves
  if (list.moveBefore) list.moveBefore(entry, next); else list.insertBefore(entry, next);
}

// Rooms that a page has shown: their entries are not sent to it, and are old until they come again.
const untold = new Set();

new MutationObserver(changes => {
  for (const { addedNodes } of changes) {
    for (const entry of addedNodes) {
      if (!entry.id?.startsWith('room-') || !entry.isConnected) continue;
      if (idOf(entry) !== shownId()) untold.delete(idOf(entry));
      place(entry);
    }
  }
}).observe($('.side') ?? document.body, { childList: true, subtree: true });

onPage(() => { if (room) untold.add(shownId()); });

// digest is what db.ListDigest makes of the same rooms: the sum of an FNV-1a hash of each.
function digest() {
  let sum = 0;
  for (const entry of entries()) {
    if (untold.has(idOf(entry))) continue;
    const { revision, unread, mentions } = entry.dataset;
    let hash = 0x811c9dc5;
    for (const c of `${idOf(entry)}:${revision}:${unread}:${mentions}`) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
    sum = (sum + hash) >>> 0;
  }
  return sum.toString(16);
}

on('htmx:config:request', ({ target, detail }) => {
  if (target !== stream) return;
  const { headers } = detail.ctx.request;
  headers['Listed-Digest'] = digest();
  headers['Listed-Except'] = [...untold].slice(-8).join(',');
});
