// The composer with scripts: an own message shows at once, its text is kept until the server has it, Enter sends.
// Without scripts #composer is a form like any other. All texts for people come from the page or from the server's answer.
(() => {
'use strict';

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, handle) => document.addEventListener(type, handle);

const composer = $('#composer');
if (!composer) return;
const field = composer.elements.body, log = $('#log'), pending = $('#pending'), pattern = $('#pending-message');
const viewer = document.body.dataset.viewer, room = composer.getAttribute('action').replace(/\/messages$/, '');
const elsewhere = $('.newer', log); // the page shows old messages; the newest are on another

const position = li => Number(li.id.slice(1));

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

function show(item) {
  const li = pattern.content.firstElementChild.cloneNode(true);
  li.dataset.key = item.key;
  $('.body', li).textContent = item.body;
  return pending.appendChild(li);
}

// mark shows an item as sending, sent or failed.
function mark(item, state) {
  const li = $(`[data-key="${item.key}"]`, pending) ?? show(item);
  li.classList.remove('sending', 'sent', 'failed');
  li.classList.add(state);
  $('.state', li).textContent = item.refused ?? pattern.dataset[state === 'failed' ? 'waiting' : state];
  $('.recover', li).hidden = state !== 'failed';
  $('.rewrite', li).hidden = !item.refused; // else it may have been posted: the same text under another key would be a second one
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
  form.set('body', item.body);
  form.set('key', item.key);
  if (!elsewhere) form.set('read', Math.max(0, ...$$('#messages > .message').map(position))); // sending means having seen it
  let answer;
  try {
    const options = { method: 'POST', headers: { Accept: 'application/json' }, body: form, signal: AbortSignal.timeout(30_000) };
    answer = await fetch(`${room}/messages`, options);
    if (answer.ok) return acknowledge(item, await answer.json());
  } catch {
    return postpone(item); // no network, or an answer that is not the service's
  }
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(room)}`);
  if ([401, 408, 429].includes(answer.status) || answer.status >= 500) return postpone(item, Number(answer.headers.get('Retry-After')));
  return refuse(item, await answer.json().catch(() => ({})), answer.status);
}

function acknowledge(item) {
  failures = 0;
  forget(item);
  if (arrived(item.key)) settle(); else mark(item, 'sent'); // until the stream brings it
  if (elsewhere) location.assign(room);
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

function refuse(item, { error }, status) {
  item.refused = error?.fields?.body || error?.message || `${status}`;
  keep(shelf + item.key, JSON.stringify(item));
  mark(item, 'failed');
  return true;
}

// settle takes away what has become a real message.
function settle() {
  for (const item of [...outbox]) if (arrived(item.key)) forget(item);
  for (const li of $$(':scope > li', pending)) if (arrived(li.dataset.key)) li.remove();
}

function restore() {
  const names = Object.keys(localStorage).filter(name => name.startsWith(shelf));
  outbox.push(...names.map(name => JSON.parse(localStorage[name])).sort((a, b) => a.at - b.at));
  settle();
  for (const item of outbox) mark(item, item.refused ? 'failed' : 'sending');
  drain();
}

pending.addEventListener('click', ({ target }) => {
  const li = target.closest('li'), item = outbox.find(i => i.key === li?.dataset.key);
  if (item && target.closest('.retry')) {
    delete item.refused;
    drain();
  } else if (item && target.closest('.rewrite')) {
    forget(item);
    li.remove();
    write(field.value ? `${item.body}\n${field.value}` : item.body);
    field.focus();
  }
});

// ---- The field -------------------------------------------------------------------------------------------------------------

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

// tell lets the others know that somebody is writing, now and then. Whether they hear of it does not matter.
let told = 0;
function tell() {
  if (!field.value.trim() || Date.now() - told < 3000) return;
  told = Date.now();
  fetch(`${room}/typing`, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => {});
}

on('input', ({ target }) => {
  if (target === field) {
    keep(draft, field.value);
    tell();
  }
  if (target.matches('textarea')) grow(target);
});

composer.addEventListener('submit', event => {
  event.preventDefault();
  const body = field.value.trim();
  if (ime.active) return sendComposed(field);
  if (!body) return;
  told = 0;
  write('');
  enqueue(body);
  field.focus();
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

// sendComposed is for when no input method ends the composition: leaving the field does.
function sendComposed(area) {
  ime.wanted = true;
  area.blur();
}

function submit(area) {
  ime.wanted = false;
  if (area.value.trim()) area.form.requestSubmit();
}

function onEnter(event, area) {
  if (event.shiftKey || event.altKey) return;
  if (matchMedia('(pointer: coarse)').matches && !event.ctrlKey && !event.metaKey) return;
  const ofIME = event.keyCode === 229, composing = event.isComposing || ime.active;
  const hangul = endsInHangul(ime.text || area.value.slice(0, area.selectionStart));
  if (composing && ofIME) {
    ime.wanted = hangul;
  } else if (!ofIME || hangul) {
    event.preventDefault();
    if (!composing) submit(area); else if (hangul) sendComposed(area);
  }
}

on('keydown', event => {
  const area = event.target.closest?.('#composer textarea, form.edit textarea');
  if (!area) return;
  if (event.key === 'Enter' || /^(Numpad)?Enter$/.test(event.code)) return onEnter(event, area);
  if (ime.wanted && !ime.active) submit(area); // typing goes on before the text has left
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
  const own = $$(`#messages > .message[data-author="${viewer}"]:not(.deleted)`).at(-1);
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

const observer = new MutationObserver(settle);
for (const list of $$('#earlier, #messages')) observer.observe(list, { childList: true });
on('htmx:sse:after:connection', drain);
on('visibilitychange', () => { if (!document.hidden) drain(); });
addEventListener('online', drain);
if (!field.value) write(localStorage[draft] ?? '');
restore();
})();
