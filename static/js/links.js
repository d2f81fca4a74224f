// Links in messages open beside the conversation; those into this house open in its place. Without
// scripts both open beside it.

import { isOurs, on } from './dom.js';

on('pointerdown', open);
on('focusin', open);

function open({ target }) {
  const link = target.closest?.('.body a[target=_blank]');
  if (link && isOurs(link)) link.removeAttribute('target');
}
