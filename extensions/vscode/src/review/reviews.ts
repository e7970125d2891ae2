import * as vscode from 'vscode';
import type { EndpointClient } from '../endpoint/client';
import { EndpointProblem } from '../endpoint/problem';
import type { PlainDocuments } from '../runs/plainDocuments';
import { readSettings } from '../settings';
import type { Works } from '../works';
import { type ChangedFile, lineInResult } from './hunks';
import { ProposalFiles, proposalScheme, sidesOf, wholeText } from './proposalFiles';
import { freshDecision, keptFiles, toggled } from './reviewDecision';

interface OpenReview {
  readonly session: string;
  readonly uris: readonly vscode.Uri[];
}

/** The review of a session's change in the editor's own difference view: apply or reject each hunk, edit, then apply what is left, all or nothing. */
export class Reviews implements vscode.CodeLensProvider, vscode.Disposable {
  private readonly files = new ProposalFiles();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  private readonly registrations = [
    vscode.languages.registerCodeLensProvider({ scheme: proposalScheme }, this),
    this.files.onDidChangeFile(() => this.lensesChanged.fire()),
  ];
  // Sessions that hold only what the person kept, because merging that failed. Numbers of hunks that are shown mean nothing to them any more.
  private readonly held = new Set<string>();
  private open: OpenReview | undefined;

  readonly onDidChangeCodeLenses = this.lensesChanged.event;

  constructor(private readonly client: EndpointClient, private readonly works: Works, private readonly documents: PlainDocuments) {}

  /** Opens the review of a change; with several files the person picks the one to look at. Decisions of an open review of the same change are kept. */
  async show(session: string, files: readonly ChangedFile[], root: vscode.Uri): Promise<void> {
    if (this.held.has(session)) {
      await this.offerHeld(session, 'This session holds only what you kept.');
      return;
    }

    const paths = files.map((file) => `/${session}/${file.path}`);
    if (this.open?.session !== session || this.open.uris.map((uri) => uri.path).join('\n') !== paths.join('\n')) {
      this.files.forget(session);
      const uris: vscode.Uri[] = [];
      for (const file of files) {
        const decision = freshDecision(file);
        uris.push(this.files.add(session, { decision, old: wholeText(await textOf(root, file.oldPath ?? file.path), decision) }));
      }

      this.open = { session, uris };
    }

    const choices = this.open.uris.flatMap((uri) => {
      const file = this.files.find(uri)?.decision.file;
      return file === undefined ? [] : [{ uri, file, label: file.path, description: `${file.kind}, ${file.hunks.length} ${file.hunks.length === 1 ? 'hunk' : 'hunks'}`, detail: file.caution ?? '' }];
    });
    const chosen = choices.length === 1 ? choices[0] : await vscode.window.showQuickPick(choices, { title: 'EdgeCoder: which file?', placeHolder: 'Apply Reviewed Change, at the top of the difference, applies all of them' });
    const reviewed = chosen === undefined ? undefined : this.files.find(chosen.uri);
    if (chosen === undefined || reviewed === undefined) {
      return;
    }

    const name = chosen.file.path.slice(chosen.file.path.lastIndexOf('/') + 1);
    await vscode.commands.executeCommand('vscode.diff', this.documents.add(name, sidesOf(reviewed).old), chosen.uri, `${chosen.file.path}: proposed change`);
  }

  /** Above each hunk what is decided on it, and the other choice. */
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const reviewed = this.files.find(document.uri);
    if (reviewed === undefined) {
      return [];
    }

    const { decision } = reviewed;
    const { hunks } = decision.file;
    if (decision.edited !== undefined) {
      return [lens(0, 'Edited by you: throw the edit away', document.uri, -1)];
    }

    if (reviewed.old === undefined) {
      // The sides hold the hunks alone, each below a line with its number.
      const text = document.getText().split('\n');
      return hunks.map((_, index) => lens(Math.max(0, text.indexOf(`… hunk ${index + 1}`)), words(decision.chosen[index] ?? false, index, hunks.length), document.uri, index));
    }

