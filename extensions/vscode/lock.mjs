// Makes the lock files again, without addresses: `node lock.mjs` after a change of a package.json. Lock files of this repository name no address.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const here = new URL('.', import.meta.url);
for (const folder of ['./', './packaging/']) {
  const directory = new URL(folder, here);
  execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: directory, stdio: 'inherit' });
  const file = new URL('package-lock.json', directory);
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  for (const entry of Object.values(lock.packages)) {
    delete entry.funding;
    delete entry.resolved;
    // Notices of retired packages carry addresses too.
    delete entry.deprecated;
  }
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}
