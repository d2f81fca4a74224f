// Editing a message in its place: its text becomes a field. ArrowUp in an empty composer edits
// one's last message, Escape leaves it as it was, and what is typed survives a reload. Without
// scripts a message is edited on the page of its own.

import { $, $$, log, on, onPage, position, ready, room, viewer } from './dom.js';
import { field } from './draft.js';
import { isComposed } from './ime.js';
import { keep, kept, namesOf } from './storage.js';

const drafts = () => `edit:${viewer}:${room}:`; // of names in storage, each with a position
const open = new Set(); // the positions of the messages that are being edited
let byArrow = false; // editing began in the composer, and returns there
let refreshed = ready; // once what was not saved shows its present state

// edit turns the text of a message into a field.
export async function edit(li) {
  const at = position(li), known = kept(drafts() + at);
  await refreshed;
  li = document.getElementById(`m${at}`) ?? li;
  if (!$('form.edit', li)) {
    const form = { source: li, target: $('.body', li), swap: 'afterend' };
    await htmx.ajax('GET', `${room}/messages/${at}/edit`, form);
  }
  const area = $('form.edit textarea', li);
  if (!area) return;
  open.add(at);
  if (known) area.value = known;
  area.dispatchEvent(new Event('input', { bubbles: true }));
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

on('keydown', event => {
  const area = event.target.closest?.('#composer textarea, form.edit textarea');
  if (!area || isComposed(event)) return;
  if (event.key === 'Escape' && area !== field) cancel(area);
  if (event.key === 'ArrowUp' && area === field && !field.value) editLast(event);
});

on('click', event => {
  const button = event.target.closest?.('#log form.edit .cancel');
  if (button) cancel(button);
});

on('input', ({ target }) => {
  const li = target.closest?.('form.edit') && target.closest('#log .message');
  if (li) keep(drafts() + position(li), target.value);
});

function editLast(event) {
  const own = $$(`#messages > .message[data-author="${viewer}"]:not(.deleted, .event)`).at(-1);
  if (!own) return;
  event.preventDefault();
  byArrow = true;
  edit(own);
}

// cancel takes the field away. The message may have changed meanwhile: its present state is
// fetched.
function cancel(element) {
  const li = element.closest('#log .message');
  if (!li) return;
  const at = position(li);
  end(at);
  $('form.edit', li).remove();
  returnFocus(li);
  refreshed = htmx.ajax('GET', `${room}/messages/${at}`, { source: li, target: li, swap: 'outerHTML' });
}

function end(at) {
  open.delete(at);
  keep(drafts() + at);
}

function returnFocus(li) {
  if (!li.hasAttribute('tabindex')) li.tabIndex = -1;
  (byArrow ? field : li).focus({ preventScroll: true });
  byArrow = false;
}

// A message that came without its field was saved.
on('htmx:after:swap', () => {
  for (const at of open) {
    const li = document.getElementById(`m${at}`);
    if (!li || $('form.edit', li)) continue;
    end(at);
    if (document.activeElement === document.body || li.contains(document.activeElement)) returnFocus(li);
  }
});

// resume opens the fields that an earlier page of the room was left with.
function resume() {
  for (const name of namesOf(drafts())) {
    const li = document.getElementById(`m${name.slice(drafts().length)}`);
    if (li && li.dataset.author === viewer && !li.classList.contains('deleted')) edit(li); else if (li) keep(name);
  }
}

onPage(() => {
  open.clear();
  if (log) resume();
});
