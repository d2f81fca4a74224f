// The log of a room: messages stay in order without holes, and the log stays where its reader is.
// #log is a column in reverse: its scrollTop is 0 at the newest message and negative above it. While
// newer messages are to be loaded (.newer) it is a plain column. Without scripts the page shows its
// messages with links to older and newer ones, and the live log in a frame.

import { $, $$, log, on, onPage, position } from './dom.js';

export let near = true; // the reader is at the newest message
let floor = 0; // the oldest position on the page
const handlers = []; // of changes of the log
const unloaded = new Map(); // changed messages from before the page's oldest, by id
const ahead = new Map(); // new or changed messages from after a hole, by id

export const messages = () => $$('#earlier > .message, #messages > .message');
export const oldest = () => messages().slice(0, 1).map(position)[0] ?? 0;
export const newest = () => Math.max(0, ...$$('#messages > .message').map(position));
export const atEnd = () => Boolean(log) && !$('.newer', log); // no newer messages are to be loaded
export const waiting = () => [...ahead.values()];
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
  if (atEnd()) join();
  floor = oldest();
  $('.empty', log)?.remove();
}

// place keeps the log without holes. The stream inserts what it does not find, so also a change of
// a message from before the page's oldest, and what is to stand after a hole. Both wait here, as a
// page that is under way may still hold a message as it was.
function place(list, li) {
  const loaded = list.id === 'earlier' ? unloaded : ahead, hole = $('.newer', log);
  if (list.id === 'messages' && hole && hole.compareDocumentPosition(li) & Node.DOCUMENT_POSITION_FOLLOWING) {
    ahead.set(li.id, li);
    li.remove();
  } else if (list.id === 'messages' && $('.older', log) && position(li) < floor) {
    unloaded.set(li.id, li);
    li.remove();
  } else if (loaded.has(li.id)) {
    li.replaceWith(loaded.get(li.id));
    loaded.delete(li.id);
  }
}

// join puts the messages from after a hole to the others, now that there is none.
function join() {
  $('#messages').append(...waiting().sort((a, b) => position(a) - position(b)));
  ahead.clear();
}

// hold remembers what the reader looks at, and returns what puts it back there after a change: the
// newest stays the newest, and further up nothing jumps. Browsers' own scroll anchoring is no help:
// one has none, another jumps when more is put before the very first.
export function hold() {
  near = isNear(); // somebody may just have scrolled, and the event is to come
  const id = near ? null : firstSeen()?.id, top = id && topOf(id);
  return () => {
    if (near) log.scrollTop = 0; else if (id) log.scrollTop += (topOf(id) ?? top) - top;
  };
}

const isNear = () => atEnd() && log.scrollTop >= -100;

function onScroll() {
  near = isNear();
  $('#newest').hidden = near;
}

on('click', event => {
  if (!atEnd() || !event.target.closest?.('#newest')) return;
  event.preventDefault();
  log.scrollTop = 0;
});

// begin scrolls to where the page begins, a third from the top.
function begin() {
  const start = $('.start', log), named = document.getElementById(location.hash.slice(1));
  const at = named?.closest('#log .message') ?? start;
  if (at) log.scrollTop += at.getBoundingClientRect().top - log.getBoundingClientRect().top - log.clientHeight * 0.3;
}

onLogChange(arrange);

onPage(() => {
  observer.disconnect();
  unloaded.clear();
  ahead.clear();
  near = true;
  if (!log) return;
  floor = oldest();
  for (const list of $$('#earlier, #messages')) observer.observe(list, { childList: true });
  log.style.overflowAnchor = 'none';
  log.addEventListener('scroll', onScroll, { passive: true });
  begin();
  onScroll();
});
