// What becomes of answers that refuse: the page is left when its viewer may not see it any more;
// other refusals of something done to a message show beside it. Without scripts the browser shows
// the page of the error.

import { $, base, on, room, stream } from './dom.js';

// leave goes away from a page that its viewer may not see any more: signed out, or no longer in the
// room.
export function leave(status) {
  if (status === 401) location.assign(`${base}/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (status === 404 && room) location.assign(`${base}/?left=${room.split('/').at(-1)}`); // which says why
}

on('htmx:response:error', ({ target, detail: { ctx } }) => {
  if (target === stream || ctx.response.status === 401) return leave(ctx.response.status);
  const message = target.closest?.('.message');
  if (!message || ctx.response.status === 422) return; // that brings its form
  const place = $('form.edit', message) ?? message;
  $(':scope > .error', place)?.remove();
  place.insertAdjacentHTML('beforeend', ctx.text);
});
