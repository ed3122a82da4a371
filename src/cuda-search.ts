/** Where the CUDA plug-in is looked for, and what is said when it cannot be used. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { BelfryError } from './errors.js';
import { type DeviceFacts, native, type PluginReport, packageRoot } from './native.js';

export interface CudaSearch {
  usable: boolean;
  reason: string;
  detail: string;
  attempts: string[];
  devices: DeviceFacts[];
}

const sentences: Record<string, string> = {
  'not-shipped': 'this installation holds no CUDA plug-in (npm run build:cuda makes one).',
  'load-failed': 'the CUDA plug-in could not be opened.',
  'abi-mismatch': 'the CUDA plug-in was built for another version of belfry.',
  'no-driver': 'no NVIDIA driver was found.',
  'driver-too-old': 'the NVIDIA driver is older than the plug-in needs.',
  'no-device': 'no NVIDIA GPU was found.',
  'unsupported-gpu': 'the GPU is older than the plug-in supports (compute capability 7.5).',
  disabled: 'BELFRY_CUDA=0 turns CUDA off.',
};

/** Looks for the plug-in in the documented order; the first that opens is kept. */
export function findCuda(): CudaSearch {
  const attempts: string[] = [];
  if (process.env['BELFRY_CUDA'] === '0') {
    return unusable('disabled', '', attempts);
  }
  const file = process.platform === 'win32' ? 'belfry_cuda.dll' : 'belfry_cuda.so';
  const named = process.env['BELFRY_CUDA_PATH'];
  const places =
    named !== undefined && named !== ''
      ? [named]
      : [
          join(packageRoot, 'build-cuda', 'Release', file),
          join(packageRoot, 'prebuilds', `${process.platform}-${process.arch}`, file),
        ];
  let last: PluginReport | undefined;
  for (const path of places) {
    if (!existsSync(path)) {
      attempts.push(`${path}: no such file`);
      continue;
    }
    last = native().loadPlugin(path);
    attempts.push(`${path}: ${last.usable ? 'usable' : `${last.reason} ${last.detail}`.trim()}`);
    if (last.usable) {
      return { usable: true, reason: '', detail: '', attempts, devices: native().devices() };
    }
  }
  return unusable(last?.reason ?? 'not-shipped', last?.detail ?? '', attempts);
}

function unusable(reason: string, detail: string, attempts: string[]): CudaSearch {
  const sentence = sentences[reason] ?? `the CUDA plug-in reports ${reason}.`;
  return {
    usable: false,
    reason,
    detail: detail === '' ? sentence : `${sentence} (${detail})`,
    attempts,
    devices: [],
  };
}

/** The error of `op`, which needs CUDA. */
export function noCuda(op: string, found: CudaSearch, hint: string): BelfryError {
  const message = `${op}: CUDA is not available: ${found.detail} ${hint}`;
  const details = { op, argument: 'device', received: found.reason };
  return new BelfryError('BELFRY_CUDA_UNAVAILABLE', message, details);
}

let isLoaded = false;

/** Loads the plug-in where no engine did. @throws BelfryError BELFRY_CUDA_UNAVAILABLE */
export function loadCuda(op: string): void {
  if (isLoaded) return;
  const found = findCuda();
  if (!found.usable) throw noCuda(op, found, 'Host tensors compute on the CPU.');
  isLoaded = true;
}
