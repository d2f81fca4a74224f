// Direct conversations in the list of rooms show whether the other is online: a dot on the photo, and
// words for screen readers. Without scripts the header of the conversation says so, as of the moment
// when the page was made.

import { $, $$, on, onPage } from './dom.js';

// online returns the ids of the rooms, which the stream writes into the page.
const online = () => $('#partners')?.textContent.split(' ').filter(Boolean) ?? [];
const linkOf = id => $(`#room-${id} > a`);

function unmark(link) {
  link.classList.remove('online');
  $('.presence', link)?.remove();
}

function mark(link) {
  if ($('.presence', link)) return;
  const dot = Object.assign(document.createElement('span'), { className: 'dot' });
  const words = Object.assign(document.createElement('span'), { className: 'hidden' });
  const presence = Object.assign(document.createElement('span'), { className: 'presence' });
  words.textContent = ` ${link.closest('#my-rooms').dataset.here}`;
  presence.append(dot, words);
  $('.title', link).after(presence);
  link.classList.add('online');
}

// show marks the entries of the list. That of the room that is open follows the header, because the
// stream of a room does not tell of the room itself.
function show() {
  const open = $('#my-rooms [aria-current]'), other = $('#room-header #other .dot');
  const here = new Set(online().map(linkOf).filter(Boolean));
  if (open && other) here[other.classList.contains('off') ? 'delete' : 'add'](open);
  for (const link of $$('#my-rooms a.online')) if (!here.has(link)) unmark(link);
  for (const link of here) mark(link);
}

on('htmx:after:swap', show);
onPage(show);
