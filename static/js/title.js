// The page's title counts what is unread: "(3) 마당 · 사랑방".
// Without scripts it shows the count of the moment when the page was made.

import { $, onPage } from './dom.js';

let title, heading; // as the page came, without a count

onPage(() => {
  title = document.title.replace(/^\(\d+\+?\) /, '');
  heading = $('#room-header h1')?.textContent ?? '';
});

export function countInTitle(n) {
  const name = heading && $('#room-header h1')?.textContent || heading; // the room may have been renamed
  document.title = (n > 0 ? `(${n > 99 ? '99+' : n}) ` : '') + title.replace(heading, () => name);
}

// A hidden page has let go of its stream: it asks.
setInterval(async () => {
  if (!document.hidden || !$('#my-rooms')) return;
  const answer = await fetch('/rooms', { headers: { Accept: 'application/json' } }).catch(() => null);
  if (answer?.ok && document.hidden) countInTitle((await answer.json()).reduce((sum, r) => sum + r.unread, 0));
}, 30_000);
