// A message is answered by drawing it to the left with a finger. Without scripts, and by keyboard,
// its toolbar and its page offer the same.

import { $, on } from './dom.js';
import { replyTo } from './reply.js';
import { hide, rowOf } from './toolbar.js';

const begins = 12, enough = 56, most = 72; // pixels

let drawn = null; // { li, x, y, far: how far it is drawn, once it is }

on('pointerdown', event => {
  const li = event.pointerType === 'touch' && event.isPrimary && rowOf(event.target);
  drawn = li && !$('form.edit', li) && !$('#archived')?.textContent ? { li, x: event.clientX, y: event.clientY, far: 0 } : null;
});

on('pointermove', event => {
  if (!drawn || !event.isPrimary) return;
  const far = drawn.x - event.clientX, up = Math.abs(event.clientY - drawn.y);
  if (!drawn.far && (up > begins || far < begins)) {
    if (up > begins || far < -begins) drawn = null; // the log is scrolled, or it is the other side
    return;
  }
  drawn.far = Math.max(1, Math.min(far, most));
  drawn.li.style.translate = `${-drawn.far}px 0`;
  drawn.li.classList.toggle('drawn', drawn.far >= enough);
});

on('pointerup', () => finish(true));
on('pointercancel', () => finish(false));

function finish(lifted) {
  if (!drawn) return;
  const { li, far } = drawn;
  drawn = null;
  li.style.translate = '';
  li.classList.remove('drawn');
  if (!lifted || far < enough) return;
  hide();
  replyTo(li);
}
