import type { StatusState } from './statusState';

/** A state in the words of the status bar. */
export interface StatusText {
  /** With an icon of VS Code in front. */
  readonly text: string;
  /** Plain text. */
  readonly tooltip: string;
  readonly isWarning: boolean;
}

/** The words of a state. */
export function statusText(state: StatusState): StatusText {
  switch (state.kind) {
    case 'offline':
      return { text: '$(debug-disconnect) EdgeCoder: offline', tooltip: state.reason, isWarning: true };
    case 'no-key':
      return { text: '$(key) EdgeCoder: no key', tooltip: state.reason, isWarning: true };
    case 'no-model':
      return { text: '$(warning) EdgeCoder: no model', tooltip: state.reason, isWarning: true };
    case 'busy':
      return { text: `$(sync~spin) EdgeCoder: busy${state.waiting > 0 ? `, ${state.waiting} waiting` : ''}`, tooltip: `${state.running} running, ${state.waiting} waiting${ofModel(state.model)}`, isWarning: false };
    case 'ready':
      return { text: `$(check) EdgeCoder${state.model === undefined ? '' : `: ${plain(state.model)}`}`, tooltip: `Ready${ofModel(state.model)}`, isWarning: false };
  }
}

function ofModel(model: string | undefined): string {
  return model === undefined ? '' : ` · ${model}`;
}

// "$(…)" in a name would be drawn as an icon.
function plain(name: string): string {
  return name.replaceAll('$(', '$ (');
}