    return hunks.map((_, index) => lens(lineInResult(hunks, index, (at) => decision.chosen[at] ?? false), words(decision.chosen[index] ?? false, index, hunks.length), document.uri, index));
  }

  /** Applies a hunk or leaves it out; -1 throws an edit away. */
  toggle(uri: unknown, index: unknown): void {
    const reviewed = uri instanceof vscode.Uri ? this.files.find(uri) : undefined;
    if (reviewed !== undefined && uri instanceof vscode.Uri && typeof index === 'number') {
      this.files.decide(uri, toggled(reviewed.decision, index));
    }
  }

  /** Merges what is left of the change into the person's files. */
  async apply(): Promise<void> {
    const { session, uris } = this.opened();
    const unsaved = vscode.workspace.textDocuments.filter((document) => document.isDirty && uris.some((uri) => uri.toString() === document.uri.toString()));
    if (unsaved.length > 0) {
      throw new EndpointProblem(0, 'unsaved', 'A proposal is edited and not saved. Save it, then apply.');
    }

    const kept = keptFiles(uris.flatMap((uri) => this.files.find(uri)?.decision ?? []));
    if (kept?.length === 0) {
      throw new EndpointProblem(0, 'nothing_kept', 'Every hunk is left out, so there is nothing to apply. Use Reject Change to end the review.');
    }

    try {
      await this.merge(session, kept === undefined ? {} : { files: kept });
    } catch (fault) {
      if (!(fault instanceof EndpointProblem && fault.code === 'not_done' && kept !== undefined)) {
        throw fault;
      }

      this.held.add(session);
      this.close(session);
      await this.offerHeld(session, `${fault.message} The session holds only what you kept now.`);
    }
  }

  /** Rejects the whole change. */
  async reject(): Promise<void> {
    const { session } = this.opened();
    const reject = 'Reject';
    if ((await vscode.window.showWarningMessage('Reject the whole change? Your files stay as they are.', { modal: true }, reject)) === reject) {
      const answer = await this.act(session, 'reject', {});
      await this.told(session, answer.applied, answer.message, 'The change is rejected.');
    }
  }

  /** Takes back what a session applied last, or its last step. */
  async undo(session: string): Promise<void> {
    const answer = await this.act(session, 'undo', {});
    this.held.delete(session);
    void vscode.window.showInformationMessage(`EdgeCoder: ${answer.message ?? 'It is taken back.'}`);
  }

  dispose(): void {
    this.registrations.forEach((registration) => registration.dispose());
    this.files.dispose();
    this.lensesChanged.dispose();
  }

  private async act(session: string, action: 'apply' | 'reject' | 'undo', body: unknown): Promise<{ readonly applied: boolean; readonly message: string | undefined }> {
    const fields = await this.works.during(`${action} a change`, (work) => this.client.act(session, action, body, action === 'apply' ? readSettings().dataClass : undefined, work.signal));
    return { applied: fields.flag('done') ?? fields.flag('ok') ?? false, message: fields.text('message') };
  }

  private async told(session: string, done: boolean, message: string | undefined, otherwise: string): Promise<void> {
    if (!done) {
      // A conflict: nothing was written, and the review stays.
      void vscode.window.showWarningMessage(`EdgeCoder: ${message ?? 'It was not done, and the endpoint does not say why.'}`);
      return;
    }

    this.held.delete(session);
    this.close(session);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    void vscode.window.showInformationMessage(`EdgeCoder: ${message ?? otherwise}`);
  }

  private async merge(session: string, body: unknown): Promise<void> {
    const answer = await this.act(session, 'apply', body);
    await this.told(session, answer.applied, answer.message, 'The change is applied.');
  }

  private async offerHeld(session: string, message: string): Promise<void> {
    const again = 'Apply Again';
    const back = 'Undo';
    const chosen = await vscode.window.showWarningMessage(`EdgeCoder: ${message} Apply that again, or undo to have the whole change back.`, again, back);
    if (chosen === again) {
      await this.merge(session, {});
    } else if (chosen === back) {
      await this.undo(session);
    }
  }

  private close(session: string): void {
    this.files.forget(session);
    this.open = undefined;
  }

  private opened(): OpenReview {
    if (this.open === undefined) {
      throw new EndpointProblem(0, 'no_review', 'No review is open. Use EdgeCoder: Open Reviews.');
    }

    return this.open;
  }
}

function words(isApplied: boolean, index: number, count: number): string {
  return `Hunk ${index + 1} of ${count}: ${isApplied ? 'applied. Leave it out' : 'left out. Apply it'}`;
}

function lens(line: number, title: string, uri: vscode.Uri, index: number): vscode.CodeLens {
  return new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command: 'edgecoder.review.toggleHunk', arguments: [uri, index] });
}

/** The text of a file below the root as it is on disk; absent where there is none, or where its name leads out. */
async function textOf(root: vscode.Uri, path: string): Promise<string | undefined> {
  const uri = vscode.Uri.joinPath(root, path);
  if (!uri.path.startsWith(root.path.endsWith('/') ? root.path : `${root.path}/`)) {
    return undefined;
  }

  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
