// Looks at the prebuilt binaries from outside: what they need, what they show, how big they are.
//
//   node scripts/check-binary.mjs [--release] [FILE...]     default: all of prebuilds/
//
// --release applies the floor of a release built in an older container.
import { readFileSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { capture, fail, findProgram } from './lib/exec.mjs';
import { filesUnder, fromRoot, root } from './lib/tree.mjs';

const release = process.argv.includes('--release');
const floors = release
  ? { GLIBC: '2.28', GLIBCXX: '3.4.25' }
  : { GLIBC: '2.34', GLIBCXX: '3.4.29' };

const megabyte = 1e6;
const kinds = {
  addon: {
    entries: ['napi_register_module_v1', 'node_api_module_get_api_version_v1'],
    // Six platforms of it share a tarball of 15 MB.
    budget: (bytes) => ({
      size: gzipSync(bytes).length,
      limit: 2.5 * megabyte,
      of: 'bytes packed',
    }),
  },
  cuda: {
    entries: ['belfry_backend_init'],
    budget: (bytes) => ({ size: gzipSync(bytes).length, limit: 10 * megabyte, of: 'bytes packed' }),
  },
};

const libraries = /^(libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|ld-linux[-\w]*)\.so/;
// C++ marks some objects of the standard library as one per process: they cannot be hidden.
const standardSymbol = /^(_ZNSt|_ZNKSt|_ZSt|_ZTISt|_ZTSSt|_ZTVSt|_ZGVZNSt|_ZZNSt|_ZTIS|_ZTSS)/;

function atMost(version, floor) {
  const [left, right] = [version, floor].map((text) => text.split('.').map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

function objdump(option, path) {
  const result = capture('objdump', [option, path]);
  if (result.code !== 0) fail(`objdump ${option} ${path} failed:\n${result.stderr}`);
  return result.stdout;
}

function checkVersions(dynamicSymbols) {
  return Object.entries(floors).map(([library, floor]) => {
    const found = [...dynamicSymbols.matchAll(new RegExp(`\\b${library}_([0-9.]+)`, 'g'))];
    const above = [...new Set(found.map((match) => match[1]))].filter((one) => !atMost(one, floor));
    return [`needs ${library} <= ${floor}`, above.map((version) => `${library}_${version}`)];
  });
}

function checkExports(dynamicSymbols, kind) {
  const defined = dynamicSymbols
    .split('\n')
    .filter((line) => /^[0-9a-f]{16} /.test(line) && !line.includes('*UND*'))
    .map((line) => line.trim().split(/\s+/).pop());
  const extra = defined.filter(
    (name) => !kind.entries.includes(name) && !standardSymbol.test(name),
  );
  const missing = defined.includes(kind.entries[0]) ? [] : [`${kind.entries[0]} is missing`];
  return ['exports its entry only', [...extra, ...missing]];
}

function checkNeeded(headers) {
  const needed = [...headers.matchAll(/^\s*NEEDED\s+(\S+)/gm)].map((match) => match[1]);
  return ['needs system libraries only', needed.filter((name) => !libraries.test(name))];
}

function checkSearchPath(headers) {
  return [
    'has no RPATH',
    [...headers.matchAll(/^\s*(R(UN)?PATH\s+\S+)/gm)].map((match) => match[1]),
  ];
}

function checkStrings(bytes) {
  const places = [root, process.env.HOME, '/home/', '/Users/', '/tmp/'];
  const text = bytes.toString('latin1');
  const found = places.filter((place) => place && place !== '/' && text.includes(place));
  return ['holds no path of the machine that built it', found];
}

function checkSize(bytes, kind) {
  const { size, limit, of } = kind.budget(bytes);
  return [`${size} of ${limit} ${of}`, size <= limit ? [] : ['too big']];
}

function check(path) {
  const kind = path.endsWith('.node') ? kinds.addon : kinds.cuda;
  const bytes = readFileSync(path);
  const symbols = objdump('-T', path);
  const headers = objdump('-p', path);
  return [
    ...checkVersions(symbols),
    checkExports(symbols, kind),
    checkNeeded(headers),
    checkSearchPath(headers),
    checkStrings(bytes),
    checkSize(bytes, kind),
  ];
}

if (process.platform !== 'linux') {
  process.stdout.write('check-binary reads ELF files, on Linux only: nothing was checked\n');
  process.exit(0);
}
if (!findProgram('objdump')) fail('objdump is missing (Debian package binutils)');

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const paths =
  named.length > 0 ? named : filesUnder('prebuilds', (path) => /\.(node|so)$/.test(path));
if (paths.length === 0) fail('There is nothing to check: npm run prebuild makes the binaries.');

const counts = { passed: 0, failed: 0 };
for (const path of paths) {
  process.stdout.write(`${fromRoot(path)} (${statSync(path).size} bytes)\n`);
  for (const [rule, violations] of check(path)) {
    const passed = violations.length === 0;
    counts[passed ? 'passed' : 'failed'] += 1;
    process.stdout.write(`  ${passed ? 'passed' : 'FAILED'}: ${rule}\n`);
    for (const violation of violations.slice(0, 10)) process.stdout.write(`    ${violation}\n`);
  }
}
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
process.exit(counts.failed === 0 ? 0 : 1);
