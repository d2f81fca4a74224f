// The list of members that are offered after @ (mention.js), above the field of the composer.

import { $, $$, onPage } from './dom.js';
import { field } from './draft.js';

export let shown = []; // the members that are offered; none: the list is closed
export let selected = -1; // which of them is chosen
let list;

// show offers members, of whom one may be chosen from the beginning. Those that are offered already
// stay as they are, under the finger, with the one that was chosen.
export function show(members, chosen) {
  if (members.length && JSON.stringify(members) === JSON.stringify(shown)) return;
  shown = members;
  list.replaceChildren(...members.map(optionOf));
  list.hidden = !members.length;
  if (members.length) field.setAttribute('aria-controls', list.id); else field.removeAttribute('aria-controls');
  select(members.length ? chosen : -1);
}

export function hide() { if (shown.length) show([], -1); }

function optionOf(member, i) {
  const li = document.createElement('li');
  const photo = Object.assign(new Image(28, 28), { className: 'photo', alt: '', src: member.photo_url });
  const title = Object.assign(document.createElement('span'), { className: 'title', textContent: member.display_name });
  const hint = Object.assign(document.createElement('span'), { className: 'hint', textContent: `@${member.name}` });
  li.setAttribute('role', 'option');
  li.id = `mention-${i}`;
  li.append(photo, title, hint);
  return li;
}

export function select(i) {
  selected = i;
  $$('[role=option]', list).forEach((li, j) => li.setAttribute('aria-selected', i === j));
  const li = list.children[i];
  if (li) field.setAttribute('aria-activedescendant', li.id); else field.removeAttribute('aria-activedescendant');
  li?.scrollIntoView({ block: 'nearest' });
}

// step chooses the next member, or the one before, around the ends.
export function step(by) {
  select(selected < 0 && by < 0 ? shown.length - 1 : (selected + by + shown.length) % shown.length);
}

// memberAt returns the member of an option; undefined where an element is none.
export const memberAt = element => shown[[...list?.children ?? []].indexOf(element.closest?.('#mentions > li'))];

onPage(() => {
  list = $('#mentions');
  shown = [];
  selected = -1;
  if (list && field) field.setAttribute('aria-autocomplete', 'list');
});
