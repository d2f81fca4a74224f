// Texts that outlive the page, in the browser's storage. It may be full or forbidden; then texts
// live as long as the page. Without scripts what is typed lives as long as the browser keeps the
// form.

// keep stores a text under a name; an empty one is removed.
export function keep(name, text) {
  try { if (text) localStorage.setItem(name, text); else localStorage.removeItem(name); } catch { /* see above */ }
}

// kept returns the text of a name, or an empty one.
export function kept(name) {
  try { return localStorage.getItem(name) ?? ''; } catch { return ''; }
}

export function namesOf(prefix) {
  try { return Object.keys(localStorage).filter(name => name.startsWith(prefix)); } catch { return []; }
}
