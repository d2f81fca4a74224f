// The account name of somebody who signs up follows the name that is typed, until it is changed by
// hand. Without scripts it is left empty, and the server makes it.

import { $, on } from './dom.js';

// The same as nameFrom in handlers/usernames.go.
const nameFrom = text => [...text.normalize('NFC').replace(/[^\p{L}\p{M}\p{Nd}._-]/gu, '').replace(/^[^\p{L}\p{Nd}]+/u, '')].slice(0, 32).join('');

on('input', ({ target, isTrusted }) => {
  const name = $('form[action$="/signup"] #name');
  if (!name || !isTrusted) return;
  if (target === name) name.dataset.own = name.value && 'yes';
  else if (target.id === 'display_name' && !name.dataset.own) name.value = nameFrom(target.value);
});
