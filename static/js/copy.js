// Buttons that copy: <button data-copy="what" data-copied="Copied">. The button says for two
// seconds that it is done. Without scripts they are not shown where the text stands beside them
// (.needs-script).

import { $, on } from './dom.js';

on('click', async event => {
  const button = event.target.closest?.('button[data-copy]');
  if (!button) return;
  const { copy, copied } = button.dataset, label = button.textContent;
  try { await navigator.clipboard.writeText(copy); } catch { copyBySelection(copy); }
  if (button.firstElementChild?.matches('svg')) {
    button.classList.add('copied');
    setTimeout(() => button.classList.remove('copied'), 2000);
  } else if (label !== copied) {
    button.textContent = copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  }
});

// Code in a message gets such a button while the pointer is over it, or the focus in it. It is made
// of the template #copy-code and stands beside the code, whose text may scroll under it.
function offerCode({ target }) {
  const code = target.closest?.('.body pre'), pattern = $('#copy-code');
  if (!code || !pattern || code.nextElementSibling?.matches('.copy-code')) return;
  $('.copy-code')?.remove();
  const button = pattern.content.firstElementChild.cloneNode(true);
  button.dataset.copy = code.textContent;
  code.after(button);
  button.style.top = `${code.offsetTop + 6}px`;
  button.style.left = `${code.offsetLeft + code.offsetWidth - button.offsetWidth - 6}px`;
}

on('pointerover', offerCode);
on('focusin', offerCode);

function copyBySelection(text) { // navigator.clipboard needs https or localhost
  const area = document.body.appendChild(Object.assign(document.createElement('textarea'), { value: text }));
  area.select();
  document.execCommand('copy');
  area.remove();
}
