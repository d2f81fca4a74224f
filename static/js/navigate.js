// Pages change in place: a link to another page of the house replaces main (views/_main.html) and
// leaves the list of rooms where it is. The address bar, the title and the keyboard's focus follow;
// Back and Forward return to the place that one had on a page. What is no page of this build of the
// service for this viewer is loaded as browsers load pages, as everything is without scripts.

import { markCurrent } from './current.js';
import { $, $$, base, isOurs, on, pageChanged, viewer } from './dom.js';
import { request } from './main_part.js';
import { enter, keepPlace, placeOf, returnTo } from './place.js';

const apart = /^\/(static|files)\/|\/(live|stream|photo)$/; // no pages, or a document without an end
const addressOf = ({ pathname, search }) => pathname + search;

let shown = addressOf(location); // the address of the page in main
let visit = new AbortController(); // aborts the request for the page that is to come

function isInPlace(link) {
  const elsewhere = link.target && link.target !== '_self' || !isOurs(link);
  return viewer && window.htmx && !elsewhere && !apart.test(link.pathname.slice(base.length));
}

on('click', event => {
  const link = event.target.closest?.('a[href]');
  const plain = !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.hasAttribute('download') || !isInPlace(link)) return;
  if (link.hash && addressOf(link) === shown) return; // a place on this page
  event.preventDefault();
  if (link.matches('.answered') && $(link.hash)) return goTo(link.hash);
  if (link.matches('.back') && history.state?.from === addressOf(link)) history.back(); else navigate(link.href);
});

on('submit', event => { // searches
  const { target: form, submitter } = event, to = new URL(form.action);
  if (event.defaultPrevented || (submitter?.formMethod || form.method) !== 'get' || !isInPlace(to)) return;
  event.preventDefault();
  to.search = new URLSearchParams(new FormData(form, submitter));
  navigate(to.href);
});

addEventListener('popstate', () => {
  if (addressOf(location) === shown) return stay(); // only the fragment differs
  keepPlace();
  show(location.href, placeOf(history.state?.entry));
});
addEventListener('pagehide', keepPlace);

// navigate shows the page of an address, as a click on a link to it does, or in place of this page
// in the history.
export async function navigate(address, replace = false) {
  const from = shown;
  await show(address, undefined, to => {
    keepPlace();
    history[replace || addressOf(to) === shown ? 'replaceState' : 'pushState']({ from }, '', to);
  });
}

// show puts the page of an address in place, and the reader at a place on it. The function is called
// with the address, after redirects, when the page is there; it is not where browsers have to load
// the page.
async function show(address, place, before = () => {}) {
  visit.abort();
  const { signal } = visit = new AbortController(), main = $('#main');
  main.ariaBusy = 'true';
  markCurrent(new URL(address, location).pathname);
  const page = await request(address, place, signal).catch(() => null);
  if (signal.aborted) return;
  if (!page) return load(address);
  before(page.address);
  shown = addressOf(page.address);
  await htmx.swap({ text: page.text, target: main, sourceElement: main, swap: 'outerHTML settle:0' });
  arrive(place);
}

// goTo shows another place of this page, from which Back returns to this one.
function goTo(hash) {
  keepPlace();
  location.hash = hash;
}

// stay ends what is under way: the page that is shown is the one that is wanted. It goes back to the
// place that was kept for its history entry.
function stay() {
  visit.abort();
  $('#main').ariaBusy = null;
  markCurrent();
  const known = history.state?.entry, place = enter();
  if (known) returnTo(place);
}

function load(address) {
  if (address === location.href) location.reload(); else location.assign(address);
}

// arrive fits what is around main to the page that is shown now.
function arrive(place) {
  document.body.className = `${$('#main').dataset.page} member`;
  for (const next of $$('footer.site [name=next]')) next.value = shown;
  scrollTo(0, 0);
  if (location.hash) location.replace(location.hash); // marks the :target and scrolls to it
  enter();
  pageChanged();
  focus();
  if (place) returnTo(place);
}

// focus puts the keyboard where a page begins: into the composer, but not where that opens a
// keyboard on the screen; else on the heading.
function focus() {
  const main = $('#main'), field = !matchMedia('(pointer: coarse)').matches && $('#composer textarea'), heading = $('h1', main);
  if (main.contains(document.activeElement)) return; // autofocus
  if (heading) heading.tabIndex = -1;
  (field || heading || main).focus({ preventScroll: true });
}

const place = viewer && enter();
if (place && !returnTo(place)) show(location.href, place);
