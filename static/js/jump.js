// Ctrl+K (⌘K) opens a dialog that leads to a room or a person: one types a part of the name, arrow
// keys choose, Enter goes there, Escape closes. A button opens it as well. Rooms are those in the
// list beside the page, people are asked for. Without scripts /rooms and /users search.

import { $, $$, base, on } from './dom.js';
import { finder } from './hangul.js';

const shown = 8, pause = 150; // rooms, and people; of typing before people are asked for, in milliseconds
const dialog = $('#jump'), field = $('#jump-q'), list = $('#jump-list'), nobody = $('#jump > .empty');
let asked, timer;

if (dialog) {
  const combobox = { role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'jump-list', 'aria-autocomplete': 'list' };
  for (const [name, value] of Object.entries(combobox)) field.setAttribute(name, value);
  on('keydown', event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      open();
    }
  });
  on('click', ({ target }) => {
    if (target.closest?.('#jump-open')) open();
    if (target === dialog || target.closest?.('#jump-close')) dialog.close();
  });
  field.addEventListener('input', find);
  field.addEventListener('keydown', choose);
  list.addEventListener('click', event => {
    const option = event.target.closest('[role=option]');
    if (!option || event.ctrlKey || event.metaKey) return;
    dialog.close();
    if (!option.dataset.person) return; // a link, which is followed
    event.preventDefault();
    talk(option.dataset.person);
  });
}

function open() {
  if (dialog.open) return;
  field.value = '';
  dialog.showModal();
  field.focus();
  find();
}

// talk opens the direct room of a person, as the button on the person's page does.
function talk(id) {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: `${base}/users/${id}/direct` });
  document.body.append(form);
  form.submit();
}

function find() {
  const found = finder(field.value), query = field.value.trim();
  const rooms = $$('#my-rooms li > a').filter(a => found($('.title', a)?.textContent ?? '')).slice(0, shown);
  list.replaceChildren(...rooms.map(roomOption));
  select(0);
  clearTimeout(timer);
  asked?.abort();
  if (query) timer = setTimeout(() => people(query), pause);
}

async function people(query) {
  asked = new AbortController();
  const address = `${base}/users?q=${encodeURIComponent(query)}`, headers = { Accept: 'application/json' };
  const answer = await fetch(address, { headers, signal: asked.signal }).then(a => a.ok ? a.json() : null).catch(() => null);
  if (!answer) return; // also where something else was typed meanwhile
  const at = selected();
  list.append(...answer.slice(0, shown).map(personOption));
  select(Math.max(at, 0));
}

function optionOf(tag, picture, text, note) {
  const option = document.createElement(tag), title = document.createElement('span'), hint = document.createElement('span');
  option.setAttribute('role', 'option');
  option.tabIndex = -1;
  Object.assign(title, { className: 'title', textContent: text });
  Object.assign(hint, { className: 'hint', textContent: note });
  option.append(picture ?? '', title, hint);
  return option;
}

function roomOption(a) {
  const option = optionOf('a', $('.photo', a)?.cloneNode(true), $('.title', a).textContent, $('.count', a)?.lastChild.textContent.trim() ?? '');
  option.href = a.href;
  return option;
}

function personOption(person) {
  const photo = Object.assign(new Image(28, 28), { className: 'photo', alt: '', src: person.photo_url });
  const option = optionOf('div', photo, person.display_name, `@${person.name}`);
  option.dataset.person = person.id;
  return option;
}

const options = () => $$('[role=option]', list);
const selected = () => options().findIndex(option => option.ariaSelected === 'true');

function select(i) {
  const all = options();
  nobody.hidden = all.length > 0;
  all.forEach((option, j) => {
    option.id = `jump-${j}`;
    option.setAttribute('aria-selected', j === i);
  });
  if (all[i]) field.setAttribute('aria-activedescendant', all[i].id); else field.removeAttribute('aria-activedescendant');
  all[i]?.scrollIntoView({ block: 'nearest' });
}

function choose(event) {
  if (event.isComposing) return;
  const all = options(), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && all.length) {
    event.preventDefault();
    select((selected() + step + all.length) % all.length);
  } else if (/^(Enter|Escape)$/.test(event.key)) { // Escape would empty the field alone
    event.preventDefault();
    if (event.key === 'Enter') all[selected()]?.click(); else dialog.close();
  }
}
