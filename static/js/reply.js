// Answering a message: a line above the field of the composer says which, until the answer is sent,
// also over a reload. It is chosen in the toolbar of the message, or by a swipe (swipe.js). Without
// scripts the page of a message leads to the room with that line in its composer.

import { $, on, onPage, position, room, viewer } from './dom.js';
import { field } from './draft.js';
import { isComposed } from './ime.js';
import { nameOf, textOf } from './latest.js';
import { keep, kept } from './storage.js';

export let answered = null; // what the next message answers: { at: its position, who, text }

const name = () => `reply:${viewer}:${room}`;
const line = () => $('#composer .reply');

export function replyTo(li) {
  answer({ at: position(li), who: nameOf(li), text: textOf(li) });
  field.focus();
}

// answer shows what the next message answers; null: nothing.
export function answer(next) {
  answered = next;
  keep(name(), next ? JSON.stringify(next) : '', true);
  line().hidden = !next;
  $('[name=reply_to]', line()).value = next?.at ?? '';
  $('.who', line()).textContent = next?.who ?? '';
  $('.text', line()).textContent = next?.text ?? '';
}

document.addEventListener('click', event => { // before the link is followed
  if (!event.target.closest?.('#composer .reply .cancel')) return;
  event.preventDefault();
  event.stopPropagation();
  answer(null);
  field.focus();
}, true);

on('keydown', event => {
  if (event.key === 'Escape' && event.target === field && answered && !isComposed(event)) answer(null);
});

// begin finds what the page answers: what its address says, or what was chosen here before.
function begin() {
  answered = null;
  if (!field) return;
  const at = Number($('[name=reply_to]', line()).value), before = kept(name(), true);
  if (at) answer({ at, who: $('.who', line()).textContent, text: $('.text', line()).textContent });
  else if (before) answer(JSON.parse(before));
}

onPage(begin);
