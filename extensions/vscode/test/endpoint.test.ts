import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { readAddress } from '../src/endpoint/address';
import { EndpointClient } from '../src/endpoint/client';
import { EventStream } from '../src/endpoint/eventStream';
import { judgeKey } from '../src/endpoint/keyRule';
import { Cancelled, EndpointProblem, readProblem } from '../src/endpoint/problem';
import { reachRefusal } from '../src/endpoint/reachRule';
import { beginEvents, FakeEndpoint, json } from './fake/endpoint';

const never = new AbortController().signal;

function addressOf(text: string) {
  const address = readAddress(text);
  assert.ok(!('fault' in address), text);
  return address;
}

async function withClient(act: (client: EndpointClient, endpoint: FakeEndpoint) => Promise<void>, key?: (endpoint: FakeEndpoint) => string): Promise<void> {
  const endpoint = await FakeEndpoint.start();
  try {
    await act(new EndpointClient(async () => ({ address: addressOf(endpoint.url), key: key?.(endpoint) })), endpoint);
  } finally {
    await endpoint.stop();
  }
}

async function problemOf(act: Promise<unknown>): Promise<EndpointProblem> {
  const fault: unknown = await act.then(() => undefined, (caught: unknown) => caught);
  assert.ok(fault instanceof EndpointProblem, String(fault));
  return fault;
}

test('only literal loopback addresses and localhost are this machine', () => {
  for (const text of ['http://127.0.0.1:4304', 'http://localhost:4304/v1/', 'http://[::1]:1', 'http://127.1', 'https://127.200.3.4']) assert.equal(addressOf(text).isLoopback, true, text);
  for (const text of ['http://127.0.0.1.example.org', 'http://localhost.example.org', 'http://0.0.0.0', 'http://10.0.0.1', 'https://[::2]', 'http://1.127.0.0']) assert.equal(addressOf(text).isLoopback, false, text);
});

test('an address with a key, a query or another scheme is refused', () => {
  for (const text of ['http://u:p@127.0.0.1', 'http://ecide_key@127.0.0.1', 'http://127.0.0.1?key=1', 'http://127.0.0.1#x', 'file:///etc', 'javascript:1', '127.0.0.1:4304', '']) {
    assert.ok('fault' in readAddress(text), text);
  }
});

test('the path of the address is kept and /v1 is not doubled', () => {
  assert.equal(addressOf('http://localhost:4304/v1/').base, 'http://localhost:4304');
  assert.equal(addressOf('https://proxy.example/edge').base, 'https://proxy.example/edge');
});

test('a key goes to this machine at once, elsewhere after a word, unencrypted never', () => {
  assert.equal(judgeKey(addressOf('http://127.0.0.1:4304'), new Set()).may, 'send');
  assert.equal(judgeKey(addressOf('https://edge.example'), new Set()).may, 'ask');
  assert.equal(judgeKey(addressOf('https://edge.example/x'), new Set(['https://edge.example'])).may, 'send');
  assert.equal(judgeKey(addressOf('https://edge.example:8443'), new Set(['https://edge.example'])).may, 'ask');
  assert.equal(judgeKey(addressOf('http://edge.example'), new Set(['http://edge.example'])).may, 'never');
});

test('local work goes to no address but this machine', () => {
  assert.equal(reachRefusal(addressOf('http://127.0.0.1'), 'local'), undefined);
  assert.match(reachRefusal(addressOf('https://edge.example'), 'local') ?? '', /Nothing was sent/);
  assert.equal(reachRefusal(addressOf('https://edge.example'), 'team'), undefined);
  assert.ok(reachRefusal(addressOf('https://edge.example'), 'anything else'));
});

test('the status is read', () => withClient(async (client) => {
  const status = await client.status(never);
  assert.deepEqual([status.ready, status.model, status.router.cap, status.keyPresented], [true, 'scripted', 2, false]);
}));

test('404 is a problem and not health', () => withClient(async (client, endpoint) => {
  endpoint.replies.set('GET /status', (response) => response.writeHead(404).end());
  assert.equal((await problemOf(client.status(never))).code, 'not_edgecoder');
}));

