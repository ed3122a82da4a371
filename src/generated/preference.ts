// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `partialReturnPreference`. */
export interface PartialReturnPreferenceArgs<A extends RealArray = RealArray> {
  /** rewards of the steps of both segments. Shape [B,2,T], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = a step of the segment; absent: all. Shape [B,2,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** probability that the first is preferred, or −1. Shape [B], float32 or float64. */
  labels: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** the step that counts in full: the first, or the last valid one ('start' | 'end'; default 'start'). */
  discountFrom?: 'start' | 'end';
  /** share e of answers given at random (number; ≥ 0, ≤ 1; default 0). */
  noiseProb?: number;
  /** largest difference of returns; null: any (50 is usual) (number or null; ≥ 0; default null). */
  threshold?: number | null;
  /** m: labels are drawn in to m and 1 − m (number; ≥ 0, ≤ 0.5; default 0). */
  labelMargin?: number;
}

/** Outputs of `partialReturnPreference`. */
export interface PartialReturnPreferenceResult<A extends RealArray = RealArray> {
  /** cross entropy of each pair. Shape [B]. */
  losses: Tensor<A>;
  /** their mean; 0 without pairs. */
  loss: number;
  /** P, the probability of the first. Shape [B]. */
  probFirst: Tensor<A>;
  /** R, before the cut. Shape [B,2]. */
  returns: Tensor<A>;
  /** gradient of `loss`. Shape [B,2,T]. */
  gradRewards: Tensor<A>;
}

const partialReturnPreferenceOp: Op = /* @__PURE__ */ new Op('preference', 'partial_return_preference');

/**
 * Preferences between two segments by what they earned, with the gradient of a reward model.
 *
 * `R_i = Σ_t γ^t r_it over valid steps, γ^(n−1−t) from the end;  d = R_0 − R_1 cut to ±threshold;  P = e/2 + (1−e) σ(d);  y = m + (1−2m) label;  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of −1 is a tie, 1/2. Beyond the threshold the gradient is 0. Masked steps are never read; a segment without steps earns 0. The n valid steps of a segment stand first: t is the column.
 *
 * Source: Christiano et al., arXiv 1706.03741; Lee et al., B-Pref, arXiv 2111.03026; RL-VLM-F, arXiv 2402.03681; compared with regret in arXiv 2206.02231.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function partialReturnPreference<A extends RealArray>(args: PartialReturnPreferenceArgs<A> & CallOptions<PartialReturnPreferenceResult<A>>): PartialReturnPreferenceResult<A> {
  return partialReturnPreferenceOp.call(args) as PartialReturnPreferenceResult<A>;
}

/**
 * Preferences between two segments by what they earned, with the gradient of a reward model.
 *
 * `R_i = Σ_t γ^t r_it over valid steps, γ^(n−1−t) from the end;  d = R_0 − R_1 cut to ±threshold;  P = e/2 + (1−e) σ(d);  y = m + (1−2m) label;  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of −1 is a tie, 1/2. Beyond the threshold the gradient is 0. Masked steps are never read; a segment without steps earns 0. The n valid steps of a segment stand first: t is the column.
 *
 * Source: Christiano et al., arXiv 1706.03741; Lee et al., B-Pref, arXiv 2111.03026; RL-VLM-F, arXiv 2402.03681; compared with regret in arXiv 2206.02231.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function partialReturnPreferenceAsync<A extends RealArray>(args: PartialReturnPreferenceArgs<A> & CallOptions<PartialReturnPreferenceResult<A>> & AsyncOptions): Promise<PartialReturnPreferenceResult<A>> {
  return partialReturnPreferenceOp.callAsync(args) as Promise<PartialReturnPreferenceResult<A>>;
}

/** Operands and parameters of `regretPreference` (form 'advantage'). */
export interface RegretPreferenceAdvantageArgs<A extends RealArray = RealArray> {
  /** A*(s, a) of the steps of both segments. Shape [B,2,T], float32 or float64. */
  advantages: Operand<A>;
  /** 1 = a step of the segment; absent: all. Shape [B,2,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** probability that the first is preferred. Shape [B], float32 or float64. */
  labels: Operand<A>;
  /** names this form ('advantage'; default 'advantage'). */
  form: 'advantage';
}

