/** The snippets of docs/fitted-q.md run as they stand, one after the other. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tensor } from 'belfry';
import * as fittedQ from 'belfry/fitted-q';
import { expect, test } from 'vitest';

import { randomSource } from '../../src/tools/random-arguments.js';

const random = randomSource(2);
const draws = (count: number): Float32Array => Float32Array.from({ length: count }, random);
const rows = 30;

/** What the snippets speak of. */
const surroundings: Record<string, unknown> = {
  ...fittedQ,
  states: draws(4 * rows),
  actions: Int32Array.from({ length: rows }, (_, i) => i % 3),
  rewards: draws(rows),
  nextStates: draws(4 * rows),
  terminated: new Uint8Array(rows).fill(1, 20),
  truncated: new Uint8Array(rows),
  signal: new AbortController().signal,
  log: () => undefined,
  state: draws(4),
  newStates: new Tensor(draws(8), [2, 4]),
  goalStates: draws(4),
  simulator: fittedQ.batchSimulator(() => {
    let place = 0;
    return {
      observationSize: 1,
      numActions: 2,
      reset: () => {
        place = 0;
        return [place];
      },
      step: (action) => {
        place += action;
        return { observation: [place], reward: place, terminated: false };
      },
    };
  }, 16),
};

test('docs/fitted-q.md', async () => {
  const path = fileURLToPath(new URL('../../docs/fitted-q.md', import.meta.url));
  const snippets = [...readFileSync(path, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)];
  const code = snippets.map(([, body = '']) => body.replace(/^import .*\n/gm, ''));
  expect(code.length).toBe(9);
  const names =
    'greedy, qOfState, best, converged, importance, ofAction, means, loss, learner, other, ' +
    'firstActions, plan: actions_, lstd, valuesOfPolicy, sameLstd, faster';
  const body = code
    .join('\n')
    .replace('const { actions } = await new Gorp', 'const { actions: actions_ } = await new Gorp');
  const run = new Function(
    ...Object.keys(surroundings),
    `return (async () => { ${body}; return { ${names} }; })();`,
  ) as (...values: unknown[]) => Promise<Record<string, never>>;
  const made = await run(...Object.values(surroundings));
  const { greedy, qOfState, best, converged, importance, ofAction, means } = made as never as {
    greedy: Int32Array;
    qOfState: Float32Array;
    best: number;
    converged: boolean;
    importance: Float32Array;
    ofAction: number;
    means: Tensor<Float32Array>;
  };
  const { loss, learner, other, firstActions, plan } = made as never as {
    loss: number;
    learner: fittedQ.NeuralFittedQ;
    other: fittedQ.NeuralFittedQ;
    firstActions: Int32Array;
    plan: number[];
  };
  expect(greedy.length).toBe(2);
  expect(qOfState[best]).toBe(Math.max(...qOfState));
  expect(converged).toBe(true);
  expect(importance.length).toBe(5);
  expect(ofAction).toBe(importance[4]);
  expect(means.shape).toEqual([rows, 3]);
  expect(loss).toBeGreaterThan(0);
  expect(other.checkpoint()).toEqual(learner.checkpoint());
  expect(firstActions.length).toBe(16);
  const { lstd, valuesOfPolicy, sameLstd, faster } = made as never as {
    lstd: fittedQ.Lstd;
    valuesOfPolicy: Tensor<Float64Array>;
    sameLstd: fittedQ.Lstd;
    faster: fittedQ.NeuralFittedQ;
  };
  expect(valuesOfPolicy.shape).toEqual([2, 3]);
  expect(sameLstd.weights).toEqual(lstd.weights);
  expect(faster.options.learningRate).toBe(1e-2);
  expect(faster.checkpoint()).toEqual(learner.checkpoint());
  expect(plan).toEqual([1, 1, 1, expect.any(Number)]);
}, 20_000);
