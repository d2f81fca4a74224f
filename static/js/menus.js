// Menus that open by themselves (<details class="row-menu">) close by Escape and by a press elsewhere.
// Without scripts a second press on the same place closes them.

import { $$, on, onPage } from './dom.js';

const opened = () => $$('details.row-menu[open]');

on('pointerdown', ({ target }) => { for (const menu of opened()) if (!menu.contains(target)) menu.open = false; });
on('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const menu of opened()) {
    menu.open = false;
    menu.firstElementChild.focus();
  }
});

// A link that was just made is what one wants to copy.
function showMade() {
  const made = location.hash.startsWith('#invite-') && document.getElementById(location.hash.slice(1));
  if (made) made.querySelector('button[data-copy]')?.focus();
}

onPage(() => { // browsers look for what an address names until a page has loaded, and take the focus there
  if (document.readyState === 'complete') showMade(); else addEventListener('load', () => setTimeout(showMade));
});
