import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ChatView } from './chat/chatView';
import { Completions } from './completion/completions';
import { EndpointClient } from './endpoint/client';
import { KeyStore } from './endpoint/keyStore';
import { modelDetail } from './endpoint/modelList';
import { EndpointProblem } from './endpoint/problem';
import { command } from './messages';
import { Reviews } from './review/reviews';
import { readSessions, sessionDetail, type SessionSummary } from './review/sessionSummary';
import { SessionTree } from './review/sessionTree';
import { CodeApplier } from './runs/codeApplier';
import { PlainDocuments } from './runs/plainDocuments';
import { Runs } from './runs/runs';
import { section } from './settings';
import { routerReport } from './status/routerReport';
import { StatusBar } from './status/statusBar';
import { explainWait } from './status/waiting';
import { Works } from './works';

/** Begins everything. */
export function activate(context: vscode.ExtensionContext): void {
  const keys = new KeyStore(context.secrets, context.globalState);
  const client = new EndpointClient((dataClass) => keys.connect(dataClass, true));
  // What happens by itself never asks.
  const quiet = new EndpointClient((dataClass) => keys.connect(dataClass, false));

  const works = new Works();
  const status = new StatusBar(quiet, () => works.count > 0);
  const documents = new PlainDocuments();
  const sessions = new SessionTree(quiet);
  const reviews = new Reviews(client, works, documents);
  const chat = new ChatView(client, works, reviews, context.extensionUri, () => sessions.refresh());
  const runs = new Runs(client, works, status, documents);
  const applier = new CodeApplier(runs, documents);
  const completions = new Completions(quiet, async (ms, signal) => pause(ms, undefined, { signal }));

  const look = (): void => {
    completions.wake();
    void status.look();
  };

  context.subscriptions.push(
    works, status, documents, sessions, reviews, chat,
    vscode.languages.registerInlineCompletionItemProvider([{ scheme: 'file' }, { scheme: 'untitled' }], completions),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(section)) {
        look();
      }
    }),
    works.onDidChange(() => void status.look()),

    command('edgecoder.runTask', () => runs.run('run')),
    command('edgecoder.runLocal', () => runs.run('run/local')),
    command('edgecoder.runSwarm', () => runs.run('run/swarm')),
    command('edgecoder.applyCode', () => applier.apply()),
    command('edgecoder.undo', () => undo(applier, reviews, chat)),
    command('edgecoder.routerStatus', () => showRouter(client, works, completions)),
    command('edgecoder.explainWait', async () => {
      await status.look();
      await documents.show('Why it waits.txt', `${explainWait(works.pending, status.last, Date.now()).join('\n\n')}\n`);
    }),
    command('edgecoder.pickModel', () => pickModel(client, works)),
    command('edgecoder.setKey', async () => {
      if (await keys.ask()) {
        look();
        sessions.refresh();
      }
    }),
    command('edgecoder.forgetKey', async () => {
      await keys.forget();
      look();
    }),
    command('edgecoder.cancel', async () => {
      await chat.cancel();
      works.cancelAll();
    }),

    command('edgecoder.newChat', () => chat.begin()),
    command('edgecoder.refreshSessions', async () => sessions.refresh()),
    command('edgecoder.openReviews', () => openReviews(client, works, chat)),
    command('edgecoder.review.apply', () => reviews.apply()),
    command('edgecoder.review.reject', () => reviews.reject()),
    command('edgecoder.review.toggleHunk', async (uri, index) => reviews.toggle(uri, index)),
    command('edgecoder.session.open', async (session) => chat.openSession(named(session).id, named(session).root)),
    command('edgecoder.session.review', (session) => reviewOf(chat, named(session))),
    command('edgecoder.session.undo', (session) => reviews.undo(named(session).id)),
    command('edgecoder.session.cancel', async (session) => {
      await works.during('Cancelling a session', (work) => client.act(named(session).id, 'cancel', {}, undefined, work.signal));
      sessions.refresh();
    }),
  );
  look();
}

// What is applied last is taken back first: code of a run, else the session of the chat.
async function undo(applier: CodeApplier, reviews: Reviews, chat: ChatView): Promise<void> {
  if (applier.canUndo) {
    await applier.undo();
  } else if (chat.sessionId !== undefined) {
    await reviews.undo(chat.sessionId);
  } else {
    throw new EndpointProblem(0, 'nothing_to_undo', 'There is nothing to undo here. Sessions are undone from their list.');
  }
}

async function showRouter(client: EndpointClient, works: Works, completions: Completions): Promise<void> {
  const router = await works.during('Router status', (work) => client.routerStatus(work.signal));
  const quiet = completions.reason === undefined ? [] : [{ label: 'Inline completion is off', detail: completions.reason }];
  await vscode.window.showQuickPick([...routerReport(router), ...quiet], { title: 'EdgeCoder: router' });
}

async function pickModel(client: EndpointClient, works: Works): Promise<void> {
  const models = await works.during('Models', (work) => client.models(work.signal));
  const picked = await vscode.window.showQuickPick(models.map((model) => ({ label: model.id, detail: modelDetail(model) })), { title: 'EdgeCoder: model', matchOnDetail: true });
  if (picked !== undefined) {
    await vscode.workspace.getConfiguration(section).update('model', picked.label, vscode.ConfigurationTarget.Global);
  }
}

async function openReviews(client: EndpointClient, works: Works, chat: ChatView): Promise<void> {
  const all = readSessions(await works.during('Sessions', (work) => client.sessions(work.signal)));
  if (all.length === 0) {
    void vscode.window.showInformationMessage('EdgeCoder: there are no sessions. A chat begins one.');
    return;
  }

  const picked = await vscode.window.showQuickPick(all.map((session) => ({ label: session.request.split('\n', 1)[0] ?? '', description: sessionDetail(session), session })), { title: 'EdgeCoder: review the change of which session?' });
  if (picked !== undefined) {
    await reviewOf(chat, picked.session);
  }
}

async function reviewOf(chat: ChatView, session: SessionSummary): Promise<void> {
  if (chat.sessionId !== session.id) {
    await chat.openSession(session.id, session.root);
  }

  await chat.review();
}

function named(session: unknown): SessionSummary {
  if (typeof session !== 'object' || session === null || !('id' in session) || typeof session.id !== 'string') {
    throw new EndpointProblem(0, 'no_session', 'Choose a session in the list.');
  }

  return session as SessionSummary;
}
