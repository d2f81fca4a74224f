// What the other modules share: finding elements, hearing events, and the facts of the page.
// Events are handled on the document, so that what htmx swaps in needs no preparation.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const on = (type, handle) => document.addEventListener(type, handle);

// ready is fulfilled when htmx is there, which runs after the modules.
export const ready = new Promise(resolve => { on('DOMContentLoaded', resolve); });

export const viewer = document.body.dataset.viewer; // the user's id as text; undefined for somebody signed out
export const base = document.body.dataset.base ?? ''; // the path of the service on its host, such as /chat
export let stream; // the element that hx-sse connects; null for somebody signed out
export let log; // null on all pages but that of a room
export let room; // the room's address; undefined where there is no log

// connection returns hx-sse's connection of the page, open or being made; undefined: there is none.
export const connection = () => stream?._htmx?.sse;

const setUps = [];

// onPage calls a function now, and again for each page that takes the place of this one
// (navigate.js): to look for its elements, and to forget what belonged to the page before. What is
// heard on the document or the window is heard once, not in such a function. Functions are called
// in the order in which they were given.
export function onPage(setUp) {
  setUps.push(setUp);
  setUp();
}

// pageChanged is called when another page has taken the place of the one before.
export function pageChanged() {
  findParts();
  for (const setUp of setUps) setUp();
}

function findParts() {
  stream = $('#stream');
  log = $('#log');
  room = log ? location.pathname.match(/^.*\/rooms\/[^/]+/)[0] : undefined;
}

findParts();

// isOurs reports whether a link leads to an address of this service: others may lie on its host.
export const isOurs = link => link.origin === location.origin && `${link.pathname}/`.startsWith(`${base}/`);

export const position = li => Number(li.id.slice(1)); // of a message in its room: 17 for #m17
