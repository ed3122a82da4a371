// The incremental build: add-on (node-gyp, make), generated sources, JavaScript (tsup).
//
//   node scripts/build.mjs            everything that changed
//   node scripts/build.mjs --native   the add-on alone
//   node scripts/build.mjs --check    exit code 0 if there is nothing to do
//
// A step runs when its inputs differ from those of its last success, which build/stamp.json keeps.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mendDeclarations } from './lib/declarations.mjs';
import { capture, cores, fail, run, runTool, timed } from './lib/exec.mjs';
import { compiler, nodeDir, noHeadersMessage } from './lib/toolchain.mjs';
import { digestOf, filesUnder, root } from './lib/tree.mjs';

const stampFile = join(root, 'build', 'stamp.json');
const addon = join(root, 'build', 'Release', 'belfry.node');
const machine = [process.version, process.platform, process.arch, compiler()];
const flags = [process.env.CXXFLAGS ?? '', process.env.CFLAGS ?? '', process.env.LDFLAGS ?? ''];

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(changes) {
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ ...readStamp(), ...changes }, null, 2));
}

function nodeGyp(args) {
  const gyp = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const result = capture(process.execPath, [gyp, ...args, `--nodedir=${nodeDir()}`]);
  if (result.code !== 0) {
    process.stdout.write(result.stdout);
    fail(`${result.stderr}\nnode-gyp ${args[0]} failed.`);
  }
}

// The list of sources is part of the makefiles: a new or a lost file configures anew.
function configureKey() {
  const sources = filesUnder('native', (path) => path.endsWith('.cc')).map((path) => `${path}`);
  const descriptions = [join(root, 'binding.gyp'), ...filesUnder('native/belfry.gypi')];
  return digestOf(descriptions, [...machine, ...flags, ...sources]);
}

const steps = {
  native: {
    key: () => {
      const inputs = [...filesUnder('native'), ...filesUnder('node_modules/node-addon-api/napi.h')];
      return digestOf(inputs, [configureKey()]);
    },
    output: addon,
    run: () => {
      if (nodeDir() === undefined) fail(noHeadersMessage);
      const configure = configureKey();
      if (readStamp().configure !== configure || !existsSync(join(root, 'build', 'Makefile'))) {
        process.stdout.write('compiling the add-on: a few minutes the first time\n');
        nodeGyp(['configure', '--release']);
        writeStamp({ configure });
      }
      nodeGyp(['build', '--release', '--jobs', String(cores)]);
    },
  },
  generate: {
    key: () => {
      const folders = [
        'scripts/generate.mjs',
        'scripts/lib',
        'src/generated',
        'docs/reference',
        'docs/papers.md',
        'docs/papers.json',
      ];
      return digestOf([addon, ...folders.flatMap((folder) => filesUnder(folder))]);
    },
    output: join(root, 'src', 'generated'),
    run: () => {
      const code = run(process.execPath, [join(root, 'scripts', 'generate.mjs')]);
      if (code !== 0) fail('scripts/generate.mjs failed.');
    },
  },
  javascript: {
    key: () => {
      const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsup.config.ts'];
      const folders = ['src', 'bench', 'scripts', 'test/reference'];
      const data = filesUnder('examples/data');
      const sources = folders.flatMap((folder) =>
        filesUnder(folder, (path) => /\.m?ts$/.test(path)),
      );
      return digestOf([...settings.map((name) => join(root, name)), ...sources, ...data], machine);
    },
    output: join(root, 'dist', 'index.js'),
    run: () => {
      if (runTool('tsup/dist/cli-default.js', ['--silent']) !== 0) fail('tsup failed.');
      mendDeclarations(join(root, 'dist'));
    },
  },
};

function isFresh(name) {
  const step = steps[name];
  return existsSync(step.output) && readStamp()[name] === step.key();
}

function build(name) {
  if (isFresh(name)) return;
  const key = steps[name].key();
  timed(`build ${name}`, () => steps[name].run());
  // What the generator writes is among its inputs, so that an edit by hand is noticed.
  writeStamp({ [name]: name === 'generate' ? steps[name].key() : key });
}

const wanted = process.argv.includes('--native') ? ['native'] : Object.keys(steps);
if (process.argv.includes('--check')) process.exit(wanted.every(isFresh) ? 0 : 1);
for (const name of wanted) build(name);
