import type { Fields } from '../endpoint/reading';

/** A run of changed lines with what stands around them, as in a unified diff. Line numbers count from 1. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Lines with ' ', '+', '-' or '\' in front. */
  readonly lines: readonly string[];
}

/** A changed file of a session. */
export interface ChangedFile {
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly kind: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly isBinary: boolean;
  /** Why to look twice: the file runs by itself later. */
  readonly caution: string | undefined;
  readonly hunks: readonly Hunk[];
}

/** Reads a `diff` event; absent when it names no file. */
export function readChangedFile(event: Fields): ChangedFile | undefined {
  const path = event.text('file');
  if (path === undefined || path === '') {
    return undefined;
  }

  const kind = event.text('kind');
  return {
    path,
    oldPath: event.text('oldFile'),
    kind: kind === 'added' || kind === 'deleted' || kind === 'renamed' ? kind : 'modified',
    isBinary: event.flag('binary') ?? false,
    caution: event.text('caution'),
    hunks: event.list('hunks').map((hunk) => ({
      oldStart: hunk.number('oldStart') ?? 0,
      oldLines: hunk.number('oldLines') ?? 0,
      newStart: hunk.number('newStart') ?? 0,
      newLines: hunk.number('newLines') ?? 0,
      lines: linesOf(hunk.text('content') ?? ''),
    })),
  };
}

/** The old side of a hunk, as text. */
export function oldText(hunk: Hunk): string {
  return side(hunk, '-');
}

/** The new side of a hunk, as text. */
export function newText(hunk: Hunk): string {
  return side(hunk, '+');
}

/** Whether a text holds the old side of every hunk at its place: then, and only then, it is what the change was made from. */
export function fits(old: string, hunks: readonly Hunk[]): boolean {
  const lines = splitLines(old);
  return hunks.every((hunk) => {
    const start = startOf(hunk);
    return start >= 0 && lines.slice(start, start + hunk.oldLines).join('') === oldText(hunk);
  });
}

/** The text with the chosen hunks made and the others left as they were. The hunks must fit. */
export function applyHunks(old: string, hunks: readonly Hunk[], isChosen: (index: number) => boolean): string {
  const lines = splitLines(old);
  const result: string[] = [];
  let at = 0;
  hunks.forEach((hunk, index) => {
    if (isChosen(index)) {
      const start = startOf(hunk);
      result.push(...lines.slice(at, start), newText(hunk));
      at = start + hunk.oldLines;
    }
  });
  result.push(...lines.slice(at));
  return result.join('');
}

/** Line, from 0, at which a hunk stands in the text that `applyHunks` gives with the same choice. */
export function lineInResult(hunks: readonly Hunk[], index: number, isChosen: (index: number) => boolean): number {
  let shift = 0;
  hunks.slice(0, index).forEach((hunk, before) => {
    shift += isChosen(before) ? hunk.newLines - hunk.oldLines : 0;
  });
  const hunk = hunks[index];
  return hunk === undefined ? 0 : Math.max(0, startOf(hunk) + shift);
}

function side(hunk: Hunk, mark: '-' | '+'): string {
  let text = '';
  hunk.lines.forEach((line, index) => {
    if (line[0] === ' ' || line[0] === mark) {
      text += line.slice(1) + (hunk.lines[index + 1]?.[0] === '\\' ? '' : '\n');
    }
  });
  return text;
}

// A hunk without old lines stands after its line; one with old lines begins at it.
function startOf(hunk: Hunk): number {
  return hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1;
}

function linesOf(content: string): readonly string[] {
  const lines = content.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function splitLines(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
