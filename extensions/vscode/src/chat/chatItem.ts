import type { Piece } from './fences';

/** A question of the agent to the person. */
export interface Question {
  /** Unguessable; what an answer names. */
  readonly id: string;
  readonly reason: string | undefined;
  /** The rule that "session" and "always" would add; absent where no rule can stand for the action. */
  readonly rule: string | undefined;
  /** Digest of the action that is shown; it goes back with the answer, so the answer holds for no other action. */
  readonly actionHash: string | undefined;
}

/** One thing of a conversation, as the view shows it. Texts are shown as text, never as markup. */
export type ChatItem =
  | { readonly kind: 'person'; readonly text: string }
  | { readonly kind: 'answer'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'plan'; readonly steps: readonly { readonly text: string; readonly status: string }[] }
  | {
      readonly kind: 'tool';
      readonly title: string;
      readonly args: string;
      readonly state: 'running' | 'asking' | 'done' | 'failed' | 'refused';
      readonly question: Question | undefined;
      /** What was decided, and by whom. */
      readonly decision: string | undefined;
      readonly output: string;
    }
  | { readonly kind: 'change'; readonly title: string; readonly caution: string | undefined; readonly lines: readonly string[] }
  | { readonly kind: 'tests'; readonly passed: boolean; readonly title: string; readonly details: string }
  | { readonly kind: 'note'; readonly tone: 'info' | 'problem'; readonly text: string }
  | { readonly kind: 'end'; readonly text: string; readonly badge: string; readonly canReview: boolean };

/** The line above the box: what is going on, and where. */
export interface ChatStatus {
  readonly text: string;
  readonly isWorking: boolean;
}
