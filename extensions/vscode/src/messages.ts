import * as vscode from 'vscode';
import { Cancelled, EndpointProblem } from './endpoint/problem';

/** Tells a person what failed and offers the step that helps. What was cancelled is no news. */
export async function showProblem(fault: unknown): Promise<void> {
  if (fault instanceof Cancelled) {
    return;
  }

  if (!(fault instanceof EndpointProblem)) {
    // A fault of ours: its text may hold anything, so it stays out of the message.
    await vscode.window.showErrorMessage('EdgeCoder: the extension failed. Try again; if it stays so, report what you did.');
    return;
  }

  const setKey = 'Set API Key';
  const openSetting = 'Open Setting';
  const actions = fault.wantsKey ? [setKey] : fault.code === 'not_edgecoder' || fault.code === 'data_class_denied' || fault.code === 'key_not_sent' ? [openSetting] : [];
  const again = fault.retryAfter === undefined ? '' : ` Try again in ${fault.retryAfter} s.`;
  const chosen = await vscode.window.showErrorMessage(`EdgeCoder: ${fault.message}${again}`, ...actions);
  if (chosen === setKey) {
    await vscode.commands.executeCommand('edgecoder.setKey');
  } else if (chosen === openSetting) {
    await vscode.commands.executeCommand('workbench.action.openSettings', fault.code === 'data_class_denied' ? 'edgecoder.dataClass' : 'edgecoder.providerUrl');
  }
}

/** A command whose failure is told, never swallowed. */
export function command(name: string, act: (...args: readonly unknown[]) => Promise<void>): vscode.Disposable {
  return vscode.commands.registerCommand(name, async (...args: readonly unknown[]) => {
    try {
      await act(...args);
    } catch (fault) {
      await showProblem(fault);
    }
  });
}
