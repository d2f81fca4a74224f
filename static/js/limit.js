// The length of a message: near the limit a number says how much is left, and what is too long stays
// in the field. Without scripts the server refuses it, and the page has the text in its form.

import { $, on } from './dom.js';

const near = 500; // characters before the limit

// count counts characters as the server does.
const count = text => [...text.replace(/\r\n?/g, '\n').trim().normalize('NFC')].length;
const written = n => n.toLocaleString(document.documentElement.lang);

function show(form, text) {
  const limit = Number(form.dataset.limit), note = $('.note', form);
  const n = text.length > limit - near ? count(text) : 0, over = n > limit;
  note.classList.toggle('error', over);
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
