// Mentioning somebody: after @ in the composer the members are offered whose names hold what is
// typed, also by initial consonants. Arrow keys choose, Enter and Tab take, Escape closes. A name that
// is typed out needs no choice: Enter sends. Without scripts one types the name.
//
// Enter within a Hangul syllable takes the choice once the syllable is written; browsers tell of such
// a key in several ways (ime.js), of which the first counts until the key is let go.

import { on, onPage, room } from './dom.js';
import { field } from './draft.js';
import { finder } from './hangul.js';
import { ime } from './ime.js';
import { hide, memberAt, selected, show, shown, step } from './mention_list.js';

const pause = 100; // milliseconds of typing before members are asked for
// What stands between @ and the caret. An @ behind letters is that of a mail address, but for scripts
// whose words follow each other without a space (db/mention_names.go).
const typed = /(?:^|[^\p{L}\p{N}._-]|[\p{sc=Hangul}\p{sc=Han}\p{sc=Hira}\p{sc=Kana}])[@＠]([\p{L}\p{N}\p{M}._-]{0,32})$/u;
const nameable = /^[\p{L}\p{N}\p{M}._-]{2,32}$/u; // a display name that can stand after @

let members = []; // what the server has found for the query, or for the one before
let asked, timer;
let taken = false; // Enter has taken a choice, and is still down
let waiting = null; // the choice that is taken when the syllable is written

const query = () => field.value.slice(0, field.selectionStart).match(typed)?.[1];
const namesOf = ({ name, display_name: display }) => [name, display].map(text => text.toLowerCase());

function update() {
  close();
  const text = query();
  if (text === undefined) return;
  offer(text);
  timer = setTimeout(ask, pause, text);
}

async function ask(text) {
  asked = new AbortController();
  const address = `${room}/members?q=${encodeURIComponent(text)}`, headers = { Accept: 'application/json' };
  const answer = await fetch(address, { headers, signal: asked.signal }).then(a => a.ok ? a.json() : null).catch(() => null);
  if (!answer || query() !== text || document.activeElement !== field) return;
  members = answer;
  offer(text);
}

// offer shows the members that fit. The first is chosen, unless a name is typed out, or nothing is.
function offer(text) {
  const fits = finder(text), found = members.filter(member => namesOf(member).some(fits));
  const whole = found.some(member => namesOf(member).includes(text.toLowerCase()));
  show(whole && found.length === 1 ? [] : found, text && !whole ? 0 : -1);
}

function close() {
  clearTimeout(timer);
  asked?.abort();
  hide();
}

// take writes the name of a member in place of what was typed: the display name, where that can stand
// after @ and nobody else offered has it.
function take(member) {
  const text = query();
  if (text === undefined) return;
  const { name, display_name: display } = member, end = field.selectionStart;
  const alone = shown.filter(other => other.display_name === display).length < 2;
  close();
  field.setRangeText(`${nameable.test(display) && alone ? display : name} `, end - text.length, end, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

// takeWritten takes the choice now, or when the syllable that is being composed is written.
function takeWritten(member, byIME) {
  if (!ime.active) return take(member);
  waiting = member;
  if (byIME) return;
  field.blur(); // nothing else ends the composition
  field.focus();
}

on('compositionend', () => setTimeout(() => {
  if (waiting) take(waiting);
  waiting = null;
}));

const isEnter = event => event.key === 'Enter' || /^(Numpad)?Enter$/.test(event.code);

document.addEventListener('keydown', event => { // before Enter sends
  if (event.target !== field) return;
  if (isEnter(event) && taken) return stop(event);
  taken = false;
  if (!shown.length || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (isEnter(event) ? selected < 0 : event.isComposing || !by && !/^(Escape|Tab)$/.test(event.key)) return;
  stop(event);
  if (by) return step(by);
  if (event.key === 'Escape') return close();
  taken = isEnter(event);
  takeWritten(shown[Math.max(selected, 0)], event.keyCode === 229);
}, true);

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener('keyup', event => { if (isEnter(event)) taken = false; }, true);
on('input', ({ target }) => { if (target === field) update(); });
on('focusout', ({ target }) => { if (target === field && !waiting) close(); });
on('mousedown', event => { if (memberAt(event.target)) event.preventDefault(); }); // the field keeps the focus
on('click', ({ target }) => { if (memberAt(target)) take(memberAt(target)); });

onPage(() => {
  close();
  members = [];
  [taken, waiting] = [false, null];
});
