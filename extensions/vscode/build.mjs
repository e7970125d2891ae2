// Bundles: `node build.mjs dist` what ships, `node build.mjs test` every test with a stand-in for the module that only VS Code has.
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const common = { absWorkingDir: here, bundle: true, legalComments: 'none', logLevel: 'warning' };

if (process.argv[2] === 'dist') {
  rmSync(`${here}dist`, { recursive: true, force: true });
  await build({ ...common, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', platform: 'node', format: 'cjs', target: 'node18', external: ['vscode'], minifySyntax: true });
  await build({ ...common, entryPoints: ['src/chat/view/chat.ts'], outfile: 'dist/chat.js', platform: 'browser', format: 'iife', target: 'chrome118', minifySyntax: true });
} else {
  rmSync(`${here}out`, { recursive: true, force: true });
  // What needs the built program runs only where it is named.
  const ends = process.env.EDGECODER_PROGRAM ? ['.test.ts', '.real.ts'] : ['.test.ts'];
  const tests = readdirSync(`${here}test`).filter((name) => ends.some((end) => name.endsWith(end)));
  await build({
    ...common,
    entryPoints: tests.map((name) => `test/${name}`),
    outdir: 'out/test',
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    packages: 'external',
    alias: { vscode: './test/fake/vscode.ts' },
  });
}
