import * as vscode from 'vscode';
import type { EndpointClient, RunRoute } from '../endpoint/client';
import { EndpointProblem } from '../endpoint/problem';
import { readSettings, type Settings } from '../settings';
import { badgeText } from '../status/ranOn';
import type { StatusBar } from '../status/statusBar';
import { explainWait } from '../status/waiting';
import type { Work, Works } from '../works';
import { egressPreview, isPreviewed, swarmRefusal } from './egressPreview';
import { taskLanguage } from './language';
import type { Place } from './placement';
import type { PlainDocuments } from './plainDocuments';
import { outcomeLine, readRunResult, resultDocument, type RunResult } from './runResult';
import { oneLine, type RunRequest, runRequest } from './runRequest';
import { isSecretFile } from './secretFiles';
import { type Excerpt, taskText } from './taskText';

/** The last code that a run made, and where it belongs. */
export interface MadeCode {
  readonly code: string;
  readonly label: string;
  readonly place: Place | undefined;
}

/** The commands that run a task: automatic, on this machine, in the swarm. */
export class Runs {
  /** What *Apply Code* applies. */
  made: MadeCode | undefined;

  constructor(
    private readonly client: EndpointClient,
    private readonly works: Works,
    private readonly status: StatusBar,
    private readonly documents: PlainDocuments,
  ) {}

  /**
   * 1. What is asked, and what it is about. 2. For the swarm: whether it may go there, and the person's word on exactly what goes. 3. The run, which can be
   * cancelled at any moment. 4. The result, with where it ran as the answer says it.
   */
  async run(route: RunRoute): Promise<void> {
    const settings = readSettings();
    // 1.
    const editor = vscode.window.activeTextEditor;
    const excerpt = await excerptOf(editor, route);
    if (excerpt === 'refused') {
      return;
    }

    const asked = (await vscode.window.showInputBox({ title: titles[route], prompt: excerpt === undefined ? 'What should it write?' : 'What should it do with the selected code?', ignoreFocusOut: true }))?.trim() ?? '';
    if (asked === '') {
      return;
    }

    const place = editor === undefined || editor.document.uri.scheme === 'edgecoder-text' ? undefined : placeOf(editor);
    const language = taskLanguage(editor?.document.languageId, settings.autoDetectLanguage, settings.defaultLanguage);
    const request = runRequest(route, { task: taskText(asked, excerpt), language, dataClass: settings.dataClass, model: settings.model, label: asked });
    // 2.
    if (route === 'run/swarm' && !(await this.mayLeave(request, settings))) {
      return;
    }

    // 3.
    for (let waiting = true; waiting;) {
      waiting = false;
      try {
        const result = await this.send(request);
        // 4.
        await this.show(result, request, place, settings);
      } catch (fault) {
        // A task that came to a bad end has an id too; only one that goes on can be waited for.
        if (!(fault instanceof EndpointProblem && fault.taskId !== undefined && (fault.status === 504 || fault.status === 503))) {
          throw fault;
        }

        waiting = await this.keepsWaiting(request, fault.message, fault.taskId);
      }
    }
  }

  private async mayLeave(request: RunRequest, settings: Settings): Promise<boolean> {
    if ('fault' in settings.address) {
      throw new EndpointProblem(0, 'offline', settings.address.fault);
    }

    const router = await this.works.during('Looking for the swarm', (work) => this.client.routerStatus(work.signal));
    const refusal = swarmRefusal(request.dataClass, router.routes.find((route) => route.id === 'swarm'));
    if (refusal !== undefined) {
      throw new EndpointProblem(0, request.dataClass === 'local' ? 'data_class_denied' : 'swarm_unavailable', refusal);
    }

    const preview = egressPreview(request, settings.address);
    await this.documents.show('What leaves this machine.txt', preview.document);
    const send = 'Send to the Swarm';
    const answer = await vscode.window.showWarningMessage(preview.summary, { modal: true, detail: `Every byte is in the editor behind this question. SHA-256 ${preview.sha256}` }, send);
    return answer === send && isPreviewed(preview, request.body);
  }

  private async send(request: RunRequest): Promise<RunResult> {
    return this.works.during(request.label, async (work) => vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `EdgeCoder: ${request.label}`, cancellable: true },
      async (progress, token) => {
        const told = (): void => progress.report({ message: this.reason(work) });
        const subscriptions = [token.onCancellationRequested(() => work.cancel()), this.status.onDidLook(told)];
        told();
        try {
          return readRunResult(await this.client.run(request.route, request.id, request.body, request.dataClass, work.signal));
        } finally {
          subscriptions.forEach((subscription) => subscription.dispose());
          void this.status.look();
        }
      },
    ));
  }

  private reason(work: Work): string {
    return explainWait([{ label: '', state: work.state, sinceMs: work.sinceMs }], this.status.last, Date.now()).join(' ').replace(/^[^:]*: /, '');
  }

  private async show(result: RunResult, request: RunRequest, place: Place | undefined, settings: Settings): Promise<void> {
    this.made = result.code === undefined ? undefined : { code: result.code, label: request.label, place };
    await this.documents.show('EdgeCoder result.txt', resultDocument(result, request.label, settings.showRouteInfo));
    const line = `EdgeCoder: ${outcomeLine(result)}${settings.showRouteInfo ? `. ${badgeText(result.ranOn)}` : ''}`;
    const apply = 'Apply Code';
    const show = result.outcome === 'succeeded' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    // Nobody has to answer: the command goes on when somebody does.
    void show(line, ...(result.code === undefined ? [] : [apply])).then((chosen) => (chosen === apply ? vscode.commands.executeCommand('edgecoder.applyCode') : undefined));
  }

  private async keepsWaiting(request: RunRequest, message: string, taskId: string): Promise<boolean> {
    const wait = 'Keep Waiting';
    const [reason] = explainWait([{ label: request.label, state: message, sinceMs: Date.now(), taskId }], this.status.last, Date.now());
    return (await vscode.window.showWarningMessage(`EdgeCoder: not done yet. ${reason ?? message}`, wait)) === wait;
  }
}

const titles: Readonly<Record<RunRoute, string>> = {
  run: 'EdgeCoder: run a task',
  'run/local': 'EdgeCoder: run a task on this machine',
  'run/swarm': 'EdgeCoder: send a task to the swarm',
};

function placeOf(editor: vscode.TextEditor): Place {
  const { document, selection } = editor;
  return { uri: document.uri.toString(), start: document.offsetAt(selection.start), before: document.getText(selection) };
}

async function excerptOf(editor: vscode.TextEditor | undefined, route: RunRoute): Promise<Excerpt | undefined | 'refused'> {
  if (editor === undefined || editor.selection.isEmpty) {
    return undefined;
  }

  const path = editor.document.uri.path;
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  if (isSecretFile(path)) {
    const send = 'Send It This Once';
    const answer = await vscode.window.showWarningMessage(`${oneLine(fileName)} is a file of secrets by its name, so its text is not sent.`, { modal: true }, ...(route === 'run/local' ? [send] : []));
    if (answer !== send) {
      return 'refused';
    }
  }

  return { text: editor.document.getText(editor.selection), fileName, language: editor.document.languageId };
}
