/** Languages of snippets. */
export type Language = 'python' | 'javascript';

const known: Readonly<Record<string, Language>> = { python: 'python', javascript: 'javascript', javascriptreact: 'javascript' };

/** The language of a task: the file's where it is one that can be run and looking is wanted, else the default. */
export function taskLanguage(documentLanguage: string | undefined, autoDetect: boolean, fallback: string): Language {
  const detected = autoDetect && documentLanguage !== undefined && Object.hasOwn(known, documentLanguage) ? known[documentLanguage] : undefined;
  return detected ?? (fallback === 'javascript' ? 'javascript' : 'python');
}
