/** Memory stays where it is over 100,000 calls, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('scripts/leak.mjs', import.meta.url));

/** KiB between the first rounds and the last; 64 bytes lost in a call would make 8,600. */
const limits = { rss: 4096, external: 256, arrayBuffers: 256 };

test('100,000 calls, some of them wrong, some asynchronous, leave memory flat', async () => {
  // A young generation of fixed size: where V8 lets it grow, memory rises by its size at once.
  const flags = ['--expose-gc', '--max-semi-space-size=2'];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script]);
  const samples = JSON.parse(stdout) as (typeof limits)[];
  for (const [kind, limit] of Object.entries(limits)) {
    const values = samples.map((sample) => sample[kind as keyof typeof limits]);
    // The least of several rounds: a collector that has not run yet is not a leak.
    const early = Math.min(...values.slice(2, 5));
    const late = Math.min(...values.slice(-3));
    expect(late - early, kind).toBeLessThan(limit);
  }
});
