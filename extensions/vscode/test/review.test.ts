import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../src/endpoint/reading';
import { applyHunks, fits, lineInResult, readChangedFile } from '../src/review/hunks';
import { freshDecision, keptFiles, proposal, toggled, withEdit } from '../src/review/reviewDecision';
import { sidesOf, wholeText } from '../src/review/proposalFiles';

const old = 'one\ntwo\nthree\nfour\nfive\nsix\nseven';
const event = {
  type: 'diff', id: 'review', file: 'a.txt', kind: 'modified',
  hunks: [
    { oldStart: 1, oldLines: 3, newStart: 1, newLines: 4, content: ' one\n-two\n+TWO\n+two and a half\n three\n' },
    { oldStart: 5, oldLines: 0, newStart: 7, newLines: 1, content: '+inserted\n' },
    { oldStart: 7, oldLines: 1, newStart: 9, newLines: 1, content: '-seven\n\\ No newline at end of file\n+seven\n' },
  ],
};
const file = readChangedFile(Fields.of(event)) ?? assert.fail();
const whole = 'one\nTWO\ntwo and a half\nthree\nfour\nfive\ninserted\nsix\nseven\n';

test('all hunks give the new text, none the old one, each alone its own', () => {
  assert.equal(applyHunks(old, file.hunks, () => true), whole);
  assert.equal(applyHunks(old, file.hunks, () => false), old);
  assert.equal(applyHunks(old, file.hunks, (index) => index === 1), 'one\ntwo\nthree\nfour\nfive\ninserted\nsix\nseven');
});

test('hunks fit only the text that they were made from', () => {
  assert.equal(fits(old, file.hunks), true);
  assert.equal(fits(old.replace('three', 'THREE'), file.hunks), false);
  assert.equal(fits(`zero\n${old}`, file.hunks), false);
  assert.equal(fits('', file.hunks), false);
});

test('a hunk is found at its line whatever was chosen before it', () => {
  assert.equal(lineInResult(file.hunks, 1, () => true), 6);
  assert.equal(lineInResult(file.hunks, 1, (index) => index > 0), 5);
  assert.equal(lineInResult(file.hunks, 2, () => true), 8);
});

test('what is sent is the choice: everything, some hunks, or the person’s own text', () => {
  const fresh = freshDecision(file);
  assert.equal(keptFiles([fresh]), undefined);
  assert.deepEqual(keptFiles([toggled(fresh, 1)]), [{ path: 'a.txt', hunks: [0, 2] }]);
  const edited = withEdit(fresh, old, `${whole}mine\n`);
  assert.deepEqual(keptFiles([edited]), [{ path: 'a.txt', edited: `${whole}mine\n` }]);
  assert.deepEqual(keptFiles([[0, 1, 2].reduce(toggled, fresh)]), []);
  assert.deepEqual(keptFiles([fresh, toggled({ ...fresh, file: { ...file, path: 'b' } }, 0)]), [{ path: 'a.txt' }, { path: 'b', hunks: [1, 2] }]);
});

test('saving what is proposed is no edit, and choosing again throws an edit away', () => {
  const fresh = freshDecision(file);
  assert.equal(withEdit(fresh, old, proposal(fresh, old)).edited, undefined);
  assert.equal(toggled(withEdit(fresh, old, 'mine'), 0).edited, undefined);
  assert.deepEqual(toggled(withEdit(fresh, old, 'mine'), -1), fresh);
});

test('a file that changed since is shown by its hunks alone', () => {
  const decision = freshDecision(file);
  assert.equal(wholeText(old, decision), old);
  assert.equal(wholeText('something else', decision), undefined);
  assert.equal(wholeText('something else', freshDecision({ ...file, kind: 'added', hunks: [] })), '');
  const sides = sidesOf({ decision: toggled(decision, 0), old: undefined });
  assert.match(sides.proposed, /… hunk 1\none\ntwo\nthree\n/);
});

test('an event without a file is no change, and missing members are harmless', () => {
  assert.equal(readChangedFile(Fields.of({ hunks: [] })), undefined);
  assert.equal(readChangedFile(Fields.of({ file: 'x', hunks: [{}, null] }))?.hunks.length, 1);
});
