import { createHash } from 'node:crypto';
import type { Address } from '../endpoint/address';
import type { RouteState } from '../endpoint/routerStatus';
import type { RunRequest } from './runRequest';

/** What a person sees before work leaves the machine (agent-executor-models 7.4). */
export interface EgressPreview {
  /** Digest of the bytes of the request. */
  readonly sha256: string;
  /** For the question. */
  readonly summary: string;
  /** Every byte, with what stands around it. */
  readonly document: string;
}

/** Why a request cannot go to the swarm at all, before anybody is asked; absent when it can. */
export function swarmRefusal(dataClass: string, swarm: RouteState | undefined): string | undefined {
  if (dataClass !== 'team' && dataClass !== 'mesh') {
    return 'Your work is of the class local, which never leaves this machine. Set edgecoder.dataClass to team or mesh to allow it.';
  }

  if (swarm === undefined) {
    return 'The endpoint knows no swarm. Update EdgeCoder, and set COORDINATOR_URL where it runs.';
  }

  return swarm.available ? undefined : `The swarm is not available: ${swarm.reason}`;
}

/** The preview. The endpoint takes secrets out of the text before it sends it on; what is shown here is what the endpoint gets. */
export function egressPreview(request: RunRequest, address: Address): EgressPreview {
  const text = new TextDecoder().decode(request.body);
  const sha256 = createHash('sha256').update(request.body).digest('hex');
  const { task, language } = JSON.parse(text) as { readonly task: string; readonly language: string };
  const lines = task.split('\n').length;
  const who = request.dataClass === 'mesh' ? 'any approved agent of the swarm' : 'machines that your operator labelled as the team’s';
  const summary = `${request.body.length} bytes (${lines} ${lines === 1 ? 'line' : 'lines'}) leave this machine, to ${who}.`;
  const document = [
    'What leaves this machine',
    '',
    `Way          ${address.origin}, which takes recognised secrets out and hands it to its coordinator`,
    `Seen by      ${who} (class ${request.dataClass})`,
    `Language     ${language}`,
    `Size         ${request.body.length} bytes`,
    `SHA-256      ${sha256}`,
    '',
    'The task, whole:',
    ...task.split('\n').map((line, index) => `${String(index + 1).padStart(5)}  ${line}`),
    '',
    'The request, byte for byte:',
    text,
    '',
  ].join('\n');
  return { sha256, summary, document };
}

/** Whether bytes are the ones that were shown. */
export function isPreviewed(preview: EgressPreview, body: Uint8Array): boolean {
  return createHash('sha256').update(body).digest('hex') === preview.sha256;
}
