// The number beside a message says how many of the room's members have not read it yet; it goes at
// 0. The stream tells how far everybody has read (#marks), once for all messages. Without scripts
// the page of a message has the names.

import { $, $$, on, onPage, position } from './dom.js';
import { onLogChange } from './log.js';

const marks = () => $('#marks');
let shown; // the marks that the numbers are of

// readers returns how far each of the members has read, by id.
const readers = () => (marks()?.textContent ?? '').split(' ').filter(Boolean).map(mark => mark.split(':'));

function count() {
  const all = readers().map(([user, read]) => ({ user, read: Number(read) }));
  for (const li of $$('#earlier > .message[data-author], #messages > .message[data-author]')) {
    const at = position(li), author = li.dataset.author;
    const unread = li.classList.contains('deleted') ? 0 : all.filter(r => r.read < at && r.user !== author).length;
    if (unread) li.dataset.unreadBy = unread; else delete li.dataset.unreadBy;
  }
}

function onMarks() {
  const text = marks()?.textContent;
  if (text === shown) return;
  shown = text;
  count();
}

on('htmx:after:swap', onMarks);
onLogChange(count);
onPage(onMarks);
