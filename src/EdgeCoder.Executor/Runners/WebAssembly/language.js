// What the language leaves to the engine, as node does it: the order of texts in the root language, where QuickJS compares code units (letters of other
// scripts than Latin follow their numbers), and the name of the time zone in dates.
(function (engine) {
  'use strict';
  const { uncurry, charCodeAt, indexOf, defineProperty } = engine;
  const normalize = uncurry(''.normalize), lower = uncurry(''.toLowerCase), text = String;
  // The order of ASCII in the default table of Unicode's collation (CLDR root); digits and letters come after it.
  const SIGNS = '\t\n\v\f\r _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';
  const isMark = (code) => code >= 0x300 && code <= 0x36f;
  const isIgnored = (code) => code < 9 || (code > 13 && code < 32) || code === 127;
  const IGNORED = -1, LETTERS = 1000, OTHERS = 10000;

  // First weight of a character: what kind it is, without accent and case.
  function weight(character) {
    const code = charCodeAt(character, 0);
    if (isIgnored(code) || isMark(code)) return IGNORED;
    if (code >= 48 && code <= 57) return 100 + code;
    const small = charCodeAt(lower(character), 0);
    if (small >= 97 && small <= 122) return LETTERS + small;
    const sign = indexOf(SIGNS, character);
    return sign >= 0 ? sign : OTHERS + small;
  }
  function next(string, at, skip) {
    while (at < string.length && skip(charCodeAt(string, at))) at++;
    return at;
  }
  // Compares by one level: characters that it skips do not count.
  function level(a, b, skip, value) {
    for (let i = 0, j = 0; ; i++, j++) {
      i = next(a, i, skip);
      j = next(b, j, skip);
      if (i >= a.length || j >= b.length) return i < a.length ? 1 : j < b.length ? -1 : 0;
      const difference = value(a[i]) - value(b[j]);
      if (difference !== 0) return difference < 0 ? -1 : 1;
    }
  }
  const isMarkOrIgnored = (code) => isMark(code) || isIgnored(code);
  const accent = (character) => isMark(charCodeAt(character, 0)) ? charCodeAt(character, 0) : 0;
  const letterCase = (character) => lower(character) === character ? 0 : 1;
  function localeCompare(that) {
    if (this === undefined || this === null) throw new TypeError('String.prototype.localeCompare called on null or undefined');
    const a = text(this), b = text(that);
    if (a === b) return 0;
    const x = normalize(a, 'NFD'), y = normalize(b, 'NFD');
    return level(x, y, isMarkOrIgnored, weight) || level(x, y, isIgnored, accent) || level(x, y, isMarkOrIgnored, letterCase);
  }
  defineProperty(String.prototype, 'localeCompare', { value: { localeCompare }.localeCompare, writable: true, configurable: true, enumerable: false });

  for (const name of ['toString', 'toTimeString']) {
    const plain = uncurry(Date.prototype[name]);
    defineProperty(Date.prototype, name, { value: { [name]() { const shown = plain(this); return shown === 'Invalid Date' ? shown : shown + ' (Coordinated Universal Time)'; } }[name], writable: true, configurable: true, enumerable: false });
  }
})
