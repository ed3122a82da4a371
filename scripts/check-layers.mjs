// Includes and imports point down only, and no file holds two ideas (500 lines at most).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nativeSources } from './lib/sources.mjs';
import { filesUnder, fromRoot } from './lib/tree.mjs';

const maxLines = 500;
const families = ['bellman', 'fitted-q', 'token', 'preference', 'offline', 'flow'];

// What a folder may include of ours, by the first part of the include path. First match wins.
const layers = [
  { folder: 'native/include/belfry/', own: ['belfry'], std: true },
  { folder: 'native/ops/', own: ['belfry', 'ops', 'math'], std: true },
  { folder: 'native/math/', own: ['belfry', 'ops', 'math'], std: true },
  { folder: 'native/core/', own: ['belfry', 'ops', 'math', 'core'] },
  { folder: 'native/cpu/', own: ['belfry', 'ops', 'math', 'core', 'cpu'] },
  {
    folder: 'native/binding/',
    own: ['belfry', 'ops', 'math', 'core', 'cpu', 'binding'],
    node: true,
  },
  { folder: 'cuda/', own: ['belfry', 'ops', 'math', 'core', 'cuda'], cuda: true },
  { folder: 'test/native/cuda-emulation/', own: undefined, cuda: true },
  { folder: 'test/native/', own: undefined, cuda: true },
  { folder: 'bench/native/', own: undefined, cuda: true },
];

const nodeHeader = /^(napi|node_api|js_native_api|node|uv|v8)(-inl)?\.h$/;
const cudaHeader = /^(cuda|cub\/|thrust\/|cooperative_groups|mma\.h|device_|vector_types\.h)/;
const stdHeader = /^[a-z_]+$/;

const problems = [];

function report(path, line, message) {
  problems.push(`${fromRoot(path)}:${line}: ${message}`);
}

function linesOf(path) {
  return readFileSync(path, 'utf8').split('\n');
}

function checkSystemInclude(path, line, header, layer) {
  if (nodeHeader.test(header) && !layer.node) {
    report(path, line, `<${header}> belongs in native/binding only`);
  } else if (cudaHeader.test(header) && !layer.cuda) {
    report(path, line, `<${header}> belongs in cuda only`);
  } else if (layer.std && !stdHeader.test(header) && !nodeHeader.test(header)) {
    report(path, line, `<${header}>: ${layer.folder} includes nothing but the standard library`);
  }
}

function checkOwnInclude(path, line, header, layer) {
  if (layer.own === undefined) return;
  if (!header.includes('/')) {
    // A neighbour in the same folder, or a system header in the wrong quotes.
    checkSystemInclude(path, line, header, { ...layer, std: false });
  } else if (!layer.own.includes(header.split('/')[0])) {
    report(path, line, `"${header}": ${layer.folder} may include ${layer.own.join(', ')} only`);
  }
}

function checkNative(path) {
  const name = fromRoot(path);
  const layer = layers.find(({ folder }) => name.startsWith(folder));
  if (layer === undefined) {
    report(path, 1, 'the file lies in no layer');
    return;
  }
  linesOf(path).forEach((text, index) => {
    const include = /^\s*#\s*include\s*([<"])([^>"]+)[>"]/.exec(text);
    if (include?.[1] === '<') checkSystemInclude(path, index + 1, include[2], layer);
    if (include?.[1] === '"') checkOwnInclude(path, index + 1, include[2], layer);
    if (name.startsWith('native/math/') && text.includes('__CUDA_ARCH__')) {
      report(path, index + 1, 'native/math knows __CUDACC__ only');
    }
  });
}

function familyOf(name) {
  return families.find((family) => name.startsWith(`src/${family}/`));
}

// A family is reached through its index, and only native.ts knows where the add-on lies.
function checkImport(path, line, target) {
  const name = fromRoot(path);
  if (target === 'node-gyp-build' && name !== 'src/native.ts') {
    report(path, line, 'only src/native.ts loads the add-on');
  }
  if (!target.startsWith('.')) return;
  const imported = fromRoot(join(dirname(path), target)).replace(/\.js$/, '');
  const other = familyOf(imported);
  const isIndex = imported === `src/${other}/index`;
  if (other === undefined || other === familyOf(name) || isIndex) return;
  if (familyOf(name) !== undefined) {
    report(path, line, `"${target}": import src/${other}/index.js, not what lies behind it`);
  }
}

function checkScript(path) {
  linesOf(path).forEach((text, index) => {
    const match = /(?:from|import|require)\s*\(?\s*'([^']+)'/.exec(text);
    if (match !== null) checkImport(path, index + 1, match[1]);
  });
}

function checkLength(path) {
  const lines = linesOf(path).length - 1;
  if (lines > maxLines) report(path, maxLines, `${lines} lines, at most ${maxLines}`);
}

const native = nativeSources();
const isOurScript = (path) => /\.(ts|mts|mjs|cjs)$/.test(path);
const sources = filesUnder('src', isOurScript);
const scripts = ['test', 'bench', 'scripts', 'examples'].flatMap((folder) =>
  filesUnder(folder, isOurScript),
);
const written = [...native, ...sources, ...scripts].filter(
  (path) => !fromRoot(path).startsWith('src/generated/'),
);

native.forEach(checkNative);
sources.forEach(checkScript);
written.forEach(checkLength);

for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`layers: ${written.length} files, ${problems.length} problems\n`);
process.exit(problems.length === 0 ? 0 : 1);
