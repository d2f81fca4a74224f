// Messages on their way, as they show below the log (#pending): sending, sent, or waiting with the
// buttons that try again or take the text back. outbox.js decides which. Without scripts a message
// is sent by the form, and the page shows it when it is there.

import { $, $$, viewer } from './dom.js';

const list = () => $('#pending'), pattern = () => $('#pending-message'); // the template has the texts of the states, too

// arrived returns the message in the log that was posted under a key, or null.
export const arrived = key => $(`#earlier > [data-key="${key}"], #messages > [data-key="${key}"]`);

// mark shows an item as sending, sent or failed.
export function mark(item, state) {
  const li = $(`[data-key="${item.key}"]`, list()) ?? show(item);
  li.classList.remove('sending', 'sent', 'failed');
  li.classList.add(state);
  $('.state', li).setAttribute('role', state === 'failed' ? 'alert' : 'none'); // only failures are announced
  $('.state', li).textContent = item.refused ?? pattern().dataset[state === 'failed' ? 'waiting' : state];
  $('.recover', li).hidden = state !== 'failed';
  // What was not refused may have been posted: the same text under another key would be a second
  // one.
  $('.rewrite', li).hidden = !item.refused;
}

function show(item) {
  const li = pattern().content.firstElementChild.cloneNode(true);
  li.dataset.key = item.key;
  const before = list().lastElementChild ?? $$('#messages > .message').at(-1);
  li.classList.toggle('continues', before ? follows(before, item) : false);
  const names = (item.files ?? []).map(file => `📎 ${file.name}`);
  $('.body', li).textContent = [item.body, ...names].filter(Boolean).join('\n');
  return list().appendChild(li);
}

// follows reports whether an item will share the photo and the name of the message before it.
function follows(before, item) {
  const at = Date.parse($('.time time', before)?.dateTime) || Date.now();
  return before.dataset.author === viewer && item.at - at < 5 * 60_000;
}

// removeArrived takes away what has become a real message.
export function removeArrived() {
  for (const li of $$('#pending > li')) if (arrived(li.dataset.key)) li.remove();
}
