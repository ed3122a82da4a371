/** `belfry build`: compiles the add-on from the sources in the package, where no binary fits. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Command } from 'commander';

import { BelfryError } from '../errors.js';
import { packageRoot } from '../native.js';

/** Fetched by npm when the command is called; no run-time dependency. */
const tools = { nodeGyp: 'node-gyp@12', nodeAddonApi: 'node-addon-api@8', cmakeJs: 'cmake-js@8' };

export function addBuildCommand(program: Command): void {
  program
    .command('build')
    .description('compile the add-on on this machine (needs a C++20 compiler, make and Python 3)')
    .option('--cuda', 'the CUDA plug-in instead (needs nvcc and CMake)')
    .action((options: { cuda?: boolean }) => {
      if (options.cuda === true) buildCuda();
      else buildAddon();
    });
}

function buildAddon(): void {
  const gyp = join(packageRoot, 'binding.gyp');
  if (!existsSync(gyp)) {
    writeFileSync(gyp, '{ "includes": ["native/belfry.gypi"] }\n');
  }
  if (!existsSync(join(packageRoot, 'node_modules', 'node-addon-api'))) {
    console.log(`Fetching ${tools.nodeAddonApi} and ${tools.nodeGyp} with npm.`);
    run('npm', ['install', '--no-save', '--ignore-scripts', tools.nodeAddonApi, tools.nodeGyp]);
  }
  run('npx', ['--yes', tools.nodeGyp, 'rebuild', '--release', ...headers()]);
  console.log(`Built ${join(packageRoot, 'build', 'Release', 'belfry.node')}.`);
}

/** Headers beside the running Node, when they are there; node-gyp downloads them otherwise. */
function headers(): string[] {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

function buildCuda(): void {
  mkdirSync(join(packageRoot, 'build-cuda'), { recursive: true });
  run('npx', [
    '--yes',
    tools.cmakeJs,
    'compile',
    '--out',
    'build-cuda',
    '--CDBELFRY_CUDA=ON',
    '--CDBELFRY_TESTS=OFF',
  ]);
}

function run(command: string, words: string[]): void {
  console.log(`$ ${command} ${words.join(' ')}`);
  const { status, error } = spawnSync(command, words, {
    cwd: packageRoot,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  const why = error === undefined ? `ended with ${status}` : error.message;
  throw new BelfryError('BELFRY_INTERNAL', `build: "${command} ${words.join(' ')}" ${why}.`, {
    op: 'build',
    cause: error,
  });
}
