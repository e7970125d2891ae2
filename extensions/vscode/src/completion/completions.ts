import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { EndpointClient } from '../endpoint/client';
import { Cancelled, EndpointProblem } from '../endpoint/problem';
import { isSecretFile } from '../runs/secretFiles';
import { readSettings } from '../settings';
import { completionContext, offered } from './completionContext';

const pauseMs = 150;
const mostTokens = 96;
// What passes by itself: the next try may succeed.
const passing: ReadonlySet<string> = new Set(['superseded', 'rate_limit_exceeded', 'local_busy', 'offline', 'interrupted']);

/** Completes while a person types. It never disturbs: where it cannot, it offers nothing, and a lasting reason keeps it quiet until a setting or the status changes. */
export class Completions implements vscode.InlineCompletionItemProvider {
  private readonly session = randomUUID();
  private quiet: string | undefined;

  /** @param pause Waits until the person has stopped typing, or throws when the signal is aborted. */
  constructor(private readonly client: EndpointClient, private readonly pause: (ms: number, signal: AbortSignal) => Promise<void>) {}

  /** Something changed that may have taken the reason away. */
  wake(): void {
    this.quiet = undefined;
  }

  /** Why it offers nothing; absent while it does. */
  get reason(): string | undefined {
    return this.quiet;
  }

  async provideInlineCompletionItems(document: vscode.TextDocument, position: vscode.Position, context: vscode.InlineCompletionContext, token: vscode.CancellationToken): Promise<vscode.InlineCompletionItem[]> {
    const settings = readSettings();
    const byItself = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
    if ((byItself && (!settings.inlineCompletion || this.quiet !== undefined)) || isSecretFile(document.uri.path) || token.isCancellationRequested) {
      return [];
    }

    const around = completionContext(document.getText(), document.offsetAt(position));
    if (around === undefined) {
      return [];
    }

    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      if (byItself) {
        await this.pause(pauseMs, controller.signal);
      }

      const body = { model: settings.model, prompt: around.prompt, suffix: around.suffix, max_tokens: mostTokens, temperature: 0, stop: ['\n\n\n'] };
      const text = offered(await this.client.complete(body, settings.dataClass, this.session, controller.signal), around.suffix);
      return text === undefined || token.isCancellationRequested ? [] : [new vscode.InlineCompletionItem(text, new vscode.Range(position, position))];
    } catch (fault) {
      if (fault instanceof EndpointProblem && !passing.has(fault.code)) {
        this.quiet = fault.message;
      } else if (!(fault instanceof EndpointProblem) && !(fault instanceof Cancelled) && !controller.signal.aborted) {
        throw fault;
      }

      return [];
    } finally {
      subscription.dispose();
    }
  }
}
