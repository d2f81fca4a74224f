// A message is pinned from its menu, and unpinned again; the stream brings it to everybody, with the
// number in the bar below the header. Without scripts the page of a message has the button.

import { $, position, room } from './dom.js';
import { tell } from './delete.js';

// pin pins a message, or unpins one that is.
export async function pin(li) {
  const what = $('.pin', li) ? 'unpin' : 'pin';
  const answer = await fetch(`${room}/messages/${position(li)}/${what}`, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => null);
  if (!answer?.ok) tell(document.getElementById(li.id) ?? li, answer);
}
