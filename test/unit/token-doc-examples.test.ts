/** The examples in the comments of the token classes run as they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tensor } from 'belfry';
import * as token from 'belfry/token';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../src/token', import.meta.url));
const shape = [4, 3];
const tokens = (step: number, start: number): Tensor<Float64Array> =>
  new Tensor(
    Float64Array.from({ length: 12 }, (_, i) => start - step * (i % 5)),
    shape,
  );

const [logProbs, oldLogProbs] = [tokens(0.11, -0.5), tokens(0.1, -0.55)];
const rewards = Float64Array.of(1, 0, 1, 0);
const groupIds = Int32Array.of(7, 7, 3, 3);
const flags = Uint8Array.of(0, 1, 0, 0);
const gradient = (scale: number): Float64Array => Float64Array.of(scale, -2 * scale, 0.5);
const predicted = Float64Array.from({ length: 100 }, (_, i) => i / 100);

/** What the snippets speak of. */
const surroundings: Record<string, unknown> = {
  ...token,
  ...{ logProbs, oldLogProbs, refLogProbs: tokens(0.12, -0.5), rewards, groupIds },
  mask: new Tensor(Uint8Array.of(1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1), shape),
  turnIds: new Tensor(Int32Array.of(0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 2), shape),
  entropy: tokens(0.05, 1),
  ...{ oldValues: tokens(0, 0.4), values: tokens(0.01, 0.5), progress: 0.5 },
  ...{ truncated: flags, hinted: flags, refined: flags, answerIds: Int32Array.of(1, 2, 5, 5) },
  logits: new Tensor(
    Float64Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    [12, 2],
  ),
  labels: Int32Array.from({ length: 12 }, (_, i) => i % 2),
  algorithm: new token.Grpo({ klCoef: 0 }),
  ...{ predicted, predictedOfChosen: predicted.slice(36, 40), meanRewards: rewards },
  addHintedRollouts: (id: number) => expect([3, 7]).toContain(id),
  demonstrated: tokens(0.2, -1),
  batch: { logProbs, oldLogProbs, rewards, groupIds },
  ...{ gradSft: gradient(1), gradRl: gradient(2), gradValidationLoss: gradient(-1) },
  policyLr: 0.1,
};

/** The comment before each class, and the example in it. */
function examples(): { name: string; code: string }[] {
  return readdirSync(folder).flatMap((file) => {
    const source = readFileSync(`${folder}/${file}`, 'utf8');
    const classes = source.matchAll(
      /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport (?:abstract )?class (\w+)/g,
    );
    return [...classes].map(([, comment = '', name = '']) => {
      const code = /```ts\n([\s\S]*?)```/.exec(comment)?.[1] ?? '';
      return { name, code: code.replace(/^ \* ?/gm, '') };
    });
  });
}

/** Runs a snippet; @returns the gradient it made */
function run(code: string): ArrayLike<number> {
  let found: { data: ArrayLike<number> } | undefined;
  const collect = (result: typeof found): void => {
    found ??= result;
  };
  const names = ['gradLogProbs', 'gradLogits'];
  const report = names.map((x) => `if (typeof ${x} !== 'undefined') collect(${x});`).join(' ');
  const given = { ...surroundings, collect };
  const body = `'use strict'; { ${code}\n${report} }`;
  new Function(...Object.keys(given), body)(...Object.values(given));
  return found?.data ?? [];
}

test('every class but the abstract base of options has an example', () => {
  const named = examples().filter(({ code }) => code !== '');
  const exported = Object.entries(token).filter(([name]) => /^[A-Z]/.test(name));
  expect(named.map(({ name }) => name).sort()).toEqual(
    exported
      .map(([name]) => name)
      .filter((name) => name !== 'Algorithm')
      .sort(),
  );
});

test.each(examples().filter(({ code }) => code !== ''))('$name', ({ code }) => {
  const gradient = Array.from(run(code));
  expect(gradient.every(Number.isFinite)).toBe(true);
  expect(gradient.some((x) => x !== 0)).toBe(true);
});