/** Outputs of `regretPreference`. */
export interface RegretPreferenceAdvantageResult<A extends RealArray = RealArray> {
  /** cross entropy of each pair. Shape [B]. */
  losses: Tensor<A>;
  /** their mean; 0 without pairs. */
  loss: number;
  /** P, the probability of the first. Shape [B]. */
  probFirst: Tensor<A>;
  /** regret of both segments. Shape [B,2]. */
  regret: Tensor<A>;
  /** gradient of `loss`. Shape [B,2,T]. */
  gradAdvantages: Tensor<A>;
}

/** Operands and parameters of `regretPreference` (form 'deterministic'). */
export interface RegretPreferenceDeterministicArgs<A extends RealArray = RealArray> {
  /** R, the sum of rewards of a segment. Shape [B,2], float32 or float64. */
  partialReturn: Operand<A>;
  /** V* where it begins. Shape [B,2], float32 or float64. */
  vStart: Operand<A>;
  /** V* where it ends. Shape [B,2], float32 or float64. */
  vEnd: Operand<A>;
  /** probability that the first is preferred. Shape [B], float32 or float64. */
  labels: Operand<A>;
  /** names this form ('deterministic'; default 'deterministic'). */
  form?: 'deterministic';
  /** w_r, w_T, w_0 of return, end and start; absent: 1, 1, 1 (list of numbers; optional). */
  weights?: readonly number[] | RealArray | Int32Array;
}

/** Outputs of `regretPreference`. */
export interface RegretPreferenceDeterministicResult<A extends RealArray = RealArray> {
  /** cross entropy of each pair. Shape [B]. */
  losses: Tensor<A>;
  /** their mean; 0 without pairs. */
  loss: number;
  /** P, the probability of the first. Shape [B]. */
  probFirst: Tensor<A>;
  /** regret of both segments. Shape [B,2]. */
  regret: Tensor<A>;
  /** gradient of `loss`. Shape [B,2]. */
  gradPartialReturn: Tensor<A>;
  /** its gradient at the start. Shape [B,2]. */
  gradVStart: Tensor<A>;
  /** its gradient at the end. Shape [B,2]. */
  gradVEnd: Tensor<A>;
}

const regretPreferenceOp: Op = /* @__PURE__ */ new Op('preference', 'regret_preference');

