// The keyboard in the toolbar of a message: arrow keys go from button to button, ArrowDown opens the
// menu, Escape goes back a step, to the message at last. The key for context menus opens the menu.

import { on } from './dom.js';
import { close, isOpen, menu, more, open, row, rowOf, show, shown, tools } from './toolbar.js';

const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

on('keydown', event => {
  const inside = tools?.contains(event.target) ?? false;
  if (event.key === 'Escape' && row) {
    if (isOpen()) {
      close();
      more().focus();
    } else if (inside) {
      if (!row.hasAttribute('tabindex')) row.tabIndex = -1;
      row.focus();
    } else return;
    event.stopPropagation();
    return;
  }
  if (event.key === 'ContextMenu' && rowOf(event.target)) {
    event.preventDefault();
    show(rowOf(event.target));
    return open();
  }
  if (!inside || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'ArrowDown' && event.target === more()) {
    event.preventDefault();
    return open();
  }
  move(event);
});

// move goes from button to button of the toolbar, or of its menu.
function move(event) {
  const list = shown(isOpen() ? menu() : tools), i = list.indexOf(event.target);
  const ends = { Home: 0, End: list.length - 1 };
  if (!(event.key in step) && !(event.key in ends)) return;
  event.preventDefault();
  event.stopPropagation();
  list[ends[event.key] ?? (i + step[event.key] + list.length) % list.length]?.focus();
}
