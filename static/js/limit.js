// The length of a message: near the limit a number says how much is left, and what is too long stays
// in the field, or becomes a file. Without scripts the server refuses it, and the page has the text in its form.

import { attach } from './attach.js';
import { $, on } from './dom.js';
import { field, write } from './draft.js';

const near = 500; // characters before the limit

// count counts characters as the server does.
const count = text => [...text.replace(/\r\n?/g, '\n').trim().normalize('NFC')].length;
const written = n => n.toLocaleString(document.documentElement.lang);

function show(form, text) {
  const limit = Number(form.dataset.limit), note = $('.note', form);
  const n = text.length > limit - near ? count(text) : 0, over = n > limit;
  note.classList.toggle('error', over);
  $('.as-file', form).hidden = !over;
  note.textContent = n <= limit - near ? '' : `${written(n)} / ${written(limit)}`;
  return over && note;
}

// isTooLong reports whether a text cannot be sent, and says so beside the field.
export function isTooLong(text) {
  const note = show($('#composer'), text);
  if (note) note.textContent += ` ${note.dataset.tooLong}`;
  return Boolean(note);
}

on('input', ({ target }) => { if (target.form?.id === 'composer') show(target.form, target.value); });

// A text that is too long becomes a file of the message.
on('click', ({ target }) => {
  if (!target.closest?.('#composer .as-file')) return;
  attach([new File([field.value.trim()], 'message.txt', { type: 'text/plain' })]);
  write('');
  show(target.form, '');
  field.focus();
});
