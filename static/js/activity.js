// The number at the bell in the menu, which stays when a page changes in place: each page brings it
// anew. Without scripts each page has a menu of its own.

import { $, onPage } from './dom.js';

onPage(() => {
  const badge = $('#activity .count'), count = $('#main').dataset.activity;
  if (!badge || count === undefined) return;
  badge.textContent = count;
  badge.hidden = !count;
});
