/** What is sent for a completion: the text before and after the cursor, cut to what a small model reads quickly. */
export interface CompletionContext {
  readonly prompt: string;
  readonly suffix: string;
}

const mostBefore = 6_000;
const mostAfter = 2_000;

/** Cuts at line ends, so that the model sees whole lines. Absent where there is nothing to go on from. */
export function completionContext(text: string, offset: number): CompletionContext | undefined {
  let prompt = text.slice(Math.max(0, offset - mostBefore), offset);
  if (offset > mostBefore) {
    prompt = prompt.slice(prompt.indexOf('\n') + 1);
  }

  let suffix = text.slice(offset, offset + mostAfter);
  if (offset + mostAfter < text.length) {
    const end = suffix.lastIndexOf('\n');
    suffix = end < 0 ? suffix : suffix.slice(0, end + 1);
  }

  return prompt.trim() === '' ? undefined : { prompt, suffix };
}

/** A completion as it is offered: nothing where it says nothing, and without the repetition of what follows the cursor on its line. */
export function offered(completion: string, suffix: string): string | undefined {
  const rest = suffix.split('\n', 1)[0] ?? '';
  const text = rest.trim() !== '' && completion.trimEnd().endsWith(rest.trim()) && !completion.includes('\n') ? completion.slice(0, completion.lastIndexOf(rest.trim())) : completion;
  return text.trim() === '' ? undefined : text.replace(/\s+$/, '');
}
