// The scripts for writing, of all pages of somebody signed in, because any of them can become that
// of a room: an own message shows at once (pending.js), its text is
// kept until the server has it (draft.js, outbox.js), Enter sends (ime.js). Without scripts
// #composer is a form like any other. All texts for people come from the page or from the server's
// answer.

import { attached, detach, reattach, whenUploaded } from './attach.js';
import { on } from './dom.js';
import { field, write } from './draft.js';
import './edit.js';
import './hands.js';
import { isTooLong } from './limit.js';
import { ime, sendComposed } from './ime.js';
import './mention.js';
import './picture.js';
import { deliver, enqueue, find, forget } from './outbox.js';
import { answer, answered } from './reply.js';
import './swipe.js';
import './toolbar_keys.js';
import './toolbar_pointer.js';
import { tellAtOnce } from './typing.js';

on('submit', event => {
  if (event.target.id !== 'composer') return;
  event.preventDefault();
  if (ime.active) sendComposed(field); else whenUploaded(send);
});

function send() {
  const body = field.value.trim(), files = attached();
  if (!body && !files.length || isTooLong(body)) return;
  tellAtOnce();
  write('');
  detach();
  enqueue(body, answered, files);
  answer(null);
  field.focus();
}

on('click', ({ target }) => {
  const li = target.closest?.('#pending li'), item = find(li?.dataset.key);
  if (item && target.closest('.retry')) {
    delete item.refused;
    deliver();
  } else if (item && target.closest('.rewrite')) {
    forget(item);
    li.remove();
    write(field.value ? `${item.body}\n${field.value}` : item.body);
    reattach(item.files);
    if (item.answers && !answered) answer(item.answers);
    field.focus();
  }
});
