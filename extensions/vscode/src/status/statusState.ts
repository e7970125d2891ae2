import type { EndpointProblem } from '../endpoint/problem';
import type { EndpointStatus } from '../endpoint/routerStatus';

/** What the status bar shows. */
export type StatusState =
  | { readonly kind: 'offline'; readonly reason: string }
  | { readonly kind: 'no-key'; readonly reason: string }
  | { readonly kind: 'no-model'; readonly reason: string }
  | { readonly kind: 'busy'; readonly running: number; readonly waiting: number; readonly model: string | undefined }
  | { readonly kind: 'ready'; readonly model: string | undefined };

const noKey = 'Chats and runs need an API key. The first one is in the file ide/key of EdgeCoder’s data directory; give it with EdgeCoder: Set API Key.';

/** The state after a question that was answered. Only the endpoint's own words count: a key that it did not take is none. */
export function stateOf(status: EndpointStatus): StatusState {
  if (!status.keyPresented) {
    return { kind: 'no-key', reason: noKey };
  }

  if (!status.ready) {
    return { kind: 'no-model', reason: status.reasons.join('\n') || 'The endpoint is not ready and does not say why. Run: edgecoder doctor' };
  }

  const { running, waiting, cap } = status.router;
  return waiting > 0 || (cap > 0 && running >= cap)
    ? { kind: 'busy', running, waiting, model: status.model }
    : { kind: 'ready', model: status.model };
}

/** The state after a question that failed. */
export function stateOfProblem(problem: EndpointProblem): StatusState {
  if (problem.wantsKey) {
    return { kind: 'no-key', reason: problem.message };
  }

  return problem.code === 'no_model_available' ? { kind: 'no-model', reason: problem.message } : { kind: 'offline', reason: problem.message };
}