test('a page, JSON of another program and a redirect are not EdgeCoder', () => withClient(async (client, endpoint) => {
  endpoint.replies.set('GET /status', (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>hello</h1>'));
  assert.equal((await problemOf(client.status(never))).code, 'not_edgecoder');
  endpoint.replies.set('GET /status', (response) => json(response, { status: 'ok' }));
  assert.equal((await problemOf(client.status(never))).code, 'not_edgecoder');
  endpoint.replies.set('GET /status', (response) => response.writeHead(302, { Location: `${endpoint.url}/elsewhere` }).end());
  assert.equal((await problemOf(client.status(never))).code, 'not_edgecoder');
  assert.deepEqual(endpoint.strays, []);
}, (endpoint) => endpoint.key));

test('nothing at the address is offline, with the next step', async () => {
  const endpoint = await FakeEndpoint.start();
  const address = addressOf(endpoint.url);
  await endpoint.stop();
  const problem = await problemOf(new EndpointClient(async () => ({ address, key: undefined })).status(never));
  assert.equal(problem.code, 'offline');
  assert.match(problem.message, /edgecoder up/);
});

test('errors are read in the three forms of the endpoint', () => {
  const openAI = readProblem(400, '{"error":{"message":"no","type":"invalid_request_error","code":"fim_unsupported","param":null}}', undefined);
  assert.deepEqual([openAI.code, openAI.message], ['fim_unsupported', 'no']);
  const details = readProblem(504, '{"title":"Gateway Timeout","status":504,"error":"upstream_timeout","detail":"goes on","taskId":"t-1"}', '7');
  assert.deepEqual([details.code, details.message, details.taskId, details.retryAfter], ['upstream_timeout', 'goes on', 't-1', 7]);
  const short = readProblem(404, '{"error":"No pending approval with that id"}', undefined);
  assert.equal(short.message, 'No pending approval with that id');
});

test('a wrong key is a problem that wants a key, and the key stands in no message and no address', () => withClient(async (client, endpoint) => {
  const problem = await problemOf(client.run('run', 'id', new TextEncoder().encode('{}'), 'local', never));
  assert.equal(problem.wantsKey, true);
  assert.ok(!problem.message.includes('ecide_wrong') && endpoint.seen.every((seen) => !seen.path.includes('ecide_wrong')));
}, () => 'ecide_wrong'));

test('a server that says the key back does not get it shown', () => withClient(async (client, endpoint) => {
  endpoint.replies.set('POST /run', (response) => response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: { message: `bad ${endpoint.key}`, code: 'x' } })));
  const problem = await problemOf(client.run('run', 'id', new TextEncoder().encode('{}'), 'local', never));
  assert.ok(!problem.message.includes(endpoint.key));
}, (endpoint) => endpoint.key));

test('cancelling closes the connection before the first byte', () => withClient(async (client, endpoint) => {
  const controller = new AbortController();
  const held = endpoint.hold('/run/local');
  const run = client.run('run/local', 'id', new TextEncoder().encode('{"task":"x"}'), 'local', controller.signal);
  const refused = assert.rejects(run, Cancelled);
  const response = await held;
  controller.abort();
  await once(response, 'close');
  await refused;
}, (endpoint) => endpoint.key));

test('cancelling closes the connection in mid-stream', () => withClient(async (client, endpoint) => {
  const controller = new AbortController();
  const held = endpoint.hold('/v1/ide/chat');
  const events = client.chat({ dataClass: 'local', messages: [] }, controller.signal);
  const first = events.next();
  const response = await held;
  beginEvents(response)({ type: 'status', seq: 1 });
  assert.equal((await first).value?.text('type'), 'status');
  const rest = assert.rejects(events.next(), Cancelled);
  controller.abort();
  await once(response, 'close');
  await rest;
}, (endpoint) => endpoint.key));

test('a connection that breaks in mid-stream is told, not taken for the end', () => withClient(async (client, endpoint) => {
  const held = endpoint.hold('/v1/ide/chat');
  const events = client.chat({ dataClass: 'local', messages: [] }, never);
  const first = events.next();
  const response = await held;
  beginEvents(response)({ type: 'status', seq: 1 });
  await first;
  response.destroy();
  assert.equal((await problemOf(events.next())).code, 'interrupted');
}, (endpoint) => endpoint.key));

test('the class of the work and the name of the task travel as headers', () => withClient(async (client, endpoint) => {
  endpoint.replies.set('POST /run/swarm', (response) => json(response, { outcome: 'succeeded' }, { 'X-EdgeCoder-Route': 'swarm' }));
  const answer = await client.run('run/swarm', 'the-id', new TextEncoder().encode('{"task":"x"}'), 'team', never);
  assert.equal(answer.route, 'swarm');
  const { headers, body } = endpoint.seen[0] ?? assert.fail();
  assert.deepEqual([headers['x-edgecoder-data-class'], headers['idempotency-key'], body], ['team', 'the-id', '{"task":"x"}']);
}, (endpoint) => endpoint.key));

test('events are read from pieces of any size', () => {
  const bytes = new TextEncoder().encode(': hello\r\n\r\ndata: {"a":"ä€😀"}\r\n\r\ndata: one\ndata: two\n\nevent: x\rdata:three\r\rdata: unfinished');
  for (let size = 1; size <= bytes.length; size += 1) {
    const stream = new EventStream();
    const events: string[] = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...stream.push(bytes.subarray(at, at + size)));
    assert.deepEqual(events, ['{"a":"ä€😀"}', 'one\ntwo', 'three'], `pieces of ${size}`);
  }
});

test('an event without end is refused', () => {
  const stream = new EventStream();
  const piece = new Uint8Array(1024 * 1024).fill(97);
  assert.throws(() => { for (let count = 0; count < 20; count += 1) stream.push(piece); }, EndpointProblem);
});
