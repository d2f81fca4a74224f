// What the other modules share: finding elements, hearing events, and the facts of a page that stay
// while it is open. Events are handled on the document, so that what htmx swaps in needs no
// preparation.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (type, handle) => document.addEventListener(type, handle);

export const viewer = document.body.dataset.viewer; // the user's id as text; undefined for somebody signed out
export const stream = $('#stream'); // the element that hx-sse connects; null for somebody signed out
export const log = $('#log'); // null on all pages but that of a room
export const room = $('#composer')?.getAttribute('action').replace(/\/messages$/, ''); // the room's address
export const atEnd = log && !$('.newer', log); // else the page shows old messages; the newest are on another

export const position = li => Number(li.id.slice(1)); // of a message in its room: 17 for #m17
