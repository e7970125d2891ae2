import * as vscode from 'vscode';
import { EndpointProblem } from '../endpoint/problem';
import { placeCode, type Replacement, takeBack } from './placement';
import type { PlainDocuments } from './plainDocuments';
import type { Runs } from './runs';

/** Puts the code of the last run where its task came from, after it was looked at as a difference, and takes it back. */
export class CodeApplier {
  private applied: (Replacement & { readonly uri: string; readonly before: string }) | undefined;

  constructor(private readonly runs: Runs, private readonly documents: PlainDocuments) {}

  /** Whether there is something to take back. */
  get canUndo(): boolean {
    return this.applied !== undefined;
  }

  /** Shows what would change and changes it after the person's word. Without a place the code opens as a new file. */
  async apply(): Promise<void> {
    const { made } = this.runs;
    if (made === undefined) {
      throw new EndpointProblem(0, 'no_code', 'There is no code to apply. Run a task first.');
    }

    if (made.place === undefined) {
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: made.code }));
      return;
    }

    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(made.place.uri));
    const before = document.getText();
    const change = placeCode(made.place, before, made.code);
    if (typeof change === 'string') {
      throw new EndpointProblem(0, 'changed_since', change);
    }

    const name = document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1);
    await vscode.commands.executeCommand('vscode.diff', document.uri, this.documents.add(name, before.slice(0, change.start) + change.text + before.slice(change.end)), `${name}: with the code of “${made.label}”`);
    const apply = 'Apply';
    if ((await vscode.window.showInformationMessage(`Put the code into ${name}?`, { modal: true }, apply)) !== apply) {
      return;
    }

    // The person may have typed while the question stood.
    const now = placeCode(made.place, document.getText(), made.code);
    if (typeof now === 'string' || document.getText() !== before) {
      throw new EndpointProblem(0, 'changed_since', 'The file was edited meanwhile. Look at the difference again: EdgeCoder: Apply Code');
    }

    await replace(document, now);
    this.applied = { ...now, uri: made.place.uri, before: before.slice(now.start, now.end) };
  }

  /** Takes the last application back. */
  async undo(): Promise<void> {
    const { applied } = this;
    if (applied === undefined) {
      return;
    }

    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(applied.uri));
    const change = takeBack(applied, document.getText());
    if (typeof change === 'string') {
      this.applied = undefined;
      throw new EndpointProblem(0, 'changed_since', change);
    }

    await replace(document, change);
    this.applied = undefined;
    void vscode.window.showInformationMessage('EdgeCoder: the applied code is taken back.');
  }
}

async function replace(document: vscode.TextDocument, change: Replacement): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(document.positionAt(change.start), document.positionAt(change.end)), change.text);
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new EndpointProblem(0, 'not_written', 'The editor did not take the change. Is the file read-only?');
  }
}
