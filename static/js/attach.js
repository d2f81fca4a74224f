// Files of the next message: chosen, dropped or pasted, they are uploaded at once and wait in a tray
// above the field, each with its progress and a button that takes it away; what failed can be tried
// again. The tray outlives a reload, as far as the server has the files. Without scripts the form
// has a plain field for files.

import { $, on, onPage, room, viewer } from './dom.js';
import { keep, kept } from './storage.js';
import { cancel, upload } from './upload.js';

const trays = new Map(); // items by the address of their room
const name = () => `files:${viewer}:${room}`;
const tray = () => $('#composer .tray');
const items = () => trays.get(room) ?? [];

let send; // called once all files are there; undefined: nothing waits for that

// attached returns the files of the next message, as the outbox keeps them.
export const attached = () => items().filter(item => item.id).map(({ id, name, small }) => ({ id, name, small }));

// whenUploaded calls a function now, or once the last file is there; never where one has failed.
export function whenUploaded(then) {
  send = undefined;
  if (items().some(item => item.error)) return;
  if (items().every(item => item.id)) return then();
  send = then;
  $('.note', $('#composer')).textContent = tray().dataset.waiting;
}

// detach empties the tray: its files have left with a message.
export function detach() {
  trays.delete(room);
  store();
  tray().replaceChildren();
}

// attach adds files to the next message.
export function attach(files) {
  const { maxFiles, tooMany, tooLarge } = tray().dataset, most = Number($('#composer').dataset.maxFile);
  const note = $('.note', $('#composer'));
  note.textContent = '';
  for (const file of files) {
    if (items().length >= Number(maxFiles)) note.textContent = tooMany;
    else if (file.size > most) note.textContent = `${file.name}: ${tooLarge}`;
    else if (file.size) add({ file, name: file.name, preview: file.type.startsWith('image/') && URL.createObjectURL(file) });
  }
}

function add(item) {
  Object.assign(item, { room, lost: tray().dataset.lost, changed: () => changed(item) });
  trays.set(room, [...items(), item]);
  item.li = show(item);
  if (!item.id) upload(item);
  changed(item);
}

// show adds an item to the tray.
function show(item) {
  const li = $('#tray-file').content.firstElementChild.cloneNode(true), image = $('img', li);
  const shown = item.preview || item.small;
  if (shown) image.src = shown;
  image.hidden = !shown;
  $('.name', li).textContent = item.name;
  $('.take', li).addEventListener('click', () => remove(item));
  $('.again', li).addEventListener('click', () => { upload(item); changed(item); });
  return tray().appendChild(li);
}

// changed shows what has become of an item, which may be that of another room by now.
function changed(item) {
  const { li, part, id, error } = item, progress = $('progress', li);
  progress.value = part ?? 1;
  progress.hidden = Boolean(id || error);
  li.classList.toggle('error', Boolean(error));
  $('.state', li).textContent = error ?? '';
  $('.again', li).hidden = !error;
  if (item.room !== room) return;
  store();
  if (send && items().every(i => i.id)) { const then = send; send = undefined; then(); }
}

function remove(item) {
  item.cancelled = true;
  cancel(item);
  trays.set(item.room, items().filter(other => other !== item));
  item.li.remove();
  if (item.preview) URL.revokeObjectURL(item.preview);
  store();
  $('#composer').elements.body.focus();
}

// reattach gives files of a message that was not sent to the next one.
export function reattach(files = []) {
  for (const file of files) add({ ...file });
}

function store() {
  keep(name(), items().some(item => item.id) ? JSON.stringify(attached()) : '');
}

on('change', ({ target }) => {
  if (target.form?.id !== 'composer' || target.type !== 'file') return;
  attach(target.files);
  target.value = '';
  target.form.elements.body.focus();
});

// begin shows the files of the room that is open now.
onPage(() => {
  send = undefined;
  if (!tray()) return;
  tray().replaceChildren(); // the server puts files there for browsers without scripts
  const known = items();
  if (known.length) for (const item of known) tray().append(item.li);
  else for (const item of JSON.parse(kept(name()) || '[]')) add(item);
});
