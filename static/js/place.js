// Where one was on each page of this tab's history: in the log of a room, or how far down another
// page. A place is kept under the name of its history entry while the tab is open. Without scripts
// browsers return to the place by themselves, except within a log.

import { log } from './dom.js';
import { placeInLog, returnInLog } from './log.js';
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

// returnTo scrolls to a place, and returns whether it is on the page.
export function returnTo(place) {
  if (log) return returnInLog(place);
  scrollTo(0, place.y ?? 0);
  return true;
}

history.scrollRestoration = 'manual';
