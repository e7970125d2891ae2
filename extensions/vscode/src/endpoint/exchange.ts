import * as http from 'node:http';
import * as https from 'node:https';
import type { Address } from './address';
import { Cancelled, EndpointProblem, readProblem } from './problem';

const mostErrorBytes = 64 * 1024;

/** One request. */
export interface Call {
  readonly method: 'GET' | 'POST';
  /** Path from the base address, escaped. */
  readonly path: string;
  /** The body, exactly as it is sent. */
  readonly body?: Uint8Array;
  readonly accept: 'application/json' | 'text/event-stream';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** An answer with a good status; its body comes as it arrives. */
export interface Answer {
  readonly status: number;
  /** `X-EdgeCoder-Route`. */
  readonly route: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request and checks its answer: status, type and size. Redirects are an error, so a key never follows one. Aborting closes the connection, at any
 * moment, which is what ends the work on the other side.
 *
 * Not `fetch`: its implementation in Node gives up after five minutes without a first byte, and a run of a small model may take longer.
 */
export async function exchange(address: Address, key: string | undefined, call: Call): Promise<Answer> {
  if (call.signal.aborted) {
    throw new Cancelled();
  }

  const response = await begin(address, key, call);
  const status = response.statusCode ?? 0;
  const body = whileWanted(response, call.signal);
  if (status < 200 || status > 299) {
    const text = await readText(body, mostErrorBytes, true);
    throw withoutKey(readProblem(status, text, response.headers['retry-after']), key);
  }

  const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (status !== 204 && type !== call.accept) {
    response.destroy();
    throw new EndpointProblem(status, 'not_edgecoder', `What answers at ${address.origin} is not EdgeCoder: it sent ${type === '' ? 'no type' : type.slice(0, 60)} where ${call.accept} was due. Check edgecoder.providerUrl.`);
  }

  const route = response.headers['x-edgecoder-route'];
  return { status, route: typeof route === 'string' ? route : undefined, body };
}

/** A whole body as text. */
export async function readText(body: AsyncIterable<Uint8Array>, most: number, cut = false): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > most) {
      if (cut) {
        break;
      }

      throw new EndpointProblem(200, 'too_large', `The answer is larger than ${Math.round(most / 1024 / 1024)} MiB.`);
    }

    parts.push(part);
  }

  return Buffer.concat(parts).toString('utf8');
}

function begin(address: Address, key: string | undefined, call: Call): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { ...call.headers, Accept: call.accept };
    if (call.method === 'POST') {
      headers['Content-Type'] = 'application/json';
      headers['Content-Length'] = call.body?.length ?? 0;
    }

    if (key !== undefined) {
      headers['Authorization'] = `Bearer ${key}`;
    }

    const send = address.isEncrypted ? https.request : http.request;
    const request = send(new URL(address.base + call.path), { method: call.method, headers, signal: call.signal });
    request.once('response', resolve);
    request.once('error', (fault) => reject(translated(fault, call.signal, address)));
    request.end(call.body);
  });
}

async function* whileWanted(response: http.IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of response) {
      yield part as Uint8Array;
    }
  } catch {
    throw signal.aborted ? new Cancelled() : new EndpointProblem(response.statusCode ?? 0, 'interrupted', 'The connection broke before the answer was whole.');
  } finally {
    response.destroy();
  }
}

function translated(fault: NodeJS.ErrnoException, signal: AbortSignal, address: Address): Error {
  return signal.aborted
    ? new Cancelled()
    : new EndpointProblem(0, 'offline', `Nothing answers at ${address.origin}${fault.code === undefined ? '' : ` (${fault.code})`}. Start EdgeCoder: edgecoder up`);
}

// No server of ours says it back. Another one might, and messages are shown and logged.
function withoutKey(problem: EndpointProblem, key: string | undefined): EndpointProblem {
  return key === undefined || !`${problem.code} ${problem.message}`.includes(key)
    ? problem
    : new EndpointProblem(problem.status, 'not_edgecoder', 'The answer repeated your API key, so it is not shown. Check edgecoder.providerUrl, and revoke the key: edgecoder keys revoke', problem.taskId);
}
