// Pictures of a room open over the page: the arrow keys lead to the one before and after, Escape or
// a click beside it closes. Without scripts, or with a key held, a link opens the picture itself.

import { $, $$, on } from './dom.js';

const dialog = () => $('#picture');
const all = () => $$('#log .picture');
let shown; // the link of the picture in the dialog

on('click', event => {
  const link = event.target.closest?.('#log .picture');
  if (link && dialog() && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(link);
  } else if (event.target === dialog() || event.target.closest?.('#picture .close')) {
    dialog().close();
  } else if (event.target.closest?.('#picture .previous')) {
    step(-1);
  } else if (event.target.closest?.('#picture .next')) {
    step(1);
  }
});

function show(link) {
  const box = dialog(), image = $('img', box), small = $('img', link);
  shown = link;
  image.src = small.currentSrc || small.src; // until the larger one is there
  image.alt = small.alt;
  [image.width, image.height] = [link.dataset.width, link.dataset.height]; // so that nothing jumps
  const large = new Image();
  large.addEventListener('load', () => { if (shown === link) image.src = large.src; });
  large.src = link.dataset.large;
  $('.name', box).textContent = small.alt;
  $('.save', box).href = `${link.href}?download=1`;
  const at = all().indexOf(link);
  $('.previous', box).disabled = at <= 0;
  $('.next', box).disabled = at + 1 >= all().length;
  if (!box.open) box.showModal();
}

function step(by) {
  const next = all()[all().indexOf(shown) + by];
  if (next) show(next);
}

on('keydown', event => {
  if (!dialog()?.open) return;
  if (event.key === 'ArrowLeft') step(-1);
  else if (event.key === 'ArrowRight') step(1);
  else return;
  event.preventDefault();
});
