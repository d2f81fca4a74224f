// The page's title counts what is unread, and says whether it calls one: "(3) @ 마당 · 사랑방".
// Without scripts it shows the count of the moment when the page was made.

import { $, base, onPage } from './dom.js';

let title, heading; // as the page came, without a count

onPage(() => {
  title = document.title.slice($('#main').dataset.unreadMark?.length ?? 0);
  heading = $('#room-header h1')?.textContent ?? '';
});

// countInTitle shows a number of unread messages, and whether any of them mention the viewer.
export function countInTitle(n, calls = 0) {
  const name = heading && $('#room-header h1')?.textContent || heading; // the room may have been renamed
  const count = n > 0 ? `(${n > 99 ? '99+' : n}) ${calls > 0 ? '@ ' : ''}` : '';
  document.title = count + title.replace(heading, () => name);
}

// A hidden page has let go of its stream: it asks.
setInterval(async () => {
  if (!document.hidden || !$('#my-rooms')) return;
  let unread = 0, mentions = 0, next = `${base}/rooms`;
  while (next && unread < 100) { // more are shown as 99+
    const answer = await fetch(next, { headers: { Accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok || !document.hidden) return;
    for (const room of await answer.json()) {
      unread += room.unread;
      mentions += room.mentions;
    }
    next = answer.headers.get('Link')?.match(/<(.+)>; rel="next"/)?.[1];
  }
  countInTitle(unread, mentions);
}, 30_000);
