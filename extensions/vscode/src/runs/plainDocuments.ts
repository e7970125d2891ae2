import * as vscode from 'vscode';

const scheme = 'edgecoder-text';
const most = 20;

/** Read-only documents of plain text: results, previews and the two sides of a difference. The oldest are forgotten. */
export class PlainDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  private count = 0;

  /** Makes a document; its name is shown as the title. */
  add(name: string, text: string): vscode.Uri {
    this.count += 1;
    const uri = vscode.Uri.from({ scheme, path: `/${this.count}/${name}` });
    this.texts.set(uri.path, text);
    for (const oldest of [...this.texts.keys()].slice(0, Math.max(0, this.texts.size - most))) {
      this.texts.delete(oldest);
    }

    return uri;
  }

  /** Makes one and shows it. */
  async show(name: string, text: string): Promise<void> {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(this.add(name, text)), { preview: true, preserveFocus: false });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.path) ?? 'This text is not kept any more. Run the command again.';
  }

  dispose(): void {
    this.registration.dispose();
  }
}
