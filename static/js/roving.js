// The list of rooms and the log are one stop each for the Tab key. Inside, arrow keys go from row to
// row, Home and End to the ends; Enter on a message goes to what one may do with it, Escape to the
// composer. Letters are left alone (hands.js). Without scripts all links are stops.

import { $, $$, log, on, onPage } from './dom.js';
import { onLogChange } from './log.js';

const rowOf = target => target.closest?.('#my-rooms li > a, #earlier > .message, #messages > .message') ?? null;
const rooms = () => $$('#my-rooms li > a');
const messages = () => $$('#earlier > .message, #messages > .message');
const listOf = row => row.matches('.message') ? messages() : rooms();
let message = null; // id of the message that is the stop of the log; null: the newest
let link = null; // the room that is the stop of the list; null: the current one

// stop makes one of some elements a stop for the Tab key.
function stop(elements, chosen) {
  for (const element of elements) {
    const index = element === chosen ? 0 : -1;
    if (element.tabIndex !== index || !element.hasAttribute('tabindex')) element.tabIndex = index;
  }
}

// isNoScroller is false for code that is wider or higher than its box: only with the focus it can be
// scrolled by keys.
const isNoScroller = element => element.scrollWidth <= element.clientWidth && element.scrollHeight <= element.clientHeight
  || element.localName === 'a';

function refreshRooms() {
  const all = rooms();
  if (!all.includes(link)) link = null;
  stop(all, link ?? all.find(a => a.ariaCurrent) ?? all.find(a => a.checkVisibility()));
}

// refreshMessages makes the stop of the log, and what is in that message while it has the focus.
function refreshMessages() {
  if (!log) return;
  const all = messages();
  const row = all.find(li => li.id === message) ?? all.at(-1), held = row?.contains(document.activeElement);
  stop(all, row);
  for (const li of all) if (li !== row || !held) stop($$('.meta a, .body a, pre', li).filter(isNoScroller), null);
  if (held) for (const inside of $$('a, pre', row)) inside.tabIndex = 0;
  log.tabIndex = all.length ? -1 : 0;
}

on('focusin', ({ target }) => {
  const row = rowOf(target);
  if (row?.matches('.message')) {
    message = row.id;
    refreshMessages();
  } else if (row) {
    link = row;
    refreshRooms();
  }
});
on('focusout', ({ target, relatedTarget }) => {
  if (rowOf(target)?.matches('.message') && !log?.contains(relatedTarget)) setTimeout(refreshMessages);
});

on('keydown', event => {
  const row = rowOf(event.target), plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  if (!row || !plain || event.defaultPrevented || event.target.closest('.tools, form')) return;
  const all = listOf(row).filter(element => element.checkVisibility()), i = all.indexOf(row);
  const to = { ArrowUp: all[i - 1], ArrowDown: all[i + 1], Home: all[0], End: all.at(-1) }[event.key];
  if (/^(Arrow(Up|Down)|Home|End)$/.test(event.key)) {
    event.preventDefault();
    to?.focus();
  } else if (event.target === row && row.matches('.message')) act(event, row);
});

function act(event, row) {
  const target = { Enter: $('.tools button:not([hidden])', row), Escape: $('#composer textarea') }[event.key];
  if (!target?.checkVisibility()) return;
  event.preventDefault();
  target.focus();
}

// A list that comes anew is morphed, which takes away what the server does not write.
new MutationObserver(refreshRooms).observe($('#my-rooms') ?? document.createElement('i'), {
  attributeFilter: ['tabindex'], childList: true, subtree: true,
});
onLogChange(refreshMessages);
onPage(() => {
  message = null;
  refreshMessages();
  refreshRooms();
});
