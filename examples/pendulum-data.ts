/** Collects pendulum data under a stated policy, saves it as .npz, reads it back and describes it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { behaviourPolicy, ControlTask, readNpz, writeNpz } from 'belfry/offline';

const task = new ControlTask('pendulum', { count: 20 });
const collected = task.collect(behaviourPolicy('pendulum', 'mixed'), {
  transitions: 8000,
  seed: 1,
});

const folder = mkdtempSync(join(tmpdir(), 'pendulum-'));
const path = join(folder, 'pendulum-mixed.npz');
writeFileSync(path, writeNpz(collected, { compress: true }));
const data = await readNpz(path);
rmSync(folder, { recursive: true });

const returns = data.returns().sort();
const { mean, std } = data.statistics();
const digits = (numbers: Iterable<number>): string =>
  Array.from(numbers, (x) => x.toFixed(2)).join(', ');

export const summary: { length: number; episodes: number; worst: number; best: number } = {
  length: data.length,
  episodes: data.numEpisodes,
  worst: returns[0] ?? Number.NaN,
  best: returns.at(-1) ?? Number.NaN,
};
console.log(`${data.length} transitions, ${data.numEpisodes} episodes`);
console.log(`returns ${digits([summary.worst, summary.best])}`);
console.log(`observations: mean ${digits(mean)}; deviation ${digits(std)}`);
