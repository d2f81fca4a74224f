// What stays when htmx swaps parts of the page: the place in the log, the form in which somebody
// edits, and the keyboard's focus. Without scripts nothing is swapped: every change is a page.

import { $, log, on } from './dom.js';
import { hold } from './log.js';
import { showUnread } from './unread.js';

// The element with the focus, the id of its message, the address of its room in the list, and what
// hold returned.
let focused, within, listed, release;

// What somebody is editing is not replaced under their hands; saving and cancelling both fetch its
// present state.
on('htmx:before:swap', ({ target, detail: { tasks } }) => {
  if (target.id === 'main') return; // another page comes (navigate.js)
  focused = document.activeElement;
  within = focused.closest('.message')?.id;
  listed = focused.closest('#my-rooms li > a')?.getAttribute('href');
  release = log && hold();
  for (const { fragment } of tasks.filter(task => task.swapSpec.style === 'upsert')) {
    for (const li of [...fragment.children]) if (li.id && $(`#${li.id} form.edit`)) li.remove();
  }
});

// The keyboard stays where it worked when what had the focus is swapped out.
on('htmx:after:swap', ({ target }) => {
  if (target.id === 'main') return;
  showUnread();
  release?.();
  if (!focused || focused.isConnected) return;
  const edit = within ? $(`#${within} form.edit textarea`) : null;
  const next = listed && $(`#my-rooms a[href="${listed}"]`) || focused.closest('.older') && $('.older a', log)
    || edit || within && document.getElementById(within) || $('#composer textarea');
  if (next?.id === within && !next.hasAttribute('tabindex')) next.tabIndex = -1;
  next?.focus({ preventScroll: true });
  edit?.setSelectionRange(edit.value.length, edit.value.length);
});
