/** A part of a file that a task is about. */
export interface Excerpt {
  readonly text: string;
  /** Name alone: where a person keeps files is nobody's business. */
  readonly fileName: string;
  readonly language: string;
}

/** The task in one text: what the person says, then the code it is about, in a fence that nothing inside it closes. */
export function taskText(request: string, excerpt: Excerpt | undefined): string {
  if (excerpt === undefined || excerpt.text.trim() === '') {
    return request.trim();
  }

  const longest = Math.max(2, ...[...excerpt.text.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${request.trim()}\n\nThe code this is about, from ${excerpt.fileName}:\n${fence}${excerpt.language}\n${excerpt.text.replace(/\n$/, '')}\n${fence}`;
}
