import type { Fields } from './reading';

/** A model to choose. */
export interface ModelChoice {
  readonly id: string;
  readonly available: boolean;
  /** Why it is not. */
  readonly reason: string | undefined;
  /** `this-machine`, `team`, `swarm`, …; absent when not told. */
  readonly reach: string | undefined;
  readonly window: number | undefined;
  readonly fim: boolean;
  readonly tools: boolean;
}

/** Reads `/v1/models`. Entries without an id are left out. */
export function readModels(answer: Fields): readonly ModelChoice[] {
  return answer.list('data').flatMap((entry) => {
    const id = entry.text('id');
    const facts = entry.fields('edgecoder');
    return id === undefined
      ? []
      : [{
          id,
          available: facts?.flag('available') ?? true,
          reason: facts?.text('reason'),
          reach: facts?.text('reach'),
          window: facts?.number('provenContext'),
          fim: facts?.flag('fim') ?? false,
          tools: facts?.flag('tools') ?? false,
        }];
  });
}

/** What a choice says beside its id. */
export function modelDetail(model: ModelChoice): string {
  if (!model.available) {
    return `not available: ${model.reason ?? 'no reason given'}`;
  }

  const parts = [
    model.reach === 'this-machine' ? 'this machine' : model.reach,
    model.window === undefined ? undefined : `${model.window.toLocaleString('en')} tokens`,
    model.tools ? 'tools' : undefined,
    model.fim ? 'completes in the middle' : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
