// The part of the module `vscode` that the extension uses, as the editor behaves, without an editor. What a person does and sees is in `person`.

type Listener<T> = (event: T) => unknown;

export class Disposable {
  constructor(private readonly act: () => void) {}
  dispose(): void { this.act(); }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<Listener<T>>();
  readonly event = (listener: Listener<T>): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(event: T): void { for (const listener of [...this.listeners]) listener(event); }
  dispose(): void { this.listeners.clear(); }
}

export class Uri {
  constructor(readonly scheme: string, readonly authority: string, readonly path: string) {}
  static file(path: string): Uri { return new Uri('file', '', path); }
  static from(parts: { scheme: string; path?: string }): Uri { return new Uri(parts.scheme, '', parts.path ?? ''); }
  static parse(text: string): Uri {
    const match = /^([a-z-]+):(?:\/\/([^/]*))?(.*)$/.exec(text);
    return new Uri(match?.[1] ?? 'file', match?.[2] ?? '', decodeURIComponent(match?.[3] ?? ''));
  }
  // As the editor does it: ".." goes up.
  static joinPath(base: Uri, ...parts: string[]): Uri {
    const names: string[] = [];
    for (const name of [base.path, ...parts].join('/').split('/')) {
      if (name === '..') names.pop();
      else if (name !== '' && name !== '.') names.push(name);
    }
    return new Uri(base.scheme, base.authority, `/${names.join('/')}`);
  }
  get fsPath(): string { return this.path; }
  toString(): string { return `${this.scheme}://${this.authority}${this.path.split('/').map(encodeURIComponent).join('/')}`; }
}

export class Position { constructor(readonly line: number, readonly character: number) {} }
export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(a: Position | number, b: Position | number, c?: number, d?: number) {
    this.start = typeof a === 'number' ? new Position(a, b as number) : a;
    this.end = typeof a === 'number' ? new Position(c ?? 0, d ?? 0) : (b as Position);
  }
  get isEmpty(): boolean { return this.start.line === this.end.line && this.start.character === this.end.character; }
}
export class Selection extends Range {}
export class CodeLens { constructor(readonly range: Range, readonly command?: unknown) {} }
export class InlineCompletionItem { constructor(readonly insertText: string, readonly range?: Range) {} }
export class ThemeColor { constructor(readonly id: string) {} }
export class TreeItem { constructor(readonly label: string) {} }
export class WorkspaceEdit {
  readonly edits: { uri: Uri; range: Range; text: string }[] = [];
  replace(uri: Uri, range: Range, text: string): void { this.edits.push({ uri, range, text }); }
}
export class FileSystemError extends Error {
  static NoPermissions(what: unknown): FileSystemError { return new FileSystemError(`NoPermissions: ${String(what)}`); }
  static FileNotFound(what: unknown): FileSystemError { return new FileSystemError(`FileNotFound: ${String(what)}`); }
}
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const ProgressLocation = { Notification: 15 };
export const ConfigurationTarget = { Global: 1, Workspace: 2 };
export const FileType = { File: 1 };
export const FilePermission = { Readonly: 1 };
export const FileChangeType = { Changed: 1 };
export const InlineCompletionTriggerKind = { Invoke: 0, Automatic: 1 };

/** A document that is open. */
export class FakeDocument {
  isDirty = false;
  constructor(readonly uri: Uri, private text: string, readonly languageId: string) {}
  getText(range?: Range): string { return range === undefined ? this.text : this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end)); }
  setText(text: string): void { this.text = text; }
  offsetAt(position: Position): number {
    const lines = this.text.split('\n');
    return lines.slice(0, position.line).reduce((sum, line) => sum + line.length + 1, 0) + position.character;
  }
  positionAt(offset: number): Position {
    const before = this.text.slice(0, offset).split('\n');
    return new Position(before.length - 1, before.at(-1)?.length ?? 0);
  }
}

/** One message that was shown. */
export interface Shown { readonly kind: 'info' | 'warning' | 'error' | 'input' | 'pick' | 'progress' | 'document' | 'diff'; readonly text: string; readonly actions: readonly string[] }

/** The person at the editor: what was shown, and what is answered. */
export const person = {
  shown: [] as Shown[],
  /** Answers what is asked; absent for Escape. */
  answer: (_asked: Shown): string | undefined => undefined,
  globalSettings: {} as Record<string, unknown>,
  workspaceSettings: {} as Record<string, unknown>,
  documents: [] as FakeDocument[],
  files: {} as Record<string, string>,
  executed: [] as { name: string; args: unknown[] }[],
  statusBar: [] as { text: string; tooltip: string }[],
  posted: [] as unknown[],
  cancelRunning: (): void => undefined,
  progressShown: new EventEmitter<void>(),
  somethingShown: new EventEmitter<Shown>(),
};

const commandTable = new Map<string, (...args: unknown[]) => unknown>();
const contentProviders = new Map<string, { provideTextDocumentContent(uri: Uri): string }>();
const fileProviders = new Map<string, { readFile(uri: Uri): Uint8Array }>();
const configurationChanged = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
/** What the extension registered. */
export const registered = {
  commands: commandTable,
  completions: undefined as unknown,
  lenses: undefined as unknown,
  view: undefined as { resolveWebviewView(view: unknown): void } | undefined,
  files: fileProviders as Map<string, { readFile(uri: Uri): Uint8Array; writeFile(uri: Uri, content: Uint8Array): void }>,
};

