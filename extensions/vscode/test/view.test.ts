import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHTML } from 'linkedom';
import type { ChatItem } from '../src/chat/chatItem';
import { draw } from '../src/chat/view/draw';

const planted = '<img src=x onerror="alert(1)"><script>alert(2)</script><a href="command:workbench.action.terminal.new">go</a>[x](command:y)<iframe srcdoc="x"></iframe><style>*{}</style>';
const allowed: ReadonlySet<string> = new Set(['DIV', 'PRE', 'SPAN', 'OL', 'LI', 'BUTTON', 'DETAILS', 'SUMMARY']);

const everything: readonly ChatItem[] = [
  { kind: 'person', text: planted },
  { kind: 'answer', pieces: [{ kind: 'text', text: planted, language: '' }, { kind: 'code', text: planted, language: planted }] },
  { kind: 'plan', steps: [{ text: planted, status: planted }] },
  { kind: 'tool', title: planted, args: planted, state: 'asking', question: { id: planted, reason: planted, rule: planted, actionHash: planted }, decision: planted, output: planted },
  { kind: 'change', title: planted, caution: planted, lines: [planted, `+${planted}`, `-${planted}`] },
  { kind: 'tests', passed: false, title: planted, details: planted },
  { kind: 'note', tone: 'problem', text: planted },
  { kind: 'end', text: planted, badge: planted, canReview: true },
];

/** Elements and attributes that planted text has turned into. */
function active(element: Element): readonly string[] {
  return [element, ...element.querySelectorAll('*')].flatMap((one) => [
    ...(allowed.has(one.tagName) ? [] : [one.tagName]),
    ...[...one.attributes].filter((attribute) => !['class', 'type'].includes(attribute.name)).map((attribute) => attribute.name),
  ]);
}

function page(): Document {
  return parseHTML('<!DOCTYPE html><html><body></body></html>').document as unknown as Document;
}

test('whatever a model, a tool or a file says is text', () => {
  for (const item of everything) {
    const element = draw(page(), item, { answer: () => undefined, review: () => undefined });
    assert.deepEqual(active(element), [], item.kind);
    assert.ok(element.textContent?.includes(planted), item.kind);
  }
});

test('the check sees text that became markup', () => {
  const element = page().createElement('div');
  element.innerHTML = planted;
  assert.deepEqual(active(element).slice(0, 4), ['IMG', 'src', 'onerror', 'SCRIPT']);
});

test('a question has its four answers, and without a rule two', () => {
  const answers: string[] = [];
  const tool = (rule: string | undefined): ChatItem => ({ kind: 'tool', title: 't', args: '{}', state: 'asking', question: { id: 'q', reason: 'why', rule, actionHash: undefined }, decision: undefined, output: '' });
  const actions = { answer: (id: string, word: string) => answers.push(`${id} ${word}`), review: () => undefined };
  draw(page(), tool('allow x'), actions).querySelectorAll('button').forEach((button) => button.click());
  assert.deepEqual(answers.splice(0), ['q once', 'q session', 'q always', 'q denied']);
  draw(page(), tool(undefined), actions).querySelectorAll('button').forEach((button) => button.click());
  assert.deepEqual(answers, ['q once', 'q denied']);
});
