// What is typed into the composer and not sent is there again when the room is opened again, for
// each user and room. Without scripts it is gone with the page, except after a refusal, which
// brings the form with its text.

import { $, on, onPage, room, viewer } from './dom.js';
import { grow } from './grow.js';
import { keep, kept } from './storage.js';

export let field; // of the composer; undefined on pages without one
let draft; // its name in storage

// write puts a text into the field in place of what is there.
export function write(text) {
  field.value = text;
  keep(draft, text);
  grow(field);
}

on('input', ({ target }) => { if (target === field) keep(draft, field.value); });

onPage(() => {
  field = $('#composer')?.elements.body;
  draft = `draft:${viewer}:${room}`;
  if (field && !field.value) write(kept(draft)); // else the server has put a text there
});
