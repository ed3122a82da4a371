// Writes what the op declarations imply: the typed functions of every family
// (src/generated/<family>.ts), the reference pages (docs/reference/<family>.md) and the table of
// papers (docs/papers.md).
//
//   node scripts/generate.mjs            write
//   node scripts/generate.mjs --check    fail when something on disk is not what would be written
//
// The declarations come out of the built add-on, so run it after the native build.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { papersPage } from './lib/papers.mjs';
import { referencePage } from './lib/reference.mjs';
import { familySource } from './lib/signatures.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
const families = ['bellman', 'fitted-q', 'token', 'preference', 'offline', 'flow'];

const addon = createRequire(import.meta.url)('node-gyp-build')(root);
const ops = JSON.parse(addon.describe());

let stale = 0;
function emit(path, text) {
  const file = join(root, path);
  let current = '';
  try {
    current = readFileSync(file, 'utf8');
  } catch {
    // not there yet
  }
  if (current === text) return;
  if (check) {
    console.error(`${path} is not what the declarations say: run npm run generate`);
    stale += 1;
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

for (const family of families) {
  const own = ops.filter((op) => op.family === family);
  emit(`src/generated/${family}.ts`, familySource(own));
  if (own.length > 0) emit(`docs/reference/${family}.md`, referencePage(family, own));
}
const papers = JSON.parse(readFileSync(join(root, 'docs/papers.json'), 'utf8'));
emit('docs/papers.md', papersPage(papers, ops));
process.exit(stale > 0 ? 1 : 0);
