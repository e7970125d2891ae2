import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatHtml } from '../src/chat/chatHtml';
import { splitFences } from '../src/chat/fences';
import { readViewMessage } from '../src/chat/viewMessage';
import { completionContext, offered } from '../src/completion/completionContext';
import { readAddress } from '../src/endpoint/address';
import { modelDetail, readModels } from '../src/endpoint/modelList';
import { EndpointProblem, readProblem } from '../src/endpoint/problem';
import { Fields } from '../src/endpoint/reading';
import { readEndpointStatus, readRouterStatus } from '../src/endpoint/routerStatus';
import { readSessions, sessionDetail } from '../src/review/sessionSummary';
import { egressPreview, isPreviewed, swarmRefusal } from '../src/runs/egressPreview';
import { taskLanguage } from '../src/runs/language';
import { placeCode, takeBack } from '../src/runs/placement';
import { runRequest } from '../src/runs/runRequest';
import { outcomeLine, readRunResult, resultDocument } from '../src/runs/runResult';
import { isSecretFile } from '../src/runs/secretFiles';
import { taskText } from '../src/runs/taskText';
import { hasPassed, readTestReport, testLine } from '../src/runs/testReport';
import { badgeText, readRanOn, routeLine } from '../src/status/ranOn';
import { routerReport } from '../src/status/routerReport';
import { stateOf, stateOfProblem } from '../src/status/statusState';
import { statusText } from '../src/status/statusText';
import { explainWait } from '../src/status/waiting';

