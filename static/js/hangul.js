// Finding names as people type them: by parts, and by the consonants that Hangul syllables begin
// with (초성): ㅈㅁ and 지ㅁ find 지민. The server does the same (db/name_query.go).

const initials = [...'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'];
const pairs = { ㄳ: 'ㄱㅅ', ㄵ: 'ㄴㅈ', ㄶ: 'ㄴㅎ', ㄺ: 'ㄹㄱ', ㄻ: 'ㄹㅁ', ㄼ: 'ㄹㅂ', ㄽ: 'ㄹㅅ', ㄾ: 'ㄹㅌ', ㄿ: 'ㄹㅍ', ㅀ: 'ㄹㅎ', ㅄ: 'ㅂㅅ' };
const finals = ' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ';
const first = 0xAC00, last = 0xD7A3, perInitial = 588, perVowel = 28;
const isSyllable = code => code >= first && code <= last;
const fold = text => text.normalize('NFC').toLowerCase();

function same(query, character) {
  if (query === character) return true;
  const code = character?.codePointAt(0);
  return isSyllable(code) && initials[Math.floor((code - first) / perInitial)] === query;
}

// holds reports whether a folded name holds one of some queries.
const holds = (name, queries) => queries.some(q => name.some((_, i) => q.every((c, j) => same(c, name[i + j]))));

// finder returns a function that reports whether a name holds a query. What is being typed counts
// both as it stands and as it may go on: 짐 is on its way to 지민, 지 to 짐.
export function finder(text) {
  const typed = [...fold(text.trim().replace(/^[@#＠＃]+/, '')).replace(/[ㄳ-ㅄ]/g, pair => pairs[pair] ?? pair)];
  if (!typed.length) return () => true;
  const queries = [typed], code = typed.at(-1).codePointAt(0);
  const final = isSyllable(code) ? (code - first) % perVowel : 0, open = String.fromCodePoint(code - final);
  if (final) queries.push([...typed.slice(0, -1), open, ...(pairs[finals[final]] ?? finals[final])]);
  const begun = isSyllable(code) && !final && (c => Math.floor((c?.codePointAt(0) - first) / perVowel) === (code - first) / perVowel);
  return name => {
    const characters = [...fold(name)];
    return holds(characters, queries) || Boolean(begun) &&
      characters.some((_, i) => typed.every((c, j) => j === typed.length - 1 ? begun(characters[i + j]) : same(c, characters[i + j])));
  };
}
