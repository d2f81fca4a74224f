// Comfort for browsers that run scripts: every function of the service also works through links and forms.
// The log stays where its reader is, the stream closes and opens with the page, the title counts what is unread.
// Events are handled on the document, so what htmx swaps in needs no preparation. The composer is in composer.js.
(() => {
'use strict';

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handle) => document.addEventListener(type, handle);

const log = $('#log'), stream = $('#stream');
const room = $('#composer')?.getAttribute('action').replace(/\/messages$/, '');
const viewer = document.body.dataset.viewer;
const atEnd = log && !$('.newer', log); // else the page shows old messages; the newest are on another

document.documentElement.classList.add('scripted');

// ---- The log ---------------------------------------------------------------------------------------------------------------
// #log is a column in reverse: its scrollTop is 0 at the newest message and negative above it.

const position = li => Number(li.id.slice(1));
const messages = () => $$('#earlier > .message, #messages > .message');
const newest = () => Math.max(0, ...$$('#messages > .message').map(position));
const oldest = () => messages().slice(0, 1).map(position)[0] ?? 0;
const unloaded = new Map(); // changed messages from before the page's oldest, by id
const unseen = () => $$('#messages > .message:not(.deleted)').filter(li => position(li) > read && li.dataset.author !== viewer).length;
let floor = 0, near = true, read = Number(log?.dataset.read), reading;

function onLogChange(records) {
  for (const { target, addedNodes } of records) for (const node of addedNodes) if (node.id && node.isConnected) place(target, node);
  floor = oldest();
  $('.empty', log)?.remove();
  noteRead();
  showUnread();
}

// place keeps the log without holes. The stream inserts what it does not find, so also a change of a message from before the page's
// oldest; it waits here, as an older page that is under way may still hold the message as it was.
function place(list, li) {
  if (list.id === 'earlier') {
    if (unloaded.has(li.id)) li.replaceWith(unloaded.get(li.id));
    unloaded.delete(li.id);
  } else if ($('.older', log) && position(li) < floor) {
    unloaded.set(li.id, li);
    li.remove();
  }
}

// hold remembers what the reader looks at, and returns what puts it back there after a change: the newest stays the newest, and further
// up nothing jumps. Browsers' own scroll anchoring is no help: one has none, another jumps when more is put before the very first.
const firstSeen = () => messages().find(li => li.getBoundingClientRect().bottom > log.getBoundingClientRect().top);
const topOf = id => document.getElementById(id)?.getBoundingClientRect().top;

function hold() {
  near = atEnd && log.scrollTop >= -100; // somebody may have scrolled a moment ago, and the event is still to come
  const id = near ? null : firstSeen()?.id, top = id && topOf(id);
  return () => {
    if (near) log.scrollTop = 0; else if (id) log.scrollTop += (topOf(id) ?? top) - top;
  };
}

function onScroll() {
  near = atEnd && log.scrollTop >= -100;
  $('#newest').hidden = near;
  noteRead();
}

// noteRead tells the server how far somebody has really read, soon.
function noteRead() {
  const seen = () => log && near && !document.hidden && document.hasFocus() && newest() > read;
  if (reading || !seen()) return;
  reading = setTimeout(async () => {
    reading = null;
    if (!seen()) return;
    const upTo = newest(), body = new URLSearchParams({ position: upTo });
    const options = { method: 'POST', headers: { Accept: 'application/json' }, body, keepalive: true };
    const answer = await fetch(`${room}/read`, options).catch(() => null);
    if (answer?.ok) read = Math.max(read, upTo);
    showUnread();
  }, 500);
}

on('click', event => {
  if (!atEnd || !event.target.closest?.('#newest')) return;
  event.preventDefault();
  log.scrollTop = 0;
});

if (log) {
  floor = oldest();
  const observer = new MutationObserver(onLogChange);
  for (const list of $$('#earlier, #messages')) observer.observe(list, { childList: true });
  log.style.overflowAnchor = 'none';
  log.addEventListener('scroll', onScroll, { passive: true });
  addEventListener('focus', noteRead);
  onScroll();
}

// ---- The stream ------------------------------------------------------------------------------------------------------------
// hx-sse opens it, reconnects, and closes it while the page is hidden.

let connection, cursor = '', focused, within, release;

function leave(status) {
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (status === 404 && room) location.assign('/');
}

// connect is for when somebody is looking, or the network has come back: nothing waits any longer.
function connect() {
  connection?.delayCanceller?.();
  if (stream) htmx.trigger(stream, 'connect');
}

// Deferred scripts may come one by one: htmx may have looked for extensions before hx-sse was there.
addEventListener('load', () => { if (stream && !stream._htmx) htmx.process(stream); });

// A stream that is opened anew goes on where the one before it ended.
on('htmx:config:request', ({ target, detail }) => {
  if (target === stream && cursor) detail.ctx.request.headers['Last-Event-ID'] = cursor;
});
on('htmx:before:request', event => { // one stream, and none for a hidden page
  if (event.target === stream && (document.hidden || stream._htmx?.sse)) event.preventDefault();
});
on('htmx:sse:before:connection', event => {
  connection = event.detail.connection;
  connection.lastEventId ||= cursor;
  if (document.hidden) event.preventDefault();
});
on('htmx:sse:after:connection', ({ detail }) => {
  setTimeout(() => { if (document.hidden) detail.connection.reader?.cancel(); }); // hidden while it was connecting
});
on('htmx:sse:after:message', ({ detail }) => { cursor = detail.connection.lastEventId; });
on('htmx:sse:error', ({ detail }) => leave(detail.status));
on('htmx:sse:close', ({ detail }) => { if (detail.reason === 'message') setTimeout(connect, 500); }); // the next answer says why
on('htmx:response:error', ({ target, detail: { ctx } }) => {
  if (target === stream || ctx.response.status === 401) return leave(ctx.response.status);
  const actions = $('.actions', target.closest?.('.message') ?? document.createElement('p'));
  if (!actions || ctx.response.status === 422) return; // that brings its form
  $(':scope > .error', actions)?.remove();
  actions.insertAdjacentHTML('beforeend', ctx.text);
});
on('reset', event => { if (event.target === stream) reload(); });
on('visibilitychange', () => { if (!document.hidden) setTimeout(() => { connect(); noteRead(); }); });
addEventListener('online', () => { connection?.reader?.cancel(); setTimeout(connect); }); // on another network the old connection is dead

// reload shows the log afresh where its reader was. Drafts and messages on their way are in storage.
function reload() {
  const first = log && !near && firstSeen();
  if (first) location.assign(`${room}?around=${position(first)}`); else location.reload();
}

// What somebody is editing is not replaced under their hands; saving and cancelling both fetch its present state.
on('htmx:before:swap', ({ detail: { tasks } }) => {
  focused = document.activeElement;
  within = focused.closest('.message')?.id;
  release = log && hold();
  for (const { fragment } of tasks.filter(task => task.swapSpec.style === 'upsert')) {
    for (const li of [...fragment.children]) if (li.id && $(`#${li.id} form.edit`)) li.remove();
  }
});

// The keyboard stays where it worked when what had the focus is swapped out.
on('htmx:after:swap', () => {
  showUnread();
  release?.();
  if (!focused || focused.isConnected) return;
  const edit = within && $(`#${within} form.edit textarea`);
  const next = focused.closest('.older') && $('.older a', log) || edit || $('#composer textarea');
  next?.focus({ preventScroll: true });
  edit?.setSelectionRange(edit.value.length, edit.value.length);
});

// ---- The title, and small things -------------------------------------------------------------------------------------------

const title = document.title.replace(/^\(\d+\+?\) /, ''), heading = $('#room-header h1')?.textContent ?? '';

// The list counts what is unread in the other rooms; here it is what came while nobody looked.
function showUnread(n = Number($('#my-rooms')?.dataset.unread ?? 0) + (atEnd ? unseen() : 0)) {
  const name = heading && $('#room-header h1')?.textContent || heading; // the room may have been renamed
  document.title = (n > 0 ? `(${n > 99 ? '99+' : n}) ` : '') + title.replace(heading, () => name);
}

// A hidden page has let go of its stream.
setInterval(async () => {
  if (!document.hidden || !$('#my-rooms')) return;
  const answer = await fetch('/rooms', { headers: { Accept: 'application/json' } }).catch(() => null);
  if (answer?.ok && document.hidden) showUnread((await answer.json()).reduce((sum, r) => sum + r.unread, 0));
}, 30_000);

on('click', async event => {
  const button = event.target.closest?.('button[data-copy]');
  if (!button) return;
  const { copy, copied } = button.dataset, label = button.textContent;
  try { await navigator.clipboard.writeText(copy); } catch { copyBySelection(copy); }
  if (label === copied) return;
  button.textContent = copied;
  setTimeout(() => { button.textContent = label; }, 2000);
});

function copyBySelection(text) { // navigator.clipboard needs https or localhost
  const area = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }));
  area.select();
  document.execCommand('copy');
  area.remove();
}

for (const input of $$('input[name=time_zone][data-detect]')) input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;
showUnread();
})();
