import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { approvalAnswer } from '../src/chat/approvalAnswer';
import { Conversation } from '../src/chat/conversation';
import { Fields } from '../src/endpoint/reading';

function told(...events: readonly object[]): Conversation {
  const conversation = new Conversation();
  events.forEach((event, index) => conversation.take(Fields.of({ seq: index + 1, sessionId: 's-1', ...event })));
  conversation.takeChanged();
  return conversation;
}

test('the recorded session of the repository is shown whole', () => {
  const lines = readFileSync('../../docs/repository-trace.jsonl', 'utf8').trim().split('\n').map((line) => JSON.parse(line) as object);
  const conversation = told(...lines);
  assert.deepEqual([...new Set(conversation.items.map((item) => item.kind))].sort(), ['answer', 'change', 'end', 'person', 'plan', 'tests', 'tool']);
  assert.equal(conversation.items.filter((item) => item.kind === 'plan').length, 1);
  assert.ok(conversation.items.every((item) => item.kind !== 'tool' || item.state !== 'running'));
  assert.deepEqual(conversation.files.map((file) => file.path), ['dates.py']);
  const end = conversation.items.findLast((item) => item.kind === 'end');
  assert.ok(end?.kind === 'end' && end.canReview && /^succeeded/.test(end.text) && end.badge.startsWith('Ran on this machine'), JSON.stringify(end));
  assert.doesNotMatch(JSON.stringify(conversation.items), /undefined|NaN|\[object/);
});

test('pieces of an answer are one item until something else comes', () => {
  const conversation = told({ type: 'text', content: 'a' }, { type: 'text', content: 'b' }, { type: 'status', state: 'coding' }, { type: 'text', content: 'c' });
  assert.deepEqual(conversation.items.map((item) => (item.kind === 'answer' ? item.pieces.map((piece) => piece.text).join('') : item.kind)), ['ab', 'c']);
});

test('an event that came already is not taken twice', () => {
  const conversation = told({ type: 'text', content: 'a' });
  conversation.take(Fields.of({ seq: 1, type: 'text', content: 'a' }));
  conversation.takeChanged();
  assert.equal(JSON.stringify(conversation.items).match(/"a"/g)?.length, 1);
});

const call = { type: 'tool_call', id: 'c1', tool: 'run_command', args: { command: ['make'] }, summary: 'run make', requires_approval: true };
const asks = { ...call, approvalId: 'q1', reason: 'make is not allowed yet', rule: 'allow run_command make', actionHash: 'h1', command: ['make'], paths: [] };

test('a question stands open until it is answered, decided, or the stream ends', () => {
  const open = (conversation: Conversation): readonly string[] => conversation.openQuestions.map((question) => question.id);
  assert.deepEqual(open(told(call)), [], 'a call alone has nothing that could be answered');
  assert.deepEqual(told(asks).openQuestions, [{ id: 'q1', reason: 'make is not allowed yet', rule: 'allow run_command make', actionHash: 'h1' }]);
  assert.deepEqual(open(told(asks, { type: 'approval', id: 'c1', decision: 'denied', by: 'person' })), []);
  assert.deepEqual(open(told(asks, { type: 'tool_result', id: 'c1', error: 'refused' })), []);
  const ended = told(asks);
  ended.stop('');
  assert.deepEqual(open(ended), []);
  assert.ok(ended.items.some((item) => item.kind === 'tool' && item.state === 'refused' && item.decision === 'not answered: taken as no'));
  const answered = told(asks);
  answered.answered('q1', 'once');
  assert.deepEqual(open(answered), []);
});

test('a question shows exactly what would be done, and a changed action asks anew', () => {
  const item = told(asks).items[0];
  assert.ok(item?.kind === 'tool' && item.title === 'run make' && item.state === 'asking');
  assert.match(item.args, /^command: make\n\{\n {2}"command"/);
  const again = told(asks, { ...asks, seq: 0, approvalId: 'q2', actionHash: 'h2', command: ['make', 'all\u202e'] });
  assert.deepEqual([again.items.length, again.openQuestions.map((question) => question.id)], [1, ['q2']]);
  assert.match(JSON.stringify(again.items), /make all\\\\u202e/);
});

test('an answer names the action and the rule that were shown', () => {
  const [question] = told(asks).openQuestions;
  assert.ok(question);
  assert.deepEqual(approvalAnswer(question, 'once'), { id: 'q1', approved: true, scope: 'once', actionHash: 'h1' });
  assert.deepEqual(approvalAnswer(question, 'always'), { id: 'q1', approved: true, scope: 'always', rule: 'allow run_command make', actionHash: 'h1' });
  assert.deepEqual(approvalAnswer(question, 'denied'), { id: 'q1', approved: false, actionHash: 'h1' });
});

test('where it runs is said only when the event says so', () => {
  assert.match(told({ type: 'status', state: 'coding', message: 'Working', ranOn: { kind: 'this-machine' } }).status.text, /on this machine/);
  assert.doesNotMatch(told({ type: 'status', state: 'coding', message: 'Working' }).status.text, /machine/);
  const end = told({ type: 'done', outcome: 'succeeded', verification: 'project-tested', edgecoder: { ranOn: 'swarm', route: 'swarm' } }).items.at(-1);
  assert.ok(end?.kind === 'end' && end.badge.startsWith('Ran in the swarm'));
});

test('the change is the review at the end, not what single steps told', () => {
  const diff = (id: string, file: string) => ({ type: 'diff', id, file, kind: 'modified', hunks: [] });
  assert.deepEqual(told(diff('c1', 'a'), diff('c2', 'b'), diff('review', 'b')).files.map((file) => file.path), ['b']);
});

test('broken and unknown events are harmless', () => {
  const types = ['prompt', 'status', 'text', 'plan', 'tool_call', 'tool_result', 'approval', 'shell_request', 'shell_output', 'diff', 'test_report', 'review', 'egress_preview', 'escalation', 'error', 'done', 'from_the_future'];
  const conversation = told(...types.flatMap((type) => [{ type }, { type, id: 5, steps: [null], hunks: 'x', report: [], content: {}, message: 7, args: null, execution: 1 }]));
  assert.doesNotMatch(JSON.stringify(conversation.items), /undefined|NaN|\[object/);
});

test('the prompt that the endpoint says back is not shown twice', () => {
  const conversation = new Conversation();
  conversation.say('do it');
  conversation.take(Fields.of({ type: 'prompt', seq: 1, content: 'do it' }));
  assert.equal(conversation.items.length, 1);
  conversation.take(Fields.of({ type: 'done', seq: 2, outcome: 'unverified' }));
  conversation.take(Fields.of({ type: 'prompt', seq: 3, content: 'do it' }));
  assert.equal(conversation.items.filter((item) => item.kind === 'person').length, 2);
});
