// Packs the package, installs the tarball where there is no compiler, and uses it.
// Run `npm run prebuild` first.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capture, fail, findProgram } from './lib/exec.mjs';
import { filesUnder, root } from './lib/tree.mjs';

const maxBytes = 15e6;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const place = mkdtempSync(join(tmpdir(), 'belfry-pack-'));
const app = join(place, 'app');
const counts = { passed: 0, failed: 0 };

function check(name, problems) {
  const passed = problems.length === 0;
  counts[passed ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}: ${name}\n`);
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
}

function npm(args, options) {
  const cli = process.env.npm_execpath ?? realpathSync(findProgram('npm'));
  return capture(process.execPath, [cli, ...args], options);
}

// The package and its one dependency, so that the installation needs no registry.
function pack(folder) {
  const args = ['pack', folder, '--ignore-scripts', '--json', '--pack-destination', place];
  const result = npm(args);
  if (result.code !== 0) fail(`npm pack ${folder} failed:\n${result.stderr}`);
  return JSON.parse(result.stdout)[0];
}

function checkTarball({ files, size }) {
  const paths = files.map((file) => file.path);
  const has = (path) => paths.includes(path);
  const target = `prebuilds/${process.platform}-${process.arch}/`;
  const exported = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string'
      ? [entry]
      : Object.values(entry).flatMap((kind) => Object.values(kind)),
  );
  const required = [
    ...['LICENSE', 'README.md', 'CHANGELOG.md', 'CMakeLists.txt', 'native/belfry.gypi'],
    ...filesUnder('native/binding').map((path) => path.slice(root.length + 1)),
    ...[...exported, manifest.main, ...Object.values(manifest.bin)].map((path) => path.slice(2)),
  ];
  check(
    'the tarball holds all that is promised',
    [...new Set(required)].filter((path) => !has(path)),
  );
  check('the tarball holds a binary for this machine', [
    ...(paths.some((path) => path.startsWith(target) && path.endsWith('.node')) ? [] : [target]),
  ]);
  const unwanted = /^(binding\.gyp|build|test|node_modules|scripts|\.ci)(\/|$)|\.(tgz|kept)$/;
  check(
    'the tarball holds nothing else',
    paths.filter((path) => unwanted.test(path)),
  );
  check(`the tarball has ${size} of ${maxBytes} bytes`, size <= maxBytes ? [] : ['too big']);
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
  check(
    'no script runs at installation',
    hooks.filter((name) => manifest.scripts[name]),
  );
}

/** A PATH with Node and nothing else. */
function barePath() {
  const bin = join(place, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}

function install(tarballs, env) {
  mkdirSync(app);
  const options = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund'];
  const names = tarballs.map(({ filename }) => join(place, filename));
  const result = npm(['install', '--prefix', app, ...options, ...names], { cwd: app, env });
  check('npm install, offline and without scripts', result.code === 0 ? [] : [result.stderr]);
}

function checkRun(name, file, args, env) {
  const result = capture(process.execPath, [file, ...args], { cwd: app, env });
  check(name, result.code === 0 ? [] : [result.stdout, result.stderr]);
}

function checkProgram(env) {
  const program = join(app, 'node_modules', '.bin', 'belfry');
  const result = capture(program, ['doctor'], { cwd: app, env });
  const output = result.stdout + result.stderr;
  const named = output.includes(manifest.version) ? [] : [`the version is not named: ${output}`];
  check('belfry doctor', result.code === 0 ? named : [output]);
}

function checkTypes() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  copyFileSync(join(app, 'types.mts'), join(app, 'types.cts'));
  // No @types come to the help of what the package says itself.
  const compilerOptions = {
    module: 'node16',
    target: 'es2022',
    strict: true,
    noEmit: true,
    types: [],
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const result = capture(process.execPath, [tsc, '-p', app], { cwd: app });
  check('the types, from an ES and a CommonJS module', result.code === 0 ? [] : [result.stdout]);
}

process.on('exit', () => rmSync(place, { recursive: true, force: true }));

const tarball = pack(root);
checkTarball(tarball);
const env = { ...process.env, PATH: barePath(), npm_config_cache: join(place, 'cache') };
install([tarball, pack(join(root, 'node_modules', 'node-gyp-build'))], env);
for (const file of filesUnder('test/package'))
  copyFileSync(file, join(app, file.slice(dirname(file).length + 1)));
checkRun('an ES module', 'smoke.mjs', [], env);
checkRun('a CommonJS module', 'smoke.cjs', [], env);
checkProgram(env);
checkTypes();
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exit(counts.failed === 0 ? 0 : 1);
