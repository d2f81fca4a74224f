// What is typed into the composer and not sent is there again when the room is opened again, for
// each user and room. Without scripts it is gone with the page, except after a refusal, which
// brings the form with its text.

import { $, on, room, viewer } from './dom.js';
import { grow } from './grow.js';
import { keep, kept } from './storage.js';

export const field = $('#composer').elements.body;
const draft = `draft:${viewer}:${room}`;

// write puts a text into the field in place of what is there.
export function write(text) {
  field.value = text;
  keep(draft, text);
  grow(field);
}

// restoreDraft leaves alone what the server has put into the field.
export function restoreDraft() {
  if (!field.value) write(kept(draft));
}

on('input', ({ target }) => { if (target === field) keep(draft, field.value); });
