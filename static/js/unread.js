// What waits for the reader: the title counts it, the button that leads to the newest message says
// how much came and whether it calls one, and a line stands before the first of it. Without scripts
// all three are as they were when the page was made.

import { $, log, on, onPage, position, viewer } from './dom.js';
import { unreadElsewhere } from './listed.js';
import { atEnd, messages, near, newest, onLogChange, waiting } from './log.js';
import { isWhole, markUnread, onRead, seen } from './read.js';
import { countInTitle } from './title.js';

let onArrival; // { last, read, unread, mentions }: the room when the page came

const nothing = { count: 0, calls: 0 };
const isNews = li => li.dataset.author !== viewer && !li.matches('.deleted, .event');
const callsMe = li => (li.dataset.mentions ?? '').split(' ').some(id => id === viewer || id === '0'); // 0: everybody
const countOf = list => ({ count: list.length, calls: list.filter(callsMe).length });
const sumOf = (a, b) => ({ count: a.count + b.count, calls: a.calls + b.calls });

// unseen returns how many messages wait in the room, and how many of them mention the reader: those
// here after what was seen, and those that are not on the page.
function unseen() {
  const { last, read, unread, mentions } = onArrival, whole = isWhole(), from = whole ? seen : last;
  const here = countOf([...messages(), ...waiting()].filter(li => position(li) > from && isNews(li)));
  if (whole && atEnd()) return { here, off: nothing };
  const on = countOf(whole ? messages().filter(li => position(li) > read && position(li) <= last && isNews(li)) : []);
  return { here, off: { count: Math.max(0, unread - on.count), calls: Math.max(0, mentions - on.calls) } };
}

export function showUnread() {
  const { here, off } = log ? unseen() : { here: nothing, off: nothing }, all = sumOf(here, off);
  const below = atEnd() ? here : all, { count, calls } = sumOf(unreadElsewhere(), all);
  countInTitle(count, calls);
  if (!log) return;
  const button = $('#newest'), { newest: label, new: words } = button.dataset;
  const n = below.count.toLocaleString(document.documentElement.lang);
  const text = below.count ? `${words.replace('%s', n)}${below.calls ? ' · @' : ''} ↓` : label;
  if (button.textContent !== text) button.textContent = text;
  if (isWhole()) $('#unread-above')?.remove();
}

// drawLine puts the line that says how far one has read before a message.
function drawLine(li) {
  const line = $('.unread-line', log) ?? Object.assign(document.createElement('li'), { textContent: log.dataset.since });
  line.className = 'unread-line';
  li.before(line);
}

// drawLineAbove puts it before what has come unseen, where everything before that was seen.
function drawLineAbove(added) {
  if (near || !atEnd() || !isWhole()) return;
  const news = messages().filter(li => position(li) > seen && isNews(li));
  if (added.includes(news[0]) && position(news[0]) > onArrival.last) drawLine(news[0]);
}

// markUnreadFrom makes a message and what follows it unread.
export async function markUnreadFrom(li) {
  if (!await markUnread(li)) return;
  const { off } = unseen(); // what is on the page is counted as it stands there
  Object.assign(onArrival, { read: onArrival.last, unread: off.count, mentions: off.calls });
  drawLine(li);
  showUnread();
}

onLogChange(records => {
  drawLineAbove(records.flatMap(r => [...r.addedNodes]));
  showUnread();
});
onRead(showUnread);
on('submit', ({ target }) => { // everything that is there now
  if (!log || !target.matches('form.read')) return;
  target.elements.position.value = Math.max(onArrival.last, newest(), ...waiting().map(position));
});

onPage(() => {
  if (log) {
    const { read, last } = log.dataset, { unread, mentions } = $('#newest').dataset;
    onArrival = { last: Number(last), read: Number(read), unread: Number(unread), mentions: Number(mentions) };
  }
  showUnread();
});
