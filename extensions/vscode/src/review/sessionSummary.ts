import type { Fields } from '../endpoint/reading';

/** A session of a list. */
export interface SessionSummary {
  readonly id: string;
  readonly request: string;
  readonly atMs: number | undefined;
  /** How it ended; absent while it is open. */
  readonly outcome: string | undefined;
  /** `working`, `waiting_approval`, `idle`, `damaged`; absent when not told. */
  readonly state: string | undefined;
  readonly root: string | undefined;
}

/** Reads them; entries without an id are left out. */
export function readSessions(entries: readonly Fields[]): readonly SessionSummary[] {
  return entries.flatMap((entry) => {
    const id = entry.text('sessionId') ?? entry.text('id');
    const at = entry.number('atMs');
    const request = entry.text('request');
    return id === undefined
      ? []
      : [{ id, request: request === undefined || request === '' ? 'A session without a readable request' : request, atMs: at === 0 ? undefined : at, outcome: entry.text('outcome'), state: entry.text('state'), root: entry.text('root') }];
  });
}

/** What stands behind the request in a list. */
export function sessionDetail(session: SessionSummary): string {
  const when = session.atMs === undefined ? undefined : new Date(session.atMs).toISOString().slice(0, 16).replace('T', ' ');
  return [(session.outcome ?? (session.state === 'idle' ? undefined : session.state) ?? 'open').replaceAll('_', ' '), when].filter((part) => part !== undefined).join(' · ');
}
