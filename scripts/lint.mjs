// `npm run lint`: every check that reads sources. `npm run format` (--fix) writes the formatting.
import { join } from 'node:path';
import { capture, findProgram, run, runTool } from './lib/exec.mjs';
import { nativeSources } from './lib/sources.mjs';
import { root } from './lib/tree.mjs';

const fix = process.argv.includes('--fix');

function biome() {
  return runTool('@biomejs/biome/bin/biome', [
    'check',
    '--error-on-warnings',
    ...(fix ? ['--write'] : []),
  ]);
}

function clangFormat() {
  if (!findProgram('clang-format')) {
    process.stdout.write(
      'clang-format is missing (Debian package clang-format, version 14 or newer)\n',
    );
    return 1;
  }
  const mode = fix ? ['-i'] : ['--dry-run', '--Werror'];
  const result = capture('clang-format', ['--style=file', ...mode, ...nativeSources()]);
  process.stdout.write(result.stderr);
  return result.code;
}

function types() {
  return runTool('typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']);
}

function script(name, ...args) {
  return run(process.execPath, [join(root, 'scripts', name), ...args]);
}

const checks = {
  biome,
  'clang-format': clangFormat,
  ...(fix
    ? {}
    : {
        types,
        layers: () => script('check-layers.mjs'),
        generated: () => script('generate.mjs', '--check'),
        results: () => script('bench-results.mjs', '--check'),
      }),
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const start = performance.now();
  const code = check();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (code !== 0) failed += 1;
}
const count = Object.keys(checks).length;
process.stdout.write(`${count - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
