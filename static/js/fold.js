// A long message is folded by the style sheet; its button shows all of it, and folds it again. What
// was unfolded stays so when the message changes. Without scripts nothing is folded.

import { $, $$, on, onPage } from './dom.js';
import { onLogChange } from './log.js';

const unfolded = new Set(); // ids of messages of the room

on('click', ({ target }) => {
  const li = target.closest?.('.unfold')?.closest('.message');
  if (!li) return;
  if (!unfolded.delete(li.id)) unfolded.add(li.id);
  show();
  li.scrollIntoView({ block: 'nearest' });
});

function show() {
  for (const li of $$('.message.long')) {
    const button = $('.unfold', li), is = unfolded.has(li.id);
    button.dataset.more ??= button.textContent;
    button.textContent = is ? button.dataset.less : button.dataset.more;
    button.ariaExpanded = String(is);
    li.classList.toggle('unfolded', is);
  }
}

onLogChange(show);
onPage(() => { unfolded.clear(); show(); });
