import * as vscode from 'vscode';
import { type Address, type AddressFault, readAddress } from './endpoint/address';

/** Name of the settings. */
export const section = 'edgecoder';

/** The person's settings now. */
export interface Settings {
  readonly address: Address | AddressFault;
  readonly dataClass: string;
  readonly approvalMode: string;
  readonly model: string;
  readonly defaultLanguage: string;
  readonly autoDetectLanguage: boolean;
  readonly showRouteInfo: boolean;
  readonly inlineCompletion: boolean;
}

/** Reads them. Where work and key go is the person's to say: a value that a workspace holds is not looked at, whoever wrote it. */
export function readSettings(): Settings {
  const all = vscode.workspace.getConfiguration(section);
  const own = (name: string, fallback: string): string => {
    const value = all.inspect<unknown>(name)?.globalValue;
    return typeof value === 'string' && value !== '' ? value : fallback;
  };
  return {
    address: readAddress(own('providerUrl', 'http://127.0.0.1:4304')),
    dataClass: own('dataClass', 'local'),
    approvalMode: own('approvalMode', 'workspace-write'),
    model: all.get<string>('model') || 'edgecoder-auto',
    defaultLanguage: all.get<string>('defaultLanguage') ?? 'python',
    autoDetectLanguage: all.get<boolean>('autoDetectLanguage') ?? true,
    showRouteInfo: all.get<boolean>('showRouteInfo') ?? true,
    inlineCompletion: all.get<boolean>('inlineCompletion') ?? true,
  };
}
