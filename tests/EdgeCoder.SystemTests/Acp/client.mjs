// Drives `edgecoder serve --acp` with the official client library, as a scenario on standard input says, and writes what it saw as one JSON object.
//   node client.mjs LIBRARY EDGECODER
// The library checks every message against the protocol's schema; what it complains about goes to standard error.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const [library, program] = process.argv.slice(2);
const acp = await import(pathToFileURL(library).href);
const scenario = JSON.parse(readFileSync(0, 'utf8'));
const seen = { results: [], updates: [], permissions: [], reads: [] };
let session = '';
let onUpdate = () => {};

const agent = spawn(program, ['serve', '--acp', ...(scenario.options ?? [])], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = new Promise(resolve => agent.on('exit', resolve));
const stream = acp.ndJsonStream(Writable.toWeb(agent.stdin), Readable.toWeb(agent.stdout));
const app = acp.client({ name: 'scenario' })
  .onNotification('session/update', ({ params }) => {
    seen.updates.push(params.update);
    onUpdate(params.update);
  })
  .onRequest('session/request_permission', ({ params }) => {
    seen.permissions.push(params);
    const answer = scenario.answers.shift();
    if (answer === 'leave') {
      agent.stdin.end();
      return new Promise(() => {});
    }
    return { outcome: answer === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: answer } };
  })
  .onRequest('fs/read_text_file', ({ params }) => {
    seen.reads.push(params.path);
    if (params.path in (scenario.buffers ?? {})) {
      return { content: scenario.buffers[params.path] };
    }
    throw new Error('no such buffer');
  });

const connection = app.connect(stream);
const fill = value => JSON.parse(JSON.stringify(value).replaceAll('$session', session));
for (const step of scenario.steps) {
  const request = connection.agent.request(step.method, fill(step.params));
  if (step.cancelOn) {
    onUpdate = update => {
      if (update.sessionUpdate === step.cancelOn) {
        onUpdate = () => {};
        connection.agent.notify('session/cancel', { sessionId: session });
      }
    };
  }
  if (step.leaves) {
    request.catch(() => {});
    break;
  }
  try {
    const started = performance.now();
    const result = await request;
    session = result?.sessionId ?? session;
    seen.results.push({ result, tookMs: performance.now() - started });
  } catch (fault) {
    seen.results.push({ error: { code: fault.code, message: fault.message } });
  }
}

if (!scenario.steps.some(step => step.leaves)) {
  agent.stdin.end();
}
seen.exitCode = await ended;
process.stdout.write(JSON.stringify(seen), () => process.exit(0));
