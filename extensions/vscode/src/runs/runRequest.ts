import { randomUUID } from 'node:crypto';
import type { RunRoute } from '../endpoint/client';

/** A run, ready to be sent: the bytes are made once, so what is shown before is what goes. */
export interface RunRequest {
  /** Names it, so that waiting for it can go on. */
  readonly id: string;
  readonly route: RunRoute;
  readonly body: Uint8Array;
  readonly dataClass: string;
  /** For lists. */
  readonly label: string;
}

/** What it is made of. */
export interface RunOrder {
  readonly task: string;
  readonly language: string;
  readonly dataClass: string;
  /** The setting: a way of the endpoint, or the id of a model. */
  readonly model: string;
  readonly label: string;
}

/** Makes it. A worker of the swarm chooses its own model; here a named one is used, and the ways leave the choice to the endpoint. */
export function runRequest(route: RunRoute, order: RunOrder): RunRequest {
  const dataClass = route === 'run/local' ? 'local' : order.dataClass;
  const model = route === 'run/swarm' || ways.has(order.model) ? {} : { model: order.model };
  const body = { task: order.task, language: order.language, dataClass, ...model };
  return { id: randomUUID(), route, body: new TextEncoder().encode(JSON.stringify(body)), dataClass, label: oneLine(order.label) };
}

const ways: ReadonlySet<string> = new Set(['edgecoder-auto', 'edgecoder-local', 'edgecoder-swarm']);

/** The first line, cut to a length that fits a list. */
export function oneLine(text: string, most = 60): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}
