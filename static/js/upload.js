// Uploads of files ahead of their message, one at a time in each tab, so that each is as fast as it
// can be. Without scripts files travel with the form.

import { base } from './dom.js';

const queue = [];
let running; // the XMLHttpRequest under way; fetch tells nothing of what has left

// upload puts an item into the queue: { file, room: its address, changed: called when anything has
// changed }. Later it has part: how much of it has left, from 0 to 1, and at the end id, url and
// small, or error: a sentence.
export function upload(item) {
  Object.assign(item, { part: 0, error: undefined });
  queue.push(item);
  next();
}

// cancel ends the upload of an item, or removes what was uploaded.
export function cancel(item) {
  const at = queue.indexOf(item);
  if (at >= 0) queue.splice(at, 1);
  if (item.request) item.request.abort();
  if (item.id) fetch(`${base}/files/${item.id}/delete`, { method: 'POST', headers: { Accept: 'application/json' } }).catch(() => {});
}

function next() {
  const item = !running && queue.shift();
  if (item) send(item);
}

function send(item) {
  const request = running = item.request = new XMLHttpRequest(), form = new FormData();
  form.append('files', item.file, item.file.name);
  request.open('POST', `${item.room}/files`);
  request.setRequestHeader('Accept', 'application/json');
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    item.part = total ? loaded / total : 0;
    item.changed();
  });
  request.addEventListener('loadend', () => {
    running = item.request = undefined;
    finish(item, request);
    next();
  });
  request.send(form);
}

// finish notes how an upload has ended. One that was cancelled concerns nobody.
function finish(item, { status, response }) {
  if (item.cancelled) return;
  if (status === 201) Object.assign(item, { id: response.id, url: response.url, small: response.small_url, file: undefined, part: 1 });
  else item.error = Object.values(response?.error?.fields ?? {})[0] || response?.error?.message || item.lost;
  item.changed();
}
