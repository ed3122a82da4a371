/** Every example runs, and shows what it says. */
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../examples', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

test('there is a test for each example', () => {
  const tests = readdirSync(here)
    .map((file) => readFileSync(`${here}/${file}`, 'utf8'))
    .join('\n');
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.ts'))) {
    expect(tests).toContain(`'../../examples/${name.replace('.ts', '.js')}'`);
  }
});

test('solve-frozen-lake', async () => {
  const { startValue, certified } = await import('../../examples/solve-frozen-lake.js');
  expect(startValue).toBeCloseTo(0.4146403618, 7);
  expect(certified).toBe(true);
});

test('grpo-advantages', async () => {
  const { loss, gradient } = await import('../../examples/grpo-advantages.js');
  expect(Number.isFinite(loss)).toBe(true);
  // The two wrong answers of the first prompt are pushed down, the right ones up.
  expect(gradient.data[0]).toBeLessThan(0);
  expect(gradient.data[3]).toBeGreaterThan(0);
  expect(gradient.data[14]).toBe(0);
});

test('fitted-q-chain', async () => {
  const { qRight } = await import('../../examples/fitted-q-chain.js');
  expect(qRight).toBeCloseTo(0.9 ** 4, 6);
});

test('flow-policy', async () => {
  const { chosen, scores } = await import('../../examples/flow-policy.js');
  expect(chosen.shape).toEqual([2, 2]);
  expect(scores?.shape).toEqual([2, 8]);
  expect(Math.max(...chosen.data.map(Math.abs))).toBeLessThanOrEqual(1);
});

test('one-step-flow-q', async () => {
  const { share } = await import('../../examples/one-step-flow-q.js');
  expect(share).toBeGreaterThan(0.9);
});

test('solve-own-mdp', async () => {
  const { chance } = await import('../../examples/solve-own-mdp.js');
  expect(chance).toBeCloseTo(0.4, 9);
});

test('inventory-week', async () => {
  const { orders, worth } = await import('../../examples/inventory-week.js');
  expect(orders.length).toBe(7);
  // Nothing sells on Sunday; Saturday sells most.
  expect(orders[6]).toBe(0);
  expect(orders[5]).toBeGreaterThan(orders[0] as number);
  expect(worth).toEqual([...worth].sort((a, b) => a - b));
});

/** Collects what is written, slowly: `write` says that the reader is behind. */
function collector(): { sink: Writable; lines: () => { prompt_id: number; advantage: number }[] } {
  let text = '';
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      text += chunk;
      setImmediate(done);
    },
  });
  return {
    sink,
    lines: () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

test('advantages-from-logs', async () => {
  const { advantagesFromLogs } = await import('../../examples/advantages-from-logs.js');
  const { sink, lines } = collector();
  const log = createReadStream(`${folder}/data/arithmetic-rollouts.jsonl`);
  expect(await advantagesFromLogs(log, sink)).toBe(480);
  const sums = new Map<number, number>();
  for (const { prompt_id, advantage } of lines()) {
    sums.set(prompt_id, (sums.get(prompt_id) ?? 0) + advantage);
  }
  expect(sums.size).toBe(40);
  for (const sum of sums.values()) expect(sum).toBeCloseTo(0, 9);

  const short = collector();
  const rewards = [1, 0, null];
  const written = rewards.map((reward) => `${JSON.stringify({ prompt_id: 7, reward })}\n`);
  expect(await advantagesFromLogs(Readable.from(written), short.sink)).toBe(3);
  const [right, wrong, unscored] = short.lines().map(({ advantage }) => advantage);
  expect(right).toBeCloseTo(Math.SQRT1_2, 5);
  expect(wrong).toBeCloseTo(-Math.SQRT1_2, 5);
  expect(unscored).toBe(0);
});

test('advantages-from-logs: memory does not grow with the stream', async () => {
  const { advantagesFromLogs } = await import('../../examples/advantages-from-logs.js');
  const groups = 40_000;
  const perGroup = 8;
  let made = 0;
  let written = 0;
  let ahead = 0;
  const heap: number[] = [];
  // One chunk a group: some 18 MB of text, none of it kept.
  function* rollouts(): Generator<string> {
    for (let prompt_id = 0; prompt_id < groups; prompt_id += 1) {
      let chunk = '';
      for (let i = 0; i < perGroup; i += 1) {
        chunk += `${JSON.stringify({ prompt_id, reward: (i * prompt_id) % 3, text: 'abcdefgh' })}\n`;
      }
      made += perGroup;
      ahead = Math.max(ahead, made - written);
      if (prompt_id % (groups / 4) === groups / 8) {
        globalThis.gc?.();
        heap.push(process.memoryUsage().heapUsed);
      }
      yield chunk;
    }
  }
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) written += byte === 10 ? 1 : 0;
      // Now and then the reader is slow.
      if (written % 5000 === 0) setTimeout(done, 1);
      else done();
    },
  });
  expect(await advantagesFromLogs(Readable.from(rollouts()), sink)).toBe(groups * perGroup);
  expect(written).toBe(groups * perGroup);
  expect(ahead).toBeLessThan(10_000);
  expect(heap.at(-1)! - heap[0]!).toBeLessThan(4e6);
});

test('gpu-training', async () => {
  const { largestDifference } = await import('../../examples/gpu-training.js');
  expect(largestDifference).toBeLessThan(1e-3);
});
