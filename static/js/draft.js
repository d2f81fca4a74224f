// What is typed into the composer and not sent is there again when the room is opened again, for
// each user and room. All tabs share it, but one in which another text is being typed keeps its own,
// also over a reload. Signing out by hand forgets it. Without scripts it is gone with the page, but
// after a refusal, which brings the form with its text.

import { $, on, onPage, room, viewer } from './dom.js';
import { grow } from './grow.js';
import { keep, kept, namesOf } from './storage.js';

export let field; // of the composer; undefined on pages without one
let draft; // its name in storage

const signedOut = 'signed-out'; // the name that tells other tabs

// write puts a text into the field in place of what is there.
export function write(text) {
  store(text);
  show(text);
}

function store(text) {
  keep(draft, text);
  keep(draft, text, true);
}

function show(text) {
  field.value = text;
  grow(field);
}

on('input', ({ target }) => { if (target === field) store(field.value); });

addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === signedOut) return forget(true);
  if (!field || key !== draft || field.value !== (oldValue ?? '')) return;
  if (newValue && kept(draft, true)) return; // the text was typed here; else it was sent or deleted elsewhere
  keep(draft, '', true);
  show(newValue ?? '');
});

// forget removes all texts of the viewer from storage, or those that live as long as the tab.
function forget(short = false) {
  for (const kind of ['draft', 'edit', 'files', 'pending', 'reply']) {
    for (const name of namesOf(`${kind}:${viewer}:`, short)) keep(name, '', short);
  }
}

on('submit', ({ target }) => {
  if (!target.action.endsWith('/logout')) return;
  forget();
  forget(true);
  keep(signedOut, String(Date.now()));
});

onPage(() => {
  field = $('#composer')?.elements.body;
  draft = `draft:${viewer}:${room}`;
  if (field && !field.value) show(kept(draft, true) || kept(draft)); // else the server has put a text there
});
