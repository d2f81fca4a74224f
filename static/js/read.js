// How far somebody has read in the open room: the server is told, and the title counts what came
// while nobody looked. Without scripts a message that is sent says how far its page went, and a
// button marks the rest as read.

import { $$, atEnd, log, on, onPage, position, room, viewer } from './dom.js';
import { near, newest, onLogChange } from './log.js';
import { unreadElsewhere } from './listed.js';
import { countInTitle } from './title.js';

let read, timer; // the position up to which the server knows it

const isUnseen = li => position(li) > read && li.dataset.author !== viewer;
const unseen = () => $$('#messages > .message:not(.deleted, .event)').filter(isUnseen).length;

export function showUnread() {
  countInTitle(unreadElsewhere() + (atEnd ? unseen() : 0));
}

// noteRead tells the server soon how far somebody has really read.
function noteRead() {
  const here = room, seen = () => log && room === here && near && !document.hidden && document.hasFocus() && newest() > read;
  if (timer || !seen()) return;
  timer = setTimeout(async () => {
    timer = null;
    if (!seen()) return;
    const upTo = newest(), body = new URLSearchParams({ position: upTo });
    const options = { method: 'POST', headers: { Accept: 'application/json' }, body, keepalive: true };
    const answer = await fetch(`${here}/read`, options).catch(() => null);
    if (answer?.ok && room === here) read = Math.max(read, upTo);
    showUnread();
  }, 500);
}

onLogChange(() => {
  noteRead();
  showUnread();
});
addEventListener('focus', noteRead);
on('visibilitychange', () => { if (!document.hidden) setTimeout(noteRead); });

onPage(() => {
  timer = clearTimeout(timer);
  read = Number(log?.dataset.read);
  log?.addEventListener('scroll', noteRead, { passive: true });
  noteRead();
  showUnread();
});
