import * as vscode from 'vscode';
import type { EndpointClient } from '../endpoint/client';
import { EndpointProblem } from '../endpoint/problem';
import type { EndpointStatus } from '../endpoint/routerStatus';
import { stateOf, stateOfProblem, type StatusState } from './statusState';
import { statusText } from './statusText';

/** Between two looks while nothing is under way, and while something is. */
const calmMs = 15_000;
const busyMs = 3_000;

/** The entry of the status bar: what `/status` says, looked at again and again and after everything that may have changed it. */
export class StatusBar implements vscode.Disposable {
  private readonly entry = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right, 100);
  private readonly looked = new vscode.EventEmitter<EndpointStatus | string>();
  private readonly ended = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  /** What was seen last: the status, or why there is none. */
  last: EndpointStatus | string = 'The endpoint has not been asked yet.';

  /** It was looked at. */
  readonly onDidLook = this.looked.event;

  constructor(private readonly client: EndpointClient, private readonly isBusy: () => boolean) {
    this.entry.name = 'EdgeCoder';
    this.entry.command = 'edgecoder.routerStatus';
    this.entry.show();
  }

  /** Looks now. Two who ask at once share one request. */
  async look(): Promise<void> {
    this.looking ??= this.ask().finally(() => {
      this.looking = undefined;
    });
    await this.looking;
  }

  dispose(): void {
    this.ended.abort();
    clearTimeout(this.timer);
    this.entry.dispose();
    this.looked.dispose();
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const status = await this.client.status(this.ended.signal);
      this.last = status;
      this.show(stateOf(status));
    } catch (fault) {
      if (this.ended.signal.aborted) {
        return;
      }

      const problem = fault instanceof EndpointProblem ? fault : new EndpointProblem(0, 'offline', 'The endpoint could not be asked.');
      this.last = problem.message;
      this.show(stateOfProblem(problem));
    }

    this.looked.fire(this.last);
    this.timer = setTimeout(() => void this.look(), this.isBusy() ? busyMs : calmMs);
    // It never keeps a process alive that has nothing else to do.
    this.timer.unref();
  }

  private show(state: StatusState): void {
    const { text, tooltip, isWarning } = statusText(state);
    this.entry.text = text;
    this.entry.tooltip = tooltip;
    this.entry.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }
}
