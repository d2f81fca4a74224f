// Where one was on each page of this tab's history: in the log of a room, or how far down another
// page. A place is kept under the name of its history entry while the tab is open. Without scripts
// browsers return to the place by themselves, except within a log.

import { log } from './dom.js';
import { firstSeen, near } from './log.js';
import { keep, kept } from './storage.js';

const bound = 100; // places that are kept
const places = new Map(JSON.parse(kept('places', true) || '[]')); // by entry
let entry; // of the page that is shown

// enter says that the page shown is that of the present history entry, and returns the place kept
// for it.
export function enter() {
  entry = history.state?.entry;
  if (!entry) {
    entry = `${Date.now()}-${Math.random()}`;
    history.replaceState({ ...history.state, entry }, '');
  }
  return places.get(entry);
}

export const placeOf = entry => places.get(entry);

// keepPlace keeps the place on the page that is shown.
export function keepPlace() {
  places.delete(entry);
  places.set(entry, log ? placeInLog() : { y: scrollY });
  if (places.size > bound) places.delete(places.keys().next().value);
  keep('places', JSON.stringify([...places]), true);
}

// returnTo scrolls to a place, and returns whether it is on the page. No place in a log is the newest
// message.
export function returnTo(place) {
  if (log && place) return returnInLog(place);
  if (log) log.scrollTop = 0;
  else scrollTo(0, place?.y ?? 0);
  return true;
}

const topInLog = li => li.getBoundingClientRect().top - log.getBoundingClientRect().top;

// placeInLog returns where the reader is: the id of the first message that is seen, and its distance
// from the log's top in pixels. Undefined at the newest message.
function placeInLog() {
  const li = near ? null : firstSeen();
  return li ? { id: li.id, top: topInLog(li) } : undefined;
}

// returnInLog scrolls to such a place, and returns whether its message is on the page.
function returnInLog({ id, top }) {
  const li = document.getElementById(id);
  if (li) log.scrollTop += topInLog(li) - top;
  return Boolean(li);
}

history.scrollRestoration = 'manual';
