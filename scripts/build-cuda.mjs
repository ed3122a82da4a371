// Builds the CUDA backend into build-cuda/Release (cmake-js, CMakeLists.txt).
//
//   npm run build:cuda              for the GPU of this machine, else for capability 9.0, plus PTX
//   npm run build:cuda -- --all     for every generation the package supports, plus the newest PTX
//
// Exit code 3 when a tool is missing.
import { existsSync } from 'node:fs';
import { capture, cores, fail, findProgram, runTool, timed } from './lib/exec.mjs';

const generations = [75, 80, 86, 89, 90, 100, 120];
const usual = 90;

function findNvcc() {
  if (process.env.CUDACXX) return process.env.CUDACXX;
  const standard = '/usr/local/cuda/bin/nvcc';
  return findProgram('nvcc') ?? (existsSync(standard) ? standard : undefined);
}

function checkTools(nvcc) {
  const missing = [];
  if (nvcc === undefined) {
    missing.push('nvcc (the CUDA toolkit 12 or 13: https://developer.nvidia.com/cuda-downloads)');
  }
  if (!findProgram('cmake')) missing.push('cmake 3.25 or newer (Debian package cmake)');
  if (!findProgram('ninja') && !findProgram('make')) {
    missing.push('ninja (Debian package ninja-build) or make');
  }
  if (missing.length > 0) fail(`The CUDA backend needs:\n  - ${missing.join('\n  - ')}`, 3);
}

/** The generations nvcc knows, such as 90; without the variants (90a). */
function knownTo(nvcc) {
  const { code, stdout, stderr } = capture(nvcc, ['--list-gpu-arch']);
  if (code !== 0) fail(`${nvcc} --list-gpu-arch failed:\n${stderr}`, 3);
  return [...stdout.matchAll(/compute_(\d+)\s*$/gm)].map((match) => Number(match[1]));
}

/** The generation of the GPU in this machine, or undefined. */
function ofThisMachine() {
  const query = ['--query-gpu=compute_cap', '--format=csv,noheader'];
  const { code, stdout } = capture('nvidia-smi', query);
  const capability = /^(\d+)\.(\d+)/.exec(stdout);
  return code === 0 && capability ? Number(capability[1] + capability[2]) : undefined;
}

// CMake's notation: "80-real" is code for that generation, "120" alone is code and PTX.
function architectures(nvcc) {
  const known = knownTo(nvcc);
  if (process.argv.includes('--all')) {
    const all = generations.filter((generation) => known.includes(generation));
    const newest = all.pop();
    return [...all.map((generation) => `${generation}-real`), newest].join(';');
  }
  const wanted = ofThisMachine() ?? usual;
  return String(known.includes(wanted) ? wanted : Math.max(...known.filter((one) => one < wanted)));
}

const nvcc = findNvcc();
checkTools(nvcc);
const list = architectures(nvcc);
process.stdout.write(`CUDA architectures: ${list}\n`);

// `cmake-js compile` would build a second time after an error, and would keep the old options.
function cmakeJs(command, ...options) {
  const out = ['--out', 'build-cuda', '--log-level', 'warn'];
  const code = runTool('cmake-js/bin/cmake-js', [command, ...out, ...options]);
  if (code !== 0) fail(`cmake-js ${command} failed: the CUDA backend was not built.`);
}

timed('build cuda', () => {
  cmakeJs(
    'configure',
    `--CDCMAKE_CUDA_COMPILER=${nvcc}`,
    `--CDCMAKE_CUDA_ARCHITECTURES=${list}`,
    '--CDBELFRY_TESTS=OFF',
  );
  cmakeJs('build', '--target', 'belfry_cuda', '--parallel', String(cores));
});
