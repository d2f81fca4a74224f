// What screen readers are told of the conversation: what others write, once, as "Ji-min: hello", and
// edits of what can be seen. One's own messages are not told, only that one could not be sent
// (pending.js). The log itself is silent (aria-live="off"), for it would tell times and buttons, too.
// Without scripts the live log is a document that screen readers read like any other.

import { $, log, onPage, position, viewer } from './dom.js';
import { atEnd, newest, onLogChange } from './log.js';

const most = 3; // messages told of those that come at once; the log has the others
let told = 0; // the newest position that is told, or was on the page from the beginning

// announce has the screen reader say a sentence when it is done with what it says.
function announce(text) {
  const line = document.createElement('p');
  line.textContent = text;
  $('#announcer').append(line);
  setTimeout(() => line.remove(), 5000);
}

function sentence(li) {
  const author = $('.author, .meta > .hidden', li)?.textContent.trim();
  const words = [$(':scope > .body', li)?.innerText.trim(), $('.edited', li)?.textContent.trim()].filter(Boolean).join(' · ');
  return author ? `${author}: ${words}` : words;
}

function isSeen(li) {
  const box = log.getBoundingClientRect(), at = li.getBoundingClientRect();
  return at.bottom > box.top && at.top < box.bottom;
}

function tell(records) {
  const added = records.filter(({ target }) => target.id === 'messages').flatMap(r => [...r.addedNodes]);
  const left = new Set(records.flatMap(r => [...r.removedNodes]).map(node => node.id));
  const others = added.filter(li => li.isConnected && li.matches?.('.message') && li.dataset.author !== viewer);
  const come = others.filter(li => position(li) > told && atEnd());
  const changed = others.filter(li => left.has(li.id) && !come.includes(li) && isSeen(li));
  told = Math.max(told, newest());
  for (const li of [...come.slice(-most), ...changed.slice(-most)]) announce(sentence(li));
}

onLogChange(tell);
onPage(() => { told = log ? newest() : 0; });
