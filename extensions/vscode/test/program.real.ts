// The client of this extension against a real `edgecoder up`. It runs where EDGECODER_PROGRAM names the program: ./test does so.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { approvalAnswer } from '../src/chat/approvalAnswer';
import { Conversation } from '../src/chat/conversation';
import { readAddress } from '../src/endpoint/address';
import { EndpointClient } from '../src/endpoint/client';
import { Cancelled, EndpointProblem } from '../src/endpoint/problem';
import { readSessions } from '../src/review/sessionSummary';
import { runRequest } from '../src/runs/runRequest';
import { outcomeLine, readRunResult } from '../src/runs/runResult';
import { badgeText } from '../src/status/ranOn';
import { stateOf } from '../src/status/statusState';
import { startModelServer, type Turn } from './fake/modelServer';

const never = new AbortController().signal;
const home = mkdtempSync(join(tmpdir(), 'edgecoder-vscode-'));
let program: ChildProcess;
let client: EndpointClient;
let withoutKey: EndpointClient;
let model: Awaited<ReturnType<typeof startModelServer>>;
let script: Turn[] = [];
const project = join(home, 'project');
const environment: Record<string, string | undefined> = {
  HOME: home, PATH: process.env['PATH'], LANG: 'C.UTF-8', EDGECODER_DATA_DIR: join(home, 'data'), DISABLE_SELF_AGENT: 'true', EDGECODER_STOP_SECONDS: '300', ...(process.env['DOTNET_ROOT'] === undefined ? {} : { DOTNET_ROOT: process.env['DOTNET_ROOT'] }),
};

before(async () => {
  const executable = process.env['EDGECODER_PROGRAM'] ?? assert.fail('EDGECODER_PROGRAM names no program');
  model = await startModelServer(() => script.shift() ?? 'I have nothing more to say.');
  mkdirSync(join(home, '.config', 'edgecoder'), { recursive: true });
  writeFileSync(join(home, '.config', 'edgecoder', 'models.json'), JSON.stringify({ servers: [{ name: 'scripted', address: model.address, reach: 'this-machine', contextWindow: 16384 }] }));
  mkdirSync(project);
  writeFileSync(join(project, 'a.txt'), 'one\n');
  const git = (...args: readonly string[]): Buffer => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: project, env: environment });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  const ports = await freePorts(4);
  program = spawn(executable, ['up', '--role', 'all-in-one', '--json'], {
    cwd: home,
    env: { ...environment, COORDINATOR_PORT: String(ports[0]), INFERENCE_PORT: String(ports[1]), IDE_PROVIDER_PORT: String(ports[2]), PORTAL_PORT: String(ports[3]) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  program.stderr?.on('data', (text: Buffer) => { errors += text.toString(); });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: program.stdout ?? assert.fail() }).on('line', (line) => { if ((JSON.parse(line) as { type: string }).type === 'ready') resolve(); });
    program.once('error', reject);
    program.once('exit', (code) => reject(new Error(`edgecoder up ended with ${code}: ${errors}`)));
  });
  const address = readAddress(`http://127.0.0.1:${ports[2]}`);
  assert.ok(!('fault' in address));
  const key = readFileSync(join(home, 'data', 'ide', 'key'), 'utf8').trim();
  client = new EndpointClient(async () => ({ address, key }));
  withoutKey = new EndpointClient(async () => ({ address, key: undefined }));
});

after(async () => {
  if (program.exitCode === null && program.pid !== undefined) {
    program.removeAllListeners('exit');
    program.kill('SIGKILL');
    await once(program, 'exit');
  }

  await model.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 10 });
});

test('its status, router and models are read', async () => {
  assert.equal(stateOf(await client.status(never)).kind, 'ready');
  assert.equal(stateOf(await withoutKey.status(never)).kind, 'no-key');
  const swarm = (await client.routerStatus(never)).routes.find((route) => route.id === 'swarm');
  assert.ok(swarm !== undefined && swarm.reason !== 'no reason given', JSON.stringify(swarm));
  assert.ok((await client.models(never)).some((one) => one.id === 'scripted'));
});

test('a run on this machine is tested and says that it ran here', async () => {
  script = ['1. Write one.', '```python\nfrom solution import one\n\n\ndef test_one():\n    assert one() == 1\n```', '```python\ndef one():\n    return 1\n```'];
  const request = runRequest('run/local', { task: 'write a function one that gives 1', language: 'python', dataClass: 'local', model: 'scripted', label: 'x' });
  const result = readRunResult(await client.run(request.route, request.id, request.body, request.dataClass, never));
  assert.match(outcomeLine(result), /^Succeeded/);
  assert.match(result.code ?? '', /def one/);
  assert.equal(result.report?.complete, true);
  assert.equal(badgeText(result.ranOn), 'Ran on this machine');
});

