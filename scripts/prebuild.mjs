// Makes prebuilds/<platform>-<arch>/: the stripped add-on and, where it was built, the CUDA backend.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { capture, fail } from './lib/exec.mjs';
import { nodeDir, noHeadersMessage } from './lib/toolchain.mjs';
import { filesUnder, fromRoot, root } from './lib/tree.mjs';

const prebuildify = createRequire(import.meta.url)('prebuildify');

const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);
const addon = join(root, 'build', 'Release', 'belfry.node');
const build = `"${process.execPath}" "${join(root, 'scripts', 'build.mjs')}" --native`;

// The incremental build stands in for node-gyp: prebuildify would empty build/ and start anew.
function prebuild() {
  const tagLibc = process.platform === 'linux';
  const options = { cwd: root, napi: true, strip: true, tagLibc, nodeGyp: build, shell: true };
  return new Promise((resolve, reject) => {
    prebuildify(options, (error) => (error ? reject(error) : resolve()));
  });
}

// prebuildify strips what it finds and moves it away, so it gets a copy; the original keeps its time.
async function keepingBuild(step) {
  const kept = `${addon}.kept`;
  renameSync(addon, kept);
  copyFileSync(kept, addon);
  try {
    await step();
  } finally {
    renameSync(kept, addon);
  }
}

function copyCudaBackend() {
  const name = process.platform === 'win32' ? 'belfry_cuda.dll' : 'belfry_cuda.so';
  const built = join(root, 'build-cuda', 'Release', name);
  if (existsSync(built)) copyFileSync(built, join(folder, name));
  else process.stdout.write('prebuild: no CUDA backend (npm run build:cuda makes it)\n');
}

const headers = nodeDir();
if (headers === undefined) fail(noHeadersMessage);
process.env.npm_config_nodedir = headers;

const built = capture(process.execPath, [join(root, 'scripts', 'build.mjs'), '--native']);
if (built.code !== 0) fail(built.stdout + built.stderr);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
await keepingBuild(prebuild);
copyCudaBackend();
for (const path of filesUnder(fromRoot(folder))) {
  process.stdout.write(`${fromRoot(path)}  ${(statSync(path).size / 2 ** 20).toFixed(2)} MB\n`);
}
