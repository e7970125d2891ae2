import * as vscode from 'vscode';
import type { EndpointClient } from '../endpoint/client';
import { EndpointProblem } from '../endpoint/problem';
import { readSessions, sessionDetail, type SessionSummary } from './sessionSummary';

/** The list of sessions beside the chat. */
export class SessionTree implements vscode.TreeDataProvider<SessionSummary>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly view = vscode.window.createTreeView('edgecoder.sessions', { treeDataProvider: this });
  private readonly ended = new AbortController();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly client: EndpointClient) {}

  /** Asks again. */
  refresh(): void {
    this.changed.fire();
  }

  /** Sessions; none where they cannot be had, with the reason above the list. */
  async getChildren(element?: SessionSummary): Promise<SessionSummary[]> {
    if (element !== undefined) {
      return [];
    }

    try {
      const sessions = readSessions(await this.client.sessions(this.ended.signal));
      delete this.view.message;
      return [...sessions];
    } catch (fault) {
      this.view.message = fault instanceof EndpointProblem ? fault.message : 'The list could not be read.';
      return [];
    }
  }

  getTreeItem(session: SessionSummary): vscode.TreeItem {
    const item = new vscode.TreeItem(session.request.split('\n', 1)[0] ?? '');
    item.id = session.id;
    item.description = sessionDetail(session);
    // Plain text: a request may hold anything.
    item.tooltip = session.request;
    item.contextValue = session.outcome === undefined ? 'open' : 'ended';
    item.command = { command: 'edgecoder.session.open', title: 'Open in Chat', arguments: [session] };
    return item;
  }

  dispose(): void {
    this.ended.abort();
    this.view.dispose();
    this.changed.dispose();
  }
}
