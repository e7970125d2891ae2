import * as vscode from 'vscode';
import type { Address } from './address';
import type { Connection } from './client';
import { judgeKey } from './keyRule';
import { Cancelled, EndpointProblem } from './problem';
import { reachRefusal } from './reachRule';
import { readSettings } from '../settings';

const secretName = 'edgecoder.key';
const consentName = 'edgecoder.keyMayGoTo';

/** The person's API key, in the secret store of the editor and nowhere else, and the addresses it may go to. */
export class KeyStore {
  constructor(private readonly secrets: vscode.SecretStorage, private readonly memory: vscode.Memento) {}

  /** Asks for a key and keeps it; gives whether there is one. */
  async ask(): Promise<boolean> {
    const text = await vscode.window.showInputBox({
      title: 'EdgeCoder API key',
      prompt: 'The first key is in the file ide/key of EdgeCoder’s data directory; others: edgecoder keys create',
      password: true,
      ignoreFocusOut: true,
      validateInput: (value) => (/^\S+$/.test(value.trim()) || value === '' ? undefined : 'A key has no spaces.'),
    });
    const key = text?.trim() ?? '';
    if (key === '') {
      return false;
    }

    await this.secrets.store(secretName, key);
    return true;
  }

  /** Forgets the key and where it may go. */
  async forget(): Promise<void> {
    await this.secrets.delete(secretName);
    await this.memory.update(consentName, undefined);
  }

  /**
   * Where to and with which key, for a request that carries work of a class, or none. `mayAsk` is false for what happens by itself: nobody is asked then,
   * and nothing is sent that would need a question.
   */
  async connect(dataClass: string | undefined, mayAsk: boolean): Promise<Connection> {
    const { address } = readSettings();
    if ('fault' in address) {
      throw new EndpointProblem(0, 'offline', address.fault);
    }

    const refusal = dataClass === undefined ? undefined : reachRefusal(address, dataClass);
    if (refusal !== undefined) {
      throw new EndpointProblem(0, 'data_class_denied', refusal);
    }

    const key = await this.secrets.get(secretName);
    return { address, key: key === undefined || !(await this.allows(address, mayAsk)) ? undefined : key };
  }

  private async allows(address: Address, mayAsk: boolean): Promise<boolean> {
    const consented = this.memory.get<readonly string[]>(consentName, []);
    const verdict = judgeKey(address, new Set(consented));
    if (verdict.may === 'send') {
      return true;
    }

    if (verdict.may === 'never' || !mayAsk) {
      throw new EndpointProblem(0, 'key_not_sent', verdict.may === 'never' ? verdict.reason : `Your API key has not been allowed to go to ${address.origin} yet. Any command asks for it.`);
    }

    const send = 'Send Key';
    if ((await vscode.window.showWarningMessage(verdict.question, { modal: true }, send)) !== send) {
      throw new Cancelled();
    }

    await this.memory.update(consentName, [...consented, address.origin]);
    return true;
  }
}
