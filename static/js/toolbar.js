// The toolbar of a message: it is made once for a page, and moves to the message under the pointer,
// with the focus, or pressed for long. What it offers is decided from data; the server decides
// again. Without scripts a message's time leads to its page, which has the forms.

import { $, $$, on, onPage, position, viewer } from './dom.js';
import { edit } from './edit.js';
import { askToDelete } from './delete.js';
import { navigate } from './navigate.js';
import { pin } from './pins.js';
import { openReactions, react } from './reactions.js';
import { replyTo } from './reply.js';
import { markUnreadFrom } from './unread.js';

export let tools = null; // the toolbar; it may stand in a message that was just replaced
export let row = null; // the message it stands in
export const rowOf = element => element.closest?.(':is(#earlier, #messages) > .message:not(.deleted, .event)') ?? null;
export const menu = () => $('#message-menu', tools);
export const isOpen = () => tools && !menu().hidden;
export const more = () => $('[data-do=menu]', tools);

// show moves the toolbar to a message.
export function show(li) {
  if (li === row && tools.parentElement === li && !tools.hidden) return;
  tools = $('#message-tools') ?? tools;
  if (!tools || $('form.edit, .deleting', li)) return;
  close();
  row = li;
  const own = li.dataset.author === viewer, archived = $('#archived')?.textContent;
  for (const b of $$('[data-do=edit]', tools)) b.hidden = !own || Boolean(archived);
  for (const b of $$('[data-do=delete]', tools)) b.hidden = !own && !('moderates' in tools.dataset);
  for (const b of $$(':is([data-do=react], [data-do=reply], .quick)', tools)) b.hidden = Boolean(archived);
  const at = position(li), link = `${location.origin}${tools.dataset.room}?around=${at}#m${at}`;
  for (const b of $$('[data-do=copy]', tools)) b.dataset.copy = link;
  for (const b of $$('[data-do=copy-text]', tools)) {
    b.dataset.copy = $('.body', li)?.innerText ?? '';
    b.hidden = !b.dataset.copy;
  }
  for (const b of $$('[data-do=pin]', tools)) {
    b.hidden = Boolean(archived);
    b.textContent = b.dataset[$('.pin', li) ? 'unpin' : 'pin'];
  }
  const words = [$('.author, .meta > .hidden', li)?.textContent ?? '', $('.time', li)?.textContent.trim() ?? ''];
  const label = tools.dataset.label.replace(/%s/g, () => words.shift());
  tools.setAttribute('aria-label', label);
  more().setAttribute('aria-label', label);
  li.append(tools);
  tools.hidden = false;
}

export function hide() {
  if (!tools) return;
  close();
  tools.hidden = true;
  row = null;
}

export function open() {
  const items = menu();
  items.hidden = false;
  more().setAttribute('aria-expanded', 'true');
  items.style.maxBlockSize = '';
  const box = $('#log').getBoundingClientRect(), at = tools.getBoundingClientRect();
  const below = box.bottom - at.bottom, above = at.top - box.top, up = items.offsetHeight > below && above > below;
  items.classList.toggle('up', up);
  items.style.maxBlockSize = `${Math.max(up ? above : below, 160) - 8}px`; // what does not fit scrolls
  shown(items)[0]?.focus({ preventScroll: true });
}

export function close() {
  if (!isOpen()) return;
  menu().hidden = true;
  more().setAttribute('aria-expanded', 'false');
}

onPage(() => { tools = row = null; });

export const shown = parent => $$(':scope > button, :scope > .quick:not([hidden]) > button', parent).filter(b => !b.hidden);
on('click', event => {
  const button = event.target.closest?.('#message-tools [data-do]');
  if (!button || !row) return;
  const li = row, what = button.dataset.do;
  if (what === 'menu') return isOpen() ? close() : open();
  if (what.startsWith('copy')) return setTimeout(close, 600);
  hide();
  if (what === 'reply') replyTo(li);
  if (what === 'edit') edit(li);
  if (what === 'react') openReactions(li);
  if (what === 'quick') react(li, button.value);
  if (what === 'unread') markUnreadFrom(li);
  if (what === 'pin') pin(li);
  if (what === 'forward') navigate(`${tools.dataset.room}/messages/${position(li)}/forward`);
  if (what === 'delete') askToDelete(li);
});
