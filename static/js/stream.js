// The live stream of a page: one, open while somebody is looking. hx-sse opens it, reconnects, and
// closes it while the page is hidden; here it goes on where the one before it ended, and opens at
// once when it is wanted. By HTTP/1.1 a browser has six connections for all its tabs: the server ends
// the streams of further tabs once they have caught up, and they come back every other second until
// there is room. Without scripts a room has the live log in a frame, and other pages show
// what was there when they were made.

import { connection, log, on, onPage, position, room, stream } from './dom.js';
import { leave } from './errors.js';
import { firstSeen, near } from './log.js';

let cursor = ''; // the id of the last event

// connect is for when somebody is looking, or the network has come back: nothing waits any longer.
function connect() {
  connection()?.delayCanceller?.();
  if (stream) window.htmx?.trigger(stream, 'connect');
}

// Deferred scripts may come one by one: htmx may have looked for extensions before hx-sse was
// there.
addEventListener('load', () => { if (stream && !stream._htmx) htmx.process(stream); });

onPage(() => {
  cursor = '';
  connect(); // htmx was not let before the page was known to all modules
});

on('htmx:config:request', ({ target, detail }) => {
  if (target !== stream) return;
  const { headers } = detail.ctx.request;
  if (cursor) headers['Last-Event-ID'] = cursor;
  headers['Page-Protocol'] = performance.getEntriesByType('navigation')[0]?.nextHopProtocol ?? '';
});
on('htmx:before:request', event => { // one stream, and none for a hidden page, nor for one that is still arriving
  const { target } = event;
  if (target.id === 'stream' && (document.hidden || target !== stream || target._htmx?.sse)) event.preventDefault();
});
on('htmx:sse:before:connection', event => {
  event.detail.connection.lastEventId ||= cursor;
  if (document.hidden) event.preventDefault();
});
on('htmx:sse:after:connection', ({ detail }) => {
  setTimeout(() => { if (document.hidden) detail.connection.reader?.cancel(); }); // hidden while it was connecting
});
on('htmx:sse:after:message', ({ target, detail }) => { if (target === stream) cursor = detail.connection.lastEventId; });
on('htmx:sse:error', ({ detail }) => leave(detail.status));
on('htmx:sse:close', ({ detail }) => { // the next answer says why
  if (detail.reason === 'message') setTimeout(connect, 500);
});
on('reset', event => { if (event.target === stream) reload(); });
on('visibilitychange', () => { if (!document.hidden) setTimeout(connect); });
addEventListener('online', () => { // the old connection is dead on another network, also one that is being made
  const dead = connection();
  if (dead?.reader) dead.reader.cancel(); else dead?.abortController?.abort();
  setTimeout(connect);
  setTimeout(connect, 500); // hx-sse may have needed a moment to notice
});

// reload shows the log afresh where its reader was: the history entry stays, and with it the place
// (place.js). Drafts and messages on their way are in storage.
function reload() {
  const first = log && !near && firstSeen();
  if (first) history.replaceState(history.state, '', `${room}?around=${position(first)}`);
  location.reload();
}
