// How far somebody has read in the open room. Only what was in view counts, while the page is
// visible and has the focus, and only if nothing unread lies before it that is not on the page. The
// server is told; unread.js shows the rest. Without scripts a message that is sent says how far its
// page went, and a button marks everything as read.

import { $, log, on, onPage, position, room } from './dom.js';
import { messages, near, newest, oldest, onLogChange } from './log.js';

const pace = 500; // milliseconds between what the server is told

export let seen; // the position up to which everything was seen
let read, timer; // the position up to which the server knows it
let first; // the first unread message when the page came; 0: there was none
let whole; // it was on the page then, or was in view since: nothing unread lies before what was seen
let marking = true; // false after the reader has marked messages as unread, until it scrolls
const inView = new Set(); // messages
const handlers = [];

// onRead calls a function after something was seen.
export function onRead(handle) { handlers.push(handle); }

function tellOthers() { for (const handle of handlers) handle(); }

export const isWhole = () => whole;
export const seenUpTo = () => whole ? seen : 0;

// look takes note of what is in view, and tells the server soon.
function look() {
  if (!log || !marking || document.hidden || !document.hasFocus()) return;
  const before = seen, positions = [...inView].filter(li => li.isConnected).map(position);
  whole ||= positions.includes(first);
  if (!whole) return;
  seen = Math.max(seen, near ? newest() : 0, ...positions);
  if (seen > read) timer ??= setTimeout(tell, pace);
  if (seen > before) tellOthers();
}

async function tell() {
  const here = room, upTo = seen, mine = timer, body = new URLSearchParams({ position: upTo });
  const options = { method: 'POST', headers: { Accept: 'application/json' }, body, keepalive: true };
  const answer = await fetch(`${here}/read`, options).catch(() => null);
  if (timer !== mine) return; // another page, or marked as unread meanwhile
  timer = undefined;
  if (!answer?.ok) return;
  read = Math.max(read, upTo);
  look();
}

// markUnread makes a message and what follows it unread until the reader leaves or scrolls, and
// returns whether it did.
export async function markUnread(li) {
  const at = position(li), body = new URLSearchParams({ position: at });
  const options = { method: 'POST', headers: { Accept: 'application/json' }, body };
  timer = clearTimeout(timer);
  marking = false;
  const answer = await fetch(`${room}/unread`, options).catch(() => null);
  if (!answer?.ok) return false;
  read = seen = Math.min(seen, at - 1);
  whole ||= at <= first;
  first = first ? Math.min(first, at) : at;
  tellOthers();
  return true;
}

const watcher = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries) inView[isIntersecting ? 'add' : 'delete'](target);
  look();
}, { rootMargin: '0px 0px -16px' });

onLogChange(records => {
  for (const { addedNodes, removedNodes } of records) {
    for (const node of removedNodes) {
      if (node.id) watcher.unobserve(node);
      inView.delete(node);
    }
    for (const node of addedNodes) if (node.isConnected && node.matches?.('.message')) watcher.observe(node);
  }
  look();
});
addEventListener('focus', look);
on('visibilitychange', () => { if (!document.hidden) setTimeout(look); });
for (const type of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
  on(type, ({ target }) => {
    if (marking || !target.closest?.('#log') || target.closest('#message-tools')) return;
    marking = true;
    setTimeout(look, pace);
  });
}

onPage(() => {
  timer = clearTimeout(timer);
  watcher.disconnect();
  inView.clear();
  marking = true;
  if (!log) return;
  read = seen = Number(log.dataset.read);
  first = Number(log.dataset.first);
  whole = !first || oldest() <= first && first <= newest();
  for (const li of messages()) watcher.observe(li);
});
