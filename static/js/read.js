// How far somebody has read in the open room: the server is told, and the title counts what came
// while nobody looked. Without scripts a message that is sent says how far its page went, and a
// button marks the rest as read.

import { $$, atEnd, log, on, position, room, viewer } from './dom.js';
import { near, newest, onLogChange } from './log.js';
import { countInTitle, unreadElsewhere } from './title.js';

let read = Number(log?.dataset.read), timer; // the position up to which the server knows it

const isUnseen = li => position(li) > read && li.dataset.author !== viewer;
const unseen = () => $$('#messages > .message:not(.deleted)').filter(isUnseen).length;

export function showUnread() {
  countInTitle(unreadElsewhere() + (atEnd ? unseen() : 0));
}

// noteRead tells the server soon how far somebody has really read.
function noteRead() {
  const seen = () => near && !document.hidden && document.hasFocus() && newest() > read;
  if (timer || !seen()) return;
  timer = setTimeout(async () => {
    timer = null;
    if (!seen()) return;
    const upTo = newest(), body = new URLSearchParams({ position: upTo });
    const options = { method: 'POST', headers: { Accept: 'application/json' }, body, keepalive: true };
    const answer = await fetch(`${room}/read`, options).catch(() => null);
    if (answer?.ok) read = Math.max(read, upTo);
    showUnread();
  }, 500);
}

if (log) {
  onLogChange(() => {
    noteRead();
    showUnread();
  });
  log.addEventListener('scroll', noteRead, { passive: true });
  addEventListener('focus', noteRead);
  on('visibilitychange', () => { if (!document.hidden) setTimeout(noteRead); });
  noteRead();
}
showUnread();
