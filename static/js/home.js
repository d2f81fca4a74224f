// Home shows who has come and which rooms there are to join: its live parts are fetched again soon
// after the stream has brought something, and now and then. Without scripts they are as they were
// when the page was made.

import { $$, base, on, stream } from './dom.js';

const parts = () => $$('main [data-live]');
const pause = 2000, often = 20_000; // milliseconds
let timer;

function soon() {
  if (!timer && parts().length) timer = setTimeout(refresh, pause);
}

async function refresh() {
  timer = null;
  if (document.hidden || !parts().length) return;
  const answer = await fetch(`${base}/`, { headers: { Accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of parts()) {
    const now = fresh.getElementById(part.id);
    if (now?.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = now?.innerHTML ?? '';
  }
}

on('htmx:sse:after:message', ({ target }) => { if (target === stream) soon(); });
setInterval(() => { if (!document.hidden) soon(); }, often);
