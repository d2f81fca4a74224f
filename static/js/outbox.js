// Messages on their way to the server. Each stays here and in storage, under its idempotency key,
// until it is acknowledged or seen in the log: it outlives a reload, and however often it is sent
// it is posted once. They leave one at a time, in order. Without scripts the form has a key as
// well: sent twice, it is posted once.

import { base, log, on, onPage, room, viewer } from './dom.js';
import { atEnd, onLogChange } from './log.js';
import { navigate } from './navigate.js';
import { arrived, mark, removeArrived } from './pending.js';
import { seenUpTo } from './read.js';
import { keep, kept, namesOf } from './storage.js';

// Items: { room: its address, key, body, answers: see reply.js, files: see attach.js, at: time of sending, refused: why, when
// the server will never take it }. They are of the rooms that were open since the page was loaded.
const outbox = [];
const shelf = item => `pending:${viewer}:${item.room}:`; // the beginning of names in storage
let delivering = false, failures = 0, again, notBefore = 0;

export const find = key => outbox.find(item => item.key === key);

function newKey() { // crypto.randomUUID needs https or localhost
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return crypto.randomUUID?.() ?? Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
}

export function enqueue(body, answers, files) {
  const item = { room, key: newKey(), body, answers, files, at: Math.max(Date.now(), (outbox.at(-1)?.at ?? 0) + 1) };
  outbox.push(item);
  keep(shelf(item) + item.key, JSON.stringify(item));
  show(item, 'sending');
  log.scrollTop = 0;
  deliver();
}

// show marks an item on the page of its room.
function show(item, state) { if (item.room === room) mark(item, state); }

export function forget(item) {
  if (outbox.includes(item)) outbox.splice(outbox.indexOf(item), 1);
  keep(shelf(item) + item.key);
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
  show(item, 'sending');
  const form = new URLSearchParams({ body: item.body, key: item.key });
  for (const { id } of item.files ?? []) form.append('files', id);
  if (item.answers) form.set('reply_to', item.answers.at);
  if (item.room === room) form.set('read', seenUpTo());
  const options = { method: 'POST', headers: { Accept: 'application/json' }, body: form };
  let answer;
  try {
    answer = await fetch(`${item.room}/messages`, { ...options, signal: AbortSignal.timeout(30_000) });
    if (answer.ok) return acknowledge(item, await answer.json());
  } catch {
    return postpone(item); // no network, or an answer that is not the service's
  }
  const { status, headers } = answer;
  if (status === 401) location.assign(`${base}/login?next=${encodeURIComponent(item.room)}`);
  if ([401, 408, 429].includes(status) || status >= 500) return postpone(item, Number(headers.get('Retry-After')));
  return refuse(item, await answer.json().catch(() => ({})), status);
}

function acknowledge(item) {
  failures = 0;
  forget(item);
  if (arrived(item.key)) settle(); else show(item, 'sent'); // until the stream brings it
  if (item.room === room && !atEnd()) navigate(`${room}?at=newest`);
  return true;
}

function postpone(item, retryAfter) {
  if (!outbox.includes(item)) return true; // the stream has brought it: only the answer was lost
  show(item, 'failed');
  const wait = 1000 * (retryAfter || Math.min(2 ** ++failures, 60));
  if (retryAfter) notBefore = Date.now() + wait;
  again = setTimeout(deliver, wait);
  return false;
}

function refuse(item, { error }, status) {
  item.refused = Object.values(error?.fields ?? {})[0] || error?.message || `${status}`;
  keep(shelf(item) + item.key, JSON.stringify(item));
  show(item, 'failed');
  return true;
}

// settle forgets what has become a real message.
function settle() {
  for (const item of [...outbox]) if (arrived(item.key)) forget(item);
  removeArrived();
}

// restore goes on with what an earlier page of the room has left.
function restore() {
  const names = namesOf(shelf({ room })).filter(name => !find(name.slice(shelf({ room }).length)));
  outbox.push(...names.map(name => ({ room, ...JSON.parse(kept(name)) })).sort((a, b) => a.at - b.at));
  settle();
  for (const item of outbox) show(item, item.refused ? 'failed' : 'sending');
  deliver();
}

onLogChange(settle);
onPage(() => { if (log) restore(); });
on('htmx:sse:after:connection', deliver);
on('visibilitychange', () => { if (!document.hidden) deliver(); });
addEventListener('online', deliver);
