import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Seen { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string }

/** Writes an answer. */
export type Reply = (response: ServerResponse, seen: Seen) => void;

// The routes of agent-executor-models 6.2 that the extension may use, with who may call them.
const routes: readonly { readonly method: string; readonly path: RegExp; readonly wantsKey: boolean }[] = [
  { method: 'GET', path: /^\/status$/, wantsKey: false },
  { method: 'GET', path: /^\/v1\/router\/status$/, wantsKey: false },
  { method: 'GET', path: /^\/v1\/models$/, wantsKey: false },
  { method: 'POST', path: /^\/v1\/completions$/, wantsKey: false },
  { method: 'POST', path: /^\/run(\/local|\/swarm)?$/, wantsKey: true },
  { method: 'POST', path: /^\/v1\/ide\/(chat|tool-approval)$/, wantsKey: true },
  { method: 'GET', path: /^\/v1\/ide\/sessions$/, wantsKey: true },
  { method: 'GET', path: /^\/v1\/ide\/sessions\/[^/]+\/events$/, wantsKey: true },
  { method: 'POST', path: /^\/v1\/ide\/sessions\/[^/]+\/(cancel|undo|apply|reject)$/, wantsKey: true },
];

/** An HTTP server that behaves like port 4304: who may call what, the forms of its errors, headers and types. What a route answers is the test's. */
export class FakeEndpoint {
  readonly key = 'ecide_planted-key-that-must-stay-secret';
  readonly seen: Seen[] = [];
  /** Requests for something that the endpoint does not have. */
  readonly strays: string[] = [];
  readonly replies = new Map<string, Reply>();
  ready = true;
  router: Record<string, unknown> = {
    activeConcurrent: 0, concurrencyCap: 2, localLatencyP95Ms: 0, latencyThresholdMs: 8000, latencySamples: 0, bluetoothEnabled: false, swarmEnabled: true, queueDepth: 0, gate: 'open',
    routes: [{ id: 'local', available: true, reason: 'ready' }, { id: 'swarm', available: true, reason: 'ready' }],
  };

  private readonly waiting: { readonly path: string; readonly resolve: (response: ServerResponse) => void }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeEndpoint> {
    const server = createServer();
    const endpoint = new FakeEndpoint(server);
    server.on('request', (request, response) => void endpoint.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  get url(): string { return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`; }

  /** Comes when a request for a path has arrived, with its response left open. */
  async hold(path: string): Promise<ServerResponse> {
    return new Promise((resolve) => this.waiting.push({ path, resolve }));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const seen = { method: request.method ?? '', path: url.pathname, headers: request.headers, body: Buffer.concat(parts).toString('utf8') };
    this.seen.push(seen);
    const route = routes.find((one) => one.method === seen.method && one.path.test(seen.path));
    if (route === undefined) {
      this.strays.push(`${seen.method} ${seen.path}`);
      return problem(response, 404, 'not_found', 'There is nothing at this address.');
    }

    const bearer = request.headers.authorization?.replace('Bearer ', '');
    const openAI = seen.path.startsWith('/v1/') && !seen.path.startsWith('/v1/ide') && !seen.path.startsWith('/v1/router');
    const refuse = openAI ? openAIError : problem;
    if (bearer !== undefined && bearer !== this.key) return refuse(response, 401, 'invalid_api_key', 'This API key is not known here, or has ended. Make one with: edgecoder keys create');
    if (bearer === undefined && route.wantsKey) return refuse(response, 401, 'invalid_api_key', 'This route runs tools or code, so it needs a personal API key.');
    if (seen.method === 'POST' && request.headers['content-type'] !== 'application/json') return refuse(response, 415, 'unsupported_media_type', 'Send the body as application/json.');

    const held = this.waiting.findIndex((one) => one.path === seen.path);
    if (held >= 0) {
      this.waiting.splice(held, 1)[0]?.resolve(response);
      return;
    }

    const reply = this.replies.get(`${seen.method} ${seen.path}`);
    if (reply !== undefined) return reply(response, seen);
    if (seen.path === '/status') return json(response, { version: '0.1.0', ready: this.ready, reasons: this.ready ? [] : ['no_model_available: get one with edgecoder models pull'], keyPresented: bearer !== undefined, ...(this.ready ? { model: 'scripted' } : {}), router: this.router });
    if (seen.path === '/v1/router/status') return json(response, this.router);
    return refuse(response, 503, 'no_model_available', 'No model of this machine can answer now.');
  }
}

export function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export function problem(response: ServerResponse, status: number, error: string, detail: string, more: object = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'Refused', status, detail, error, ...more }));
}

export function openAIError(response: ServerResponse, status: number, code: string, text: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: { message: text, type: 'invalid_request_error', code, param: null } }));
}

/** Begins a stream of events. */
export function beginEvents(response: ServerResponse): (...events: readonly object[]) => void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.write(': begun\n\n');
  return (...events) => {
    for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
  };
}
