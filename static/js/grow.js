// Text areas are as high as their text, in browsers whose style sheets cannot say so (field-sizing:
// content). Without scripts such a browser scrolls within the area, or lets its corner be dragged.

import { on } from './dom.js';

export function grow(area) {
  if (CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

on('input', ({ target }) => { if (target.matches('textarea')) grow(target); });