/**
 * Preferences between two segments by their regret, from the optimal advantages of their steps.
 *
 * `regret_i = −Σ_t A*(s_it, a_it);  P = σ(regret_1 − regret_0);  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of 1/2 is no preference. Masked steps are never read; a segment without steps has regret 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreference<A extends RealArray>(args: RegretPreferenceAdvantageArgs<A> & CallOptions<RegretPreferenceAdvantageResult<A>>): RegretPreferenceAdvantageResult<A>;
/**
 * Preferences between two segments by their regret, where transitions are deterministic: what was earned, and how the optimal value changed.
 *
 * `regret = −(w_r R + w_T V*(s_end) − w_0 V*(s_start));  P = σ(regret_1 − regret_0);  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of 1/2 is no preference. A part of weight 0 is left out, whatever it is. A terminal end has V* = 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231; weights: Stephanehk/Learning-OA-From-Prefs.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreference<A extends RealArray>(args: RegretPreferenceDeterministicArgs<A> & CallOptions<RegretPreferenceDeterministicResult<A>>): RegretPreferenceDeterministicResult<A>;
export function regretPreference(args: object): unknown {
  return regretPreferenceOp.call(args);
}

/**
 * Preferences between two segments by their regret, from the optimal advantages of their steps.
 *
 * `regret_i = −Σ_t A*(s_it, a_it);  P = σ(regret_1 − regret_0);  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of 1/2 is no preference. Masked steps are never read; a segment without steps has regret 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreferenceAsync<A extends RealArray>(args: RegretPreferenceAdvantageArgs<A> & CallOptions<RegretPreferenceAdvantageResult<A>> & AsyncOptions): Promise<RegretPreferenceAdvantageResult<A>>;
/**
 * Preferences between two segments by their regret, where transitions are deterministic: what was earned, and how the optimal value changed.
 *
 * `regret = −(w_r R + w_T V*(s_end) − w_0 V*(s_start));  P = σ(regret_1 − regret_0);  losses = −y log P − (1−y) log(1−P)`
 *
 * A label of 1/2 is no preference. A part of weight 0 is left out, whatever it is. A terminal end has V* = 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231; weights: Stephanehk/Learning-OA-From-Prefs.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreferenceAsync<A extends RealArray>(args: RegretPreferenceDeterministicArgs<A> & CallOptions<RegretPreferenceDeterministicResult<A>> & AsyncOptions): Promise<RegretPreferenceDeterministicResult<A>>;
export function regretPreferenceAsync(args: object): Promise<unknown> {
  return regretPreferenceOp.callAsync(args);
}

/** Operands and parameters of `successorFeatureValue`. */
export interface SuccessorFeatureValueArgs<A extends RealArray = RealArray> {
  /** ψ_k(s): discounted features that policy k meets from s on. Shape [K,S,F], float32 or float64. */
  successorFeatures: Operand<A>;
  /** weights w of the reward. Shape [F], float32 or float64. */
  weights: Operand<A>;
  /** states s whose values are asked for, in any order. Shape [N], int32. */
  states: Operand<Int32Array>;
  /** T of the soft maximum over policies (number; > 0; default 0.001). */
  temperature?: number;
}

/** Outputs of `successorFeatureValue`. */
export interface SuccessorFeatureValueResult<A extends RealArray = RealArray> {
  /** V of each of `states`. Shape [N]. */
  values: Tensor<A>;
  /** gradient of the sum of `values`: a state listed twice counts twice. Shape [F]. */
  gradWeightsOfSum: Tensor<A>;
}

const successorFeatureValueOp: Op = /* @__PURE__ */ new Op('preference', 'successor_feature_value');

/**
 * An optimal value function that is differentiable in the weights of a linear reward: the soft maximum over policies whose successor features are known.
 *
 * `v_k = ψ_k(s)·w, p = softmax(v/T);  V(s) = Σ_k p_k v_k;  ∂V/∂w = Σ_k p_k (1 + (v_k − V)/T) ψ_k(s)`
 *
 * As T → 0 it is the maximum, and its gradient ψ of the best policy. Without policies V is 0. Only states that are listed are read.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231; Stephanehk/Learning-OA-From-Prefs; successor features: Barreto et al., arXiv 1606.05312.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function successorFeatureValue<A extends RealArray>(args: SuccessorFeatureValueArgs<A> & CallOptions<SuccessorFeatureValueResult<A>>): SuccessorFeatureValueResult<A> {
  return successorFeatureValueOp.call(args) as SuccessorFeatureValueResult<A>;
}

/**
 * An optimal value function that is differentiable in the weights of a linear reward: the soft maximum over policies whose successor features are known.
 *
 * `v_k = ψ_k(s)·w, p = softmax(v/T);  V(s) = Σ_k p_k v_k;  ∂V/∂w = Σ_k p_k (1 + (v_k − V)/T) ψ_k(s)`
 *
 * As T → 0 it is the maximum, and its gradient ψ of the best policy. Without policies V is 0. Only states that are listed are read.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231; Stephanehk/Learning-OA-From-Prefs; successor features: Barreto et al., arXiv 1606.05312.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function successorFeatureValueAsync<A extends RealArray>(args: SuccessorFeatureValueArgs<A> & CallOptions<SuccessorFeatureValueResult<A>> & AsyncOptions): Promise<SuccessorFeatureValueResult<A>> {
  return successorFeatureValueOp.callAsync(args) as Promise<SuccessorFeatureValueResult<A>>;
}
