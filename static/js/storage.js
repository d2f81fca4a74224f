// Texts that outlive the page, in the browser's storage. It may be full or forbidden; then texts
// live as long as the page. Without scripts what is typed lives as long as the browser keeps the
// form.

// keep stores a text under a name; an empty one is removed. A short one lives as long as the tab.
export function keep(name, text, short = false) {
  try {
    const storage = short ? sessionStorage : localStorage;
    if (text) storage.setItem(name, text); else storage.removeItem(name);
  } catch { /* see above */ }
}

// kept returns the text of a name, or an empty one.
export function kept(name, short = false) {
  try { return (short ? sessionStorage : localStorage).getItem(name) ?? ''; } catch { return ''; }
}

// namesOf returns the names that begin with a prefix.
export function namesOf(prefix, short = false) {
  try { return Object.keys(short ? sessionStorage : localStorage).filter(name => name.startsWith(prefix)); } catch { return []; }
}
