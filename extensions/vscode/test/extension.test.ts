import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import type * as vscode from 'vscode';
import { activate } from '../src/extension';
import { beginEvents, FakeEndpoint, json, problem } from './fake/endpoint';
import { EventEmitter, FakeDocument, person, Position, registered, Selection, type Shown, Uri, window, workspace } from './fake/vscode';

let endpoint: FakeEndpoint;
let context: { readonly subscriptions: { dispose(): void }[]; readonly secrets: unknown; readonly globalState: unknown; readonly extensionUri: unknown };
let secrets: Map<string, string>;
let memory: Map<string, unknown>;

beforeEach(async () => {
  endpoint = await FakeEndpoint.start();
  secrets = new Map([['edgecoder.key', endpoint.key]]);
  memory = new Map();
  person.shown.length = person.executed.length = person.statusBar.length = person.documents.length = person.posted.length = 0;
  person.answer = () => undefined;
  person.files = {};
  person.globalSettings = { 'edgecoder.providerUrl': endpoint.url };
  person.workspaceSettings = {};
  window.activeTextEditor = undefined;
  workspace.workspaceFolders = [{ name: 'p', uri: Uri.file('/p') }];
  context = {
    subscriptions: [],
    secrets: { get: async (name: string) => secrets.get(name), store: async (name: string, value: string) => void secrets.set(name, value), delete: async (name: string) => void secrets.delete(name) },
    globalState: { get: (name: string, fallback: unknown) => memory.get(name) ?? fallback, update: async (name: string, value: unknown) => void memory.set(name, value) },
    extensionUri: Uri.file('/extension'),
  };
});

afterEach(async () => {
  context.subscriptions.forEach((subscription) => subscription.dispose());
  await endpoint.stop();
  assert.deepEqual(endpoint.strays, [], 'routes that the endpoint does not have');
  const everything = JSON.stringify([person.shown, person.statusBar.map((item) => [item.text, item.tooltip]), person.globalSettings, person.workspaceSettings, [...memory], person.posted, endpoint.seen.map((seen) => [seen.path, seen.body])]);
  assert.ok(!everything.includes(endpoint.key), 'the key is somewhere else than in its header');
  assert.doesNotMatch(person.shown.map((shown) => shown.text).join('\n'), /undefined|\[object|NaN/);
});

function start(): void {
  activate(context as unknown as vscode.ExtensionContext);
}

async function run(name: string, ...args: readonly unknown[]): Promise<void> {
  await registered.commands.get(name)?.(...args);
}

function shown(kind: Shown['kind']): string {
  return person.shown.filter((one) => one.kind === kind).map((one) => one.text).join('\n---\n');
}

async function statusBecomes(pattern: RegExp): Promise<void> {
  // The status bar looks again after each change; a look is one request, so it is waited for by asking until it is seen.
  await run('edgecoder.explainWait');
  assert.match(person.statusBar[0]?.text ?? '', pattern);
}

/** Answers questions by the words of their kind. */
function answers(words: Partial<Record<Shown['kind'], string>>): void {
  person.answer = (asked) => words[asked.kind];
}

function select(text: string, selected: string, path = '/p/a.py', language = 'python'): FakeDocument {
  const document = new FakeDocument(Uri.file(path), text, language);
  const at = text.indexOf(selected);
  person.documents.push(document);
  window.activeTextEditor = { document, selection: new Selection(document.positionAt(at), document.positionAt(at + selected.length)) };
  return document;
}

const execution = {
  outcome: 'succeeded', verification: 'self-tested', generatedCode: 'def f():\n    return 1\n', language: 'python', plan: [{ index: 1, description: 'Write f' }],
  runResult: { tests: { total: 1, passed: 1, failed: 0, skipped: 0, errored: 0, complete: true, cases: [] } },
  ranOn: { kind: 'this-machine' }, egress: [], edgecoder: { route: 'edgecoder-local', latencyMs: 12, model: 'scripted', modelDigest: 'unpinned', dataClass: 'local', ranOn: 'this-machine' },
};

test('every command of the manifest is there, and none besides', () => {
  start();
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: { commands: { command: string }[] } };
  assert.deepEqual([...registered.commands.keys()].sort(), manifest.contributes.commands.map((one) => one.command).sort());
});

