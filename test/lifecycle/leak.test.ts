/** Memory stays where it is over 100,000 calls, in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('scripts/leak.mjs', import.meta.url));

/** KiB by which the later rounds may differ; a leak of 64 bytes a call would be 780 a round. */
const limits = { rss: 4096, external: 256, arrayBuffers: 256 };

test('100,000 calls, some of them wrong, some asynchronous, leave memory flat', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script]);
  const settled = (JSON.parse(stdout) as (typeof limits)[]).slice(3);
  for (const [kind, limit] of Object.entries(limits)) {
    const values = settled.map((sample) => sample[kind as keyof typeof limits]);
    expect(Math.max(...values) - Math.min(...values), kind).toBeLessThan(limit);
  }
});
