// The state of the other person of a direct room follows who is online in the room. Without scripts
// it is that of the moment when the page was made.

import { $, on } from './dom.js';

on('htmx:after:swap', () => {
  const state = $('#other');
  if (!state || !$('#online')?.hasChildNodes()) return;
  const here = Boolean(document.getElementById(`online-${state.dataset.user}`)), dot = $('.dot', state);
  if (here !== dot.classList.contains('off')) return;
  dot.classList.toggle('off', !here);
  $('.words', state).textContent = here ? state.dataset.here : state.dataset.away;
});