function show(kind: Shown['kind'], text: string, actions: readonly string[] = []): string | undefined {
  const shown = { kind, text, actions };
  person.shown.push(shown);
  person.somethingShown.fire(shown);
  return person.answer(shown);
}

function message(kind: Shown['kind']) {
  return async (text: string, ...rest: unknown[]): Promise<string | undefined> => {
    const options = typeof rest[0] === 'object' ? (rest.shift() as { detail?: string }) : {};
    const chosen = show(kind, [text, options.detail].filter((part) => part !== undefined).join('\n'), rest as string[]);
    return rest.includes(chosen) ? chosen : undefined;
  };
}

export const window = {
  activeTextEditor: undefined as { document: FakeDocument; selection: Selection } | undefined,
  createStatusBarItem() {
    const item = { name: '', command: '', text: '', tooltip: '', backgroundColor: undefined as unknown, show: () => undefined, dispose: () => undefined };
    person.statusBar.push(item);
    return item;
  },
  showInformationMessage: message('info'),
  showWarningMessage: message('warning'),
  showErrorMessage: message('error'),
  async showInputBox(options: { title?: string }): Promise<string | undefined> { return show('input', options.title ?? ''); },
  async showQuickPick<T extends { label: string; description?: string; detail?: string }>(items: readonly T[], options: { title?: string }): Promise<T | undefined> {
    const chosen = show('pick', options.title ?? '', items.map((item) => [item.label, item.description, item.detail].filter((part) => part !== undefined).join(' | ')));
    return items.find((item) => item.label === chosen);
  },
  async withProgress<T>(options: { title: string }, act: (progress: { report(value: { message: string }): void }, token: unknown) => Promise<T>): Promise<T> {
    const cancelled = new EventEmitter<void>();
    person.cancelRunning = () => cancelled.fire();
    const done = act({ report: ({ message: text }) => void show('progress', `${options.title} ${text}`) }, { isCancellationRequested: false, onCancellationRequested: cancelled.event });
    person.progressShown.fire();
    return done;
  },
  async showTextDocument(document: FakeDocument): Promise<void> { show('document', document.getText()); },
  registerWebviewViewProvider(_id: string, provider: { resolveWebviewView(view: unknown): void }) {
    registered.view = provider;
    return new Disposable(() => undefined);
  },
  createTreeView() { return { dispose: () => undefined }; },
};

export const workspace = {
  workspaceFolders: undefined as { name: string; uri: Uri }[] | undefined,
  textDocuments: person.documents,
  fs: {
    async readFile(uri: Uri): Promise<Uint8Array> {
      const text = person.files[uri.path];
      if (text === undefined) throw FileSystemError.FileNotFound(uri);
      return new TextEncoder().encode(text);
    },
  },
  onDidChangeConfiguration: configurationChanged.event,
  getConfiguration(section: string) {
    const full = (name: string): string => `${section}.${name}`;
    return {
      // A workspace's value wins, as in the editor.
      get: <T>(name: string, fallback?: T): T | undefined => (person.workspaceSettings[full(name)] ?? person.globalSettings[full(name)] ?? fallback) as T | undefined,
      inspect: (name: string) => ({ globalValue: person.globalSettings[full(name)], workspaceValue: person.workspaceSettings[full(name)] }),
      update: async (name: string, value: unknown) => {
        person.globalSettings[full(name)] = value;
        configurationChanged.fire({ affectsConfiguration: (asked) => full(name).startsWith(asked) });
      },
    };
  },
  registerTextDocumentContentProvider(scheme: string, provider: { provideTextDocumentContent(uri: Uri): string }) {
    contentProviders.set(scheme, provider);
    return new Disposable(() => contentProviders.delete(scheme));
  },
  registerFileSystemProvider(scheme: string, provider: { readFile(uri: Uri): Uint8Array; writeFile(uri: Uri, content: Uint8Array): void }) {
    fileProviders.set(scheme, provider);
    return new Disposable(() => fileProviders.delete(scheme));
  },
  async openTextDocument(what: Uri | { content: string }): Promise<FakeDocument> {
    if (!(what instanceof Uri)) return new FakeDocument(Uri.from({ scheme: 'untitled' }), what.content, 'plaintext');
    const open = person.documents.find((document) => document.uri.toString() === what.toString());
    return open ?? new FakeDocument(what, contentProviders.get(what.scheme)?.provideTextDocumentContent(what) ?? '', 'plaintext');
  },
  async applyEdit(edit: WorkspaceEdit): Promise<boolean> {
    for (const { uri, range, text } of edit.edits) {
      const document = person.documents.find((one) => one.uri.toString() === uri.toString());
      if (document === undefined) return false;
      const all = document.getText();
      document.setText(all.slice(0, document.offsetAt(range.start)) + text + all.slice(document.offsetAt(range.end)));
    }
    return true;
  },
};

export const languages = {
  registerInlineCompletionItemProvider(_selector: unknown, provider: unknown) { registered.completions = provider; return new Disposable(() => undefined); },
  registerCodeLensProvider(_selector: unknown, provider: unknown) { registered.lenses = provider; return new Disposable(() => undefined); },
};

export const commands = {
  registerCommand(name: string, act: (...args: unknown[]) => unknown) { commandTable.set(name, act); return new Disposable(() => commandTable.delete(name)); },
  async executeCommand(name: string, ...args: unknown[]): Promise<unknown> {
    person.executed.push({ name, args });
    if (name === 'vscode.diff') show('diff', `${String(args[2])}`);
    return commandTable.get(name)?.(...args);
  },
};
