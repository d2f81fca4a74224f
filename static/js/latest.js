// The entry of the room that is open, in the list of rooms, follows the log: no event brings it,
// because its messages are on the page. Its second line is the newest message, and it moves up with
// it. The header of a direct room follows the entry, when the other takes another name or photo.
// Without scripts both are as they were when the page was made.

import { $, $$, base, log, on, position } from './dom.js';
import { place } from './listed.js';
import { atEnd, messages, onLogChange, waiting } from './log.js';

const maxSummary = 120; // characters, as the server cuts it (views/summary.go)
const entry = () => document.getElementById(`room-${location.pathname.slice(base.length).split('/')[2]}`);
const timeIn = element => Date.parse($('time', element)?.dateTime) || 0;

// known returns the messages on the page that may be the newest, the newest last. Before a hole
// stand older ones, and after it also older ones that have changed.
function known() {
  const last = Number(log.dataset.last), found = atEnd() ? messages() : waiting().filter(li => position(li) >= last);
  return found.sort((a, b) => position(a) - position(b));
}

export const nameOf = li => $('.meta :is(.author, .hidden)', li).textContent;

// textOf returns the text of a message in one line.
export function textOf(li) {
  const body = $('.body', li).cloneNode(true);
  for (const button of $$('button', body)) button.remove();
  const text = [...body.textContent.trim().replace(/\s+/g, ' ')];
  if (text.length > maxSummary) text.splice(maxSummary - 1, Infinity, '…');
  return text.join('');
}

onLogChange(() => {
  const li = log && entry(), found = li ? known() : [];
  const last = found.at(-1), said = found.findLast(message => !message.matches('.event'));
  if (!last) return;
  const line = $('.newest', li), time = $('time', li), at = $('.time', last);
  if (line && said) line.textContent = `${nameOf(said)}: ${textOf(said)}`;
  if (time && timeIn(at) > timeIn(li)) time.replaceWith($('time', at).cloneNode(true));
  if (timeIn(at) <= Number(li.dataset.active)) return;
  li.dataset.active = timeIn(at);
  place(li);
});

on('htmx:after:swap', () => {
  const li = $('#room-header #other') && entry(), name = $('#room-header h1 a');
  if (!li || !name) return;
  const title = $('.title', li).textContent, photo = $('#room-header > .photo'), newer = $('.photo', li);
  if (name.textContent !== title) name.textContent = title;
  if (photo && newer && photo.src !== newer.src) photo.src = newer.src;
});
