/** Where code of a run belongs: the selection that the task was about, as it was then. */
export interface Place {
  /** The document. */
  readonly uri: string;
  /** Offset of the selection. */
  readonly start: number;
  /** Its text; empty where the task was about none. */
  readonly before: string;
}

/** A change of one document. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Puts code where the selection was. The selection is looked for where it stood, and else where it stands now if that is one place alone. Gives why not for
 * a person: nothing is ever written over text that is not the one the task was about.
 */
export function placeCode(place: Place, documentText: string, made: string): Replacement | string {
  // With the line ends of the document, or what is written would not be found again when it is taken back.
  const code = documentText.includes('\r\n') ? made.replace(/\r?\n/g, '\r\n') : made.replaceAll('\r\n', '\n');
  if (place.before === '') {
    return place.start <= documentText.length ? { start: place.start, end: place.start, text: code } : 'The place is not in the document any more. Copy the code from the result.';
  }

  let start = place.start;
  if (!documentText.startsWith(place.before, start)) {
    start = documentText.indexOf(place.before);
    if (start < 0 || documentText.indexOf(place.before, start + 1) >= 0) {
      return 'The selected code has changed since the task began, so nothing is written over it. Copy the code from the result.';
    }
  }

  const ends = place.before.endsWith('\n');
  const lineEnd = code.includes('\r\n') ? '\r\n' : '\n';
  const text = ends && !code.endsWith('\n') ? code + lineEnd : !ends ? code.replace(/\r?\n$/, '') : code;
  return { start, end: start + place.before.length, text };
}

/** Takes a replacement back; gives why not where somebody has edited it since. */
export function takeBack(applied: Replacement & { readonly before: string }, documentText: string): Replacement | string {
  return documentText.startsWith(applied.text, applied.start)
    ? { start: applied.start, end: applied.start + applied.text.length, text: applied.before }
    : 'The applied code has been edited since, so it is not taken back. Use the editor’s own Undo.';
}
