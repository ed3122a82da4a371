/** What a policy for inference takes, from its user and from the metadata of its file. */
import type { Engine } from '../engine.js';
import { argumentError, type BelfryErrorCode } from '../errors.js';
import type { DdpmScheduleArgs, OneStepGenerationArgs } from '../generated/flow.js';
import { camelCase } from '../native.js';
import { checkRules, rules } from '../options.js';
import { type PolicyKind, policyKinds } from './policy-file.js';
import type { PlanSettings, Sampler } from './policy-plans.js';

/**
 * Every option but `sampler`, `timesteps`, `weights`, `seed` and `engine` may stand in a file, as
 * `max_action`.
 */
export interface FlowPolicyOptions {
  /** What the networks are. Default: that of the file, else by which networks there are. */
  kind?: PolicyKind;
  /** Largest absolute action. Default: that of the file, else 1. */
  maxAction?: number;
  /** Factor on the times of an average velocity. Default: that of the file, else 1. */
  timeScale?: number;
  /** Activation of the hidden layers. Default: that of the file, else 'mish'. */
  activation?: NonNullable<OneStepGenerationArgs['activation']>;
  /** How actions are made. Default: 'one-step' where there is a network for it, else 'euler' for a
   * flow, 'ddpm' for a diffusion. */
  sampler?: Sampler;
  /** Euler steps, or steps of the noise schedule. Default: those of the file, else 10 and 5. */
  steps?: number;
  /** Noise schedule of a diffusion. Default: that of the file, else 'vp'. */
  schedule?: NonNullable<DdpmScheduleArgs['schedule']>;
  /** Whether 'ddpm' clips the denoised action at every step. Default: as the file says, else true. */
  clipDenoised?: boolean;
  /** Steps that 'ddim' takes, ascending, counted from 0. Default: all. */
  timesteps?: readonly number[];
  /** Candidates of each state, of which the critics choose. Default: those of the file, else 1. */
  candidates?: number;
  /** What two critics say of a candidate together. Default: as the file says, else 'min'. */
  score?: 'min' | 'mean';
  /** 'best' takes the best candidate, 'softmax' draws one by the softmax of the scores. Default: as
   * the file says, else 'best'. */
  select?: 'best' | 'softmax';
  /** 'bf16': weights, not biases, are rounded to bfloat16 and read in that form where one or two
   * rows go through a network; sums stay float32. Default: 'bf16' where the file's are, else 'f32'. */
  weights?: 'f32' | 'bf16';
  /** Seed of the noise. Default 0. */
  seed?: number;
  /** Where actions are computed; with one that took 'cuda' the networks lie on the GPU. Default: the CPU. */
  engine?: Engine;
}

const words = {
  kind: policyKinds,
  score: ['min', 'mean'],
  select: ['best', 'softmax'],
  weights: ['f32', 'bf16'],
} as const;
const texts = ['kind', 'activation', 'schedule', 'score', 'select'];
const numbers = ['max_action', 'time_scale', 'steps', 'candidates'];

export const policyOptionNames: (keyof FlowPolicyOptions)[] = [
  ...(['kind', 'maxAction', 'timeScale', 'activation', 'sampler', 'steps', 'schedule'] as const),
  ...(['clipDenoised', 'timesteps', 'candidates', 'score', 'select', 'weights', 'seed'] as const),
  'engine',
];

/** The options that a file's metadata holds. */
export function optionsOfFile(metadata: Record<string, string>): FlowPolicyOptions {
  const found: Record<string, unknown> = {};
  for (const name of texts) if (metadata[name] !== undefined) found[name] = metadata[name];
  for (const name of numbers) {
    if (metadata[name] !== undefined) found[camelCase(name)] = Number(metadata[name]);
  }
  const { clip_denoised: clips } = metadata;
  if (clips !== undefined) found['clipDenoised'] = clips === 'true' || (clips !== 'false' && clips);
  checkPolicyOptions(found, 'BELFRY_BAD_FILE');
  return found;
}

/** @throws BelfryError naming the option that is no word, no count or no limit */
export function checkPolicyOptions(
  options: FlowPolicyOptions,
  code: BelfryErrorCode = 'BELFRY_INVALID_ARGUMENT',
): void {
  const refuse = (name: string, value: unknown, expected: string): never => {
    throw argumentError(code, 'FlowPolicy', shownName(name, code), `is ${value}`, expected);
  };
  const { clipDenoised = true } = options;
  if (typeof clipDenoised !== 'boolean')
    refuse('clipDenoised', `'${clipDenoised}'`, 'true or false');
  for (const [name, known] of Object.entries(words)) {
    const word = options[name as keyof typeof words];
    if (word === undefined || (known as readonly string[]).includes(word)) continue;
    refuse(name, `'${word}'`, known.map((one) => `'${one}'`).join(', '));
  }
  for (const name of ['steps', 'candidates'] as const) checkCount(name, options[name] ?? 1, code);
  checkRules('FlowPolicy', { seed: options.seed ?? 0 }, { seed: rules.countOrNone });
  for (const name of ['maxAction', 'timeScale'] as const) {
    const value = options[name] ?? 1;
    if (!Number.isFinite(value) || (name === 'maxAction' && !(value > 0))) {
      refuse(name, value, name === 'maxAction' ? 'a number above 0' : 'a number');
    }
  }
}

/** As the file has it, or the option. */
function shownName(name: string, code: BelfryErrorCode): string {
  if (code !== 'BELFRY_BAD_FILE') return name;
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** More than anyone wants: a file that asks for it is damaged or means harm. */
const mostOf = { steps: 10_000, candidates: 65_536 } as const;

export function checkCount(
  name: keyof typeof mostOf,
  count: number,
  code: BelfryErrorCode = 'BELFRY_INVALID_ARGUMENT',
): number {
  if (Number.isInteger(count) && count >= 1 && count <= mostOf[name]) return count;
  const expected = `a whole number, at least 1 and at most ${mostOf[name]}`;
  throw argumentError(code, 'FlowPolicy', name, `is ${count}`, expected);
}

/** Everything that a plan depends on, with the defaults of `kind`. */
export function planSettings(
  kind: PolicyKind,
  sampler: Sampler,
  options: FlowPolicyOptions,
  uniform: () => number,
): PlanSettings {
  const steps = options.steps ?? (kind === 'flow' ? 10 : 5);
  const { maxAction = 1, activation = 'mish', schedule = 'vp', clipDenoised = true } = options;
  const { timesteps = Array.from({ length: steps }, (_, i) => i) } = options;
  const { score = 'min', select = 'best' } = options;
  const chain = { sampler, steps, schedule, timesteps, clipDenoised };
  return { ...chain, activation, maxAction, score, select, uniform };
}
