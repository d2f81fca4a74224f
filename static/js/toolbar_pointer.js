// When the toolbar of a message comes and goes: with the pointer over the message, with the focus in
// it, or after a long press on it. It goes by itself, and by a press elsewhere.

import { on } from './dom.js';
import { close, hide, isOpen, menu, open, row, rowOf, show, tools } from './toolbar.js';

const linger = 300; // milliseconds after the pointer has left
const longPress = 500;

let leaving, pressing;

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
  const li = event.pointerType === 'touch' && rowOf(event.target);
  if (!li) return event.pointerType === 'touch' && !tools?.contains(event.target) && hide();
  if (tools?.contains(event.target)) return;
  pressing = setTimeout(() => { show(li); open(); }, longPress);
});
for (const type of ['pointerup', 'pointercancel', 'pointermove']) {
  on(type, event => { if (type !== 'pointermove' || Math.hypot(event.movementX, event.movementY) > 4) clearTimeout(pressing); });
}
on('contextmenu', event => { // what a long press brings by itself
  if (isOpen() && row?.contains(event.target)) event.preventDefault();
});
