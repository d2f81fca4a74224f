// The others in a room learn that somebody is writing, now and then while it goes on. Whether they
// hear of it does not matter. Without scripts nobody is told.

import { on, onPage, room } from './dom.js';
import { field } from './draft.js';

const every = 3000; // milliseconds
let told = 0; // when, as of Date.now

// tellAtOnce lets the next letter be told without waiting: after a message has gone out, the next
// one begins.
export function tellAtOnce() { told = 0; }

on('input', ({ target }) => {
  if (target !== field || !field.value.trim() || Date.now() - told < every) return;
  told = Date.now();
  fetch(`${room}/typing`, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => {});
});

onPage(tellAtOnce);
