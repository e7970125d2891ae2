import * as vscode from 'vscode';
import { fits, newText, oldText } from './hunks';
import { type FileDecision, proposal, withEdit } from './reviewDecision';

/** The proposed side of a difference as a file that can be edited: typing and saving there is how a hunk is edited. */
export const proposalScheme = 'edgecoder-proposal';

/** A file under review. */
export interface ReviewedFile {
  decision: FileDecision;
  /** The text that it was made from; where that is not on disk any more, only the lines of the hunks are known, and nothing can be edited. */
  readonly old: string | undefined;
}

/** Both sides of a file. */
export function sidesOf(reviewed: ReviewedFile): { readonly old: string; readonly proposed: string } {
  const { decision, old } = reviewed;
  if (old !== undefined) {
    return { old, proposed: proposal(decision, old) };
  }

  const part = (text: string, index: number): string => `… hunk ${index + 1}\n${text}`;
  return {
    old: decision.file.hunks.map((hunk, index) => part(oldText(hunk), index)).join('\n'),
    proposed: decision.file.hunks.map((hunk, index) => part(decision.chosen[index] === true ? newText(hunk) : oldText(hunk), index)).join('\n'),
  };
}

/** Whether a text can be reviewed as a whole: it holds what every hunk was made from. */
export function wholeText(text: string | undefined, decision: FileDecision): string | undefined {
  const old = decision.file.kind === 'added' ? '' : text;
  return old !== undefined && fits(old, decision.file.hunks) ? old : undefined;
}

/** Serves the proposed sides to the editor. There is nothing on disk behind them. */
export class ProposalFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly files = new Map<string, ReviewedFile & { version: number }>();
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly registration = vscode.workspace.registerFileSystemProvider(proposalScheme, this, { isCaseSensitive: true });

  readonly onDidChangeFile = this.changed.event;

  /** Puts a file under review. */
  add(session: string, reviewed: ReviewedFile): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: proposalScheme, path: `/${session}/${reviewed.decision.file.path}` });
    this.files.set(uri.path, { ...reviewed, version: 1 });
    return uri;
  }

  find(uri: vscode.Uri): ReviewedFile | undefined {
    return this.files.get(uri.path);
  }

  /** Takes a new decision on a file; the editor shows its text. */
  decide(uri: vscode.Uri, decision: FileDecision): void {
    const file = this.files.get(uri.path);
    if (file !== undefined) {
      file.decision = decision;
      file.version += 1;
      this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    }
  }

  /** Ends the review of a session. */
  forget(session: string): void {
    for (const path of [...this.files.keys()].filter((path) => path.startsWith(`/${session}/`))) {
      this.files.delete(path);
    }
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const file = this.known(uri);
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: file.version,
      size: Buffer.byteLength(sidesOf(file).proposed),
      ...(file.old === undefined || file.decision.file.isBinary ? { permissions: vscode.FilePermission.Readonly } : {}),
    };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return new TextEncoder().encode(sidesOf(this.known(uri)).proposed);
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const file = this.known(uri);
    if (file.old === undefined) {
      throw vscode.FileSystemError.NoPermissions('The file has changed since the session began, so its proposal cannot be edited here. Apply or reject its hunks.');
    }

    this.decide(uri, withEdit(file.decision, file.old, new TextDecoder().decode(content)));
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }

  private known(uri: vscode.Uri): ReviewedFile & { version: number } {
    const file = this.files.get(uri.path);
    if (file === undefined) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }

    return file;
  }
}
