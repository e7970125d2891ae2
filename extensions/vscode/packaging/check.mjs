// Holds a package to what may be in it: `node check.mjs FILE.vsix`. Reads the names out of the zip's directory.
import { readFileSync } from 'node:fs';

const allowed = new Set([
  '[Content_Types].xml', 'extension.vsixmanifest', 'extension/package.json', 'extension/dist/extension.js', 'extension/dist/chat.js', 'extension/media/chat.css', 'extension/media/edgecoder.svg',
]);
// The packager writes these two with names of its own.
const documents = new Set(['extension/readme.md', 'extension/license.txt']);

const zip = readFileSync(process.argv[2]);
const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
let at = zip.readUInt32LE(end + 16);
const names = [];
for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
  const length = zip.readUInt16LE(at + 28);
  names.push(zip.toString('utf8', at + 46, at + 46 + length));
  at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
}

const foreign = names.filter((name) => !allowed.has(name) && !documents.has(name.toLowerCase()));
const missing = [...allowed].filter((name) => !names.includes(name)).concat([...documents].filter((name) => !names.some((one) => one.toLowerCase() === name)));
if (foreign.length > 0 || missing.length > 0) {
  console.error(`The package is not as it should be. Foreign: ${foreign.join(', ') || 'none'}. Missing: ${missing.join(', ') || 'none'}.`);
  process.exit(1);
}

console.log(`${process.argv[2]}: ${names.length} files, ${zip.length} bytes.`);
