import { applyHunks, type ChangedFile } from './hunks';

/** What a person decided on one file: which hunks, or a text of his own. */
export interface FileDecision {
  readonly file: ChangedFile;
  /** For each hunk whether it is applied. */
  readonly chosen: readonly boolean[];
  /** The whole new text where the person edited it. */
  readonly edited: string | undefined;
}

/** A file as `/apply` takes it: absent hunks are all of them; edited text stands for the whole file. */
export interface KeptFile {
  readonly path: string;
  readonly hunks?: readonly number[];
  readonly edited?: string;
}

/** At the beginning everything is applied. */
export function freshDecision(file: ChangedFile): FileDecision {
  return { file, chosen: file.hunks.map(() => true), edited: undefined };
}

/** Applies a hunk that was rejected, or the other way round. What was edited by hand is thrown away with it, so the caller asks first. */
export function toggled(decision: FileDecision, index: number): FileDecision {
  return { ...decision, chosen: decision.chosen.map((is, at) => (at === index ? !is : is)), edited: undefined };
}

/** Takes a text that the person saved; the text as it was proposed is no edit. */
export function withEdit(decision: FileDecision, old: string, text: string): FileDecision {
  return { ...decision, edited: text === proposal({ ...decision, edited: undefined }, old) ? undefined : text };
}

/** The text as it would be. */
export function proposal(decision: FileDecision, old: string): string {
  return decision.edited ?? applyHunks(old, decision.file.hunks, (index) => decision.chosen[index] ?? false);
}

/**
 * What is sent. Absent: the whole change, as it is. A file of which nothing is kept is left out, so an empty list means that nothing is kept at all.
 */
export function keptFiles(decisions: readonly FileDecision[]): readonly KeptFile[] | undefined {
  const whole = decisions.every((decision) => decision.edited === undefined && decision.chosen.every((is) => is));
  if (whole) {
    return undefined;
  }

  return decisions.flatMap((decision): readonly KeptFile[] => {
    if (decision.edited !== undefined) {
      return [{ path: decision.file.path, edited: decision.edited }];
    }

    const kept = decision.chosen.flatMap((is, index) => (is ? [index] : []));
    return decision.file.hunks.length === 0 || kept.length === decision.file.hunks.length
      ? [{ path: decision.file.path }]
      : kept.length === 0 ? [] : [{ path: decision.file.path, hunks: kept }];
  });
}
