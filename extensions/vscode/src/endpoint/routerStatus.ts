import { Fields } from './reading';

/** A way that a request can take, and why it can or cannot. */
export interface RouteState {
  readonly id: string;
  readonly available: boolean;
  readonly reason: string;
}

/** What the router of the endpoint says of itself (`/v1/router/status`). */
export interface RouterStatus {
  readonly running: number;
  readonly cap: number;
  readonly waiting: number;
  /** Estimate of the time to the first token, in milliseconds; 0 until there are samples. */
  readonly latencyMs: number;
  /** `open`, `half_open` or `closed`; absent when not told. */
  readonly gate: string | undefined;
  readonly routes: readonly RouteState[];
}

/** Reads it. */
export function readRouterStatus(fields: Fields): RouterStatus {
  return {
    running: fields.number('activeConcurrent') ?? 0,
    cap: fields.number('concurrencyCap') ?? 0,
    waiting: fields.number('queueDepth') ?? 0,
    latencyMs: fields.number('localLatencyP95Ms') ?? 0,
    gate: fields.text('gate'),
    routes: fields.list('routes').map((route) => ({
      id: route.text('id') ?? 'unnamed route',
      available: route.flag('available') ?? false,
      reason: route.text('reason') ?? 'no reason given',
    })),
  };
}

/** What the endpoint says of itself (`/status`). */
export interface EndpointStatus {
  readonly version: string | undefined;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Whether it took a key with this request. */
  readonly keyPresented: boolean;
  readonly model: string | undefined;
  readonly router: RouterStatus;
}

/** Reads it. */
export function readEndpointStatus(fields: Fields): EndpointStatus {
  return {
    version: fields.text('version'),
    ready: fields.flag('ready') ?? false,
    reasons: fields.texts('reasons'),
    keyPresented: fields.flag('keyPresented') ?? false,
    model: fields.text('model'),
    router: readRouterStatus(fields.fields('router') ?? Fields.of(undefined)),
  };
}