const answer = (value: unknown, route?: string) => ({ fields: Fields.of(value), route });
const order = { task: 'x', language: 'python', dataClass: 'team', model: 'edgecoder-auto', label: 'x' };
const bad = /undefined|null|NaN|\[object/;
// What a hostile or older server may send where an object is due.
const broken: readonly unknown[] = [undefined, null, 1, 'text', [], {}, { outcome: null, plan: [null, 1, {}], tests: 7, edgecoder: { ranOn: null, latencyMs: 'x', egress: [null, {}] }, testReport: { cases: [{}, null] } },
  { router: { routes: [{}, null], activeConcurrent: null }, reasons: [null, 1], data: [{}, { id: 'a', edgecoder: null }, { id: 'b', edgecoder: { available: false } }], ready: 'yes' }];

test('nothing that is absent or of another type is ever shown as undefined', () => {
  for (const value of broken) {
    const status = readEndpointStatus(Fields.of(value));
    const texts = [
      JSON.stringify(statusText(stateOf(status))),
      JSON.stringify(routerReport(readRouterStatus(Fields.of(value)))),
      resultDocument(readRunResult(answer(value)), 'label', true),
      outcomeLine(readRunResult(answer(value))),
      routeLine(readRanOn(answer(value))),
      ...readModels(Fields.of(value)).map(modelDetail),
      ...readSessions([Fields.of(value), Fields.of({ sessionId: 'x' })]).map(sessionDetail),
      ...explainWait([{ label: 'x', state: '', sinceMs: 0 }], status, 0),
      readProblem(500, JSON.stringify(value) ?? '', undefined).message,
    ];
    for (const text of texts) assert.doesNotMatch(text, bad, JSON.stringify(value));
  }
});

test('marks that turn the direction of writing are spelled out in what a person is asked for', () => {
  assert.equal(Fields.of({ args: { command: 'rm \u202e/tmp' } }).json('args'), '{\n  "command": "rm \\u202e/tmp"\n}');
});

test('the status bar has a state for offline, no key, no model, busy and ready', () => {
  const status = (more: object) => stateOf(readEndpointStatus(Fields.of({ ready: true, keyPresented: true, model: 'm', router: { activeConcurrent: 0, concurrencyCap: 2 }, ...more })));
  assert.equal(status({}).kind, 'ready');
  assert.equal(status({ keyPresented: false }).kind, 'no-key');
  assert.equal(status({ ready: false, reasons: ['no_model_available: pull one'] }).kind, 'no-model');
  assert.equal(status({ router: { activeConcurrent: 2, concurrencyCap: 2 } }).kind, 'busy');
  assert.match(statusText(status({ router: { activeConcurrent: 2, concurrencyCap: 2, queueDepth: 3 } })).text, /3 waiting/);
  assert.equal(stateOfProblem(new EndpointProblem(404, 'not_edgecoder', 'x')).kind, 'offline');
  assert.equal(stateOfProblem(new EndpointProblem(401, 'invalid_api_key', 'x')).kind, 'no-key');
  assert.doesNotMatch(statusText({ kind: 'ready', model: '$(flame)' }).text, /\$\(flame\)/);
});

test('where it ran is what the answer says, never what was asked for', () => {
  assert.equal(badgeText(readRanOn(answer({ edgecoder: { ranOn: 'this-machine' } }))), 'Ran on this machine');
  assert.equal(badgeText(readRanOn(answer({}))), 'The answer does not say where it ran');
  assert.equal(badgeText(readRanOn(answer({ edgecoder: { ranOn: 'swarm' } }))), 'Ran in the swarm');
  assert.equal(badgeText(readRanOn(answer({ ranOn: { kind: 'agent', nodeId: 'n' } }))), 'Ran in the swarm');
  // Contradictions count as the further place.
  assert.equal(badgeText(readRanOn(answer({ edgecoder: { ranOn: 'this-machine' } }, 'swarm'))), 'Ran in the swarm');
  assert.equal(badgeText(readRanOn(answer({ edgecoder: { ranOn: 'this-machine' }, ranOn: { kind: 'cloud' } }))), 'Ran in the cloud');
  assert.equal(badgeText(readRanOn(answer({}, 'edgecoder-local'))), 'The answer does not say where it ran');
});

test('what left the machine is told in both forms, and silence is not nothing', () => {
  assert.match(routeLine(readRanOn(answer({ egress: [], edgecoder: { ranOn: 'this-machine' } }))), /nothing left this machine/);
  assert.doesNotMatch(routeLine(readRanOn(answer({ egress: [], edgecoder: { ranOn: 'swarm' } }))), /left this machine/);
  assert.doesNotMatch(routeLine(readRanOn(answer({}))), /left this machine/);
  assert.match(routeLine(readRanOn(answer({ edgecoder: { egress: [{ destination: 'https://c', bytes: 12, redactions: {} }] } }))), /12 bytes to https:\/\/c/);
});

test('a wait has a reason in every state', () => {
  const statuses = [false, true].flatMap((ready) => [0, 2].flatMap((waiting) => ['open', 'closed', undefined].map((gate) => readEndpointStatus(Fields.of({ ready, router: { activeConcurrent: 1, concurrencyCap: 2, queueDepth: waiting, gate, routes: [{ id: 'swarm', available: false, reason: 'swarm_not_configured' }] } })))));
  for (const status of [...statuses, 'Nothing answers. Start EdgeCoder: edgecoder up']) {
    for (const more of [{}, { taskId: 'task-1' }, { forPerson: true }]) {
      const [line] = explainWait([{ label: 'job', state: '', sinceMs: 1_000, ...more }], status, 61_000);
      assert.match(line ?? '', /^job \(60 s\): .{15,}/);
    }
  }
  assert.match(explainWait([{ label: 'job', state: '', sinceMs: 0, taskId: 't-9' }], statuses[0] ?? '', 0)[0] ?? '', /swarm_not_configured.*edgecoder explain t-9/);
});

test('a pass is at least one test, all passed, in a whole report', () => {
  const report = (value: object) => readTestReport(Fields.of({ total: 1, passed: 1, failed: 0, skipped: 0, errored: 0, complete: true, ...value })) ?? assert.fail();
  assert.equal(hasPassed(report({})), true);
  for (const value of [{ passed: 0, total: 0 }, { failed: 1, total: 2 }, { errored: 1 }, { complete: false }, { passed: 0, skipped: 1 }, { total: 3 }]) assert.equal(hasPassed(report(value)), false, JSON.stringify(value));
  assert.match(testLine(report({ passed: 0, total: 0 })), /✗ no test ran/);
});

test('the code of a task stands in a fence that nothing inside it closes', () => {
  const text = taskText('Fix it', { text: 'a\n````\nb\n', fileName: 'a.md', language: 'markdown' });
  assert.match(text, /\n`````markdown\na\n````\nb\n`````$/);
  assert.equal(taskText(' Write it ', undefined), 'Write it');
});

test('the language is the file’s only where it can be run', () => {
  assert.deepEqual([taskLanguage('javascript', true, 'python'), taskLanguage('rust', true, 'python'), taskLanguage('javascript', false, 'python'), taskLanguage('constructor', true, 'javascript')], ['javascript', 'python', 'python', 'javascript']);
});

test('files of secrets are known by their names', () => {
  for (const path of ['/p/.env', '/p/.env.production', 'C:\\p\\.SSH\\config', '/p/id_rsa', '/p/a.PEM', '/p/.aws/credentials', '/p/secrets.yaml', '/p/x.tfstate.backup', '/p/.git/config', '/p/.npmrc']) assert.ok(isSecretFile(path), path);
  for (const path of ['/p/.env.example', '/p/environment.py', '/p/keyboard.ts', '/p/.gitignore', '/p/secretary.py']) assert.ok(!isSecretFile(path), path);
});

test('the preview shows every byte that goes, and knows other bytes', () => {
  const request = runRequest('run/swarm', { ...order, task: 'first\nsecond <b>' });
  const address = readAddress('http://127.0.0.1:4304');
  assert.ok(!('fault' in address));
  const preview = egressPreview(request, address);
  assert.ok(preview.document.includes(new TextDecoder().decode(request.body)) && preview.document.includes('    2  second <b>'));
  assert.ok(isPreviewed(preview, request.body));
  assert.ok(!isPreviewed(preview, runRequest('run/swarm', { ...order, task: 'first\nsecond <i>' }).body));
});

test('what may not go to the swarm is refused with the reason before anybody is asked', () => {
  assert.match(swarmRefusal('local', { id: 'swarm', available: true, reason: 'ready' }) ?? '', /never leaves/);
  assert.match(swarmRefusal('team', { id: 'swarm', available: false, reason: 'swarm_not_configured: set COORDINATOR_URL' }) ?? '', /COORDINATOR_URL/);
  assert.equal(swarmRefusal('mesh', { id: 'swarm', available: true, reason: 'ready' }), undefined);
});

test('a run on this machine is of the class local, and a model is named only where it can be', () => {
  const sent = (route: 'run' | 'run/local' | 'run/swarm', model: string): unknown => JSON.parse(new TextDecoder().decode(runRequest(route, { ...order, model }).body));
  assert.deepEqual(sent('run/local', 'qwen'), { task: 'x', language: 'python', dataClass: 'local', model: 'qwen' });
  assert.deepEqual(sent('run', 'edgecoder-auto'), { task: 'x', language: 'python', dataClass: 'team' });
  assert.deepEqual(sent('run/swarm', 'qwen'), { task: 'x', language: 'python', dataClass: 'team' });
});

test('code goes where its selection was, and over nothing else', () => {
  const place = { uri: 'file:///a', start: 4, before: 'old\n' };
  assert.deepEqual(placeCode(place, 'one\nold\ntwo', 'new'), { start: 4, end: 8, text: 'new\n' });
  assert.deepEqual(placeCode(place, 'more\none\nold\ntwo', 'new\n'), { start: 9, end: 13, text: 'new\n' });
  assert.equal(typeof placeCode(place, 'one\nedited\n', 'new'), 'string');
  assert.equal(typeof placeCode(place, 'x\nold\n\nold\n', 'new'), 'string');
  assert.deepEqual(placeCode({ ...place, before: 'old' }, 'one\nold', 'new\n'), { start: 4, end: 7, text: 'new' });
  assert.deepEqual(placeCode({ ...place, start: 5, before: 'old\r\n' }, 'one\r\nold\r\n', 'a\nb'), { start: 5, end: 10, text: 'a\r\nb\r\n' });
});

test('applied code is taken back unless somebody edited it', () => {
  const applied = { start: 4, end: 8, text: 'new\n', before: 'old\n' };
  assert.deepEqual(takeBack(applied, 'one\nnew\ntwo'), { start: 4, end: 8, text: 'old\n' });
  assert.equal(typeof takeBack(applied, 'one\nnewer\n'), 'string');
});

test('a completion context is cut at lines, and repetition of the rest of the line is not offered', () => {
  const long = `${'x'.repeat(50)}\n`.repeat(400);
  const context = completionContext(long, 10_200) ?? assert.fail();
  assert.ok(context.prompt.length <= 6_000 && context.prompt.startsWith('x'.repeat(50)) && context.suffix.length <= 2_000 && context.suffix.endsWith('\n'));
  assert.equal(completionContext('   \n', 2), undefined);
  assert.equal(offered('a, b)', ')\nnext'), 'a, b');
  assert.equal(offered('  \n', ''), undefined);
});

test('fences are found, nested marks and unclosed ones too', () => {
  assert.deepEqual(splitFences('Hi\n```py\na = 1\n```\nbye').map((piece) => [piece.kind, piece.text]), [['text', 'Hi'], ['code', 'a = 1'], ['text', 'bye']]);
  assert.deepEqual(splitFences('````\n```\nx\n```\n````').map((piece) => piece.text), ['```\nx\n```']);
  assert.deepEqual(splitFences('~~~js\r\nopen').map((piece) => [piece.kind, piece.language, piece.text]), [['code', 'js', 'open']]);
});

test('the view can ask for nothing but what is written', () => {
  for (const value of [null, 'ready', { kind: 'command', id: 'x' }, { kind: 'answer', id: 1, word: 'once' }, { kind: 'answer', id: 'x', word: 'forever' }, { kind: 'prompt', text: '  ' }, { kind: 'prompt', text: 'x'.repeat(200_001) }]) assert.equal(readViewMessage(value), undefined);
  assert.deepEqual(readViewMessage({ kind: 'answer', id: 'q', word: 'always', more: 1 }), { kind: 'answer', id: 'q', word: 'always' });
});

test('the page lets in its own script and style and nothing else', () => {
  const page = chatHtml({ nonce: 'n0', script: 'https://own/chat.js', style: 'https://own/chat.css', source: 'https://own' });
  assert.ok(page.includes(`default-src 'none'; script-src 'nonce-n0'; style-src https://own; base-uri 'none'; form-action 'none'`));
  assert.doesNotMatch(page, /unsafe-|\son[a-z]+=|<img|javascript:|img-src|connect-src/);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.doesNotMatch(chatHtml({ nonce: '"><script>', script: '"><b>', style: '', source: '' }), /"><(b|script)>/);
});
