// Deleting a message: a dialog asks, and for some seconds a line in the message says that it is
// going, and offers to keep it; only then is the server told, or when the page is left. Without
// scripts the page of the message has the form.

import { $, on, onPage, position, room } from './dom.js';
import { onLogChange } from './log.js';

const pause = 5000; // milliseconds until the server is told

const going = new Map(); // by the address of the message: { at: its id, timer }

let asked = null; // the message that the dialog is about

const addressOf = li => `${room}/messages/${position(li)}`;

// askToDelete opens the dialog for a message.
export function askToDelete(li) {
  const dialog = $('#delete-dialog'), text = $('.body', li)?.innerText ?? '';
  asked = li;
  $('blockquote', dialog).textContent = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  dialog.returnValue = '';
  dialog.onclose = () => {
    const current = document.getElementById(asked.id) ?? asked;
    if (dialog.returnValue === 'delete') wait(current); else focusOn(current);
  };
  dialog.showModal();
}

// focusOn puts the keyboard on a message.
export function focusOn(li) {
  if (!li.hasAttribute('tabindex')) li.tabIndex = -1;
  li.focus({ preventScroll: true });
}

// wait shows that a message is going, and deletes it after the pause.
function wait(li) {
  const address = addressOf(li);
  going.set(address, { at: li.id, timer: setTimeout(() => remove(address), pause) });
  decorate(li);
  $('.undo', li).focus({ preventScroll: true });
}

function decorate(li) {
  if (!li || $('.deleting', li) || li.classList.contains('deleted')) return;
  li.classList.add('going');
  li.append($('#deleting').content.cloneNode(true));
}

function keep(li) {
  li.classList.remove('going');
  $('.deleting', li)?.remove();
}

const post = address =>
  fetch(`${address}/delete`, { method: 'POST', headers: { Accept: 'application/json' }, keepalive: true });

async function remove(address) {
  const { at } = going.get(address);
  const answer = await post(address).catch(() => null);
  going.delete(address);
  const li = document.getElementById(at);
  if (!li || !address.startsWith(`${room}/`)) return;
  const within = li.contains(document.activeElement);
  if (answer?.ok) await htmx.ajax('GET', address, { source: li, target: li, swap: 'outerHTML' });
  else {
    keep(li);
    await tell(li, answer);
  }
  if (within) focusOn(document.getElementById(at) ?? li);
}

// tell shows beside a message why it is still there.
export async function tell(li, answer) {
  const { error } = await answer?.json().catch(() => ({})) ?? {};
  const text = error?.message ?? $('#pending-message')?.dataset.waiting ?? '';
  const p = Object.assign(document.createElement('p'), { className: 'error', textContent: text });
  p.setAttribute('role', 'alert');
  li.append(p);
}

on('click', event => {
  const li = event.target.closest?.('.undo') && event.target.closest('.message');
  if (!li) return;
  const address = addressOf(li);
  clearTimeout(going.get(address)?.timer);
  going.delete(address);
  keep(li);
  focusOn(li);
});

function decorateAll() {
  for (const [address, { at }] of going) if (address.startsWith(`${room}/`)) decorate(document.getElementById(at));
}

onLogChange(decorateAll);
onPage(decorateAll);

addEventListener('pagehide', () => {
  for (const [address, { timer }] of going) {
    clearTimeout(timer);
    post(address).catch(() => {});
  }
  going.clear();
});
