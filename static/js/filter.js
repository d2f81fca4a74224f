// The field above the list of rooms filters the list while one types. Escape empties it, ArrowDown
// goes into the list, Enter opens the only room or the first one. Without scripts the field asks the
// page of all my rooms.

import { $, $$, on, onPage } from './dom.js';
import { finder } from './hangul.js';

const field = () => $('#rooms-q');
const visible = () => $$('#my-rooms li:not([hidden]) > a');

function filter() {
  const query = field()?.value ?? '', found = finder(query);
  let any = false;
  for (const li of $$('#my-rooms li')) {
    li.hidden = !found($('.title', li)?.textContent ?? '');
    any ||= !li.hidden;
  }
  const status = $('#rooms-filtered');
  if (status) {
    status.textContent = query && !any ? status.dataset.none : '';
    status.classList.toggle('hidden', !status.textContent);
  }
}

on('input', ({ target }) => { if (target === field()) filter(); });
on('keydown', event => {
  if (event.target !== field() || event.isComposing) return;
  if (event.key === 'Escape') {
    field().value = '';
    filter();
  } else if (event.key === 'ArrowDown' && visible().length) {
    event.preventDefault();
    visible()[0].focus();
  } else if (event.key === 'Enter' && field().value.trim() && visible().length) {
    event.preventDefault();
    visible()[0].click();
    field().value = '';
    filter();
  }
});
on('htmx:after:swap', () => { if (field()?.value) filter(); });
onPage(() => { if (field()?.value) filter(); });
