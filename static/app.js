// Comfort for browsers that run scripts: every function of the service also works through links and forms.
//
// Events are handled on the document, so what htmx swaps in needs no preparation. What is said to people comes from the page's own
// HTML, in their language, or from the server's answer; what people wrote only ever becomes text, never HTML.
(() => {
'use strict';

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handle, options) => document.addEventListener(type, handle, options);
const post = (path, body, options) => fetch(path, { method: 'POST', headers: { Accept: 'application/json' }, body, ...options });

const viewer = document.body.dataset.viewer, stream = $('#stream');
const log = $('#log'), composer = $('#composer'), field = composer?.elements.body; // a page that shows only old messages has no composer
const room = composer?.getAttribute('action').replace(/\/messages$/, '');

document.documentElement.classList.add('scripted');

// keep stores a text, or nothing. Storage may be full or forbidden; then texts live as long as the page.
function keep(name, text) {
  try { if (text) localStorage.setItem(name, text); else localStorage.removeItem(name); } catch { /* see above */ }
}

// ---- Messages on their way -------------------------------------------------------------------------------------------------
// Each stays here and in storage, under its idempotency key, until it is acknowledged or seen in the log: it outlives a reload, and
// however often it is sent it is posted once. They leave one at a time, in order.

const shelf = `pending:${viewer}:${room}:`, outbox = [];
let draining = false, failures = 0, again, notBefore = 0;

const arrived = key => $(`#earlier > [data-key="${key}"], #messages > [data-key="${key}"]`);

function newKey() { // crypto.randomUUID needs https or localhost
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('');
}

function enqueue(body) {
  const item = { key: newKey(), body, at: Math.max(Date.now(), (outbox.at(-1)?.at ?? 0) + 1) };
  outbox.push(item);
  keep(shelf + item.key, JSON.stringify(item));
  mark(item, 'sending');
  log.scrollTop = 0;
  drain();
}

function forget(item) {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  keep(shelf + item.key);
}

function element(name, className, text) {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

// mark shows an item as sending, failed or sent.
function mark(item, state) {
  const list = $('#pending'), texts = list.dataset;
  const li = $(`[data-key="${item.key}"]`, list) ?? list.appendChild(element('li'));
  li.dataset.key = item.key;
  li.className = `message pending ${state}`;
  li.replaceChildren(element('div', 'body', item.body));
  if (state !== 'failed') return;
  li.append(element('p', 'error', item.refused ?? texts.failed), element('button', 'retry', texts.retry));
  if (item.refused) li.append(element('button', 'recover', texts.edit)); // else it may have been posted: the same text again would be a second one
  $('.error', li).setAttribute('role', 'alert');
}

async function drain() {
  if (draining || Date.now() < notBefore) return;
  draining = true;
  clearTimeout(again);
  for (let item; (item = outbox.find(i => !i.refused)) && await send(item););
  draining = false;
}

// send posts an item and tells whether the next one may follow.
async function send(item) {
  mark(item, 'sending');
  const form = new URLSearchParams(new FormData(composer));
  for (const [name, value] of Object.entries({ body: item.body, key: item.key, read: newest() })) form.set(name, value);
  let answer;
  try {
    answer = await post(`${room}/messages`, form, { signal: AbortSignal.timeout(30_000) });
    if (answer.ok) return acknowledge(item, await answer.json());
  } catch {
    return postpone(item); // no network, or an answer that is not the service's
  }
  leave(answer.status);
  if ([401, 408, 429].includes(answer.status) || answer.status >= 500) return postpone(item, Number(answer.headers.get('Retry-After')));
  const { error } = await answer.json().catch(() => ({}));
  item.refused = error?.fields?.body || error?.message || `${answer.status}`;
  keep(shelf + item.key, JSON.stringify(item));
  mark(item, 'failed');
  return true;
}

function acknowledge(item) {
  failures = 0;
  forget(item);
  if (arrived(item.key)) settle(); else mark(item, 'sent'); // until the stream brings it
  return true;
}

function postpone(item, retryAfter) {
  if (!outbox.includes(item)) return true; // the stream has brought it: only the answer was lost
  mark(item, 'failed');
  const wait = 1000 * (retryAfter || Math.min(2 ** ++failures, 60));
  if (retryAfter) notBefore = Date.now() + wait;
  again = setTimeout(drain, wait);
  return false;
}

// settle takes away what has become a real message.
function settle() {
  for (const item of [...outbox]) if (arrived(item.key)) forget(item);
  for (const li of $$('#pending > li')) if (arrived(li.dataset.key)) li.remove();
}

function restorePending() {
  const names = Object.keys(localStorage).filter(name => name.startsWith(shelf));
  outbox.push(...names.map(name => JSON.parse(localStorage[name])).sort((a, b) => a.at - b.at));
  settle();
  for (const item of outbox) mark(item, item.refused ? 'failed' : 'sending');
  drain();
}

on('click', event => {
  const li = event.target.closest?.('#pending > li'), item = outbox.find(i => i.key === li?.dataset.key);
  if (item && event.target.matches('.retry')) {
    delete item.refused;
    drain();
  } else if (item && event.target.matches('.recover')) {
    forget(item);
    li.remove();
    write(field.value ? `${item.body}\n${field.value}` : item.body);
    field.focus();
  }
});

// ---- The composer ----------------------------------------------------------------------------------------------------------

const draft = `draft:${viewer}:${room}`;

function write(text) {
  field.value = text;
  keep(draft, text);
  grow(field);
}

function grow(area) {
  if (CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

on('input', event => {
  if (event.target === field) keep(draft, field.value);
  if (event.target.matches('textarea')) grow(event.target);
});

on('submit', event => {
  if (!composer || event.target !== composer) return;
  event.preventDefault();
  const body = field.value.trim();
  if (ime.active) { // the field is the input method's now; leaving it ends the composition
    ime.wanted = true;
    field.blur();
  } else if (body) {
    write('');
    enqueue(body);
    field.focus();
  }
});

// Enter while a Hangul syllable is being composed means "send": the syllable is written first, then the text is sent, once. In Japanese
// and Chinese the same key chooses a candidate. Browsers tell of it in three ways: a key within the composition (all), then a
// second key after it (Chrome on macOS), or one key with code 229 after it (Safari).
const ime = { active: false, text: '', wanted: false };
const endsInHangul = text => /[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]$/.test(text);

on('compositionstart', () => Object.assign(ime, { active: true, text: '', wanted: false }));
on('compositionupdate', event => { ime.text = event.data; });
on('compositionend', event => {
  Object.assign(ime, { active: false, text: event.data || ime.text });
  if (ime.wanted) setTimeout(() => { if (ime.wanted) submit(event.target); }); // by then the syllable is in the field, in every browser
});

function submit(area) {
  ime.wanted = false;
  if (area.value.trim()) area.form.requestSubmit();
}

function onEnter(event, area) {
  if (event.shiftKey || event.altKey) return;
  if (matchMedia('(pointer: coarse)').matches && !event.ctrlKey && !event.metaKey) return;
  if (event.isComposing || ime.active) {
    ime.wanted = endsInHangul(ime.text);
  } else if (event.keyCode !== 229 || endsInHangul(ime.text || area.value.slice(0, area.selectionStart))) {
    event.preventDefault();
    submit(area);
  }
}

on('keydown', event => {
  const area = event.target.closest?.('#composer textarea, form.edit textarea');
  if (!area) return;
  if (event.key === 'Enter' || /^(Numpad)?Enter$/.test(event.code)) return onEnter(event, area);
  ime.wanted = false;
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === 'Escape') cancelEdit(area);
  if (event.key === 'ArrowUp' && area === field && !field.value) editLast(event);
});

// Some input methods add a line break of their own once the text has gone out. One at the start of nothing is never wanted.
on('beforeinput', event => {
  if (event.target === field && !field.value && /^insert(LineBreak|Paragraph)$/.test(event.inputType)) event.preventDefault();
});

async function editLast(event) {
  const own = $$(`#messages > .message[data-author="${viewer}"]:not(.deleted)`).pop();
  if (!own) return;
  event.preventDefault();
  await htmx.ajax('GET', `${room}/messages/${position(own)}/edit`, { source: own, target: $('.actions', own), swap: 'innerHTML' });
  const area = $('form.edit textarea', own);
  area?.focus();
  area?.setSelectionRange(area.value.length, area.value.length);
}

function cancelEdit(area) {
  const li = area.closest('#log .message');
  if (li) htmx.ajax('GET', `${room}/messages/${position(li)}`, { source: li, target: li, swap: 'outerHTML' });
}

// ---- The log ---------------------------------------------------------------------------------------------------------------
// #log is a column in reverse: its scrollTop is 0 at the newest message and negative above it.

const position = li => Number(li.id.slice(1));
const messages = () => $$('#earlier > .message, #messages > .message');
const newest = () => messages().reduce((highest, li) => Math.max(highest, position(li)), 0);
const oldest = () => messages().slice(0, 1).reduce((_, li) => position(li), 0);
const unloaded = new Map(); // changed messages from before the page's oldest, by id
let floor = 0, near = true, read = 0, reading;

function onLogChange(records) {
  settle();
  for (const { target, addedNodes } of records) for (const node of addedNodes) if (node.id && node.isConnected) place(target, node);
  floor = oldest();
  $('.empty', log)?.remove();
  noteRead();
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
  const id = near ? null : firstSeen()?.id, top = id && topOf(id);
  return () => {
    if (near) log.scrollTop = 0; else if (id) log.scrollTop += (topOf(id) ?? top) - top;
  };
}

function onScroll() {
  near = log.scrollTop >= -100;
  $('#newest').hidden = near;
  noteRead();
}

// noteRead tells the server how far somebody has really read, soon.
function noteRead() {
  const seen = () => log && composer && near && !document.hidden && document.hasFocus() && newest() > read;
  if (reading || !seen()) return;
  reading = setTimeout(async () => {
    reading = null;
    if (!seen()) return;
    const upTo = newest();
    const answer = await post(`${room}/read`, new URLSearchParams({ position: upTo }), { keepalive: true }).catch(() => null);
    if (answer?.ok) read = Math.max(read, upTo);
  }, 500);
}

on('click', event => { if (event.target.closest?.('#newest')) log.scrollTop = 0; });

// ---- The stream ------------------------------------------------------------------------------------------------------------
// hx-sse opens it, reconnects, and closes it while the page is hidden.

let connection, cursor = '', focused, release;

function leave(status) {
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (status === 404 && room) location.assign('/');
}

// connect is for when somebody is looking, or the network has come back: nothing waits any longer.
function connect() {
  connection?.delayCanceller?.();
  if (stream) htmx.trigger(stream, 'connect');
  if (composer) drain();
}

// A stream that is opened anew goes on where the one before it ended.
on('htmx:config:request', ({ target, detail }) => {
  if (target === stream && cursor) detail.ctx.request.headers['Last-Event-ID'] = cursor;
});
on('htmx:before:request', event => { if (event.target === stream && document.hidden) event.preventDefault(); });
on('htmx:sse:before:connection', event => {
  connection = event.detail.connection;
  connection.lastEventId ||= cursor;
  if (document.hidden) event.preventDefault();
});
on('htmx:sse:after:connection', () => {
  setTimeout(() => { if (document.hidden) connection.reader?.cancel(); }); // hidden while it was connecting
  if (composer) drain();
});
on('htmx:sse:after:message', ({ detail }) => { cursor = detail.connection.lastEventId; });
on('htmx:sse:error', event => leave(event.detail.status));
on('htmx:sse:close', event => { if (event.detail.reason === 'message') setTimeout(connect, 500); }); // the next answer says why
on('htmx:response:error', ({ target, detail: { ctx } }) => {
  if (target === stream || ctx.response.status === 401) leave(ctx.response.status);
});
on('reset', event => { if (event.target === stream) reload(); });
on('visibilitychange', () => { if (!document.hidden) setTimeout(() => { connect(); noteRead(); }); });
addEventListener('online', () => { connection?.reader?.cancel(); setTimeout(connect); }); // on another network the old connection is dead

// reload shows the log afresh where its reader was. Drafts and messages on their way are in storage.
function reload() {
  const first = near ? null : firstSeen();
  if (first) location.assign(`${room}?around=${position(first)}`); else location.reload();
}

// What somebody is editing is not replaced under their hands; saving and cancelling both fetch its present state.
on('htmx:before:swap', ({ detail: { tasks } }) => {
  focused = document.activeElement;
  release = log && hold();
  for (const { swapSpec, fragment } of tasks.filter(task => task.swapSpec.style === 'upsert')) {
    for (const li of [...fragment.children]) if (li.id && $(`#${li.id} form.edit`)) li.remove();
  }
});

// The keyboard stays where it worked when what had the focus is swapped out.
on('htmx:after:swap', () => {
  showUnread();
  release?.();
  if (!composer || !focused || focused.isConnected) return;
  (focused.closest('.older') && $('.older a', log) || field).focus({ preventScroll: true });
});

// ---- The title, and small things -------------------------------------------------------------------------------------------

const title = document.title.replace(/^\(\d+\+?\) /, '');

function showUnread(n = Number($('#my-rooms')?.dataset.unread ?? 0)) {
  document.title = n > 0 ? `(${n > 99 ? '99+' : n}) ${title}` : title;
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
  try { await navigator.clipboard.writeText(button.dataset.copy); } catch { copyBySelection(button.dataset.copy); }
  button.classList.add('copied');
  setTimeout(() => button.classList.remove('copied'), 2000);
});

function copyBySelection(text) { // navigator.clipboard needs https or localhost
  const area = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }));
  area.select();
  document.execCommand('copy');
  area.remove();
}

for (const input of $$('input[type=hidden][name=time_zone]')) input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone;

if (log && composer) {
  floor = oldest();
  const observer = new MutationObserver(onLogChange);
  for (const list of $$('#earlier, #messages')) observer.observe(list, { childList: true });
  log.style.overflowAnchor = 'none';
  log.addEventListener('scroll', onScroll, { passive: true });
  addEventListener('focus', noteRead);
  if (!field.value) write(localStorage[draft] ?? '');
  restorePending();
  onScroll();
}
showUnread();
})();