test('what it refuses is a problem with its code', async () => {
  const code = async (act: Promise<unknown>): Promise<string> => act.then(() => 'no problem', (fault: unknown) => (fault instanceof EndpointProblem ? fault.code : String(fault)));
  const request = runRequest('run/swarm', { task: 'x', language: 'python', dataClass: 'team', model: 'edgecoder-auto', label: 'x' });
  assert.equal(await code(withoutKey.run('run', 'i', request.body, 'team', never)), 'invalid_api_key');
  assert.equal(await code(client.run('run/swarm', request.id, request.body, 'local', never)), 'data_class_denied');
  assert.match(await code(client.complete({ model: 'edgecoder-demo', prompt: 'def f(', suffix: ')', max_tokens: 8 }, 'local', 'session', never)), /^(fim_unsupported|unsupported_parameter)$/);
  assert.equal(await code(client.chat({ dataClass: 'local', messages: [{ role: 'user', content: 'x' }], projectRoot: '/' }, never).next()), 'Not a valid directory');
  assert.equal(await code(client.chat({ dataClass: 'local', messages: [{ role: 'user', content: 'x' }], projectRoot: home }, never).next()), 'Not a valid directory');
  assert.equal(await code(client.approve({ id: 'unknown', approved: true }, never)), 'No pending approval with that id');
  assert.equal(await code(client.act('unknown', 'apply', {}, 'local', never)), 'session_not_found');
});

test('a chat asks, is answered, and its change is applied and taken back', async () => {
  const trust = (): Buffer => execFileSync(process.env['EDGECODER_PROGRAM'] ?? '', ['trust', project], { cwd: home, env: environment });
  const body = { dataClass: 'local', messages: [{ role: 'user', content: 'write b' }], model: 'scripted', projectRoot: project, mode: 'read-only' };
  await assert.rejects(client.chat(body, never).next(), (fault) => fault instanceof EndpointProblem && fault.code === 'root_not_trusted');
  trust();

  script = ['1. Write the file.', { tool: 'write_file', args: { path: 'b.txt', content: 'two\n' } }, 'It is written.'];
  const conversation = new Conversation();
  for await (const event of client.chat(body, never)) {
    conversation.take(event);
    const [question] = conversation.openQuestions;
    if (question !== undefined) {
      conversation.answered(question.id, 'once');
      await client.approve(approvalAnswer(question, 'once'), never);
    }
  }

  conversation.takeChanged();
  const end = conversation.items.at(-1);
  assert.ok(end?.kind === 'end' && end.badge.startsWith('Ran on this machine') && end.canReview, JSON.stringify(conversation.items));
  assert.deepEqual(conversation.files.map((file) => [file.path, file.kind]), [['b.txt', 'added']]);
  assert.ok(conversation.items.some((item) => item.kind === 'tool' && item.decision?.startsWith('once, by')), JSON.stringify(conversation.items));
  const id = conversation.sessionId ?? assert.fail();
  assert.ok(!existsSync(join(project, 'b.txt')));
  await client.act(id, 'apply', { files: [{ path: 'b.txt' }] }, 'local', never);
  assert.equal(readFileSync(join(project, 'b.txt'), 'utf8'), 'two\n');
  await client.act(id, 'undo', {}, undefined, never);
  assert.ok(!existsSync(join(project, 'b.txt')));

  const [session] = readSessions(await client.sessions(never));
  assert.deepEqual([session?.id, session?.root, session?.request], [id, project, 'write b']);
  const stored = new Conversation();
  for await (const event of client.sessionEvents(id, 0, never)) stored.take(event);
  stored.takeChanged();
  assert.deepEqual(stored.files, conversation.files);
});

test('a cancelled request is over', async () => {
  const controller = new AbortController();
  const cancelled = client.status(controller.signal);
  controller.abort();
  await assert.rejects(cancelled, Cancelled);
});

// Ports that nobody takes while nothing listens there yet: below the range from which the system gives ports to whoever asks for any, and below those of the
// tests of .NET (tests/EdgeCoder.TestKit/Listeners/HeldPort.cs).
async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let port = 10_000; ports.length < count && port < 12_000; port++) {
    const server = createServer().listen(port, '127.0.0.1');
    const free = await new Promise<boolean>((resolve) => server.once('listening', () => { resolve(true); }).once('error', () => { resolve(false); }));
    if (free) {
      await new Promise((resolve) => server.close(resolve));
      ports.push(port);
    }
  }

  return ports;
}
