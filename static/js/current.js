// The list of rooms marks the room whose page is shown: entries that come over the stream are the
// same for all pages, and the list stays while pages change in place. Without scripts the server
// marks it, and the style sheet keeps it in view (rooms.css).

import { $, $$, on, onPage } from './dom.js';

const roomOf = path => path.match(/^.*\/rooms\/[0-9a-f-]{36}(?=\/|$)/)?.[0];

// markCurrent marks the room of a path, and returns its link in the list, or null.
export function markCurrent(path = location.pathname) {
  const room = roomOf(path), link = room && $(`#my-rooms a[href="${room}"]`);
  for (const other of $$('#my-rooms [aria-current]')) if (other !== link) other.removeAttribute('aria-current');
  link?.setAttribute('aria-current', 'page');
  return link;
}

on('htmx:after:swap', () => markCurrent());
// reveal scrolls the list, and nothing around it, until a link in it is seen.
function reveal(link) {
  const list = $('#my-rooms'), seen = list.getBoundingClientRect(), at = link.getBoundingClientRect();
  list.scrollTop += Math.min(0, at.top - seen.top) + Math.max(0, at.bottom - seen.bottom);
}

onPage(() => {
  const link = markCurrent();
  if (link) reveal(link);
});
