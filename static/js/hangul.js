// Finding names as people type them: by parts, and by the consonants that Hangul syllables begin
// with (초성): ㅈㅁ and 지ㅁ find 지민. Blanks and punctuation do not count, unless nothing
// else is typed: ㄱㅈㅁㅇ finds 가족 모임. The server finds names by the same rule (db/name_query.go),
// and one table tests both.

const pairs = {
  ㄳ: 'ㄱㅅ', ㄵ: 'ㄴㅈ', ㄶ: 'ㄴㅎ', ㄺ: 'ㄹㄱ', ㄻ: 'ㄹㅁ', ㄼ: 'ㄹㅂ', ㄽ: 'ㄹㅅ', ㄾ: 'ㄹㅌ', ㄿ: 'ㄹㅍ', ㅀ: 'ㄹㅎ', ㅄ: 'ㅂㅅ',
};
const finals = [...' ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ'];
const first = 0xAC00, last = 0xD7A3, perInitial = 588, perVowel = 28; // syllables
const firstInitial = 0x1100, lastInitial = 0x1112;
// fold makes initials of single consonants.
const fold = text => text.normalize('NFKC').toLowerCase().normalize('NFKC');
const codesOf = text => Array.from(text, c => c.codePointAt(0));
const lettersIn = folded => codesOf(folded.replace(/[\p{Z}\p{P}\p{Cc}\p{Cf}]/gu, '')); // those that count
const initials = consonants => codesOf(fold(consonants));

// lettersOf returns what letters of a query stand for: each for itself, a consonant also for the
// syllables that begin with it.
const lettersOf = query => query.map(itself => {
  if (itself < firstInitial || itself > lastInitial) return { itself, from: itself, to: itself };
  const from = first + (itself - firstInitial) * perInitial;
  return { itself, from, to: from + perInitial - 1 };
});

// waysOf returns the lists of letters that a query stands for: what is being typed counts both as it
// stands and as it may go on. 짐 is on its way to 지민, 지 to 짐, 갑 to 값, 값 to 갑시.
function waysOf(query) {
  const typed = lettersOf(query), end = query.at(-1);
  const final = end >= first && end <= last ? (end - first) % perVowel : -1;
  if (final < 0) return [typed];
  const before = query.slice(0, -1), open = end - final;
  if (!final) {
    typed.at(-1).to = end + perVowel - 1;
    return [typed];
  }
  typed.at(-1).to = open + finals.findLastIndex(other => (pairs[other] ?? other).startsWith(finals[final]));
  const [one, two] = pairs[finals[final]] ?? finals[final];
  const ways = [typed, lettersOf([...before, open, ...initials(one + (two ?? ''))])];
  if (two) ways.push(lettersOf([...before, open + finals.indexOf(one), ...initials(two)]));
  return ways;
}

const holds = (name, way) => name.some((_, i) => way.every(({ itself, from, to }, j) => {
  const code = name[i + j];
  return code === itself || code >= from && code <= to;
}));

// finder returns a function that reports whether a name holds a query. Every name holds an empty one.
export function finder(text) {
  const folded = fold(text.replace(/[ㄳ-ㅄ]/g, pair => pairs[pair] ?? pair)), query = lettersIn(folded);
  if (!query.length) {
    const punctuation = folded.trim().replace(/^[@#]+/, '').trim();
    return name => fold(name).includes(punctuation);
  }
  const ways = waysOf(query);
  return name => {
    const letters = lettersIn(fold(name));
    return ways.some(way => holds(letters, way));
  };
}
