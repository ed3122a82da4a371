// Called first by `npm run demo` and `npm test`: checks the tools, installs, builds what changed.
// Uses nothing but Node's own modules, since it runs before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, run } from './lib/exec.mjs';
import { missingTools } from './lib/toolchain.mjs';
import { root } from './lib/tree.mjs';

const lowestNode = 20;

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= lowestNode) return;
  fail(`belfry needs Node ${lowestNode} or newer, this is ${process.version}: https://nodejs.org`);
}

function checkTools() {
  const missing = missingTools();
  if (missing.length === 0) return;
  fail(['belfry is compiled here, and these are missing:', ...missing].join('\n  - '));
}

function packagesOf(lockfile) {
  if (!existsSync(lockfile)) return undefined;
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

// npm keeps a lockfile of what it installed; times tell nothing after a checkout.
function modulesAreCurrent() {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')));
  return wanted.every(([path, { version, optional }]) => {
    if (path === '' || (optional && installed[path] === undefined)) return true;
    return installed[path]?.version === version;
  });
}

function install() {
  const npm = process.env.npm_execpath;
  const quiet = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = npm?.endsWith('.js')
    ? run(process.execPath, [npm, ...quiet])
    : run('npm', quiet, { shell: process.platform === 'win32' });
  if (code !== 0) fail('npm ci failed.');
}

function build(...args) {
  return run(process.execPath, [join(root, 'scripts', 'build.mjs'), ...args]);
}

checkNode();
const current = modulesAreCurrent();
if (current && build('--check') === 0) process.exit(0);
checkTools();
if (!current) install();
process.exit(build());
