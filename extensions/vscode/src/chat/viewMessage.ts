import { Fields } from '../endpoint/reading';

/** What the view can ask for. It shows what a model wrote, so it is not trusted: anything else is passed over. */
export type ViewMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'prompt'; readonly text: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'review' }
  | { readonly kind: 'answer'; readonly id: string; readonly word: 'once' | 'session' | 'always' | 'denied' };

const mostPrompt = 200_000;

/** Reads a message; absent when it is none. */
export function readViewMessage(value: unknown): ViewMessage | undefined {
  const fields = Fields.of(value);
  const kind = fields.text('kind');
  switch (kind) {
    case 'ready':
    case 'cancel':
    case 'review':
      return { kind };
    case 'prompt': {
      const text = fields.text('text')?.trim() ?? '';
      return text === '' || text.length > mostPrompt ? undefined : { kind, text };
    }
    case 'answer': {
      const id = fields.text('id');
      const word = fields.text('word');
      return id !== undefined && (word === 'once' || word === 'session' || word === 'always' || word === 'denied') ? { kind, id, word } : undefined;
    }
    default:
      return undefined;
  }
}