test('the status bar says offline, no key, no model, busy and ready as the endpoint does', async () => {
  start();
  await statusBecomes(/scripted/);
  endpoint.router = { ...endpoint.router, queueDepth: 4, activeConcurrent: 2 };
  await statusBecomes(/busy, 4 waiting/);
  endpoint.ready = false;
  await statusBecomes(/no model/);
  await run('edgecoder.forgetKey');
  await statusBecomes(/no key/);
  endpoint.replies.set('GET /status', (response) => problem(response, 404, 'not_found', 'There is nothing at this address.'));
  await statusBecomes(/offline/);
});

test('a run on a selection sends it as it is, shows the result and says where it ran', async () => {
  start();
  select('x = 1\ndef f(): pass\n', 'def f(): pass\n');
  answers({ input: 'make it return 1' });
  endpoint.replies.set('POST /run/local', (response) => json(response, execution, { 'X-EdgeCoder-Route': 'edgecoder-local' }));
  await run('edgecoder.runLocal');
  const sent = endpoint.seen.find((seen) => seen.path === '/run/local') ?? assert.fail();
  assert.deepEqual(JSON.parse(sent.body), { task: 'make it return 1\n\nThe code this is about, from a.py:\n```python\ndef f(): pass\n```', language: 'python', dataClass: 'local' });
  assert.equal(sent.headers['x-edgecoder-data-class'], 'local');
  assert.match(shown('document'), /Succeeded \(only tests that the model wrote.*\nRan on this machine · edgecoder-local · scripted · 12 ms.*nothing left this machine/);
  assert.match(shown('info'), /Ran on this machine/);
});

test('work that ran elsewhere is never shown as local, whatever was asked for', async () => {
  start();
  answers({ input: 'x' });
  endpoint.replies.set('POST /run/local', (response) => json(response, { ...execution, ranOn: { kind: 'agent' }, edgecoder: { ranOn: 'swarm', route: 'swarm' } }, { 'X-EdgeCoder-Route': 'swarm' }));
  await run('edgecoder.runLocal');
  // The title of the command says what it asks for; everything after it says what happened.
  assert.doesNotMatch(person.shown.filter((one) => one.kind !== 'input').map((one) => one.text).join('\n'), /this machine|locally/i);
  assert.match(shown('document'), /Ran in the swarm/);
});

test('cancelling a run closes its connection and is told to nobody', async () => {
  start();
  answers({ input: 'x' });
  const held = endpoint.hold('/run');
  const done = run('edgecoder.runTask');
  const response = await held;
  const closed = once(response, 'close');
  person.cancelRunning();
  await closed;
  await done;
  assert.equal(shown('error'), '');
});

test('cancel everything ends a run too', async () => {
  start();
  answers({ input: 'x' });
  const held = endpoint.hold('/run');
  const done = run('edgecoder.runTask');
  const closed = once(await held, 'close');
  await run('edgecoder.cancel');
  await closed;
  await done;
});

test('a run that waits has its reason in the progress and in the explanation', async () => {
  start();
  answers({ input: 'x' });
  endpoint.router = { ...endpoint.router, queueDepth: 1, activeConcurrent: 2 };
  const held = endpoint.hold('/run');
  const done = run('edgecoder.runTask');
  const response = await held;
  await run('edgecoder.explainWait');
  assert.match(shown('document'), /^x \(\d+ s\): 2 of 2 places at the model are taken and 1 requests wait/);
  assert.match(shown('progress'), /2 of 2 places/);
  json(response, execution);
  await done;
});

test('work of the class local is not sent to the swarm, and nobody is asked', async () => {
  start();
  answers({ input: 'x', warning: 'Send to the Swarm' });
  await run('edgecoder.runSwarm');
  assert.match(shown('error'), /never leaves this machine/);
  assert.ok(endpoint.seen.every((seen) => seen.path !== '/run/swarm'));
});

test('to the swarm goes what was previewed, after the word of the person', async () => {
  person.globalSettings['edgecoder.dataClass'] = 'team';
  start();
  answers({ input: 'sort a list' });
  await run('edgecoder.runSwarm');
  assert.ok(endpoint.seen.every((seen) => seen.path !== '/run/swarm'), 'not without a word');
  answers({ input: 'sort a list', warning: 'Send to the Swarm' });
  endpoint.replies.set('POST /run/swarm', (response) => json(response, { ...execution, edgecoder: { ranOn: 'swarm', taskId: 't-1', egress: [{ destination: 'https://c', bytes: 11 }] } }, { 'X-EdgeCoder-Route': 'swarm' }));
  await run('edgecoder.runSwarm');
  const sent = endpoint.seen.find((seen) => seen.path === '/run/swarm') ?? assert.fail();
  assert.ok(shown('document').includes(sent.body));
  assert.equal(sent.headers['x-edgecoder-data-class'], 'team');
  assert.match(shown('warning'), /leave this machine, to machines that your operator labelled/);
});

test('a workspace cannot widen the class, send the work elsewhere or loosen approvals', async () => {
  person.workspaceSettings = { 'edgecoder.dataClass': 'mesh', 'edgecoder.providerUrl': 'https://evil.example', 'edgecoder.approvalMode': 'full' };
  start();
  answers({ input: 'x' });
  endpoint.replies.set('POST /run', (response) => json(response, execution));
  await run('edgecoder.runTask');
  assert.equal(endpoint.seen.find((seen) => seen.path === '/run')?.headers['x-edgecoder-data-class'], 'local');
});

test('a task of the swarm that is not done in time can be waited for again by the same name', async () => {
  person.globalSettings['edgecoder.dataClass'] = 'mesh';
  start();
  let times = 0;
  endpoint.replies.set('POST /run/swarm', (response) => {
    times += 1;
    return times === 1 ? problem(response, 504, 'upstream_timeout', 'The task goes on.', { taskId: 't-7' }) : json(response, execution);
  });
  person.answer = (asked) => (asked.kind === 'input' ? 'x' : asked.actions.find((action) => action === 'Send to the Swarm' || action === 'Keep Waiting'));
  await run('edgecoder.runSwarm');
  const names = endpoint.seen.filter((seen) => seen.path === '/run/swarm').map((seen) => seen.headers['idempotency-key']);
  assert.equal(names.length, 2);
  assert.equal(names[0], names[1]);
  assert.match(shown('warning'), /not done yet\. .*edgecoder explain t-7/);
});

test('a task that the swarm could not do is an error, not a wait', async () => {
  person.globalSettings['edgecoder.dataClass'] = 'mesh';
  start();
  endpoint.replies.set('POST /run/swarm', (response) => problem(response, 502, 'upstream_error', 'The swarm did not do it: no node passed the tests.', { taskId: 't-8' }));
  person.answer = (asked) => (asked.kind === 'input' ? 'x' : asked.actions.find((action) => action === 'Send to the Swarm' || action === 'Keep Waiting'));
  await run('edgecoder.runSwarm');
  assert.equal(endpoint.seen.filter((seen) => seen.path === '/run/swarm').length, 1);
  assert.match(shown('error'), /did not do it/);
});

test('the text of a file of secrets is not sent', async () => {
  start();
  select('PASSWORD=1', 'PASSWORD=1', '/p/.env');
  answers({ input: 'x' });
  await run('edgecoder.runTask');
  assert.ok(endpoint.seen.every((seen) => !seen.body.includes('PASSWORD')));
  assert.match(shown('warning'), /file of secrets/);
});

test('a key does not go to another machine without a word, and local work does not at all', async () => {
  person.globalSettings['edgecoder.providerUrl'] = 'https://edge.invalid';
  start();
  await run('edgecoder.routerStatus');
  assert.match(shown('warning'), /Send your EdgeCoder API key to https:\/\/edge\.invalid\?/);
  assert.equal(memory.size, 0);
  answers({ input: 'x' });
  await run('edgecoder.runTask');
  assert.match(shown('error'), /class local, and https:\/\/edge\.invalid is not this machine\. Nothing was sent/);
  person.globalSettings['edgecoder.providerUrl'] = 'http://edge.invalid';
  await run('edgecoder.routerStatus');
  assert.match(shown('error'), /not encrypted/);
});

test('code is applied after a look at the difference, and taken back', async () => {
  start();
  const document = select('x = 1\ndef f(): pass\ny = 2\n', 'def f(): pass\n');
  person.answer = (asked) => (asked.kind === 'input' ? 'do' : asked.actions.find((action) => action === 'Apply'));
  endpoint.replies.set('POST /run', (response) => json(response, execution));
  await run('edgecoder.runTask');
  await run('edgecoder.applyCode');
  assert.match(shown('diff'), /a\.py: with the code of “do”/);
  assert.equal(document.getText(), 'x = 1\ndef f():\n    return 1\ny = 2\n');
  await run('edgecoder.undo');
  assert.equal(document.getText(), 'x = 1\ndef f(): pass\ny = 2\n');
});

test('without a model, a key or anything to do the message says the next step', async () => {
  start();
  answers({ input: 'x' });
  await run('edgecoder.runTask');
  await run('edgecoder.forgetKey');
  await run('edgecoder.runTask');
  await run('edgecoder.applyCode');
  await run('edgecoder.undo');
  await run('edgecoder.review.apply');
  assert.match(shown('error'), /No model[^]*personal API key[^]*Run a task first[^]*nothing to undo[^]*Open Reviews/);
});

test('a model is picked from the list with what each can do', async () => {
  start();
  endpoint.replies.set('GET /v1/models', (response) => json(response, { object: 'list', data: [{ id: 'edgecoder-auto', edgecoder: { available: true, reach: 'this-machine', tools: true } }, { id: 'edgecoder-swarm', edgecoder: { available: false, reason: 'set COORDINATOR_URL' } }] }));
  answers({ pick: 'edgecoder-swarm' });
  await run('edgecoder.pickModel');
  assert.equal(person.globalSettings['edgecoder.model'], 'edgecoder-swarm');
  assert.match(person.shown.find((one) => one.kind === 'pick')?.actions.join('\n') ?? '', /this machine · tools\nedgecoder-swarm \| not available: set COORDINATOR_URL/);
});

test('a completion sends what is around the cursor and ends with its token', async () => {
  start();
  endpoint.replies.set('POST /v1/completions', (response) => json(response, { choices: [{ text: 'return a + b' }] }));
  const provider = registered.completions as { provideInlineCompletionItems(...args: unknown[]): Promise<{ insertText: string }[]> };
  const document = new FakeDocument(Uri.file('/p/a.py'), 'def add(a, b):\n    \nx = 1\n', 'python');
  const cancelled = new EventEmitter<void>();
  const token = { isCancellationRequested: false, onCancellationRequested: cancelled.event };
  const complete = async () => provider.provideInlineCompletionItems(document, new Position(1, 4), { triggerKind: 0 }, token);
  assert.deepEqual((await complete()).map((item) => item.insertText), ['return a + b']);
  const sent = endpoint.seen.find((seen) => seen.path === '/v1/completions') ?? assert.fail();
  assert.deepEqual([(JSON.parse(sent.body) as { prompt: string; suffix: string }).prompt, (JSON.parse(sent.body) as { suffix: string }).suffix], ['def add(a, b):\n    ', '\nx = 1\n']);
  assert.ok((sent.headers['x-edgecoder-session'] as string).length > 0);
  const held = endpoint.hold('/v1/completions');
  const pending = complete();
  const closed = once(await held, 'close');
  cancelled.fire();
  await closed;
  assert.deepEqual(await pending, []);
});

test('a model that cannot complete in the middle is asked once, not at every key', async () => {
  start();
  endpoint.replies.set('POST /v1/completions', (response) => response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":{"message":"This model has no marks for it.","type":"invalid_request_error","code":"fim_unsupported","param":null}}'));
  const provider = registered.completions as { provideInlineCompletionItems(...args: unknown[]): Promise<unknown[]> };
  const document = new FakeDocument(Uri.file('/p/a.py'), 'x = ', 'python');
  const token = { isCancellationRequested: false, onCancellationRequested: new EventEmitter<void>().event };
  for (let count = 0; count < 3; count += 1) assert.deepEqual(await provider.provideInlineCompletionItems(document, new Position(0, 4), { triggerKind: 1 }, token), []);
  assert.equal(endpoint.seen.filter((seen) => seen.path === '/v1/completions').length, 1);
  await run('edgecoder.routerStatus');
  assert.match(person.shown.find((one) => one.kind === 'pick')?.actions.join('\n') ?? '', /Inline completion is off \| This model has no marks/);
});

// ---- The chat, driven as its page drives it. ----

interface Posted { readonly kind: string; readonly items: readonly { readonly index: number; readonly item: { readonly kind: string; readonly state?: string; readonly text?: string; readonly badge?: string; readonly question?: object } }[] }

function openChat(): { send(message: unknown): Promise<void>; html: string; until(seen: (posted: Posted) => boolean): Promise<void> } {
  const posts = new EventEmitter<Posted>();
  let receive: (value: unknown) => Promise<void> = async () => undefined;
  const webview = {
    options: {}, html: '', cspSource: 'https://own',
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: (listener: (value: unknown) => Promise<void>) => { receive = listener; },
    postMessage: async (message: Posted) => { person.posted.push(message); posts.fire(message); },
  };
  registered.view?.resolveWebviewView({ webview });
  assert.equal((webview.options as { enableCommandUris: boolean }).enableCommandUris, false);
  return {
    html: webview.html,
    send: async (message) => receive(message),
    until: async (seen) => new Promise((resolve) => { const listening = posts.event((posted) => { if (posted.kind === 'update' && seen(posted)) { listening.dispose(); resolve(); } }); }),
  };
}

const asking = { type: 'tool_call', seq: 2, sessionId: 's-1', id: 'c1', tool: 'run_command', args: { command: ['make'] }, summary: 'run make', requires_approval: true, approvalId: 'q-unguessable', reason: 'It is not allowed yet.', access: 'execute', paths: [], command: ['make'], rule: 'allow run_command make', actionHash: 'h1', expiresAtMs: 9e15 };
const review = { type: 'diff', seq: 4, sessionId: 's-1', id: 'review', file: 'a.txt', kind: 'modified', hunks: [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, content: '-one\n+ONE\n' }, { oldStart: 3, oldLines: 1, newStart: 3, newLines: 1, content: '-three\n+THREE\n' }] };
const done = { type: 'done', seq: 5, sessionId: 's-1', outcome: 'succeeded', verification: 'project-tested', edgecoder: { ranOn: 'this-machine', route: 'edgecoder-local' } };

test('a chat streams, asks, is answered, ends with its badge, and its change is reviewed by hunk', async () => {
  person.files['/p/a.txt'] = 'one\ntwo\nthree\n';
  start();
  const chat = openChat();
  const held = endpoint.hold('/v1/ide/chat');
  const prompted = chat.send({ kind: 'prompt', text: 'make it loud' });
  const response = await held;
  const say = beginEvents(response);
  const asked = chat.until((posted) => posted.items.some(({ item }) => item.question !== undefined));
  say({ type: 'status', seq: 1, sessionId: 's-1', state: 'coding', message: 'Working' }, asking);
  await asked;
  await run('edgecoder.explainWait');
  assert.match(shown('document'), /make it loud \(\d+ s\): waits for you/);

  endpoint.replies.set('POST /v1/ide/tool-approval', (answer) => json(answer, { ok: true }));
  await chat.send({ kind: 'answer', id: 'made-up', word: 'once' });
  await chat.send({ kind: 'answer', id: 'q-unguessable', word: 'session' });
  await chat.send({ kind: 'answer', id: 'q-unguessable', word: 'always' });
  assert.deepEqual(endpoint.seen.filter((seen) => seen.path === '/v1/ide/tool-approval').map((seen) => JSON.parse(seen.body) as unknown), [{ id: 'q-unguessable', approved: true, scope: 'session', rule: 'allow run_command make', actionHash: 'h1' }]);
  say({ type: 'tool_result', seq: 3, sessionId: 's-1', id: 'c1', result: 'ok' }, review, done);
  response.end();
  await prompted;
  assert.deepEqual(JSON.parse(endpoint.seen.find((seen) => seen.path === '/v1/ide/chat')?.body ?? ''), { messages: [{ role: 'user', content: 'make it loud' }], model: 'edgecoder-auto', projectRoot: '/p', mode: 'workspace-write', dataClass: 'local' });
  assert.match(JSON.stringify(person.posted), /succeeded, project-tested/);

  await chat.send({ kind: 'review' });
  const diff = person.executed.find((one) => one.name === 'vscode.diff') ?? assert.fail();
  const proposed = diff.args[1] as Uri;
  const files = registered.files.get('edgecoder-proposal') ?? assert.fail();
  const text = (): string => new TextDecoder().decode(files.readFile(proposed));
  assert.equal(text(), 'ONE\ntwo\nTHREE\n');
  const lenses = (registered.lenses as { provideCodeLenses(document: unknown): { range: { start: { line: number } }; command: { title: string; arguments: unknown[] } }[] }).provideCodeLenses({ uri: proposed, getText: text });
  assert.deepEqual(lenses.map((lens) => [lens.range.start.line, lens.command.title]), [[0, 'Hunk 1 of 2: applied. Leave it out'], [2, 'Hunk 2 of 2: applied. Leave it out']]);
  await run('edgecoder.review.toggleHunk', ...(lenses[0]?.command.arguments ?? []));
  assert.equal(text(), 'one\ntwo\nTHREE\n');

  endpoint.replies.set('POST /v1/ide/sessions/s-1/apply', (answer) => { answer.writeHead(409, { 'Content-Type': 'application/json' }).end(JSON.stringify({ ok: false, error: 'not_done', type: 'review', action: 'apply', done: false, files: ['a.txt'], message: 'a.txt is in conflict, nothing was written.', detail: 'a.txt is in conflict, nothing was written.' })); });
  // A merge that failed leaves the session with what was kept: numbers of hunks are not sent again until that is taken back.
  await run('edgecoder.review.apply');
  assert.match(shown('warning'), /in conflict, nothing was written\. The session holds only what you kept now\./);
  assert.throws(() => files.readFile(proposed));
  await chat.send({ kind: 'review' });
  assert.match(person.shown.at(-1)?.text ?? '', /holds only what you kept\. Apply that again, or undo/);
  endpoint.replies.set('POST /v1/ide/sessions/s-1/undo', (answer) => json(answer, { ok: true, type: 'review', action: 'undo', done: true, files: ['a.txt'], message: 'Taken back.' }));
  person.answer = (asked) => asked.actions.find((action) => action === 'Undo');
  await chat.send({ kind: 'review' });
  person.answer = () => undefined;
  await chat.send({ kind: 'review' });
  files.writeFile(proposed, new TextEncoder().encode('mine\n'));
  endpoint.replies.set('POST /v1/ide/sessions/s-1/apply', (answer) => json(answer, { ok: true, type: 'review', action: 'apply', done: true, files: ['a.txt'], message: 'Written.' }));
  await run('edgecoder.review.apply');
  assert.deepEqual(endpoint.seen.filter((seen) => seen.path.endsWith('/apply')).map((seen) => JSON.parse(seen.body) as unknown), [{ files: [{ path: 'a.txt', hunks: [1] }] }, { files: [{ path: 'a.txt', edited: 'mine\n' }] }]);
  await run('edgecoder.undo');
  assert.match(shown('info'), /Taken back\.[^]*Written\.[^]*Taken back\./);
});

test('cancelling a chat tells the endpoint, closes the stream and ends the question', async () => {
  start();
  const chat = openChat();
  const held = endpoint.hold('/v1/ide/chat');
  const prompted = chat.send({ kind: 'prompt', text: 'x' });
  const response = await held;
  const asked = chat.until((posted) => posted.items.some(({ item }) => item.question !== undefined));
  beginEvents(response)({ ...asking, seq: 1 });
  await asked;
  endpoint.replies.set('POST /v1/ide/sessions/s-1/cancel', (answer) => json(answer, { ok: true }));
  const closed = once(response, 'close');
  await chat.send({ kind: 'cancel' });
  await closed;
  await prompted;
  assert.match(JSON.stringify(person.posted.at(-1)), /not answered: taken as no.*"text":"Cancelled","isWorking":false/);
});

test('a stream that breaks is told, and the next message goes on with the session', async () => {
  start();
  const chat = openChat();
  const held = endpoint.hold('/v1/ide/chat');
  const prompted = chat.send({ kind: 'prompt', text: 'x' });
  const response = await held;
  beginEvents(response)({ type: 'status', seq: 1, sessionId: 's-1', state: 'coding', message: 'Working' });
  response.end();
  await prompted;
  assert.match(JSON.stringify(person.posted), /The connection broke before the end/);
  endpoint.replies.set('POST /v1/ide/chat', (answer) => { beginEvents(answer)({ ...done, seq: 2 }); answer.end(); });
  await chat.send({ kind: 'prompt', text: 'go on' });
  assert.equal((JSON.parse(endpoint.seen.at(-1)?.path === '/v1/ide/chat' ? endpoint.seen.at(-1)?.body ?? '' : endpoint.seen.findLast((seen) => seen.path === '/v1/ide/chat')?.body ?? '') as { sessionId: string }).sessionId, 's-1');
});

test('a chat without a folder, and one that the endpoint refuses, say why', async () => {
  start();
  workspace.workspaceFolders = undefined;
  const chat = openChat();
  await chat.send({ kind: 'prompt', text: 'x' });
  assert.match(JSON.stringify(person.posted), /Open a folder first/);
  workspace.workspaceFolders = [{ name: 'p', uri: Uri.file('/p') }];
  endpoint.replies.set('POST /v1/ide/chat', (answer) => problem(answer, 403, 'root_not_trusted', 'Nobody has trusted this directory. Run: edgecoder trust'));
  await chat.send({ kind: 'prompt', text: 'x' });
  assert.match(JSON.stringify(person.posted), /Nobody has trusted this directory/);
  // A session that cannot go on ends with an error, which is an end and no broken connection.
  endpoint.replies.set('POST /v1/ide/chat', (answer) => { beginEvents(answer)({ type: 'error', seq: 0, code: 'internal_error', message: 'It cannot go on.' }); answer.end(); });
  await chat.send({ kind: 'prompt', text: 'x' });
  assert.match(JSON.stringify(person.posted), /It cannot go on\./);
  assert.doesNotMatch(JSON.stringify(person.posted), /connection broke/);
});

test('a stored session is opened from the list and reviewed', async () => {
  person.files['/p/a.txt'] = 'one\ntwo\nthree\n';
  start();
  openChat();
  endpoint.replies.set('GET /v1/ide/sessions', (response) => json(response, { sessions: [{ sessionId: 's-1', request: 'make it loud', atMs: 1_700_000_000_000, outcome: 'succeeded', state: 'idle', root: '/p' }] }));
  endpoint.replies.set('GET /v1/ide/sessions/s-1/events', (response) => { beginEvents(response)({ type: 'prompt', seq: 1, sessionId: 's-1', content: 'make it loud' }, { ...review, seq: 2 }, { ...done, seq: 3 }); response.end(); });
  answers({ pick: 'make it loud' });
  await run('edgecoder.openReviews');
  assert.match(shown('diff'), /a\.txt: proposed change/);
});

test('looking at a session of somebody else and turning away ends nothing of it', async () => {
  start();
  const chat = openChat();
  const held = endpoint.hold('/v1/ide/sessions/s-2/events');
  const opened = run('edgecoder.session.open', { id: 's-2', request: 'x', root: '/p' });
  const response = await held;
  const working = chat.until((posted) => JSON.stringify(posted).includes('Working'));
  beginEvents(response)({ type: 'status', seq: 1, sessionId: 's-2', state: 'coding', message: 'Working' });
  await working;
  const closed = once(response, 'close');
  await run('edgecoder.newChat');
  await closed;
  await opened;
  assert.ok(endpoint.seen.every((seen) => !seen.path.endsWith('/cancel')));
});
