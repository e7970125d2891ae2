/** A piece of an answer: prose, or code of a fence. */
export interface Piece {
  readonly kind: 'text' | 'code';
  readonly text: string;
  readonly language: string;
}

/** Splits an answer at its fences, so that code can be shown as code. Text only: nothing of it becomes markup. An unclosed fence goes to the end. */
export function splitFences(answer: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let lines: string[] = [];
  let fence: { readonly mark: string; readonly language: string } | undefined;
  const flush = (): void => {
    const text = lines.join('\n');
    lines = [];
    if (fence !== undefined || text.trim() !== '') {
      pieces.push({ kind: fence === undefined ? 'text' : 'code', text, language: fence?.language ?? '' });
    }
  };

  for (const line of answer.split(/\r?\n/)) {
    if (fence === undefined) {
      const open = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/.exec(line);
      if (open !== null) {
        flush();
        fence = { mark: open[1] ?? '```', language: (open[2] ?? '').slice(0, 40) };
        continue;
      }
    } else if (new RegExp(`^ {0,3}\\${fence.mark[0]}{${fence.mark.length},}\\s*$`).test(line)) {
      flush();
      fence = undefined;
      continue;
    }

    lines.push(line);
  }

  flush();
  return pieces;
}
