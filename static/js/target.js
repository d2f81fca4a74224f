// A place in a room that is not on its page, /rooms/{id}#m17: the room is shown around that message.
// Without scripts the permalink of a message shows it.

import { log, onPage, room } from './dom.js';
import { navigate } from './navigate.js';

function seek() {
  const [, at] = location.hash.match(/^#m(\d+)$/) ?? [], around = `?around=${at}`;
  if (log && at && !document.getElementById(`m${at}`) && location.search !== around) navigate(`${room}${around}#m${at}`, true);
}

addEventListener('hashchange', seek);
onPage(seek);
