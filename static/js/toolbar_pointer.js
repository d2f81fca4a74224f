// When the toolbar of a message comes and goes: with the pointer over the message, with the focus in
// it, or after a long press on it. It goes by itself, and by a press elsewhere.

import { on } from './dom.js';
import { close, hide, isOpen, menu, open, row, rowOf, show, tools } from './toolbar.js';

const linger = 300; // milliseconds after the pointer has left
const longPress = 500;

let leaving, pressing;
let held = false; // the finger that has opened the menu is still there, or its click is to come

const holdsFocus = () => row?.contains(document.activeElement);

on('pointerover', event => {
  if (event.pointerType === 'touch' || isOpen()) return;
  const li = rowOf(event.target);
  clearTimeout(leaving);
  if (li) show(li);
  else if (row && !holdsFocus()) {
    leaving = setTimeout(() => { if (!isOpen() && !holdsFocus()) hide(); }, linger);
  }
});

on('focusin', ({ target }) => {
  const li = rowOf(target);
  if (li) show(li); else hide();
  if (isOpen() && !menu().contains(target)) close();
});

on('pointerdown', event => {
  if (isOpen() && !tools.contains(event.target)) close();
  clearTimeout(pressing);
  held = false;
  const li = event.pointerType === 'touch' && rowOf(event.target);
  if (!li) return event.pointerType === 'touch' && !tools?.contains(event.target) && hide();
  if (tools?.contains(event.target)) return;
  pressing = setTimeout(() => press(li), longPress);
});
for (const type of ['pointerup', 'pointercancel', 'pointermove']) {
  on(type, event => { if (type !== 'pointermove' || Math.hypot(event.movementX, event.movementY) > 4) clearTimeout(pressing); });
}
on('contextmenu', event => { // what a long press brings by itself
  const li = event.pointerType === 'touch' && rowOf(event.target);
  if (!li) return;
  event.preventDefault();
  clearTimeout(pressing);
  if (!held) press(li);
});

function press(li) {
  held = true;
  show(li);
  open();
}

// The finger that is lifted chooses nothing of the menu that has opened under it, and does not take
// the focus out of it.
document.addEventListener('mousedown', event => { if (held) event.preventDefault(); }, true);
document.addEventListener('click', event => {
  if (!held) return;
  held = false;
  event.preventDefault();
  event.stopPropagation();
}, true);
