import { Fields } from './reading';

/** A request that did not succeed, with a message for a person. Its message never holds the key or the body that was sent. */
export class EndpointProblem extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable code: the endpoint's, or one of `offline`, `not_edgecoder`, `interrupted`, `too_large`. */
    readonly code: string,
    message: string,
    /** Task that goes on although this answer is an error (504 of the swarm). */
    readonly taskId?: string,
    /** Seconds after which to ask again. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }

  override readonly name = 'EndpointProblem';

  /** Whether nothing of ours answers at the address. */
  get isOffline(): boolean {
    return this.code === 'offline' || this.code === 'not_edgecoder';
  }

  /** Whether the key is missing or wrong. */
  get wantsKey(): boolean {
    return this.status === 401;
  }
}

/** The person, or a newer request, ended it. No message for anybody. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/**
 * What an answer with an error status says: OpenAI's form, problem details, or the short form of `/v1/ide`. Anything else did not come from this endpoint,
 * and its text is not shown.
 */
export function readProblem(status: number, body: string, retryAfter: string | undefined): EndpointProblem {
  const fields = Fields.of(parsed(body));
  const openAI = fields.fields('error');
  const code = openAI?.text('code') ?? fields.text('error');
  const told = openAI?.text('message') ?? fields.text('detail') ?? fields.text('message') ?? fields.text('title') ?? (openAI === undefined ? fields.text('error') : undefined);
  const taskId = fields.text('taskId') ?? openAI?.text('taskId') ?? fields.fields('edgecoder')?.text('taskId');
  if (code === undefined && told === undefined) {
    return new EndpointProblem(status, 'not_edgecoder', `What answers at this address is not EdgeCoder (HTTP ${status}). Check edgecoder.providerUrl, or start it: edgecoder up`);
  }

  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  return new EndpointProblem(status, code ?? 'refused', told ?? `Refused: ${code}`, taskId, Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined);
}

/** A failure in mid-stream: `data: {"error": …}`. */
export function readStreamError(event: Fields): EndpointProblem | undefined {
  const error = event.fields('error');
  return error === undefined ? undefined : new EndpointProblem(200, error.text('code') ?? 'upstream_error', error.text('message') ?? 'The answer broke off.');
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
