// Messages on their way to the server. Each stays here and in storage, under its idempotency key,
// until it is acknowledged or seen in the log: it outlives a reload, and however often it is sent
// it is posted once. They leave one at a time, in order. Without scripts the form has a key as
// well: sent twice, it is posted once.

import { $, atEnd, log, on, room, viewer } from './dom.js';
import { newest, onLogChange } from './log.js';
import { arrived, mark, removeArrived } from './pending.js';
import { keep, kept, namesOf } from './storage.js';

const shelf = `pending:${viewer}:${room}:`; // of names in storage
const outbox = []; // items: { key, body, at: time of sending, refused: why, when the server will never take it }
let delivering = false, failures = 0, again, notBefore = 0;

export const find = key => outbox.find(item => item.key === key);

function newKey() { // crypto.randomUUID needs https or localhost
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return crypto.randomUUID?.() ?? Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
}

export function enqueue(body) {
  const item = { key: newKey(), body, at: Math.max(Date.now(), (outbox.at(-1)?.at ?? 0) + 1) };
  outbox.push(item);
  keep(shelf + item.key, JSON.stringify(item));
  mark(item, 'sending');
  log.scrollTop = 0;
  deliver();
}

export function forget(item) {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  keep(shelf + item.key);
}

// deliver sends what waits, unless that is under way, or the server has asked for a pause.
export async function deliver() {
  if (delivering || Date.now() < notBefore) return;
  delivering = true;
  clearTimeout(again);
  for (let item; (item = outbox.find(i => !i.refused)) && await send(item););
  delivering = false;
}

// send posts an item, and returns whether the next one may follow.
async function send(item) {
  mark(item, 'sending');
  const form = new URLSearchParams(new FormData($('#composer')));
  form.set('body', item.body);
  form.set('key', item.key);
  if (atEnd) form.set('read', newest()); // sending means having seen it
  const options = { method: 'POST', headers: { Accept: 'application/json' }, body: form };
  let answer;
  try {
    answer = await fetch(`${room}/messages`, { ...options, signal: AbortSignal.timeout(30_000) });
    if (answer.ok) return acknowledge(item, await answer.json());
  } catch {
    return postpone(item); // no network, or an answer that is not the service's
  }
  const { status, headers } = answer;
  if (status === 401) location.assign(`/login?next=${encodeURIComponent(room)}`);
  if ([401, 408, 429].includes(status) || status >= 500) return postpone(item, Number(headers.get('Retry-After')));
  return refuse(item, await answer.json().catch(() => ({})), status);
}

function acknowledge(item) {
  failures = 0;
  forget(item);
  if (arrived(item.key)) settle(); else mark(item, 'sent'); // until the stream brings it
  if (!atEnd) location.assign(room);
  return true;
}

function postpone(item, retryAfter) {
  if (!outbox.includes(item)) return true; // the stream has brought it: only the answer was lost
  mark(item, 'failed');
  const wait = 1000 * (retryAfter || Math.min(2 ** ++failures, 60));
  if (retryAfter) notBefore = Date.now() + wait;
  again = setTimeout(deliver, wait);
  return false;
}

function refuse(item, { error }, status) {
  item.refused = error?.fields?.body || error?.message || `${status}`;
  keep(shelf + item.key, JSON.stringify(item));
  mark(item, 'failed');
  return true;
}

// settle forgets what has become a real message.
function settle() {
  for (const item of [...outbox]) if (arrived(item.key)) forget(item);
  removeArrived();
}

// restore goes on with what an earlier page of the room has left.
export function restore() {
  outbox.push(...namesOf(shelf).map(name => JSON.parse(kept(name))).sort((a, b) => a.at - b.at));
  settle();
  for (const item of outbox) mark(item, item.refused ? 'failed' : 'sending');
  deliver();
}

onLogChange(settle);
on('htmx:sse:after:connection', deliver);
on('visibilitychange', () => { if (!document.hidden) deliver(); });
addEventListener('online', deliver);
