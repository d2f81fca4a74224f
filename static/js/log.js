// The log of a room: messages stay in order without holes, and the log stays where its reader is.
// #log is a column in reverse: its scrollTop is 0 at the newest message and negative above it.
// Without scripts the page shows its messages with links to older and newer ones, and the live log
// in a frame.

import { $, $$, atEnd, log, on, onPage, position } from './dom.js';

export let near = true; // the reader is at the newest message
let floor = 0; // the oldest position on the page
const handlers = []; // of changes of the log
const unloaded = new Map(); // changed messages from before the page's oldest, by id

const messages = () => $$('#earlier > .message, #messages > .message');
const oldest = () => messages().slice(0, 1).map(position)[0] ?? 0;
export const newest = () => Math.max(0, ...$$('#messages > .message').map(position));
const topOf = id => document.getElementById(id)?.getBoundingClientRect().top;

export function firstSeen() {
  const top = log.getBoundingClientRect().top;
  return messages().find(li => li.getBoundingClientRect().bottom > top);
}

// onLogChange calls a function after messages have come, changed or gone, once they stand in order.
// Functions run in the order in which they were given, the first one is this module's.
export function onLogChange(handle) { handlers.push(handle); }

const observer = new MutationObserver(records => { for (const handle of handlers) handle(records); });

function arrange(records) {
  for (const { target, addedNodes } of records) {
    for (const node of addedNodes) if (node.id && node.isConnected) place(target, node);
  }
  floor = oldest();
  $('.empty', log)?.remove();
}

// place keeps the log without holes. The stream inserts what it does not find, so also a change of
// a message from before the page's oldest; it waits here, as an older page that is under way may
// still hold the message as it was.
function place(list, li) {
  if (list.id === 'earlier') {
    if (unloaded.has(li.id)) li.replaceWith(unloaded.get(li.id));
    unloaded.delete(li.id);
  } else if ($('.older', log) && position(li) < floor) {
    unloaded.set(li.id, li);
    li.remove();
  }
}

// hold remembers what the reader looks at, and returns what puts it back there after a change: the
// newest stays the newest, and further up nothing jumps. Browsers' own scroll anchoring is no help:
// one has none, another jumps when more is put before the very first.
export function hold() {
  near = atEnd && log.scrollTop >= -100; // somebody may just have scrolled, and the event is to come
  const id = near ? null : firstSeen()?.id, top = id && topOf(id);
  return () => {
    if (near) log.scrollTop = 0; else if (id) log.scrollTop += (topOf(id) ?? top) - top;
  };
}

function onScroll() {
  near = atEnd && log.scrollTop >= -100;
  $('#newest').hidden = near;
}

on('click', event => {
  if (!atEnd || !event.target.closest?.('#newest')) return;
  event.preventDefault();
  log.scrollTop = 0;
});

// placeInLog returns where the reader is: the id of the first message that is seen, and its distance
// from the log's top in pixels. Undefined at the newest message.
export function placeInLog() {
  const li = near ? null : firstSeen();
  return li ? { id: li.id, top: topOf(li.id) - log.getBoundingClientRect().top } : undefined;
}

// returnInLog scrolls to such a place, and returns whether its message is on the page.
export function returnInLog({ id, top }) {
  const now = topOf(id);
  if (now !== undefined) log.scrollTop += now - log.getBoundingClientRect().top - top;
  return now !== undefined;
}

onLogChange(arrange);

onPage(() => {
  observer.disconnect();
  unloaded.clear();
  near = true;
  if (!log) return;
  floor = oldest();
  for (const list of $$('#earlier, #messages')) observer.observe(list, { childList: true });
  log.style.overflowAnchor = 'none';
  log.addEventListener('scroll', onScroll, { passive: true });
  onScroll();
});
