/**
 * Advantages for the logs of a trainer, as a stream: JSON lines in, JSON lines out, one group of
 * rollouts in memory at a time.
 *
 *     advantages-from-logs < rollouts.jsonl > advantages.jsonl
 *
 * A line needs `prompt_id` and `reward`; the lines of a prompt stand together. Other fields are
 * ignored. A `reward` of null is a rollout that could not be scored: its advantage is 0.
 */

import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Grpo } from 'belfry/token';

interface Rollout {
  prompt_id: number;
  reward: number | null;
}

/** @returns how many rollouts were read */
export async function advantagesFromLogs(input: Readable, output: Writable): Promise<number> {
  const grpo = new Grpo();
  let group: Rollout[] = [];
  let count = 0;

  const flush = async (): Promise<void> => {
    const rewards = Float64Array.from(group, ({ reward }) => reward ?? Number.NaN);
    const { advantages } = grpo.advantages({ rewards, groupIds: new Int32Array(group.length) });
    const lines = group.map(({ prompt_id }, i) =>
      JSON.stringify({ prompt_id, sample: i, advantage: advantages.data[i] }),
    );
    group = [];
    // A reader that is slower than this loop is waited for.
    if (lines.length > 0 && !output.write(`${lines.join('\n')}\n`))
      await new Promise((resolve) => output.once('drain', resolve));
  };

  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const rollout = JSON.parse(line) as Rollout;
    if (group.length > 0 && group[0]!.prompt_id !== rollout.prompt_id) await flush();
    group.push(rollout);
    count += 1;
  }
  await flush();
  return count;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await advantagesFromLogs(process.stdin, process.stdout);
}
