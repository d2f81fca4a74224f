// Editing from the keyboard: ArrowUp in an empty composer edits one's last message, Escape leaves
// the form as it was. Without scripts a message is edited on the page of its own.

import { $, $$, on, position, room, viewer } from './dom.js';
import { field } from './draft.js';
import { isComposed } from './ime.js';

on('keydown', event => {
  const area = event.target.closest?.('#composer textarea, form.edit textarea');
  if (!area || isComposed(event)) return;
  if (event.key === 'Escape') cancelEdit(area);
  if (event.key === 'ArrowUp' && area === field && !field.value) editLast(event);
});

async function editLast(event) {
  const own = $$(`#messages > .message[data-author="${viewer}"]:not(.deleted)`).at(-1);
  if (!own) return;
  event.preventDefault();
  const form = { source: own, target: $('.actions', own), swap: 'innerHTML' };
  await htmx.ajax('GET', `${room}/messages/${position(own)}/edit`, form);
  const area = $('form.edit textarea', own);
  area?.focus();
  area?.setSelectionRange(area.value.length, area.value.length);
}

function cancelEdit(area) {
  const li = area.closest('#log .message');
  if (li) htmx.ajax('GET', `${room}/messages/${position(li)}`, { source: li, target: li, swap: 'outerHTML' });
}
