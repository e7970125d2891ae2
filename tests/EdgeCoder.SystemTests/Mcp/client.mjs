// Drives `edgecoder serve --mcp` with the official client library and writes what it saw as one JSON object.
//   node client.mjs LIBRARY EDGECODER ROOT
// Whatever is on the server's standard output and is no message of the protocol ends up in `errors`.
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [library, program, root] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(library).href);
const { StdioClientTransport } = await import(pathToFileURL(join(dirname(library), 'stdio.js')).href);

const seen = { errors: [], progress: [] };
const transport = new StdioClientTransport({ command: program, args: ['serve', '--mcp'], env: process.env, stderr: 'inherit' });
const client = new Client({ name: 'scenario', version: '1' });
client.onerror = fault => seen.errors.push(String(fault));
await client.connect(transport);
seen.server = client.getServerVersion().name;
seen.tools = (await client.listTools()).tools;
seen.run = await client.callTool(
  { name: 'execute_code', arguments: { language: 'python', code: 'def add(a, b): return a + b', tests: 'def test_add(): assert add(1, 2) == 3' } },
  undefined,
  { onprogress: step => seen.progress.push(step.message) });
seen.found = await client.callTool({ name: 'search_repository', arguments: { root, pattern: 'needle' } });
seen.untrusted = await client.callTool({ name: 'search_repository', arguments: { root: dirname(root), pattern: 'needle' } });
seen.wrong = await client.callTool({ name: 'execute_code', arguments: { language: 'perl', code: 'x' } });

const stop = new AbortController();
seen.cancelled = await client.callTool(
  { name: 'execute_code', arguments: { language: 'python', code: 'while True: pass', timeoutMs: 600000 } },
  undefined,
  { signal: stop.signal, onprogress: () => stop.abort('enough') }).then(() => 'answered', fault => String(fault));
seen.after = await client.callTool({ name: 'execute_code', arguments: { language: 'javascript', code: 'console.log(40 + 2)' } });
seen.resources = (await client.listResources()).resources.map(one => one.uri);
seen.sessions = (await client.readResource({ uri: 'edgecoder://sessions' })).contents[0].text;
await client.close();
process.stdout.write(JSON.stringify(seen));
