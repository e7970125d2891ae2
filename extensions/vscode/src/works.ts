import * as vscode from 'vscode';
import type { Pending } from './status/waiting';

/** Something under way. */
export class Work {
  readonly sinceMs = Date.now();
  state = 'The endpoint has not answered yet.';
  forPerson = false;
  taskId: string | undefined;
  private readonly controller = new AbortController();

  constructor(readonly label: string) {}

  /** Aborted when somebody cancels: it reaches the connection. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  cancel(): void {
    this.controller.abort();
  }
}

/** All that this window has under way: what *Cancel Everything* ends and *Explain Wait* explains. */
export class Works implements vscode.Disposable {
  private readonly all = new Set<Work>();
  private readonly changed = new vscode.EventEmitter<void>();

  /** Something began or ended. */
  readonly onDidChange = this.changed.event;

  /** Does something that can be cancelled from everywhere. */
  async during<T>(label: string, act: (work: Work) => Promise<T>): Promise<T> {
    const work = new Work(label);
    this.all.add(work);
    this.changed.fire();
    try {
      return await act(work);
    } finally {
      this.all.delete(work);
      this.changed.fire();
    }
  }

  get pending(): readonly Pending[] {
    return [...this.all].map((work) => ({ label: work.label, state: work.state, sinceMs: work.sinceMs, forPerson: work.forPerson, ...(work.taskId === undefined ? {} : { taskId: work.taskId }) }));
  }

  get count(): number {
    return this.all.size;
  }

  cancelAll(): void {
    for (const work of this.all) {
      work.cancel();
    }
  }

  dispose(): void {
    this.cancelAll();
    this.changed.dispose();
  }
}
