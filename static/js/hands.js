// What is typed, pasted or dropped without a field goes to the composer, which has the focus from
// the start where there is a keyboard. Without scripts one clicks into the field first.

import { attach } from './attach.js';
import { $, on } from './dom.js';

const field = () => {
  const area = $('#composer textarea');
  return area?.checkVisibility() ? area : null;
};

// isFree reports whether the focus is nowhere where keys mean something.
function isFree({ target, defaultPrevented }) {
  if (defaultPrevented || $('dialog[open], :popover-open')) return false;
  return !target.closest?.('input, textarea, select, [contenteditable], [role=toolbar], [role=menu], summary, button');
}

// focusComposer puts the focus into the composer, where the keyboard is no part of the screen and
// the address names no message.
function focusComposer() {
  if (matchMedia('(pointer: coarse)').matches || location.hash) return; // there the keyboard covers the log
  if (document.activeElement === document.body || document.activeElement?.id === 'main') field()?.focus({ preventScroll: true });
}

on('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === ' ' || !isFree(event)) return;
  if (event.key.length === 1 || event.keyCode === 229) field()?.focus({ preventScroll: true });
});

on('paste', event => {
  const files = event.clipboardData?.files.length > 0, text = event.clipboardData?.getData('text/plain');
  if (files && !text && (event.target.form?.id === 'composer' || isFree(event))) return take(event, event.clipboardData);
  const area = isFree(event) && field();
  if (!area || !text) return;
  event.preventDefault();
  area.focus({ preventScroll: true });
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
});

// Files that are dropped beside a field for files would replace the page.
const brings = event => event.dataTransfer?.types.includes('Files') && !event.target.closest?.('input[type=file]');
on('dragover', event => { if (brings(event)) event.preventDefault(); });
on('drop', event => { if (brings(event)) take(event, event.dataTransfer); });

// take puts files into the tray of the composer.
function take(event, { files }) {
  event.preventDefault();
  if (field()) attach(files);
}

focusComposer();
