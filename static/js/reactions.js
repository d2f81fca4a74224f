// Reacting to messages of a room without leaving it. The stream brings what has changed, as it does
// for everybody. Without scripts the same forms lead to the message, and the page of its reactions
// has all emoji.

import { $, connection, on, position, room } from './dom.js';
import { focusOn, tell } from './delete.js';

const linger = 250; // milliseconds over a reaction until its people are asked for

const addressOf = li => `${room}/messages/${position(li)}/reactions`;
const messageOf = element => element.closest('#log .message');
const dialog = () => $('#reaction-dialog');
const known = new WeakMap(); // who reacted, by message as it stands on the page
let chosen = null; // the message that the dialog is about
let asking;

// react sends one reaction to a message, or takes it back, as the address says.
export async function react(li, emoji, address = addressOf(li)) {
  const within = li.contains(document.activeElement);
  const body = new URLSearchParams({ emoji });
  const answer = await fetch(address, { method: 'POST', headers: { Accept: 'application/json' }, body }).catch(() => null);
  li = document.getElementById(li.id) ?? li;
  if (!answer?.ok) return tell(li, answer);
  if (!connection()?.reader) {
    await htmx.ajax('GET', addressOf(li).replace(/\/reactions$/, ''), { source: li, target: li, swap: 'outerHTML' });
  }
  if (within && !li.contains(document.activeElement)) focusOn(document.getElementById(li.id) ?? li);
}

// openReactions shows who reacted to a message, and all emoji.
export async function openReactions(li) {
  chosen = li;
  await htmx.ajax('GET', addressOf(li), { source: dialog(), target: '#reaction-sheet', swap: 'innerHTML' });
  dialog().onclose = () => focusOn(document.getElementById(chosen.id) ?? chosen);
  dialog().showModal();
}

on('submit', event => {
  const form = event.target, button = event.submitter;
  if (!room || !button || !form.matches('form.react')) return;
  const inDialog = dialog()?.contains(form), li = inDialog ? document.getElementById(chosen.id) : messageOf(form);
  if (!li) return;
  event.preventDefault();
  if (inDialog) dialog().close();
  react(li, button.value, button.getAttribute('formaction') ?? form.action);
});

// Before navigate.js, which follows links.
document.addEventListener('click', event => {
  const { target } = event, li = target.closest?.('.reactions > a') && messageOf(target);
  if (target === dialog()) dialog().close();
  if (!li || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openReactions(li);
}, true);

// name gives the reactions of a message the names of the people.
async function name(li) {
  if (!known.has(li)) {
    known.set(li, fetch(addressOf(li), { headers: { Accept: 'application/json' } }).then(answer => answer.ok ? answer.json() : []).catch(() => []));
  }
  for (const { emoji, count, users } of await known.get(li)) {
    const others = count - users.length;
    const names = users.map(u => u.display_name).join(', ') + (others ? ` +${others}` : '');
    for (const b of li.querySelectorAll(`.reactions button[value="${CSS.escape(emoji)}"]`)) {
      b.title = names;
      b.setAttribute('aria-description', names);
    }
  }
}

function ask({ target }) {
  clearTimeout(asking);
  const li = room && target.closest?.('.reaction') && messageOf(target);
  if (li) asking = setTimeout(() => name(li), linger);
}
on('pointerover', ask);
on('focusin', ask);
