// Enter sends, in the composer and where a message is edited; with Shift or Alt, and on touch
// screens, it begins a new line. Without scripts Enter always begins a new line, and the button
// sends.
//
// Enter while a Hangul syllable is being composed means "send": the syllable is written first, then
// the text is sent, once. In Japanese and Chinese the same key chooses a candidate. Browsers tell
// of it in three ways: a key within the composition (all), then a second key after it (Chrome on
// macOS), or one key with code 229 after it (Safari).

import { $, on } from './dom.js';
import { field } from './draft.js';

// ime is the state of the input method: whether a composition is under way, its text, and whether
// Enter was pressed within it.
export const ime = { active: false, text: '', wanted: false };

const endsInHangul = text => /[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]$/.test(text);

on('compositionstart', () => Object.assign(ime, { active: true, text: '', wanted: false }));
on('compositionupdate', event => { ime.text = event.data; });
on('compositionend', event => {
  Object.assign(ime, { active: false, text: event.data || ime.text });
  // By then the syllable is in the field, in every browser.
  if (ime.wanted) setTimeout(() => { if (ime.wanted) submit(event.target); });
});

// sendComposed is for when no input method ends the composition: leaving the field does.
export function sendComposed(area) {
  ime.wanted = true;
  area.blur();
}

function submit(area) {
  ime.wanted = false;
  if (area.value.trim() || $('.tray > li', area.form)) area.form.requestSubmit();
}

function onEnter(event, area) {
  if (event.shiftKey || event.altKey) return;
  if (matchMedia('(pointer: coarse)').matches && !event.ctrlKey && !event.metaKey) return;
  const ofIME = event.keyCode === 229, composing = event.isComposing || ime.active;
  const hangul = endsInHangul(ime.text || area.value.slice(0, area.selectionStart));
  if (composing && ofIME) {
    ime.wanted = hangul;
  } else if (!ofIME || hangul) {
    event.preventDefault();
    if (!composing) submit(area); else if (hangul) sendComposed(area);
  }
}

// isComposed reports whether a key belongs to an input method, and means nothing to the page.
export const isComposed = event => event.isComposing || event.keyCode === 229;

on('keydown', event => {
  const area = event.target.closest?.('#composer textarea, form.edit textarea');
  if (!area) return;
  if (event.key === 'Enter' || /^(Numpad)?Enter$/.test(event.code)) return onEnter(event, area);
  if (ime.wanted && !ime.active) submit(area); // typing goes on before the text has left
  ime.wanted = false;
});

// Some input methods add a line break of their own once the text has gone out. One at the start of
// nothing is never wanted.
on('beforeinput', event => {
  const breaks = /^insert(LineBreak|Paragraph)$/.test(event.inputType);
  if (breaks && event.target === field && !field.value) event.preventDefault();
});
