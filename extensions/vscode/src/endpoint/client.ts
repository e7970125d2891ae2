import type { Address } from './address';
import { EventStream } from './eventStream';
import { type Answer, type Call, exchange, readText } from './exchange';
import { type ModelChoice, readModels } from './modelList';
import { EndpointProblem } from './problem';
import { Fields } from './reading';
import { type EndpointStatus, readEndpointStatus, readRouterStatus, type RouterStatus } from './routerStatus';

const mostAnswerBytes = 64 * 1024 * 1024;

/** Where to and with which key; asked for anew with each request, so a change of a setting holds at once. */
export interface Connection {
  readonly address: Address;
  /** Absent: without a key. */
  readonly key: string | undefined;
}

/** `auto`, this machine only, or the swarm only. */
export type RunRoute = 'run' | 'run/local' | 'run/swarm';

/** What a session can be told from outside. */
export type SessionAction = 'cancel' | 'undo' | 'apply' | 'reject';

/** A JSON answer with the header that says where it ran. */
export interface Marked {
  readonly fields: Fields;
  readonly route: string | undefined;
}

/** A person's answer to a question of a session. */
export interface ApprovalAnswer {
  readonly id: string;
  readonly approved: boolean;
  /** How long it holds. */
  readonly scope?: 'once' | 'session' | 'always';
  /** The rule that was shown, word for word. */
  readonly rule?: string;
  /** Digest of the action that was shown. */
  readonly actionHash?: string;
}

/** The routes of the endpoint that this extension uses (agent-executor-models 6.2), and no others. Every call throws `EndpointProblem` or `Cancelled`. */
export class EndpointClient {
  /** @param connect Gives the address and the key, or throws; it is told the class of the work that the request carries, where it carries any. */
  constructor(private readonly connect: (dataClass: string | undefined) => Promise<Connection>) {}

  /** `/status`. */
  async status(signal: AbortSignal): Promise<EndpointStatus> {
    const { fields } = await this.json('GET', '/status', undefined, signal);
    // Another program may answer 200 with JSON of its own.
    if (fields.fields('router') === undefined) {
      throw new EndpointProblem(200, 'not_edgecoder', 'What answers at this address is not EdgeCoder. Check edgecoder.providerUrl.');
    }

    return readEndpointStatus(fields);
  }

  /** `/v1/router/status`. */
  async routerStatus(signal: AbortSignal): Promise<RouterStatus> {
    return readRouterStatus((await this.json('GET', '/v1/router/status', undefined, signal)).fields);
  }

  /** `/v1/models`. */
  async models(signal: AbortSignal): Promise<readonly ModelChoice[]> {
    return readModels((await this.json('GET', '/v1/models', undefined, signal)).fields);
  }

  /** Runs a task and waits for its end. The bytes are sent as they are. The same id again is the same task, so waiting can go on after a time-out. */
  async run(route: RunRoute, id: string, body: Uint8Array, dataClass: string, signal: AbortSignal): Promise<Marked> {
    return this.json('POST', `/${route}`, { dataClass, body }, signal, { 'Idempotency-Key': id });
  }

  /** `/v1/completions` with a suffix. A newer request of the same editor session ends the older on the other side too. */
  async complete(body: unknown, dataClass: string, editorSession: string, signal: AbortSignal): Promise<string> {
    const { fields } = await this.json('POST', '/v1/completions', { dataClass, body: encode(body) }, signal, { 'X-EdgeCoder-Session': editorSession });
    return fields.list('choices')[0]?.text('text') ?? '';
  }

  /** A prompt of a session: its events until `done`. */
  chat(body: { readonly dataClass: string } & Readonly<Record<string, unknown>>, signal: AbortSignal): AsyncGenerator<Fields> {
    return this.events({ method: 'POST', path: '/v1/ide/chat', body: encode(body), accept: 'text/event-stream', signal }, body.dataClass);
  }

  /** The stored events of a session after a number, and those that come while it works. */
  sessionEvents(id: string, after: number, signal: AbortSignal): AsyncGenerator<Fields> {
    return this.events({ method: 'GET', path: `/v1/ide/sessions/${encodeURIComponent(id)}/events?after=${after}`, accept: 'text/event-stream', signal });
  }

  /** Answers a question of a session. */
  async approve(answer: ApprovalAnswer, signal: AbortSignal): Promise<void> {
    await this.json('POST', '/v1/ide/tool-approval', { body: encode(answer) }, signal);
  }

  /** Sessions, the newest first as the endpoint gives them. */
  async sessions(signal: AbortSignal): Promise<readonly Fields[]> {
    return (await this.json('GET', '/v1/ide/sessions', undefined, signal)).fields.list('sessions');
  }

  /** Cancels, takes back, applies or rejects. */
  async act(id: string, action: SessionAction, body: unknown, dataClass: string | undefined, signal: AbortSignal): Promise<Fields> {
    return (await this.json('POST', `/v1/ide/sessions/${encodeURIComponent(id)}/${action}`, { body: encode(body), ...(dataClass === undefined ? {} : { dataClass }) }, signal)).fields;
  }

  private async json(method: Call['method'], path: string, work: { readonly body: Uint8Array; readonly dataClass?: string } | undefined, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Marked> {
    const dataClass = work?.dataClass;
    const classed = dataClass === undefined ? headers : { ...headers, 'X-EdgeCoder-Data-Class': dataClass };
    const answer = await this.send({ method, path, accept: 'application/json', signal, headers: classed, ...(work === undefined ? {} : { body: work.body }) }, dataClass);
    const text = await readText(answer.body, mostAnswerBytes);
    if (text === '') {
      return { fields: Fields.of(undefined), route: answer.route };
    }

    try {
      const value: unknown = JSON.parse(text);
      return { fields: Fields.of(value), route: answer.route };
    } catch {
      throw new EndpointProblem(answer.status, 'not_edgecoder', 'The answer is no JSON. Check edgecoder.providerUrl.');
    }
  }

  private async *events(call: Call, dataClass?: string): AsyncGenerator<Fields> {
    const answer = await this.send(call, dataClass);
    const stream = new EventStream();
    for await (const piece of answer.body) {
      for (const data of stream.push(piece)) {
        let value: unknown;
        try {
          value = JSON.parse(data);
        } catch {
          throw new EndpointProblem(200, 'interrupted', 'An event of the answer is no JSON.');
        }

        yield Fields.of(value);
      }
    }
  }

  private async send(call: Call, dataClass: string | undefined): Promise<Answer> {
    const { address, key } = await this.connect(dataClass);
    return exchange(address, key, call);
  }
}

function encode(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}
