/**
 * Runs golden cases through the public API, by the rules of their file format:
 *
 *   node dist/conformance.js DIR [DIR...] [--device cpu|cuda] [--dtype own|f32|f64] [--filter TEXT]
 *     [--repeat N]
 *
 * `--repeat 4` makes four calls of each case: on CUDA the launches of some ops become one graph at
 * the second, which is told new arguments at later ones.
 *
 * Holds no op's name. The last line is `N passed, N failed, N skipped`.
 */
import { parseArgs } from 'node:util';

import { Engine } from '../engine.js';
import * as root from '../index.js';
import { judgeCase } from './golden-case.js';
import { findGoldenFiles, readGoldenFile } from './golden-file.js';
import type { RunOptions, Verdict } from './golden-types.js';

function usage(message: string): never {
  console.error(`conformance: ${message}`);
  console.error(
    'usage: conformance DIR [DIR...] [--device cpu|cuda] [--dtype own|f32|f64] [--filter TEXT] [--repeat N]',
  );
  process.exit(64);
}

function readOptions(): { folders: string[]; options: RunOptions; filter: string } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      device: { type: 'string', default: 'cpu' },
      dtype: { type: 'string', default: 'own' },
      filter: { type: 'string', default: '' },
      repeat: { type: 'string', default: '1' },
    },
  });
  const { device, dtype, filter } = values;
  if (device !== 'cpu' && device !== 'cuda') usage(`--device ${device}`);
  if (dtype !== 'own' && dtype !== 'f32' && dtype !== 'f64') usage(`--dtype ${dtype}`);
  const repeat = Number(values.repeat);
  if (!Number.isInteger(repeat) || repeat < 1) usage(`--repeat ${values.repeat}`);
  if (positionals.length === 0) usage('no folder given');
  return { folders: positionals, options: { device, dtype, repeat }, filter };
}

async function main(): Promise<number> {
  const { folders, options, filter } = readOptions();
  const families = root as unknown as Record<string, Record<string, unknown>>;
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const skipped = new Map<string, number>();
  const noGpu = options.device === 'cuda' ? whyNoGpu() : '';
  if (noGpu !== '') console.log(`every case is skipped: ${noGpu}`);

  for (const file of findGoldenFiles(folders)) {
    const label = `${file.family}/${file.op}`;
    if (!label.includes(filter)) continue;
    const { cases } = readGoldenFile(file);
    for (const [index, golden] of cases.entries()) {
      const verdict: Verdict =
        noGpu === ''
          ? await judgeCase(families, file, golden, options)
          : { kind: 'skipped', reason: noGpu };
      counts[verdict.kind] += 1;
      if (verdict.kind === 'failed') {
        console.log(`FAILED ${label} #${index} "${golden.name}": ${verdict.reason}`);
      } else if (verdict.kind === 'skipped') {
        skipped.set(
          `${label} (${verdict.reason})`,
          (skipped.get(`${label} (${verdict.reason})`) ?? 0) + 1,
        );
      }
    }
  }
  if (noGpu === '') for (const [what, count] of skipped) console.log(`skipped ${count} of ${what}`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (noGpu !== '') return 2;
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

function whyNoGpu(): string {
  const { device, detail } = new Engine({ device: 'auto' }).diagnostics();
  return device === 'cuda' ? '' : (detail ?? 'no usable GPU');
}

process.exitCode = await main();
