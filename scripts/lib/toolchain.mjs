// What the native build needs on this machine, and how to say what is missing.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { capture, findProgram } from './exec.mjs';

const hints = {
  linux: {
    compiler: "apt-get install g++   (or your distribution's GCC 11+ or Clang 14+)",
    make: 'apt-get install make',
    python: 'apt-get install python3',
  },
  darwin: {
    compiler: 'xcode-select --install',
    make: 'xcode-select --install',
    python: 'xcode-select --install   (or brew install python)',
  },
  win32: {
    compiler: 'install Visual Studio 2022 Build Tools with "Desktop development with C++"',
    make: '',
    python: 'winget install Python.Python.3.12',
  },
};

/** The command of the C++ compiler, as the build calls it. */
export function compiler() {
  return process.env.CXX ?? (findProgram('g++') ? 'g++' : 'c++');
}

function compilesCxx20() {
  const [program, ...flags] = compiler().split(' ');
  const source = '#include <bit>\n#include <span>\n#include <concepts>\nint main() {}\n';
  const args = [...flags, '-std=c++20', '-fsyntax-only', '-x', 'c++', '-'];
  return capture(program, args, { input: source }).code === 0;
}

/** One line for each missing tool. */
export function missingTools() {
  const hint = hints[process.platform] ?? hints.linux;
  const missing = [];
  const windows = process.platform === 'win32';
  if (!windows && !compilesCxx20()) {
    missing.push(`a C++20 compiler (${compiler()} cannot compile C++20): ${hint.compiler}`);
  }
  if (!windows && !findProgram('make')) missing.push(`make: ${hint.make}`);
  const pythons = windows ? ['py', 'python'] : ['python3'];
  if (!pythons.some((name) => findProgram(name))) missing.push(`python3: ${hint.python}`);
  return missing;
}

function hasHeaders(folder) {
  return folder !== undefined && existsSync(join(folder, 'include', 'node', 'node_api.h'));
}

function cachedHeaders() {
  const caches = [
    join(homedir(), '.cache', 'node-gyp'),
    join(homedir(), 'Library', 'Caches', 'node-gyp'),
    join(process.env.LOCALAPPDATA ?? homedir(), 'node-gyp', 'Cache'),
  ];
  for (const cache of caches.filter((folder) => existsSync(folder))) {
    const version = process.versions.node;
    if (readdirSync(cache).includes(version)) return join(cache, version);
  }
  return undefined;
}

/** The folder whose include/node holds the running Node's headers, or undefined. */
export function nodeDir() {
  const candidates = [
    process.env.npm_config_nodedir,
    dirname(dirname(realpathSync(process.execPath))),
    cachedHeaders(),
  ];
  return candidates.find((folder) => hasHeaders(folder));
}

export const noHeadersMessage = [
  `The headers of Node ${process.versions.node} were not found: include/node/node_api.h is neither`,
  `under ${dirname(dirname(process.execPath))} nor in node-gyp's cache.`,
  'Install Node from nodejs.org, a version manager or NodeSource (these bring the headers), or set',
  'npm_config_nodedir to a folder that has them, or run `npx node-gyp install` to download them.',
].join('\n');
