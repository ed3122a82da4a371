/** Every golden case of the ops that are built, through the public API. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import * as belfry from 'belfry';
import { describe, expect, test } from 'vitest';

import { judgeCase } from '../../src/tools/golden-case.js';
import { findGoldenFiles, readGoldenFile } from '../../src/tools/golden-file.js';
import type { GoldenCase, GoldenPath, RunOptions, Verdict } from '../../src/tools/golden-types.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const files = findGoldenFiles([folder]);
const families = belfry as unknown as Record<string, Record<string, unknown>>;
const own: RunOptions = { device: 'cpu', dtype: 'own', repeat: 1 };

function judge(file: GoldenPath, golden: GoldenCase, options = own): Promise<Verdict> {
  return judgeCase(families, file, golden, options);
}

/** Choices that belong to later work; everything else must pass. */
function isNamedGap(file: GoldenPath, golden: GoldenCase): boolean {
  return file.op === 'policy_loss' && golden.params['kind'] !== 'ppo_clip';
}

describe.each(files)('$family/$op', (file) => {
  const { cases } = readGoldenFile(file);
  test.each(cases.map((golden, index) => ({ index, golden })))(
    '#$index $golden.name',
    async ({ golden }) => {
      const verdict = await judge(file, golden);
      if (verdict.kind === 'skipped') expect(isNamedGap(file, golden)).toBe(true);
      else expect(verdict).toEqual({ kind: 'passed' });
    },
  );

  test.each(['f32', 'f64'] as const)('all cases as %s', async (dtype) => {
    const data = file.op !== 'token_logprob' && file.op !== 'token_logprob_backward';
    for (const golden of cases) {
      const verdict = await judge(file, golden, { ...own, dtype: data ? dtype : 'own' });
      if (verdict.kind !== 'skipped') expect(verdict).toEqual({ kind: 'passed' });
    }
  });
});

describe('the runner itself', () => {
  const path = files.find((file) => file.op === 'gae') as GoldenPath;
  const first = (): GoldenCase =>
    (JSON.parse(readFileSync(path.path, 'utf8')) as { cases: GoldenCase[] }).cases[0] as GoldenCase;

  test('a changed expected number fails', async () => {
    const golden = first();
    const advantages = golden.expected['advantages'];
    if (advantages !== undefined) advantages.data[0] = Number(advantages.data[0]) + 0.01;
    expect((await judge(path, golden)).kind).toBe('failed');
  });

  test('a changed input fails', async () => {
    const golden = first();
    const rewards = golden.inputs['rewards'];
    const at = golden.inputs['mask']?.data.lastIndexOf(1) ?? 0;
    if (rewards !== undefined) rewards.data[at] = Number(rewards.data[at]) + 1;
    expect((await judge(path, golden)).kind).toBe('failed');
  });

  test('a misspelt operand fails', async () => {
    const golden = first();
    const { rewards, ...others } = golden.inputs;
    if (rewards !== undefined) golden.inputs = { ...others, reward: rewards };
    expect((await judge(path, golden)).kind).toBe('failed');
  });

  test('infinity is matched by the same infinity only', async () => {
    const golden = first();
    const advantages = golden.expected['advantages'];
    if (advantages !== undefined) advantages.data[0] = 'Infinity';
    expect((await judge(path, golden)).kind).toBe('failed');
  });

  test('each of several calls is judged', async () => {
    const gae = belfry.token.gae as (args: unknown) => { advantages: belfry.Tensor<Float64Array> };
    let calls = 0;
    const wrongAt = (wrong: number) => (args: unknown) => {
      const result = gae(args);
      calls += 1;
      if (calls === wrong) result.advantages.data[0] = Number.NaN;
      return result;
    };
    for (const [wrong, kind, made] of [
      [3, 'failed', 3],
      [4, 'passed', 3],
    ] as const) {
      calls = 0;
      const broken = { token: { gae: wrongAt(wrong) } };
      const verdict = await judgeCase(broken, path, first(), { ...own, repeat: 3 });
      expect([verdict.kind, calls]).toEqual([kind, made]);
    }
  });

  test('an unknown op is skipped', async () => {
    expect((await judge({ ...path, op: 'no_such_op' }, first())).kind).toBe('skipped');
  });
});
