import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { EndpointClient } from '../endpoint/client';
import { Cancelled, EndpointProblem, readStreamError } from '../endpoint/problem';
import type { Fields } from '../endpoint/reading';
import type { Reviews } from '../review/reviews';
import { oneLine } from '../runs/runRequest';
import { readSettings } from '../settings';
import type { Work, Works } from '../works';
import { approvalAnswer } from './approvalAnswer';
import { chatHtml } from './chatHtml';
import { Conversation } from './conversation';
import { readViewMessage, type ViewMessage } from './viewMessage';

const cancelPatience = 5_000;

/** The chat: a view beside the editor, a conversation, and the stream of the prompt that is worked on. */
export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  private readonly registration = vscode.window.registerWebviewViewProvider('edgecoder.chat', this, { webviewOptions: { retainContextWhenHidden: true } });
  private conversation = this.fresh();
  private view: vscode.WebviewView | undefined;
  private work: Work | undefined;
  // Whether it is a prompt of this view. A session that is only looked at belongs to whoever began it.
  private isOwn = false;
  private root: vscode.Uri | undefined;

  constructor(
    private readonly client: EndpointClient,
    private readonly works: Works,
    private readonly reviews: Reviews,
    private readonly extension: vscode.Uri,
    private readonly sessionsChanged: () => void,
  ) {}

  /** The session that is shown; absent before its first event. */
  get sessionId(): string | undefined {
    return this.conversation.sessionId;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    const { webview } = view;
    const own = (...path: readonly string[]): vscode.Uri => vscode.Uri.joinPath(this.extension, ...path);
    webview.options = { enableScripts: true, enableCommandUris: false, localResourceRoots: [own('dist'), own('media')] };
    webview.onDidReceiveMessage(async (value: unknown) => this.receive(value));
    webview.html = chatHtml({
      nonce: randomBytes(18).toString('base64url'),
      script: webview.asWebviewUri(own('dist', 'chat.js')).toString(),
      style: webview.asWebviewUri(own('media', 'chat.css')).toString(),
      source: webview.cspSource,
    });
  }

  /** Begins another conversation; what is being worked on ends. */
  async begin(): Promise<void> {
    await (this.isOwn ? this.cancel() : this.work?.cancel());
    this.conversation = this.fresh();
    this.root = undefined;
    this.clear();
  }

  /** Shows a stored session, and goes on to show it while it works. */
  async openSession(id: string, root: string | undefined): Promise<void> {
    await this.begin();
    this.root = root === undefined ? undefined : vscode.Uri.file(root);
    await vscode.commands.executeCommand('edgecoder.chat.focus');
    await this.follow('Reading the session', (work) => this.client.sessionEvents(id, 0, work.signal), false);
    this.conversation.sessionId ??= id;
  }

  /** Works on a prompt until its end. */
  async prompt(text: string): Promise<void> {
    if (this.conversation.isWorking) {
      return;
    }

    const root = await this.projectRoot();
    if (root === undefined) {
      this.conversation.note('problem', 'A chat works in a directory. Open a folder first.');
      this.update();
      return;
    }

    const { model, dataClass, approvalMode } = readSettings();
    const { sessionId } = this.conversation;
    this.conversation.say(text);
    this.update();
    const body = { messages: [{ role: 'user', content: text }], model, projectRoot: root.fsPath, mode: approvalMode, dataClass, ...(sessionId === undefined ? {} : { sessionId }) };
    await this.follow(oneLine(text), (work) => this.client.chat(body, work.signal), true);
    this.sessionsChanged();
  }

  /** Ends what is being worked on, here and there. */
  async cancel(): Promise<void> {
    const { work } = this;
    const { sessionId, isWorking } = this.conversation;
    if (work === undefined) {
      return;
    }

    if (sessionId !== undefined && isWorking) {
      try {
        await this.client.act(sessionId, 'cancel', {}, undefined, AbortSignal.timeout(cancelPatience));
      } catch {
        // Closing the connection ends it too.
      }
    }

    work.cancel();
  }

  /** Opens the review of the change that is shown. */
  async review(): Promise<void> {
    const { sessionId, files } = this.conversation;
    const root = await this.projectRoot();
    if (sessionId === undefined || files.length === 0 || root === undefined) {
      throw new EndpointProblem(0, 'no_change', 'This session has no change to review.');
    }

    await this.reviews.show(sessionId, files, root);
  }

  dispose(): void {
    this.work?.cancel();
    this.registration.dispose();
  }

  private async follow(label: string, open: (work: Work) => AsyncIterable<Fields>, mustEnd: boolean): Promise<void> {
    const { conversation } = this;
    await this.works.during(label, async (work) => {
      [this.work, this.isOwn] = [work, mustEnd];
      let ended = false;
      try {
        for await (const event of open(work)) {
          const failed = event.text('type') === undefined ? readStreamError(event) : undefined;
          if (failed !== undefined) {
            throw failed;
          }

          ended = conversation.take(event);
          work.forPerson = conversation.openQuestions.length > 0;
          work.state = work.forPerson ? 'A question is open in the chat.' : conversation.status.text;
          this.update();
        }

        if (mustEnd && !ended && !conversation.endsWithError) {
          throw new EndpointProblem(200, 'interrupted', 'The connection broke before the end. What was done is kept; send a message to go on.');
        }
      } catch (fault) {
        if (!(fault instanceof Cancelled)) {
          conversation.note('problem', fault instanceof EndpointProblem ? fault.message : 'The extension failed while it read the answer.');
        }

        conversation.stop(fault instanceof Cancelled ? 'Cancelled' : '');
      } finally {
        if (this.work === work) {
          [this.work, this.isOwn] = [undefined, false];
        }

        conversation.stop(conversation.status.isWorking ? '' : conversation.status.text);
        this.update();
      }
    });
  }

  private async receive(value: unknown): Promise<void> {
    const message = readViewMessage(value);
    if (message === undefined) {
      return;
    }

    try {
      await this.obey(message);
    } catch (fault) {
      if (!(fault instanceof Cancelled)) {
        this.conversation.note('problem', fault instanceof EndpointProblem ? fault.message : 'The extension failed. Try again.');
        this.update();
      }
    }
  }

  private async obey(message: ViewMessage): Promise<void> {
    switch (message.kind) {
      case 'ready': this.clear(); break;
      case 'prompt': await this.prompt(message.text); break;
      case 'cancel': await this.cancel(); break;
      case 'review': await this.review(); break;
      case 'answer': {
        // Only a question that stands open here: the view cannot make one up.
        const question = this.conversation.openQuestions.find((one) => one.id === message.id);
        if (question === undefined) {
          return;
        }

        await this.works.during('Answering', (work) => this.client.approve(approvalAnswer(question, message.word), work.signal));
        this.conversation.answered(message.id, message.word);
        this.update();
        break;
      }
    }
  }

  private async projectRoot(): Promise<vscode.Uri | undefined> {
    if (this.root === undefined) {
      const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
      this.root = folders.length > 1
        ? (await vscode.window.showQuickPick(folders.map((folder) => ({ label: folder.name, description: folder.uri.fsPath, uri: folder.uri })), { title: 'EdgeCoder: in which folder?' }))?.uri
        : folders[0]?.uri;
    }

    return this.root;
  }

  private clear(): void {
    this.conversation.takeChanged();
    void this.view?.webview.postMessage({ kind: 'clear' });
    this.post(this.conversation.items.map((_, index) => index));
  }

  private update(): void {
    this.post(this.conversation.takeChanged());
  }

  private post(indexes: readonly number[]): void {
    const items = indexes.map((index) => ({ index, item: this.conversation.items[index] }));
    void this.view?.webview.postMessage({ kind: 'update', items, status: this.conversation.status });
  }

  private fresh(): Conversation {
    return new Conversation(() => readSettings().showRouteInfo);
  }
}
