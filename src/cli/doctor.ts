/** `belfry doctor`: what is installed, what this machine can do, and what to do about the rest. */
import type { Command } from 'commander';

import { findCuda } from '../cuda-search.js';
import { native, packageRoot, packageVersion } from '../native.js';

interface Finding {
  name: string;
  value: string;
  advice?: string;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'versions, processor features, threads, CUDA; and what to do when something is missing',
    )
    .option('--json', 'machine-readable')
    .action((options: { json?: boolean }) => {
      const findings = examine();
      if (options.json === true) {
        console.log(JSON.stringify(findings, null, 2));
        return;
      }
      const width = Math.max(...findings.map(({ name }) => name.length));
      for (const { name, value, advice } of findings) {
        console.log(`${name.padEnd(width)}  ${value}`);
        if (advice !== undefined) console.log(`${' '.repeat(width)}  → ${advice}`);
      }
    });
}

function examine(): Finding[] {
  const facts = native().facts();
  const version = packageVersion();
  const findings: Finding[] = [
    { name: 'belfry', value: version },
    { name: 'node', value: `${process.versions.node} (${process.platform}-${process.arch})` },
    { name: 'add-on', value: `${facts.version}, built with ${facts.compiler}` },
    { name: 'location', value: packageRoot },
    { name: 'instructions', value: facts.cpuLevel },
    { name: 'threads', value: `${facts.threads} of ${facts.availableThreads}` },
  ];
  if (facts.version !== version) {
    const advice = 'The binary and the JavaScript differ: reinstall, or npm run build in a clone.';
    findings.push({ name: 'versions', value: `${facts.version} ≠ ${version}`, advice });
  }
  return [...findings, ...examineCuda()];
}

const advice: Record<string, string> = {
  'not-shipped': 'Only needed for NVIDIA GPUs. In a clone: npm run build:cuda (needs nvcc, CMake).',
  'no-driver':
    'Only needed for NVIDIA GPUs: install the NVIDIA driver. Everything runs on the CPU meanwhile.',
  'driver-too-old': 'Update the NVIDIA driver.',
  'no-device': 'Check nvidia-smi; in a container, pass the GPU through.',
  'abi-mismatch': 'Build the plug-in of this version: npm run build:cuda.',
  'load-failed': 'See the attempts below; a missing library names itself.',
  'unsupported-gpu': 'The plug-in needs compute capability 7.5 (Turing) or newer.',
  disabled: 'Unset BELFRY_CUDA to look for a GPU.',
};

function examineCuda(): Finding[] {
  const cuda = findCuda();
  const findings: Finding[] = [];
  if (cuda.usable) {
    for (const device of cuda.devices) {
      const memory = `${(device.totalBytes / 2 ** 30).toFixed(1)} GiB`;
      const value = `${device.name}, capability ${device.capability}, ${memory}, driver ${device.driverVersion}`;
      findings.push({ name: 'cuda', value });
    }
  } else {
    const finding: Finding = { name: 'cuda', value: `not available: ${cuda.detail}` };
    const hint = advice[cuda.reason];
    if (hint !== undefined) finding.advice = hint;
    findings.push(finding);
  }
  for (const attempt of cuda.attempts) findings.push({ name: '  plug-in', value: attempt });
  return findings;
}
