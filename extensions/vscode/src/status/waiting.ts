import type { EndpointStatus } from '../endpoint/routerStatus';

/** Something of this window that is not done yet. */
export interface Pending {
  /** What a person asked for, short. */
  readonly label: string;
  /** What is known of it now: the last state of a chat, or that the endpoint has not answered. */
  readonly state: string;
  /** Since when, epoch milliseconds. */
  readonly sinceMs: number;
  /** Task of the swarm that goes on after the wait for it ended. */
  readonly taskId?: string;
  /** The wait is for the person. */
  readonly forPerson?: boolean;
}

/** Why each thing waits, and for how long. There is always a reason: the person's own turn, the line at this machine, the state of the way, or the work itself. */
export function explainWait(pending: readonly Pending[], status: EndpointStatus | string, nowMs: number): readonly string[] {
  if (pending.length === 0) {
    return ['Nothing of this window waits.', ...(typeof status === 'string' ? [status] : [])];
  }

  return pending.map((one) => `${one.label} (${seconds(nowMs - one.sinceMs)}): ${reason(one, status)}`);
}

function reason(one: Pending, status: EndpointStatus | string): string {
  if (one.forPerson === true) {
    return `waits for you. ${one.state}`;
  }

  if (typeof status === 'string') {
    return status;
  }

  if (one.taskId !== undefined) {
    const swarm = status.router.routes.find((route) => route.id === 'swarm');
    const way = swarm === undefined ? 'The endpoint says nothing of the swarm.' : swarm.available ? 'The swarm is reached; no node has finished the task yet.' : `The swarm is not reached: ${swarm.reason}.`;
    return `${one.state} ${way} Rule by rule: edgecoder explain ${one.taskId}`;
  }

  if (!status.ready) {
    return status.reasons.join(' ') || 'the endpoint is not ready and does not say why; run edgecoder doctor';
  }

  const { running, cap, waiting, gate, latencyMs } = status.router;
  if (waiting > 0) {
    return `${running} of ${cap} places at the model are taken and ${waiting} requests wait for one. ${one.state}`;
  }

  if (gate === 'closed' || gate === 'half_open') {
    return `the model of this machine is slow now (first token after about ${Math.round(latencyMs / 1000)} s). ${one.state}`;
  }

  return `nothing waits at the router; the endpoint works on it, or lets earlier runs finish first. ${one.state}`;
}

function seconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min`;
}
