// Whether the page hears the server: a line says so while it does not, once, and nothing looks as if
// it were live. hx-sse sees a stream that ends; one that dies in silence is noticed because pings
// do not come, and is given up. Without scripts the browser shows that a page cannot be loaded.

import { $, connection, on, onPage, stream } from './dom.js';

const patience = 3000; // milliseconds from losing the stream until the line shows
const silence = 35_000; // longer than a living stream is ever silent
const glance = 2000; // how often silence is looked for
const rarest = 10_000; // the longest pause between two attempts to open the stream

let heard = 0; // when the stream was heard last, as of Date.now; 0: there is none
let losing;

function hear() {
  heard = Date.now();
  clearTimeout(losing);
  losing = null;
  show(false);
}

// lose lets the line show, unless the stream is heard before long.
function lose(after = patience) {
  heard = 0;
  if (document.hidden || after > 0 && losing) return;
  clearTimeout(losing);
  losing = setTimeout(() => { if (!heard && !document.hidden) show(true); }, after);
}

function show(lost) {
  const line = $('#connection');
  document.documentElement.classList.toggle('away', lost);
  if (line && Boolean(line.textContent) !== lost) line.textContent = lost ? line.dataset.lost : '';
}

on('htmx:sse:before:connection', ({ detail }) => {
  detail.connection.config.reconnectMaxDelay = rarest;
  if (detail.connection.attempt > 0) lose();
});
on('htmx:sse:after:connection', hear);
on('htmx:sse:after:message', hear);
on('htmx:sse:error', () => lose());
on('visibilitychange', () => { if (document.hidden) heard = 0; else lose(); });
addEventListener('offline', () => lose(0));
onPage(() => { if (connection()?.reader) hear(); else if (stream) lose(); });

setInterval(() => {
  if (!heard || document.hidden || Date.now() - heard < silence) return;
  lose(1000);
  connection()?.reader?.cancel(); // hx-sse opens another
}, glance);
