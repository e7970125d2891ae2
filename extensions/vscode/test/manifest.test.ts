import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Manifest {
  readonly files: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly keybindings: readonly { readonly command: string; readonly key: string; readonly mac: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown; readonly scope: string }>> };
  };
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const { commands, keybindings, menus, configuration } = manifest.contributes;

test('settings have their documented defaults', () => {
  const defaults = Object.fromEntries(Object.entries(configuration.properties).map(([name, setting]) => [name.replace('edgecoder.', ''), setting.default]));
  assert.deepEqual(defaults, { providerUrl: 'http://127.0.0.1:4304', dataClass: 'local', model: 'edgecoder-auto', defaultLanguage: 'python', autoDetectLanguage: true, showRouteInfo: true, inlineCompletion: true, approvalMode: 'workspace-write' });
});

test('a workspace cannot set where work and key go, nor what needs no question', () => {
  for (const name of ['providerUrl', 'dataClass', 'approvalMode']) assert.equal(configuration.properties[`edgecoder.${name}`]?.scope, 'machine');
});

test('no setting holds a key', () => {
  assert.doesNotMatch(Object.keys(configuration.properties).join(' '), /key|token|secret|password/i);
});

test('the key of the keyboard is the documented one, and menus name commands that exist', () => {
  assert.deepEqual(keybindings.map((one) => [one.command, one.key, one.mac]), [['edgecoder.runTask', 'ctrl+shift+e', 'cmd+shift+e']]);
  const known = new Set(commands.map((one) => one.command));
  for (const entry of Object.values(menus).flat()) assert.ok(entry.command === undefined || known.has(entry.command), entry.command);
});

test('what ships is named, and tests and sources are not in it', () => {
  assert.deepEqual(manifest.files, ['dist/extension.js', 'dist/chat.js', 'media/*.css', 'media/*.svg', 'README.md', 'LICENSE']);
  assert.equal(manifest.engines.vscode, '^1.85.0');
});
