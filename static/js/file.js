// A field for a file says which one was chosen in words of the house; the browser's own are in the
// browser's language. Without scripts the field is as the browser shows it.

import { $, on } from './dom.js';

on('change', ({ target }) => {
  const chosen = target.type === 'file' && $('.chosen', target.parentElement);
  if (chosen) chosen.textContent = [...target.files].map(file => file.name).join(', ') || chosen.dataset.none;
});
