// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `gae`. */
export interface GaeArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** value estimate at token t. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** value after the last valid token; absent: 0 (the sequence terminated). Shape [B], float32 or float64. */
  bootstrapValues?: Operand<A>;
  /** per-token discount, in place of `gamma`. Shape [B,T], float32 or float64. */
  gammaTokens?: Operand<A>;
  /** per-token λ, in place of `lambda`. Shape [B,T], float32 or float64. */
  lambdaTokens?: Operand<A>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** trace decay λ, or 'length-adaptive': λ = clip(1 − 1/(alpha · length), 0, 1) (number or 'length-adaptive'; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number | 'length-adaptive';
  /** α of the length-adaptive λ (number; > 0; default 0.05). */
  alpha?: number;
}

/** Outputs of `gae`. */
export interface GaeResult<A extends RealArray = RealArray> {
  /** A_t. Shape [B,T]. */
  advantages: Tensor<A>;
  /** G_t = A_t + V_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** λ used for each sequence. Shape [B]. */
  lambdaPerSequence?: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const gaeOp: Op = /* @__PURE__ */ new Op('token', 'gae');

/**
 * Generalised advantage estimation over padded sequences.
 *
 * `δ_t = r_t + γ V_{t+1} − V_t;  A_t = δ_t + γ λ A_{t+1};  G_t = A_t + V_t, over the valid tokens only`
 *
 * Masked tokens are skipped: never read, neither decaying nor bootstrapping; their outputs are 0.
 *
 * Source: Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage Estimation, arXiv 1506.02438, eq. 16; length-adaptive λ: VAPO, arXiv 2504.05118.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gae<A extends RealArray>(args: GaeArgs<A> & CallOptions<GaeResult<A>>): GaeResult<A> {
  return gaeOp.call(args) as GaeResult<A>;
}

/**
 * Generalised advantage estimation over padded sequences.
 *
 * `δ_t = r_t + γ V_{t+1} − V_t;  A_t = δ_t + γ λ A_{t+1};  G_t = A_t + V_t, over the valid tokens only`
 *
 * Masked tokens are skipped: never read, neither decaying nor bootstrapping; their outputs are 0.
 *
 * Source: Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage Estimation, arXiv 1506.02438, eq. 16; length-adaptive λ: VAPO, arXiv 2504.05118.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaeAsync<A extends RealArray>(args: GaeArgs<A> & CallOptions<GaeResult<A>> & AsyncOptions): Promise<GaeResult<A>> {
  return gaeOp.callAsync(args) as Promise<GaeResult<A>>;
}

/** Operands and parameters of `gaePacked`. */
export interface GaePackedArgs<A extends RealArray = RealArray> {
  /** reward received on leaving the token. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** value estimate at the token. Shape [N], float32 or float64. */
  values: Operand<A>;
  /** bounds of the sequences: 0 … N. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** value after the last valid token; absent: 0. Shape [B], float32 or float64. */
  bootstrapValues?: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [N], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** trace decay λ (number; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number;
}

/** Outputs of `gaePacked`. */
export interface GaePackedResult<A extends RealArray = RealArray> {
  /** A_t. Shape [N]. */
  advantages: Tensor<A>;
  /** G_t = A_t + V_t. Shape [N]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const gaePackedOp: Op = /* @__PURE__ */ new Op('token', 'gae_packed');

/**
 * Generalised advantage estimation over packed sequences.
 *
 * `as `gae`; the recursion never looks across a sequence boundary`
 *
 * Gives the same bits as `gae` on the padded form of the same batch.
 *
 * Source: Schulman et al., arXiv 1506.02438, eq. 16.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaePacked<A extends RealArray>(args: GaePackedArgs<A> & CallOptions<GaePackedResult<A>>): GaePackedResult<A> {
  return gaePackedOp.call(args) as GaePackedResult<A>;
}

/**
 * Generalised advantage estimation over packed sequences.
 *
 * `as `gae`; the recursion never looks across a sequence boundary`
 *
 * Gives the same bits as `gae` on the padded form of the same batch.
 *
 * Source: Schulman et al., arXiv 1506.02438, eq. 16.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaePackedAsync<A extends RealArray>(args: GaePackedArgs<A> & CallOptions<GaePackedResult<A>> & AsyncOptions): Promise<GaePackedResult<A>> {
  return gaePackedOp.callAsync(args) as Promise<GaePackedResult<A>>;
}

/** Operands and parameters of `groupAdvantage`. */
export interface GroupAdvantageArgs<A extends RealArray = RealArray> {
  /** outcome reward of each sample. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** tokens of each sample; needed by opo and reinforce_pp_baseline (absent: 1 each). Shape [n], int32. */
  lengths?: Operand<Int32Array>;
  /** which baseline and scale ('grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic'; default 'grpo'). */
  estimator?: 'grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic';
  /** 1 = unbiased standard deviation (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** a group of one: baseline 0 and std 1, or advantage 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** ε added to the std (number; ≥ 0; default 0.000001). */
  eps?: number;
  /** passk_max: divide by std + ε (boolean; default true). */
  normalize?: boolean;
  /** passk_analytic: k of Pass@k (integer; ≥ 1; default 1). */
  k?: number;
}

/** Outputs of `groupAdvantage`. */
export interface GroupAdvantageResult<A extends RealArray = RealArray> {
  /** in the order of `rewards`. Shape [n]. */
  advantages: Tensor<A>;
}

const groupAdvantageOp: Op = /* @__PURE__ */ new Op('token', 'group_advantage');

/**
 * Outcome advantage of each sample against the other samples of its group.
 *
 * `grpo: (r − mean)/(std + ε); dr_grpo: r − mean; lite_ppo: (r − mean)/(S + ε), S the batch std; rloo: k/(k−1)·(r − mean); opo: r − Σ L r/Σ L; gpg: α(r − mean), α = n/#non-zero; reinforce_pp_baseline: r − mean, whitened over tokens; passk_max: best minus second best; passk_analytic: Pass@k of binary rewards`
 *
 * A group whose rewards are all equal gets exactly 0. A reward that is NaN or infinite is excluded from every statistic and gets 0.
 *
 * Source: DeepSeekMath, arXiv 2402.03300 (grpo); arXiv 2503.20783 (dr_grpo); 2402.14740 (rloo); 2505.23585 (opo); 2504.02546 (gpg); 2501.03262 (reinforce_pp_baseline); 2503.19595 (passk_max); 2508.10751 (passk_analytic); Lite PPO, arXiv 2508.08221 (lite_ppo).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function groupAdvantage<A extends RealArray>(args: GroupAdvantageArgs<A> & CallOptions<GroupAdvantageResult<A>>): GroupAdvantageResult<A> {
  return groupAdvantageOp.call(args) as GroupAdvantageResult<A>;
}

/**
 * Outcome advantage of each sample against the other samples of its group.
 *
 * `grpo: (r − mean)/(std + ε); dr_grpo: r − mean; lite_ppo: (r − mean)/(S + ε), S the batch std; rloo: k/(k−1)·(r − mean); opo: r − Σ L r/Σ L; gpg: α(r − mean), α = n/#non-zero; reinforce_pp_baseline: r − mean, whitened over tokens; passk_max: best minus second best; passk_analytic: Pass@k of binary rewards`
 *
 * A group whose rewards are all equal gets exactly 0. A reward that is NaN or infinite is excluded from every statistic and gets 0.
 *
 * Source: DeepSeekMath, arXiv 2402.03300 (grpo); arXiv 2503.20783 (dr_grpo); 2402.14740 (rloo); 2505.23585 (opo); 2504.02546 (gpg); 2501.03262 (reinforce_pp_baseline); 2503.19595 (passk_max); 2508.10751 (passk_analytic); Lite PPO, arXiv 2508.08221 (lite_ppo).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function groupAdvantageAsync<A extends RealArray>(args: GroupAdvantageArgs<A> & CallOptions<GroupAdvantageResult<A>> & AsyncOptions): Promise<GroupAdvantageResult<A>> {
  return groupAdvantageOp.callAsync(args) as Promise<GroupAdvantageResult<A>>;
}

/** Operands and parameters of `policyLoss`. */
export interface PolicyLossArgs<A extends RealArray = RealArray> {
  /** log π of the taken tokens, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** per token, or one per sequence. Shape [B,T] or [B], float32 or float64. */
  advantages: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** constant factor w on each token's policy term. Shape [B,T], float32 or float64. */
  importanceWeights?: Operand<A>;
  /** log π_ref for the KL term; required when kl_coef > 0. Shape [B,T], float32 or float64. */
  refLogProbs?: Operand<A>;
  /** entropy of each token's distribution; required when entropy_coef is not 0. Shape [B,T], float32 or float64. */
  entropy?: Operand<A>;
  /** constant factor on each sequence's policy terms. Shape [B], float32 or float64. */
  sequenceWeights?: Operand<A>;
  /** clip_cov: candidates dropped smallest first. Shape [B,T], float32 or float64. */
  priority?: Operand<A>;
  /** the per-token loss ('ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov'; default 'ppo_clip'). */
  kind?: 'ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'; 'gspo': 'seq-mean-token-mean'; 'gmpo' and 'luspo' are means over sequences and take none). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** weight β of the KL term (number; default 0). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
  /** multiply the KL term by the ratio ρ (boolean; default false). */
  klBiasCorrection?: boolean;
  /** weight of the entropy bonus in the loss (number; default 0). */
  entropyCoef?: number;
  /** sapo: τ for A > 0 (number; > 0; default 1). */
  tauPos?: number;
  /** sapo: τ for A ≤ 0 (number; > 0; default 1.05). */
  tauNeg?: number;
  /** vespo: k for A > 0 (number; default 2). */
  kPos?: number;
  /** vespo: λ for A > 0 (number; default 3). */
  lambdaPos?: number;
  /** vespo: k for A ≤ 0 (number; default 3). */
  kNeg?: number;
  /** vespo: λ for A ≤ 0 (number; default 2). */
  lambdaNeg?: number;
  /** clip_cov: share of tokens dropped (number; ≥ 0, ≤ 1; default 0.0002). */
  covRatio?: number;
  /** clip_cov: lower bound of candidate covariances (number; default 1). */
  covLower?: number;
  /** clip_cov: upper bound of candidate covariances (number; default 5). */
  covUpper?: number;
  /** kl_cov: share of tokens penalised (number; ≥ 0, ≤ 1; default 0.0002). */
  klCovRatio?: number;
  /** kl_cov: weight of the penalty (number; default 1). */
  ppoKlCoef?: number;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `policyLoss`. */
export interface PolicyLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** share of valid tokens clipped. */
  clipFraction: number;
  /** share of valid tokens at the dual clip. */
  clipFractionLower: number;
  /** masked mean of log μ − log π (clamped). */
  approxKl: number;
  /** masked mean of ρ. */
  ratioMean: number;
  /** smallest ρ of a valid token. */
  ratioMin: number;
  /** largest ρ of a valid token. */
  ratioMax: number;
  /** clip_cov: 1 = the token was dropped. Shape [B,T]. */
  dropped?: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const policyLossOp: Op = /* @__PURE__ */ new Op('token', 'policy_loss');

/**
 * Policy-gradient loss of a padded batch and its gradient.
 *
 * `loss = Σ W (w ℓ + β KL), ρ = exp(clamp(log π − log μ)).  ppo_clip: ℓ = max(−Aρ, −A·clip(ρ, 1−ε_l, 1+ε_h)), with `dual_clip` c and A < 0: min(ℓ, −Ac);  reinforce, gpg: −A log π;  cispo: −clip(ρ)·A log π, clip(ρ) constant;  cispo_abs: −min(ρ, ε_h)·A log π;  sapo: −A (4/τ) σ(τ(ρ−1));  gspo: ppo_clip with s = exp(mean log ρ);  luspo: L·gspo;  gmpo: −Ā exp(mean of clipped log ρ);  vespo: −φ A log π, φ = exp(λ + k ln w − λ w), w = exp(Σ log ρ);  clip_cov: ppo_clip without the dropped tokens;  kl_cov: −Aρ + coef·|log ρ| on the tokens of largest covariance`
 *
 * Masked tokens are never read. With no valid token the loss and gradient are 0. A ratio equal to its bound is not clipped. The gradient is 0 where the log-ratio clamp is active.
 *
 * Source: PPO, arXiv 1707.06347, eq. 7; dual clip, 1912.09729; clip-higher: DAPO, 2503.14476; Dr.GRPO, 2503.20783; GSPO, 2507.18071; CISPO, 2506.13585; SAPO, 2511.20347; GMPO, 2507.20673; covariance kinds, 2505.22617; VESPO and LUSPO: TRL.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLoss<A extends RealArray>(args: PolicyLossArgs<A> & CallOptions<PolicyLossResult<A>>): PolicyLossResult<A> {
  return policyLossOp.call(args) as PolicyLossResult<A>;
}

/**
 * Policy-gradient loss of a padded batch and its gradient.
 *
 * `loss = Σ W (w ℓ + β KL), ρ = exp(clamp(log π − log μ)).  ppo_clip: ℓ = max(−Aρ, −A·clip(ρ, 1−ε_l, 1+ε_h)), with `dual_clip` c and A < 0: min(ℓ, −Ac);  reinforce, gpg: −A log π;  cispo: −clip(ρ)·A log π, clip(ρ) constant;  cispo_abs: −min(ρ, ε_h)·A log π;  sapo: −A (4/τ) σ(τ(ρ−1));  gspo: ppo_clip with s = exp(mean log ρ);  luspo: L·gspo;  gmpo: −Ā exp(mean of clipped log ρ);  vespo: −φ A log π, φ = exp(λ + k ln w − λ w), w = exp(Σ log ρ);  clip_cov: ppo_clip without the dropped tokens;  kl_cov: −Aρ + coef·|log ρ| on the tokens of largest covariance`
 *
 * Masked tokens are never read. With no valid token the loss and gradient are 0. A ratio equal to its bound is not clipped. The gradient is 0 where the log-ratio clamp is active.
 *
 * Source: PPO, arXiv 1707.06347, eq. 7; dual clip, 1912.09729; clip-higher: DAPO, 2503.14476; Dr.GRPO, 2503.20783; GSPO, 2507.18071; CISPO, 2506.13585; SAPO, 2511.20347; GMPO, 2507.20673; covariance kinds, 2505.22617; VESPO and LUSPO: TRL.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLossAsync<A extends RealArray>(args: PolicyLossArgs<A> & CallOptions<PolicyLossResult<A>> & AsyncOptions): Promise<PolicyLossResult<A>> {
  return policyLossOp.callAsync(args) as Promise<PolicyLossResult<A>>;
}

/** Operands and parameters of `tokenLogprob`. */
export interface TokenLogprobArgs<A extends RealArray = RealArray> {
  /** one row per token, before the softmax. Shape [N,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [N], int32. */
  labels: Operand<Int32Array>;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
  /** c of c·tanh(x/c), applied before the temperature; null: none (number or null; > 0; default null). */
  softcap?: number | null;
}

/** Outputs of `tokenLogprob`. */
export interface TokenLogprobResult<A extends RealArray = RealArray> {
  /** log p of the label, ≤ 0. Shape [N]. */
  logProbs: Tensor<A>;
  /** H, in nats. Shape [N]. */
  entropy: Tensor<A>;
  /** of the scaled logits. Shape [N]. */
  logsumexp: Tensor<A>;
  /** Σ p². Shape [N]. */
  sumPiSquared: Tensor<A>;
}

const tokenLogprobOp: Op = /* @__PURE__ */ new Op('token', 'token_logprob');

/**
 * Log-probability of the taken tokens, entropy, logsumexp and Σp² in one pass.
 *
 * `x = softcap(logits)/τ;  log p_y = x_y − lse(x);  H = lse − Σ p x;  Σp² = exp(lse(2x) − 2 lse(x))`
 *
 * A logit of −Infinity has probability 0. A row whose label equals ignore_index gives zeros. A row that is all −Infinity is an error that names the row; the outputs are then unspecified.
 *
 * Source: online softmax, Milakov & Gimelshein, arXiv 1805.02867; the outputs are those verl's trainers log.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tokenLogprob<A extends RealArray>(args: TokenLogprobArgs<A> & CallOptions<TokenLogprobResult<A>>): TokenLogprobResult<A> {
  return tokenLogprobOp.call(args) as TokenLogprobResult<A>;
}

/**
 * Log-probability of the taken tokens, entropy, logsumexp and Σp² in one pass.
 *
 * `x = softcap(logits)/τ;  log p_y = x_y − lse(x);  H = lse − Σ p x;  Σp² = exp(lse(2x) − 2 lse(x))`
 *
 * A logit of −Infinity has probability 0. A row whose label equals ignore_index gives zeros. A row that is all −Infinity is an error that names the row; the outputs are then unspecified.
 *
 * Source: online softmax, Milakov & Gimelshein, arXiv 1805.02867; the outputs are those verl's trainers log.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tokenLogprobAsync<A extends RealArray>(args: TokenLogprobArgs<A> & CallOptions<TokenLogprobResult<A>> & AsyncOptions): Promise<TokenLogprobResult<A>> {
  return tokenLogprobOp.callAsync(args) as Promise<TokenLogprobResult<A>>;
}

/** Operands and parameters of `tokenLogprobBackward`. */
export interface TokenLogprobBackwardArgs<A extends RealArray = RealArray> {
  /** as given to `token_logprob`. Shape [N,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [N], int32. */
  labels: Operand<Int32Array>;
  /** g, gradient of the loss with respect to each log-probability. Shape [N], float32 or float64. */
  gradLogProbs: Operand<A>;
  /** h, gradient with respect to each entropy; absent: 0. Shape [N], float32 or float64. */
  gradEntropy?: Operand<A>;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
  /** c of c·tanh(x/c); null: none (number or null; > 0; default null). */
  softcap?: number | null;
}

/** Outputs of `tokenLogprobBackward`. */
export interface TokenLogprobBackwardResult<A extends RealArray = RealArray> {
  /** ∂loss/∂logits; of the half type when `out` supplies such an array. Shape [N,V]. */
  gradLogits: Tensor<A>;
  /** log p of the label, as by-product. Shape [N]. */
  logProbs: Tensor<A>;
  /** H, as by-product. Shape [N]. */
  entropy: Tensor<A>;
}

const tokenLogprobBackwardOp: Op = /* @__PURE__ */ new Op('token', 'token_logprob_backward');

/**
 * Gradient of log-probabilities and entropies with respect to the logits.
 *
 * `∂/∂x_v = g(1[v=y] − p_v) − h p_v (log p_v + H), times (1 − tanh²(x/c))/τ`
 *
 * Rows with ignore_index get 0; a logit of −Infinity gets 0. `out: { gradLogits: logits }` writes in place.
 *
 * Source: derivative of the softmax; the fused form of Liger-Kernel and verl.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tokenLogprobBackward<A extends RealArray>(args: TokenLogprobBackwardArgs<A> & CallOptions<TokenLogprobBackwardResult<A>>): TokenLogprobBackwardResult<A> {
  return tokenLogprobBackwardOp.call(args) as TokenLogprobBackwardResult<A>;
}

/**
 * Gradient of log-probabilities and entropies with respect to the logits.
 *
 * `∂/∂x_v = g(1[v=y] − p_v) − h p_v (log p_v + H), times (1 − tanh²(x/c))/τ`
 *
 * Rows with ignore_index get 0; a logit of −Infinity gets 0. `out: { gradLogits: logits }` writes in place.
 *
 * Source: derivative of the softmax; the fused form of Liger-Kernel and verl.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tokenLogprobBackwardAsync<A extends RealArray>(args: TokenLogprobBackwardArgs<A> & CallOptions<TokenLogprobBackwardResult<A>> & AsyncOptions): Promise<TokenLogprobBackwardResult<A>> {
  return tokenLogprobBackwardOp.callAsync(args) as Promise<TokenLogprobBackwardResult<A>>;
}

/** Operands and parameters of `discountedReturns`. */
export interface DiscountedReturnsArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** what a masked token does ('carry' | 'reset'; default 'carry'). */
  atMasked?: 'carry' | 'reset';
}

/** Outputs of `discountedReturns`. */
export interface DiscountedReturnsResult<A extends RealArray = RealArray> {
  /** R_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const discountedReturnsOp: Op = /* @__PURE__ */ new Op('token', 'discounted_returns');

/**
 * Discounted reward-to-go over the valid tokens.
 *
 * `R_t = r_t + γ R_{t+1}`
 *
 * Masked tokens are never read; 'carry' leaves R unchanged across them, 'reset' (older verl) starts anew at 0.
 *
 * Source: Williams 1992 (REINFORCE); REINFORCE++, arXiv 2501.03262.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function discountedReturns<A extends RealArray>(args: DiscountedReturnsArgs<A> & CallOptions<DiscountedReturnsResult<A>>): DiscountedReturnsResult<A> {
  return discountedReturnsOp.call(args) as DiscountedReturnsResult<A>;
}

/**
 * Discounted reward-to-go over the valid tokens.
 *
 * `R_t = r_t + γ R_{t+1}`
 *
 * Masked tokens are never read; 'carry' leaves R unchanged across them, 'reset' (older verl) starts anew at 0.
 *
 * Source: Williams 1992 (REINFORCE); REINFORCE++, arXiv 2501.03262.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function discountedReturnsAsync<A extends RealArray>(args: DiscountedReturnsArgs<A> & CallOptions<DiscountedReturnsResult<A>> & AsyncOptions): Promise<DiscountedReturnsResult<A>> {
  return discountedReturnsOp.callAsync(args) as Promise<DiscountedReturnsResult<A>>;
}

/** Operands and parameters of `reinforcePlusPlus`. */
export interface ReinforcePlusPlusArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** what a masked token does ('carry' | 'reset'; default 'carry'). */
  atMasked?: 'carry' | 'reset';
}

/** Outputs of `reinforcePlusPlus`. */
export interface ReinforcePlusPlusResult<A extends RealArray = RealArray> {
  /** A_t. Shape [B,T]. */
  advantages: Tensor<A>;
  /** R_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const reinforcePlusPlusOp: Op = /* @__PURE__ */ new Op('token', 'reinforce_plus_plus');

/**
 * Discounted returns, whitened over all valid tokens of the batch.
 *
 * `R_t = r_t + γ R_{t+1};  A = (R − μ)/√(σ² + 1e-8)`
 *
 * As `discounted_returns` followed by `masked_whiten`. A sequence with a NaN or infinite reward is left out of the statistics and gets advantages 0.
 *
 * Source: REINFORCE++, arXiv 2501.03262.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reinforcePlusPlus<A extends RealArray>(args: ReinforcePlusPlusArgs<A> & CallOptions<ReinforcePlusPlusResult<A>>): ReinforcePlusPlusResult<A> {
  return reinforcePlusPlusOp.call(args) as ReinforcePlusPlusResult<A>;
}

/**
 * Discounted returns, whitened over all valid tokens of the batch.
 *
 * `R_t = r_t + γ R_{t+1};  A = (R − μ)/√(σ² + 1e-8)`
 *
 * As `discounted_returns` followed by `masked_whiten`. A sequence with a NaN or infinite reward is left out of the statistics and gets advantages 0.
 *
 * Source: REINFORCE++, arXiv 2501.03262.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reinforcePlusPlusAsync<A extends RealArray>(args: ReinforcePlusPlusArgs<A> & CallOptions<ReinforcePlusPlusResult<A>> & AsyncOptions): Promise<ReinforcePlusPlusResult<A>> {
  return reinforcePlusPlusOp.callAsync(args) as Promise<ReinforcePlusPlusResult<A>>;
}

/** Operands and parameters of `remax`. */
export interface RemaxArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** reward of the greedy rollout of each prompt. Shape [B], float32 or float64. */
  baselines: Operand<A>;
}

/** Outputs of `remax`. */
export interface RemaxResult<A extends RealArray = RealArray> {
  /** A_t. Shape [B,T]. */
  advantages: Tensor<A>;
  /** G_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const remaxOp: Op = /* @__PURE__ */ new Op('token', 'remax');

/**
 * Reward-to-go less the reward of the greedy rollout.
 *
 * `G_t = Σ_{s ≥ t} r_s;  A_t = G_t − baseline`
 *
 * Masked tokens are never read; their outputs are 0.
 *
 * Source: ReMax, arXiv 2310.10505.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function remax<A extends RealArray>(args: RemaxArgs<A> & CallOptions<RemaxResult<A>>): RemaxResult<A> {
  return remaxOp.call(args) as RemaxResult<A>;
}

/**
 * Reward-to-go less the reward of the greedy rollout.
 *
 * `G_t = Σ_{s ≥ t} r_s;  A_t = G_t − baseline`
 *
 * Masked tokens are never read; their outputs are 0.
 *
 * Source: ReMax, arXiv 2310.10505.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function remaxAsync<A extends RealArray>(args: RemaxArgs<A> & CallOptions<RemaxResult<A>> & AsyncOptions): Promise<RemaxResult<A>> {
  return remaxOp.callAsync(args) as Promise<RemaxResult<A>>;
}

/** Operands and parameters of `tdLambdaReturns`. */
export interface TdLambdaReturnsArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** value estimate at token t. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** value after the last valid token; absent: 0. Shape [B], float32 or float64. */
  bootstrapValues?: Operand<A>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** λ (number; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number;
}

/** Outputs of `tdLambdaReturns`. */
export interface TdLambdaReturnsResult<A extends RealArray = RealArray> {
  /** G_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const tdLambdaReturnsOp: Op = /* @__PURE__ */ new Op('token', 'td_lambda_returns');

/**
 * λ-returns over the valid tokens.
 *
 * `G_t = r_t + γ((1 − λ) V_{t+1} + λ G_{t+1})`
 *
 * The same bits as the returns of `gae`.
 *
 * Source: Sutton & Barto, Reinforcement Learning, 2nd edition, chapter 12.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tdLambdaReturns<A extends RealArray>(args: TdLambdaReturnsArgs<A> & CallOptions<TdLambdaReturnsResult<A>>): TdLambdaReturnsResult<A> {
  return tdLambdaReturnsOp.call(args) as TdLambdaReturnsResult<A>;
}

/**
 * λ-returns over the valid tokens.
 *
 * `G_t = r_t + γ((1 − λ) V_{t+1} + λ G_{t+1})`
 *
 * The same bits as the returns of `gae`.
 *
 * Source: Sutton & Barto, Reinforcement Learning, 2nd edition, chapter 12.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function tdLambdaReturnsAsync<A extends RealArray>(args: TdLambdaReturnsArgs<A> & CallOptions<TdLambdaReturnsResult<A>> & AsyncOptions): Promise<TdLambdaReturnsResult<A>> {
  return tdLambdaReturnsOp.callAsync(args) as Promise<TdLambdaReturnsResult<A>>;
}

/** Operands and parameters of `gaeEnv`. */
export interface GaeEnvArgs<A extends RealArray = RealArray> {
  /** reward of the step. Shape [T,B], float32 or float64. */
  rewards: Operand<A>;
  /** V of the observation before the step. Shape [T,B], float32 or float64. */
  values: Operand<A>;
  /** V' of the one reached, before any reset. Shape [T,B], float32 or float64. */
  nextValues: Operand<A>;
  /** 1 = the episode ended there. Shape [T,B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** 1 = the episode was cut there. Shape [T,B], uint8 or int32, non-zero = true. */
  truncated?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** trace decay λ (number; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number;
}

/** Outputs of `gaeEnv`. */
export interface GaeEnvResult<A extends RealArray = RealArray> {
  /** A_t. Shape [T,B]. */
  advantages: Tensor<A>;
  /** A_t + V_t. Shape [T,B]. */
  returns: Tensor<A>;
}

const gaeEnvOp: Op = /* @__PURE__ */ new Op('token', 'gae_env');

/**
 * Generalised advantage estimation of vectorised environments, time first.
 *
 * `δ = r + γ (1 − terminated) V' − V;  A_t = δ + γ λ (1 − (terminated ∨ truncated)) A_{t+1}`
 *
 * A truncated step bootstraps and cuts the recursion, a terminated one only cuts it: its next value is never read.
 *
 * Source: Schulman et al., arXiv 1506.02438; episode ends as in Gymnasium.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaeEnv<A extends RealArray>(args: GaeEnvArgs<A> & CallOptions<GaeEnvResult<A>>): GaeEnvResult<A> {
  return gaeEnvOp.call(args) as GaeEnvResult<A>;
}

/**
 * Generalised advantage estimation of vectorised environments, time first.
 *
 * `δ = r + γ (1 − terminated) V' − V;  A_t = δ + γ λ (1 − (terminated ∨ truncated)) A_{t+1}`
 *
 * A truncated step bootstraps and cuts the recursion, a terminated one only cuts it: its next value is never read.
 *
 * Source: Schulman et al., arXiv 1506.02438; episode ends as in Gymnasium.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaeEnvAsync<A extends RealArray>(args: GaeEnvArgs<A> & CallOptions<GaeEnvResult<A>> & AsyncOptions): Promise<GaeEnvResult<A>> {
  return gaeEnvOp.callAsync(args) as Promise<GaeEnvResult<A>>;
}

/** Operands and parameters of `vtrace`. */
export interface VtraceArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** value estimate at token t. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** lr = log π − log μ of the taken tokens. Shape [B,T], float32 or float64. */
  logRatio: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** value after the last valid token; absent: 0. Shape [B], float32 or float64. */
  bootstrapValues?: Operand<A>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** λ (number; ≥ 0, ≤ 1; default 1). */
  lambda?: number;
  /** ρ̄ (number; ≥ 0; default 1). */
  rhoClip?: number;
  /** c̄ (number; ≥ 0; default 1). */
  cClip?: number;
  /** ρ̄_pg (number or null; ≥ 0; default rho_clip). */
  pgRhoClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
}

/** Outputs of `vtrace`. */
export interface VtraceResult<A extends RealArray = RealArray> {
  /** value targets. Shape [B,T]. */
  vs: Tensor<A>;
  /** advantages of the policy gradient. Shape [B,T]. */
  pgAdvantages: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const vtraceOp: Op = /* @__PURE__ */ new Op('token', 'vtrace');

/**
 * V-trace targets and advantages over padded sequences.
 *
 * `ρ = min(ρ̄, e^lr), c = λ min(c̄, e^lr);  δ_t = ρ (r_t + γ V_{t+1} − V_t);  e_t = δ_t + γ c e_{t+1};  vs = V + e;  pg = min(ρ̄_pg, e^lr)(r_t + γ vs_{t+1} − V_t)`
 *
 * Masked tokens are skipped and never read; their outputs are 0.
 *
 * Source: IMPALA, Espeholt et al., arXiv 1802.01561.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vtrace<A extends RealArray>(args: VtraceArgs<A> & CallOptions<VtraceResult<A>>): VtraceResult<A> {
  return vtraceOp.call(args) as VtraceResult<A>;
}

/**
 * V-trace targets and advantages over padded sequences.
 *
 * `ρ = min(ρ̄, e^lr), c = λ min(c̄, e^lr);  δ_t = ρ (r_t + γ V_{t+1} − V_t);  e_t = δ_t + γ c e_{t+1};  vs = V + e;  pg = min(ρ̄_pg, e^lr)(r_t + γ vs_{t+1} − V_t)`
 *
 * Masked tokens are skipped and never read; their outputs are 0.
 *
 * Source: IMPALA, Espeholt et al., arXiv 1802.01561.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vtraceAsync<A extends RealArray>(args: VtraceArgs<A> & CallOptions<VtraceResult<A>> & AsyncOptions): Promise<VtraceResult<A>> {
  return vtraceOp.callAsync(args) as Promise<VtraceResult<A>>;
}

/** Operands and parameters of `vtracePacked`. */
export interface VtracePackedArgs<A extends RealArray = RealArray> {
  /** reward received on leaving the token. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** value estimate at the token. Shape [N], float32 or float64. */
  values: Operand<A>;
  /** lr = log π − log μ of the taken tokens. Shape [N], float32 or float64. */
  logRatio: Operand<A>;
  /** bounds of the sequences: 0 … N. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** value after the last valid token; absent: 0. Shape [B], float32 or float64. */
  bootstrapValues?: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [N], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** λ (number; ≥ 0, ≤ 1; default 1). */
  lambda?: number;
  /** ρ̄ (number; ≥ 0; default 1). */
  rhoClip?: number;
  /** c̄ (number; ≥ 0; default 1). */
  cClip?: number;
  /** ρ̄_pg (number or null; ≥ 0; default rho_clip). */
  pgRhoClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
}

/** Outputs of `vtracePacked`. */
export interface VtracePackedResult<A extends RealArray = RealArray> {
  /** value targets. Shape [N]. */
  vs: Tensor<A>;
  /** advantages of the policy gradient. Shape [N]. */
  pgAdvantages: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const vtracePackedOp: Op = /* @__PURE__ */ new Op('token', 'vtrace_packed');

/**
 * V-trace targets and advantages over packed sequences.
 *
 * `as `vtrace`; the recursion never looks across a sequence boundary`
 *
 * Gives the same bits as `vtrace` on the padded form of the same batch.
 *
 * Source: IMPALA, Espeholt et al., arXiv 1802.01561.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vtracePacked<A extends RealArray>(args: VtracePackedArgs<A> & CallOptions<VtracePackedResult<A>>): VtracePackedResult<A> {
  return vtracePackedOp.call(args) as VtracePackedResult<A>;
}

/**
 * V-trace targets and advantages over packed sequences.
 *
 * `as `vtrace`; the recursion never looks across a sequence boundary`
 *
 * Gives the same bits as `vtrace` on the padded form of the same batch.
 *
 * Source: IMPALA, Espeholt et al., arXiv 1802.01561.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vtracePackedAsync<A extends RealArray>(args: VtracePackedArgs<A> & CallOptions<VtracePackedResult<A>> & AsyncOptions): Promise<VtracePackedResult<A>> {
  return vtracePackedOp.callAsync(args) as Promise<VtracePackedResult<A>>;
}

/** Operands and parameters of `pufferAdvantage`. */
export interface PufferAdvantageArgs<A extends RealArray = RealArray> {
  /** V of each observation. Shape [S,H], float32 or float64. */
  values: Operand<A>;
  /** reward received on reaching it. Shape [S,H], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended before it. Shape [S,H], uint8 or int32, non-zero = true. */
  dones: Operand<Uint8Array | Int32Array>;
  /** policy now over policy at sampling; absent: 1. Shape [S,H], float32 or float64. */
  ratio?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** trace decay λ (number; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number;
  /** upper bound of ρ (number; ≥ 0; default 1). */
  rhoClip?: number;
  /** upper bound of c (number; ≥ 0; default 1). */
  cClip?: number;
  /** what ρ weights; the two releases differ ('td_weighted' | 'reward_weighted'; default 'td_weighted'). */
  variant?: 'td_weighted' | 'reward_weighted';
}

/** Outputs of `pufferAdvantage`. */
export interface PufferAdvantageResult<A extends RealArray = RealArray> {
  /** A_t. Shape [S,H]. */
  advantages: Tensor<A>;
}

const pufferAdvantageOp: Op = /* @__PURE__ */ new Op('token', 'puffer_advantage');

/**
 * Clipped importance-weighted GAE over segments of experience.
 *
 * `n = 1 − done_{t+1};  td_weighted: δ = ρ(r_{t+1} + γ V_{t+1} n − V_t);  reward_weighted: δ = ρ r_{t+1} + γ V_{t+1} n − V_t;  A_t = δ + γ λ c n A_{t+1}, ρ and c the ratio clipped from above`
 *
 * Rewards and dones of the step t → t+1 stand at t+1; the last column is 0. Infinite clips with ratio 1 give GAE.
 *
 * Source: PufferLib, arXiv 2406.12905, its released advantage kernels.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pufferAdvantage<A extends RealArray>(args: PufferAdvantageArgs<A> & CallOptions<PufferAdvantageResult<A>>): PufferAdvantageResult<A> {
  return pufferAdvantageOp.call(args) as PufferAdvantageResult<A>;
}

/**
 * Clipped importance-weighted GAE over segments of experience.
 *
 * `n = 1 − done_{t+1};  td_weighted: δ = ρ(r_{t+1} + γ V_{t+1} n − V_t);  reward_weighted: δ = ρ r_{t+1} + γ V_{t+1} n − V_t;  A_t = δ + γ λ c n A_{t+1}, ρ and c the ratio clipped from above`
 *
 * Rewards and dones of the step t → t+1 stand at t+1; the last column is 0. Infinite clips with ratio 1 give GAE.
 *
 * Source: PufferLib, arXiv 2406.12905, its released advantage kernels.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pufferAdvantageAsync<A extends RealArray>(args: PufferAdvantageArgs<A> & CallOptions<PufferAdvantageResult<A>> & AsyncOptions): Promise<PufferAdvantageResult<A>> {
  return pufferAdvantageOp.callAsync(args) as Promise<PufferAdvantageResult<A>>;
}

/** Operands and parameters of `optimalTokenBaseline`. */
export interface OptimalTokenBaselineArgs<A extends RealArray = RealArray> {
  /** reward received on leaving token t. Shape [B,T], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** group of each row: any numbers, in any order. Shape [B], int32. */
  groupIds: Operand<Int32Array>;
  /** log π of the taken tokens. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** Σ π², of `token_logprob`. Shape [B,T], float32 or float64. */
  sumPiSquared: Operand<A>;
  /** w_t is multiplied by the square of this; absent: 1. Shape [B,T], float32 or float64. */
  importanceWeights?: Operand<A>;
  /** b = 0 where only the one longest member is left (boolean; default false). */
  zeroTail?: boolean;
  /** ε (number; ≥ 0; default 1e-8). */
  eps?: number;
}

/** Outputs of `optimalTokenBaseline`. */
export interface OptimalTokenBaselineResult<A extends RealArray = RealArray> {
  /** A_t. Shape [B,T]. */
  advantages: Tensor<A>;
  /** G_t. Shape [B,T]. */
  returns: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const optimalTokenBaselineOp: Op = /* @__PURE__ */ new Op('token', 'optimal_token_baseline');

/**
 * Reward-to-go less the baseline of least variance of each position.
 *
 * `w_t = 1 − 2π_t + Σ_v π_v²;  W_t = Σ_{s ≤ t} w_s;  b_t = Σ_i G_it W_it/(Σ_i W_it + ε) over the members of the group valid at t;  A = G − b`
 *
 * A group of one: b = 0. A position at which all of several members have the same G gives exactly 0. A sequence with a NaN or infinite reward enters no baseline and gets advantages 0.
 *
 * Source: optimal token baseline as in verl; Greensmith et al. 2004.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimalTokenBaseline<A extends RealArray>(args: OptimalTokenBaselineArgs<A> & CallOptions<OptimalTokenBaselineResult<A>>): OptimalTokenBaselineResult<A> {
  return optimalTokenBaselineOp.call(args) as OptimalTokenBaselineResult<A>;
}

/**
 * Reward-to-go less the baseline of least variance of each position.
 *
 * `w_t = 1 − 2π_t + Σ_v π_v²;  W_t = Σ_{s ≤ t} w_s;  b_t = Σ_i G_it W_it/(Σ_i W_it + ε) over the members of the group valid at t;  A = G − b`
 *
 * A group of one: b = 0. A position at which all of several members have the same G gives exactly 0. A sequence with a NaN or infinite reward enters no baseline and gets advantages 0.
 *
 * Source: optimal token baseline as in verl; Greensmith et al. 2004.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimalTokenBaselineAsync<A extends RealArray>(args: OptimalTokenBaselineArgs<A> & CallOptions<OptimalTokenBaselineResult<A>> & AsyncOptions): Promise<OptimalTokenBaselineResult<A>> {
  return optimalTokenBaselineOp.callAsync(args) as Promise<OptimalTokenBaselineResult<A>>;
}

/** Operands and parameters of `maskedWhiten`. */
export interface MaskedWhitenArgs<A extends RealArray = RealArray> {
  /** x. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** tokens of other shards, whose statistics are merged in. Shape [1], float32 or float64. */
  count?: Operand<A> | number;
  /** their mean; absent: 0. Shape [1], float32 or float64. */
  mean?: Operand<A> | number;
  /** their Σ (x − mean)²; absent: 0. Shape [1], float32 or float64. */
  m2?: Operand<A> | number;
  /** false: μ is added back after scaling (boolean; default true). */
  shiftMean?: boolean;
  /** y = x (σ² + ε)^(−1/2) (boolean; default false). */
  scaleOnly?: boolean;
  /** 1 = unbiased variance (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** ε inside the root (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** least σ² (OpenRLHF: 1e-8); null: none (number or null; ≥ 0; default null). */
  varFloor?: number | null;
}

/** Outputs of `maskedWhiten`. */
export interface MaskedWhitenResult<A extends RealArray = RealArray> {
  /** y. Shape [B,T]. */
  values: Tensor<A>;
  /** valid tokens, of all shards. */
  count: number;
  /** μ. */
  mean: number;
  /** Σ (x − μ)². */
  m2: number;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const maskedWhitenOp: Op = /* @__PURE__ */ new Op('token', 'masked_whiten');

/**
 * Values of the valid tokens shifted to mean 0 and scaled to variance 1.
 *
 * `y = (x − μ)(σ² + ε)^(−1/2), σ² with `ddof``
 *
 * No valid token: zeros. Variance 0, or fewer tokens than ddof + 1: 0, or μ when shift_mean is false.
 *
 * Source: the whitening of PPO trainers: Ziegler et al., arXiv 1909.08593; verl's masked_whiten.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function maskedWhiten<A extends RealArray>(args: MaskedWhitenArgs<A> & CallOptions<MaskedWhitenResult<A>>): MaskedWhitenResult<A> {
  return maskedWhitenOp.call(args) as MaskedWhitenResult<A>;
}

/**
 * Values of the valid tokens shifted to mean 0 and scaled to variance 1.
 *
 * `y = (x − μ)(σ² + ε)^(−1/2), σ² with `ddof``
 *
 * No valid token: zeros. Variance 0, or fewer tokens than ddof + 1: 0, or μ when shift_mean is false.
 *
 * Source: the whitening of PPO trainers: Ziegler et al., arXiv 1909.08593; verl's masked_whiten.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function maskedWhitenAsync<A extends RealArray>(args: MaskedWhitenArgs<A> & CallOptions<MaskedWhitenResult<A>> & AsyncOptions): Promise<MaskedWhitenResult<A>> {
  return maskedWhitenOp.callAsync(args) as Promise<MaskedWhitenResult<A>>;
}

/** Operands and parameters of `importanceWeights`. */
export interface ImportanceWeightsArgs<A extends RealArray = RealArray> {
  /** log π_train − log π_rollout. Shape [B,T], float32 or float64. */
  logRatio: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** what w is taken of ('token' | 'sequence' | 'geometric'; default 'token'). */
  level?: 'token' | 'sequence' | 'geometric';
  /** what happens beyond the bounds ('truncate' | 'mask'; default 'truncate'). */
  mode?: 'truncate' | 'mask';
  /** upper bound (number; ≥ 0; default 2). */
  max?: number;
  /** lower bound; null: none (number or null; ≥ 0; default null). */
  min?: number | null;
  /** divide by the mean weight (boolean; default false). */
  batchNormalize?: boolean;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
}

/** Outputs of `importanceWeights`. */
export interface ImportanceWeightsResult<A extends RealArray = RealArray> {
  /** 0 at masked tokens. Shape [B,T]. */
  weights: Tensor<A>;
  /** mean of exp(clamp(a)) before the bounds. */
  ratioMean: number;
  /** its least value. */
  ratioMin: number;
  /** its greatest value. */
  ratioMax: number;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const importanceWeightsOp: Op = /* @__PURE__ */ new Op('token', 'importance_weights');

/**
 * Weights that correct for the mismatch of sampler and trainer.
 *
 * `w = exp(clamp(a)), a = log ratio of the token, or its sum (sequence) or mean (geometric) over the row;  truncate: min(w, max);  mask: 0 outside [min, max]`
 *
 * A weight equal to a bound is inside. batch_normalize divides by the mean weight, over tokens, or over the rows with a valid token for the other levels.
 *
 * Source: truncated importance sampling: Espeholt et al., arXiv 1802.01561; verl's rollout correction.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function importanceWeights<A extends RealArray>(args: ImportanceWeightsArgs<A> & CallOptions<ImportanceWeightsResult<A>>): ImportanceWeightsResult<A> {
  return importanceWeightsOp.call(args) as ImportanceWeightsResult<A>;
}

/**
 * Weights that correct for the mismatch of sampler and trainer.
 *
 * `w = exp(clamp(a)), a = log ratio of the token, or its sum (sequence) or mean (geometric) over the row;  truncate: min(w, max);  mask: 0 outside [min, max]`
 *
 * A weight equal to a bound is inside. batch_normalize divides by the mean weight, over tokens, or over the rows with a valid token for the other levels.
 *
 * Source: truncated importance sampling: Espeholt et al., arXiv 1802.01561; verl's rollout correction.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function importanceWeightsAsync<A extends RealArray>(args: ImportanceWeightsArgs<A> & CallOptions<ImportanceWeightsResult<A>> & AsyncOptions): Promise<ImportanceWeightsResult<A>> {
  return importanceWeightsOp.callAsync(args) as Promise<ImportanceWeightsResult<A>>;
}

/** Operands and parameters of `nextTokenLabels`. */
export interface NextTokenLabelsArgs<A extends RealArray = RealArray> {
  /** tokens of all sequences, one after the other. Shape [N], int32. */
  inputIds: Operand<Int32Array>;
  /** bounds of the sequences: 0 … N. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** label of last positions (integer; ≥ -2147483648, ≤ 2147483647; default -100). */
  ignoreIndex?: number;
}

/** Outputs of `nextTokenLabels`. */
export interface NextTokenLabelsResult<A extends RealArray = RealArray> {
  /** as `token_logprob` takes them. Shape [N]. */
  labels: Tensor<Int32Array>;
}

const nextTokenLabelsOp: Op = /* @__PURE__ */ new Op('token', 'next_token_labels');

/**
 * The token each position of a packed batch is to predict.
 *
 * `labels[i] = input_ids[i + 1] inside a sequence, ignore_index at its end`
 *
 * Source: next-token prediction; a plain shift would leak the next sequence's first token.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nextTokenLabels<A extends RealArray>(args: NextTokenLabelsArgs<A> & CallOptions<NextTokenLabelsResult<A>>): NextTokenLabelsResult<A> {
  return nextTokenLabelsOp.call(args) as NextTokenLabelsResult<A>;
}

/**
 * The token each position of a packed batch is to predict.
 *
 * `labels[i] = input_ids[i + 1] inside a sequence, ignore_index at its end`
 *
 * Source: next-token prediction; a plain shift would leak the next sequence's first token.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nextTokenLabelsAsync<A extends RealArray>(args: NextTokenLabelsArgs<A> & CallOptions<NextTokenLabelsResult<A>> & AsyncOptions): Promise<NextTokenLabelsResult<A>> {
  return nextTokenLabelsOp.callAsync(args) as Promise<NextTokenLabelsResult<A>>;
}

/** Operands and parameters of `emaUpdate`. */
export interface EmaUpdateArgs<A extends RealArray = RealArray> {
  /** parameters of the follower, any shape. Shape any, float32 or float64. */
  target: Operand<A>;
  /** parameters to follow. Shape as `target`, float32 or float64. */
  source: Operand<A>;
  /** share of the old value (number; ≥ 0, ≤ 1; required). */
  decay: number;
}

/** Outputs of `emaUpdate`. */
export interface EmaUpdateResult<A extends RealArray = RealArray> {
  /** the average. Shape as `target`. */
  target: Tensor<A>;
}

const emaUpdateOp: Op = /* @__PURE__ */ new Op('token', 'ema_update');

/**
 * Exponential moving average of parameters: a reference policy that follows.
 *
 * `target ← decay · target + (1 − decay) · source`
 *
 * `out: { target }` may be the operand itself: in place.
 *
 * Source: T1, arXiv 2501.11651 (dynamic anchor).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function emaUpdate<A extends RealArray>(args: EmaUpdateArgs<A> & CallOptions<EmaUpdateResult<A>>): EmaUpdateResult<A> {
  return emaUpdateOp.call(args) as EmaUpdateResult<A>;
}

/**
 * Exponential moving average of parameters: a reference policy that follows.
 *
 * `target ← decay · target + (1 − decay) · source`
 *
 * `out: { target }` may be the operand itself: in place.
 *
 * Source: T1, arXiv 2501.11651 (dynamic anchor).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function emaUpdateAsync<A extends RealArray>(args: EmaUpdateArgs<A> & CallOptions<EmaUpdateResult<A>> & AsyncOptions): Promise<EmaUpdateResult<A>> {
  return emaUpdateOp.callAsync(args) as Promise<EmaUpdateResult<A>>;
}

/** Operands and parameters of `amftMetaGradient`. */
export interface AmftMetaGradientArgs<A extends RealArray = RealArray> {
  /** ∇L_SFT over the parameters. Shape [P], float32 or float64. */
  gradSft: Operand<A>;
  /** ∇L_RL. Shape [P], float32 or float64. */
  gradRl: Operand<A>;
  /** ∇L_val after the step. Shape [P], float32 or float64. */
  gradValidationLoss: Operand<A>;
  /** η, rate of the policy step (number; required). */
  policyLr: number;
  /** which sign ('utility' | 'code'; default 'utility'). */
  objective?: 'utility' | 'code';
}

/** Outputs of `amftMetaGradient`. */
export interface AmftMetaGradientResult<A extends RealArray = RealArray> {
  /** g. */
  metaGradient: number;
}

const amftMetaGradientOp: Op = /* @__PURE__ */ new Op('token', 'amft_meta_gradient');

/**
 * Derivative of the validation utility by the SFT weight μ, after one step.
 *
 * `g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩ for 'utility'; −g for 'code'`
 *
 * Source: AMFT, arXiv 2508.06944; 'code' is the sign of the released code, which differentiates the validation loss.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function amftMetaGradient<A extends RealArray>(args: AmftMetaGradientArgs<A> & CallOptions<AmftMetaGradientResult<A>>): AmftMetaGradientResult<A> {
  return amftMetaGradientOp.call(args) as AmftMetaGradientResult<A>;
}

/**
 * Derivative of the validation utility by the SFT weight μ, after one step.
 *
 * `g = η ⟨∇L_val, ∇L_SFT − ∇L_RL⟩ for 'utility'; −g for 'code'`
 *
 * Source: AMFT, arXiv 2508.06944; 'code' is the sign of the released code, which differentiates the validation loss.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function amftMetaGradientAsync<A extends RealArray>(args: AmftMetaGradientArgs<A> & CallOptions<AmftMetaGradientResult<A>> & AsyncOptions): Promise<AmftMetaGradientResult<A>> {
  return amftMetaGradientOp.callAsync(args) as Promise<AmftMetaGradientResult<A>>;
}

/** Operands and parameters of `rejectionMask`. */
export interface RejectionMaskArgs<A extends RealArray = RealArray> {
  /** lr = log π_train − log π_rollout. Shape [B,T], float32 or float64. */
  logRatio: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** level and estimator ('token_k1' | 'token_k2' | 'token_k3' | 'seq_sum_k1' | 'seq_sum_k2' | 'seq_sum_k3' | 'seq_mean_k1' | 'seq_mean_k2' | 'seq_mean_k3' | 'seq_max_k2' | 'seq_max_k3'; required). */
  option: 'token_k1' | 'token_k2' | 'token_k3' | 'seq_sum_k1' | 'seq_sum_k2' | 'seq_sum_k3' | 'seq_mean_k1' | 'seq_mean_k2' | 'seq_mean_k3' | 'seq_max_k2' | 'seq_max_k3';
  /** bound; for k1 on the ratio (number; > 0; required). */
  upper: number;
  /** k1: lower bound on the ratio (number or null; > 0; default 1/upper). */
  lower?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
}

/** Outputs of `rejectionMask`. */
export interface RejectionMaskResult<A extends RealArray = RealArray> {
  /** 1 = the token was valid and is kept. Shape [B,T]. */
  mask: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const rejectionMaskOp: Op = /* @__PURE__ */ new Op('token', 'rejection_mask');

/**
 * Drops tokens, or whole rows, that the sampler and the trainer see differently.
 *
 * `k1 = −lr, k2 = lr²/2, k3 = e^lr − 1 − lr;  k1: ln lower ≤ s ≤ ln upper;  others: s ≤ upper;  s of the token, or the row's sum, mean or maximum`
 *
 * Equality is kept; NaN is dropped. A sequence level drops the whole row.
 *
 * Source: verl's rollout correction (rejection sampling); estimators of Schulman 2020.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rejectionMask<A extends RealArray>(args: RejectionMaskArgs<A> & CallOptions<RejectionMaskResult<A>>): RejectionMaskResult<A> {
  return rejectionMaskOp.call(args) as RejectionMaskResult<A>;
}

/**
 * Drops tokens, or whole rows, that the sampler and the trainer see differently.
 *
 * `k1 = −lr, k2 = lr²/2, k3 = e^lr − 1 − lr;  k1: ln lower ≤ s ≤ ln upper;  others: s ≤ upper;  s of the token, or the row's sum, mean or maximum`
 *
 * Equality is kept; NaN is dropped. A sequence level drops the whole row.
 *
 * Source: verl's rollout correction (rejection sampling); estimators of Schulman 2020.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rejectionMaskAsync<A extends RealArray>(args: RejectionMaskArgs<A> & CallOptions<RejectionMaskResult<A>> & AsyncOptions): Promise<RejectionMaskResult<A>> {
  return rejectionMaskOp.callAsync(args) as Promise<RejectionMaskResult<A>>;
}

/** Operands and parameters of `offPolicySequenceMask`. */
export interface OffPolicySequenceMaskArgs<A extends RealArray = RealArray> {
  /** lr = log π now − log π at sampling. Shape [B,T], float32 or float64. */
  logRatio: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** A of each sequence. Shape [B], float32 or float64. */
  advantages: Operand<A>;
  /** largest mean divergence (number; required). */
  threshold: number;
}

/** Outputs of `offPolicySequenceMask`. */
export interface OffPolicySequenceMaskResult<A extends RealArray = RealArray> {
  /** 1 = kept. Shape [B]. */
  keep: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const offPolicySequenceMaskOp: Op = /* @__PURE__ */ new Op('token', 'off_policy_sequence_mask');

/**
 * Drops sequences of negative advantage that the policy has moved away from.
 *
 * `keep where A ≥ 0 or −mean_t lr ≤ threshold`
 *
 * A row without valid tokens is not kept.
 *
 * Source: DeepSeek-V3.2, arXiv 2512.02556 (off-policy sequence masking).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function offPolicySequenceMask<A extends RealArray>(args: OffPolicySequenceMaskArgs<A> & CallOptions<OffPolicySequenceMaskResult<A>>): OffPolicySequenceMaskResult<A> {
  return offPolicySequenceMaskOp.call(args) as OffPolicySequenceMaskResult<A>;
}

/**
 * Drops sequences of negative advantage that the policy has moved away from.
 *
 * `keep where A ≥ 0 or −mean_t lr ≤ threshold`
 *
 * A row without valid tokens is not kept.
 *
 * Source: DeepSeek-V3.2, arXiv 2512.02556 (off-policy sequence masking).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function offPolicySequenceMaskAsync<A extends RealArray>(args: OffPolicySequenceMaskArgs<A> & CallOptions<OffPolicySequenceMaskResult<A>> & AsyncOptions): Promise<OffPolicySequenceMaskResult<A>> {
  return offPolicySequenceMaskOp.callAsync(args) as Promise<OffPolicySequenceMaskResult<A>>;
}

/** Operands and parameters of `d3sSelectTokens`. */
export interface D3sSelectTokensArgs<A extends RealArray = RealArray> {
  /** per token, or one per sequence. Shape [B,T] or [B], float32 or float64. */
  advantages: Operand<A>;
  /** H of each token's distribution. Shape [B,T], float32 or float64. */
  entropy: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** 1 = the sequence takes part; absent: all do. Shape [B], uint8 or int32, non-zero = true. */
  sampleKeep?: Operand<Uint8Array | Int32Array>;
  /** share of tokens kept (number; ≥ 0, ≤ 1; default 0.2). */
  fraction?: number;
  /** how the share is rounded ('floor, at least 1'; default 'floor, at least 1'). */
  rounding?: 'floor, at least 1';
}

/** Outputs of `d3sSelectTokens`. */
export interface D3sSelectTokensResult<A extends RealArray = RealArray> {
  /** 1 = kept. Shape [B,T]. */
  keep: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const d3sSelectTokensOp: Op = /* @__PURE__ */ new Op('token', 'd3s_select_tokens');

/**
 * The tokens that matter most: large advantage and large entropy.
 *
 * `the max(1, ⌊fraction · n⌋) largest |A| · H of the n valid tokens of the batch`
 *
 * Ties go to the lower index; NaN comes last.
 *
 * Source: D3S, arXiv 2509.22115.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function d3sSelectTokens<A extends RealArray>(args: D3sSelectTokensArgs<A> & CallOptions<D3sSelectTokensResult<A>>): D3sSelectTokensResult<A> {
  return d3sSelectTokensOp.call(args) as D3sSelectTokensResult<A>;
}

/**
 * The tokens that matter most: large advantage and large entropy.
 *
 * `the max(1, ⌊fraction · n⌋) largest |A| · H of the n valid tokens of the batch`
 *
 * Ties go to the lower index; NaN comes last.
 *
 * Source: D3S, arXiv 2509.22115.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function d3sSelectTokensAsync<A extends RealArray>(args: D3sSelectTokensArgs<A> & CallOptions<D3sSelectTokensResult<A>> & AsyncOptions): Promise<D3sSelectTokensResult<A>> {
  return d3sSelectTokensOp.callAsync(args) as Promise<D3sSelectTokensResult<A>>;
}

/** Operands and parameters of `entropyMask`. */
export interface EntropyMaskArgs<A extends RealArray = RealArray> {
  /** H of each token's distribution. Shape [B,T], float32 or float64. */
  entropy: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** q, share left out (number; ≥ 0, ≤ 1; default 0.8). */
  quantile?: number;
}

/** Outputs of `entropyMask`. */
export interface EntropyMaskResult<A extends RealArray = RealArray> {
  /** 1 = kept. Shape [B,T]. */
  keep: Tensor<Uint8Array>;
  /** the quantile. */
  threshold: number;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const entropyMaskOp: Op = /* @__PURE__ */ new Op('token', 'entropy_mask');

/**
 * Keeps the tokens at which the policy is least sure.
 *
 * `keep = H ≥ the q-quantile of H over the valid tokens, interpolated linearly`
 *
 * No valid token: threshold 0. NaN is not kept and does not enter the quantile.
 *
 * Source: Wang et al., arXiv 2506.01939; rule of TRL (top_entropy_quantile = 1 − q).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function entropyMask<A extends RealArray>(args: EntropyMaskArgs<A> & CallOptions<EntropyMaskResult<A>>): EntropyMaskResult<A> {
  return entropyMaskOp.call(args) as EntropyMaskResult<A>;
}

/**
 * Keeps the tokens at which the policy is least sure.
 *
 * `keep = H ≥ the q-quantile of H over the valid tokens, interpolated linearly`
 *
 * No valid token: threshold 0. NaN is not kept and does not enter the quantile.
 *
 * Source: Wang et al., arXiv 2506.01939; rule of TRL (top_entropy_quantile = 1 − q).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function entropyMaskAsync<A extends RealArray>(args: EntropyMaskArgs<A> & CallOptions<EntropyMaskResult<A>> & AsyncOptions): Promise<EntropyMaskResult<A>> {
  return entropyMaskOp.callAsync(args) as Promise<EntropyMaskResult<A>>;
}

/** Operands and parameters of `aggregateLoss`. */
export interface AggregateLossArgs<A extends RealArray = RealArray> {
  /** loss of each token. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  mode?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `aggregateLoss`. */
export interface AggregateLossResult<A extends RealArray = RealArray> {
  /** Σ W_t x_t. */
  loss: number;
  /** W_t; 0 at masked tokens. Shape [B,T]. */
  weights: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const aggregateLossOp: Op = /* @__PURE__ */ new Op('token', 'aggregate_loss');

/**
 * One number of the losses of tokens, and the weight of each token in it.
 *
 * `loss = Σ W x over the valid tokens. token-mean: W = 1/Σm; seq-mean-token-sum: 1/V, V the sequences with a valid token; seq-mean-token-mean: 1/(L_i V); seq-mean-token-sum-norm: 1/norm; fixed-length: 1/(B·norm)`
 *
 * With no valid token the loss and the weights are 0. With global num_tokens or num_seqs the losses of micro-batches add up to that of the batch.
 *
 * Source: verl's agg_loss; fixed-length: TRL's dr_grpo; Dr.GRPO, arXiv 2503.20783.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function aggregateLoss<A extends RealArray>(args: AggregateLossArgs<A> & CallOptions<AggregateLossResult<A>>): AggregateLossResult<A> {
  return aggregateLossOp.call(args) as AggregateLossResult<A>;
}

/**
 * One number of the losses of tokens, and the weight of each token in it.
 *
 * `loss = Σ W x over the valid tokens. token-mean: W = 1/Σm; seq-mean-token-sum: 1/V, V the sequences with a valid token; seq-mean-token-mean: 1/(L_i V); seq-mean-token-sum-norm: 1/norm; fixed-length: 1/(B·norm)`
 *
 * With no valid token the loss and the weights are 0. With global num_tokens or num_seqs the losses of micro-batches add up to that of the batch.
 *
 * Source: verl's agg_loss; fixed-length: TRL's dr_grpo; Dr.GRPO, arXiv 2503.20783.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function aggregateLossAsync<A extends RealArray>(args: AggregateLossArgs<A> & CallOptions<AggregateLossResult<A>> & AsyncOptions): Promise<AggregateLossResult<A>> {
  return aggregateLossOp.callAsync(args) as Promise<AggregateLossResult<A>>;
}

/** Operands and parameters of `klEstimate`. */
export interface KlEstimateArgs<A extends RealArray = RealArray> {
  /** log π of the sampled tokens, any shape. Shape any, float32 or float64. */
  logProbs: Operand<A>;
  /** log π_ref. Shape as `logProbs`, float32 or float64. */
  refLogProbs: Operand<A>;
  /** estimator ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  kind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default 20). */
  clamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default 10). */
  klMax?: number | null;
}

/** Outputs of `klEstimate`. */
export interface KlEstimateResult<A extends RealArray = RealArray> {
  /** the estimate at each token. Shape as `logProbs`. */
  kl: Tensor<A>;
  /** its slope in log π. Shape as `logProbs`. */
  gradLogProbs: Tensor<A>;
}

const klEstimateOp: Op = /* @__PURE__ */ new Op('token', 'kl_estimate');

/**
 * Per-token estimates of KL(π‖π_ref) from sampled tokens, and their slopes.
 *
 * `d = log π − log π_ref. k1: d; k2: d²/2; k3: e^{−d} + d − 1, the log-ratio and the value clamped; abs: |d|. Slopes: 1; d; 1 − e^{−d}; sgn d; k1+ and k3+: d`
 *
 * The slope of k3 is 0 where a clamp is active. k1's slope is no gradient of the KL in expectation: use k1 in rewards only.
 *
 * Source: Schulman, Approximating KL Divergence, 2020; verl's kl_penalty.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klEstimate<A extends RealArray>(args: KlEstimateArgs<A> & CallOptions<KlEstimateResult<A>>): KlEstimateResult<A> {
  return klEstimateOp.call(args) as KlEstimateResult<A>;
}

/**
 * Per-token estimates of KL(π‖π_ref) from sampled tokens, and their slopes.
 *
 * `d = log π − log π_ref. k1: d; k2: d²/2; k3: e^{−d} + d − 1, the log-ratio and the value clamped; abs: |d|. Slopes: 1; d; 1 − e^{−d}; sgn d; k1+ and k3+: d`
 *
 * The slope of k3 is 0 where a clamp is active. k1's slope is no gradient of the KL in expectation: use k1 in rewards only.
 *
 * Source: Schulman, Approximating KL Divergence, 2020; verl's kl_penalty.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klEstimateAsync<A extends RealArray>(args: KlEstimateArgs<A> & CallOptions<KlEstimateResult<A>> & AsyncOptions): Promise<KlEstimateResult<A>> {
  return klEstimateOp.callAsync(args) as Promise<KlEstimateResult<A>>;
}

/** Operands and parameters of `klShapedRewards` (form 'packed'). */
export interface KlShapedRewardsPackedArgs<A extends RealArray = RealArray> {
  /** bounds of the sequences. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** outcome score of each sequence. Shape [B], float32 or float64. */
  scores: Operand<A>;
  /** log π of the sampled tokens. Shape [N], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_ref. Shape [N], float32 or float64. */
  refLogProbs: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [N], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** weight β of the KL (number; default 0.05). */
  beta?: number;
  /** estimator ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k1'). */
  kind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default 20). */
  clamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default 10). */
  klMax?: number | null;
  /** 'batch': subtract the mean KL of the batch ('none' | 'batch'; default 'none'). */
  center?: 'none' | 'batch';
}

/** Outputs of `klShapedRewards`. */
export interface KlShapedRewardsPackedResult<A extends RealArray = RealArray> {
  /** reward of each token. Shape [N]. */
  rewards: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

/** Operands and parameters of `klShapedRewards` (form 'padded'). */
export interface KlShapedRewardsPaddedArgs<A extends RealArray = RealArray> {
  /** outcome score of each sequence. Shape [B], float32 or float64. */
  scores: Operand<A>;
  /** log π of the sampled tokens. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_ref. Shape [B,T], float32 or float64. */
  refLogProbs: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** weight β of the KL (number; default 0.05). */
  beta?: number;
  /** estimator ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k1'). */
  kind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default 20). */
  clamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default 10). */
  klMax?: number | null;
  /** 'batch': subtract the mean KL of the batch ('none' | 'batch'; default 'none'). */
  center?: 'none' | 'batch';
}

/** Outputs of `klShapedRewards`. */
export interface KlShapedRewardsPaddedResult<A extends RealArray = RealArray> {
  /** reward of each token. Shape [B,T]. */
  rewards: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const klShapedRewardsOp: Op = /* @__PURE__ */ new Op('token', 'kl_shaped_rewards');

/**
 * Rewards of tokens: −β KL at every valid token, the score at the last.
 *
 * `r_t = −β (KL_t − c) + score·1[t is the last valid token]; c = 0, or the batch mean of the KL over valid tokens`
 *
 * Masked tokens get 0; a sequence with no valid token drops its score.
 *
 * Source: Ziegler et al., arXiv 1909.08593; TÜLU 3, arXiv 2411.15124; centred: T1, arXiv 2501.11651.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klShapedRewards<A extends RealArray>(args: KlShapedRewardsPackedArgs<A> & CallOptions<KlShapedRewardsPackedResult<A>>): KlShapedRewardsPackedResult<A>;
/**
 * Rewards of tokens: −β KL at every valid token, the score at the last.
 *
 * `r_t = −β (KL_t − c) + score·1[t is the last valid token]; c = 0, or the batch mean of the KL over valid tokens`
 *
 * Masked tokens get 0; a sequence with no valid token drops its score.
 *
 * Source: Ziegler et al., arXiv 1909.08593; TÜLU 3, arXiv 2411.15124; centred: T1, arXiv 2501.11651.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klShapedRewards<A extends RealArray>(args: KlShapedRewardsPaddedArgs<A> & CallOptions<KlShapedRewardsPaddedResult<A>>): KlShapedRewardsPaddedResult<A>;
export function klShapedRewards(args: object): unknown {
  return klShapedRewardsOp.call(args);
}

/**
 * Rewards of tokens: −β KL at every valid token, the score at the last.
 *
 * `r_t = −β (KL_t − c) + score·1[t is the last valid token]; c = 0, or the batch mean of the KL over valid tokens`
 *
 * Masked tokens get 0; a sequence with no valid token drops its score.
 *
 * Source: Ziegler et al., arXiv 1909.08593; TÜLU 3, arXiv 2411.15124; centred: T1, arXiv 2501.11651.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klShapedRewardsAsync<A extends RealArray>(args: KlShapedRewardsPackedArgs<A> & CallOptions<KlShapedRewardsPackedResult<A>> & AsyncOptions): Promise<KlShapedRewardsPackedResult<A>>;
/**
 * Rewards of tokens: −β KL at every valid token, the score at the last.
 *
 * `r_t = −β (KL_t − c) + score·1[t is the last valid token]; c = 0, or the batch mean of the KL over valid tokens`
 *
 * Masked tokens get 0; a sequence with no valid token drops its score.
 *
 * Source: Ziegler et al., arXiv 1909.08593; TÜLU 3, arXiv 2411.15124; centred: T1, arXiv 2501.11651.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function klShapedRewardsAsync<A extends RealArray>(args: KlShapedRewardsPaddedArgs<A> & CallOptions<KlShapedRewardsPaddedResult<A>> & AsyncOptions): Promise<KlShapedRewardsPaddedResult<A>>;
export function klShapedRewardsAsync(args: object): Promise<unknown> {
  return klShapedRewardsOp.callAsync(args);
}

/** Operands and parameters of `valueLoss`. */
export interface ValueLossArgs<A extends RealArray = RealArray> {
  /** V of the current value model. Shape [B,T], float32 or float64. */
  values: Operand<A>;
  /** V_old at sampling time; required when clip is a number. Shape [B,T], float32 or float64. */
  oldValues?: Operand<A>;
  /** G, what V should be. Shape [B,T], float32 or float64. */
  returns: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** f ('mse' | 'huber'; default 'mse'). */
  loss?: 'mse' | 'huber';
  /** δ of the Huber loss (number; > 0; default 10). */
  delta?: number;
  /** ε; null: no clip (number or null; ≥ 0; default null). */
  clip?: number | null;
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `valueLoss`. */
export interface ValueLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂values. Shape [B,T]. */
  gradValues: Tensor<A>;
  /** share of valid tokens on the clipped branch. */
  clipFraction: number;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const valueLossOp: Op = /* @__PURE__ */ new Op('token', 'value_loss');

/**
 * Regression of values on returns, clipped around the old values, with gradient.
 *
 * `ℓ = max(f(V − G), f(V_c − G)), V_c = V_old + clip(V − V_old, ±ε); f(x) = x²/2, or Huber: δ(|x| − δ/2) for |x| > δ`
 *
 * Masked tokens are never read. The clipped branch is taken where it is the larger; its gradient is 0.
 *
 * Source: PPO's clipped value loss, arXiv 1707.06347 and its code; verl's compute_value_loss.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueLoss<A extends RealArray>(args: ValueLossArgs<A> & CallOptions<ValueLossResult<A>>): ValueLossResult<A> {
  return valueLossOp.call(args) as ValueLossResult<A>;
}

/**
 * Regression of values on returns, clipped around the old values, with gradient.
 *
 * `ℓ = max(f(V − G), f(V_c − G)), V_c = V_old + clip(V − V_old, ±ε); f(x) = x²/2, or Huber: δ(|x| − δ/2) for |x| > δ`
 *
 * Masked tokens are never read. The clipped branch is taken where it is the larger; its gradient is 0.
 *
 * Source: PPO's clipped value loss, arXiv 1707.06347 and its code; verl's compute_value_loss.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueLossAsync<A extends RealArray>(args: ValueLossArgs<A> & CallOptions<ValueLossResult<A>> & AsyncOptions): Promise<ValueLossResult<A>> {
  return valueLossOp.callAsync(args) as Promise<ValueLossResult<A>>;
}

/** Operands and parameters of `decoupledPpo`. */
export interface DecoupledPpoArgs<A extends RealArray = RealArray> {
  /** log π, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_prox, recomputed before the update. Shape [B,T], float32 or float64. */
  proximalLogProbs: Operand<A>;
  /** log π_behav, of the sampler. Shape [B,T], float32 or float64. */
  behaviorLogProbs: Operand<A>;
  /** A of each token. Shape [B,T], float32 or float64. */
  advantages: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.4). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.4). */
  clipHigh?: number;
  /** bound for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** cap of w; null: none (number or null; > 0; default 5). */
  behaviorWeightCap?: number | null;
  /** what becomes of a w over the cap ('mask' | 'truncate'; default 'mask'). */
  capMode?: 'mask' | 'truncate';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `decoupledPpo`. */
export interface DecoupledPpoResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** w after the cap. Shape [B,T]. */
  behaviorWeights: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const decoupledPpoOp: Op = /* @__PURE__ */ new Op('token', 'decoupled_ppo');

/**
 * PPO whose clip is around a proximal policy, for data of an older behaviour policy.
 *
 * `ℓ = w·ℓ_ppo(ρ), ρ = π/π_prox clipped, w = π_prox/π_behav constant; over the cap w is 0 (mask) or the cap (truncate)`
 *
 * The denominator counts all valid tokens, those over the cap too.
 *
 * Source: AReaL, arXiv 2505.24298; Hilton et al., arXiv 2110.00641; ASearcher, arXiv 2508.07976.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function decoupledPpo<A extends RealArray>(args: DecoupledPpoArgs<A> & CallOptions<DecoupledPpoResult<A>>): DecoupledPpoResult<A> {
  return decoupledPpoOp.call(args) as DecoupledPpoResult<A>;
}

/**
 * PPO whose clip is around a proximal policy, for data of an older behaviour policy.
 *
 * `ℓ = w·ℓ_ppo(ρ), ρ = π/π_prox clipped, w = π_prox/π_behav constant; over the cap w is 0 (mask) or the cap (truncate)`
 *
 * The denominator counts all valid tokens, those over the cap too.
 *
 * Source: AReaL, arXiv 2505.24298; Hilton et al., arXiv 2110.00641; ASearcher, arXiv 2508.07976.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function decoupledPpoAsync<A extends RealArray>(args: DecoupledPpoArgs<A> & CallOptions<DecoupledPpoResult<A>> & AsyncOptions): Promise<DecoupledPpoResult<A>> {
  return decoupledPpoOp.callAsync(args) as Promise<DecoupledPpoResult<A>>;
}

/** Operands and parameters of `nftLoss`. */
export interface NftLossArgs<A extends RealArray = RealArray> {
  /** log π, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_old at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** c: 1 = the answer is right, 0 = wrong. Shape [B], float32 or float64. */
  correct: Operand<A>;
  /** r: share of right answers in the group. Shape [B], float32 or float64. */
  correctRate: Operand<A>;
  /** R of each token, or one ℓ per sequence with R = exp(Σ log ratio) ('token' | 'sequence'; default 'token'). */
  ratio?: 'token' | 'sequence';
  /** w⁻ (number; default 1). */
  negWeight?: number;
  /** c⁻, taken without its sign (number; default 1). */
  clampNegative?: number;
  /** c⁺ (number; ≥ 0; default 0). */
  clampPositive?: number;
  /** which k (integer; ≥ 0, ≤ 2; default 1). */
  normalize?: number;
  /** of the sum over tokens (number; > 0; default 1000). */
  divisor?: number;
  /** least r (number; ≥ 0, ≤ 1; default 0.02). */
  rateLow?: number;
  /** largest r (number; ≥ 0, ≤ 1; default 0.98). */
  rateHigh?: number;
  /** log ratios are clamped from above; the gradient there is 0 (number; default 10). */
  logRatioMax?: number;
}

/** Outputs of `nftLoss`. */
export interface NftLossResult<A extends RealArray = RealArray> {
  /** Σ ℓ / divisor. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const nftLossOp: Op = /* @__PURE__ */ new Op('token', 'nft_loss');

/**
 * Negative-aware fine-tuning: right answers raise π, wrong ones raise the implicit policy of right answers.
 *
 * `R = π/π_old, x = (1 − rR)/(1 − r); ℓ = k[−c ln max(R, c⁺) − (1 − c) w⁻ ln max(x, c⁻)], the bounds pass gradients through; k = 1, 1 − r or √((1 − r)/r); loss = Σℓ/divisor`
 *
 * Groups that are all right or all wrong should be filtered before. On the policy that sampled, normalize 2 gives the gradient of GRPO.
 *
 * Source: NFT, arXiv 2505.18116; constants of NVlabs/NFT.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nftLoss<A extends RealArray>(args: NftLossArgs<A> & CallOptions<NftLossResult<A>>): NftLossResult<A> {
  return nftLossOp.call(args) as NftLossResult<A>;
}

/**
 * Negative-aware fine-tuning: right answers raise π, wrong ones raise the implicit policy of right answers.
 *
 * `R = π/π_old, x = (1 − rR)/(1 − r); ℓ = k[−c ln max(R, c⁺) − (1 − c) w⁻ ln max(x, c⁻)], the bounds pass gradients through; k = 1, 1 − r or √((1 − r)/r); loss = Σℓ/divisor`
 *
 * Groups that are all right or all wrong should be filtered before. On the policy that sampled, normalize 2 gives the gradient of GRPO.
 *
 * Source: NFT, arXiv 2505.18116; constants of NVlabs/NFT.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nftLossAsync<A extends RealArray>(args: NftLossArgs<A> & CallOptions<NftLossResult<A>> & AsyncOptions): Promise<NftLossResult<A>> {
  return nftLossOp.callAsync(args) as Promise<NftLossResult<A>>;
}

/** Operands and parameters of `copoLoss`. */
export interface CopoLossArgs<A extends RealArray = RealArray> {
  /** log π, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_old at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** A_local, within the group. Shape [B], float32 or float64. */
  localAdvantages: Operand<A>;
  /** A_global, of the group. Shape [B], float32 or float64. */
  globalAdvantages: Operand<A>;
  /** H of the answers of the group, in bits. Shape [B], float32 or float64. */
  entropy: Operand<A>;
  /** how w follows from H ('soft' | 'soft_forced' | 'forced' | 'global' | 'local'; default 'soft'). */
  mode?: 'soft' | 'soft_forced' | 'forced' | 'global' | 'local';
  /** steepness of σ (number; default 1). */
  k?: number;
  /** entropy at which w is ½ (number; default 0.5). */
  b?: number;
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound for negative advantages; null: none (number or null; > 0; default 3). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `copoLoss`. */
export interface CopoLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** w of each sequence. Shape [B]. */
  weight: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const copoLossOp: Op = /* @__PURE__ */ new Op('token', 'copo_loss');

/**
 * Mixture of a PPO loss with local and one with global advantages, by how much the answers of a group agree.
 *
 * `ℓ = w ℓ_ppo(A_local) + (1 − w) ℓ_ppo(A_global); w = σ(k(H − b)) (soft), that times 1[A_local ≠ 0] (soft_forced), 1[A_local ≠ 0] (forced), 0 (global), 1 (local)`
 *
 * A large H, answers that disagree, favours the local advantage.
 *
 * Source: COPO, arXiv 2508.04138; hijih/copo-code.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function copoLoss<A extends RealArray>(args: CopoLossArgs<A> & CallOptions<CopoLossResult<A>>): CopoLossResult<A> {
  return copoLossOp.call(args) as CopoLossResult<A>;
}

/**
 * Mixture of a PPO loss with local and one with global advantages, by how much the answers of a group agree.
 *
 * `ℓ = w ℓ_ppo(A_local) + (1 − w) ℓ_ppo(A_global); w = σ(k(H − b)) (soft), that times 1[A_local ≠ 0] (soft_forced), 1[A_local ≠ 0] (forced), 0 (global), 1 (local)`
 *
 * A large H, answers that disagree, favours the local advantage.
 *
 * Source: COPO, arXiv 2508.04138; hijih/copo-code.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function copoLossAsync<A extends RealArray>(args: CopoLossArgs<A> & CallOptions<CopoLossResult<A>> & AsyncOptions): Promise<CopoLossResult<A>> {
  return copoLossOp.callAsync(args) as Promise<CopoLossResult<A>>;
}

/** Operands and parameters of `shapedOffPolicyLoss`. */
export interface ShapedOffPolicyLossArgs<A extends RealArray = RealArray> {
  /** log π, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_old at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** A of each token. Shape [B,T], float32 or float64. */
  advantages: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** 1 = a token of a refinement; absent: none. Shape [B,T], uint8 or int32, non-zero = true. */
  offPolicyMask?: Operand<Uint8Array | Int32Array>;
  /** f ('p/(p+gamma)' | 'p' | 'sqrt(p)' | 'p^a' | 'log(p)'; default 'p/(p+gamma)'). */
  shaping?: 'p/(p+gamma)' | 'p' | 'sqrt(p)' | 'p^a' | 'log(p)';
  /** γ of 'p/(p+gamma)'; null: f(p) = p (number or null; > 0; default 0.1). */
  gamma?: number | null;
  /** a of 'p^a' (number; default 0.5). */
  exponent?: number;
  /** clip the on-policy ratio (boolean; default false). */
  clip?: boolean;
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** of the sum: a number, 'tokens' (the valid ones) or 'length' (T) (number or 'tokens' | 'length'; ≥ 0; default 'length'). */
  divisor?: number | 'tokens' | 'length';
}

/** Outputs of `shapedOffPolicyLoss`. */
export interface ShapedOffPolicyLossResult<A extends RealArray = RealArray> {
  /** Σ ℓ / divisor. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const shapedOffPolicyLossOp: Op = /* @__PURE__ */ new Op('token', 'shaped_off_policy_loss');

/**
 * Policy loss of a mixture of on-policy tokens and refinements of another policy.
 *
 * `on-policy: −Aρ, or with `clip` max(−Aρ, −A·clip(ρ)); off-policy: −A f(π), f(p) = p/(p + γ); loss = Σℓ/divisor`
 *
 * An off-policy token does not read old_log_probs and is never clipped.
 *
 * Source: Critique-GRPO, arXiv 2506.03106; LUFFY, arXiv 2504.14945.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shapedOffPolicyLoss<A extends RealArray>(args: ShapedOffPolicyLossArgs<A> & CallOptions<ShapedOffPolicyLossResult<A>>): ShapedOffPolicyLossResult<A> {
  return shapedOffPolicyLossOp.call(args) as ShapedOffPolicyLossResult<A>;
}

/**
 * Policy loss of a mixture of on-policy tokens and refinements of another policy.
 *
 * `on-policy: −Aρ, or with `clip` max(−Aρ, −A·clip(ρ)); off-policy: −A f(π), f(p) = p/(p + γ); loss = Σℓ/divisor`
 *
 * An off-policy token does not read old_log_probs and is never clipped.
 *
 * Source: Critique-GRPO, arXiv 2506.03106; LUFFY, arXiv 2504.14945.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shapedOffPolicyLossAsync<A extends RealArray>(args: ShapedOffPolicyLossArgs<A> & CallOptions<ShapedOffPolicyLossResult<A>> & AsyncOptions): Promise<ShapedOffPolicyLossResult<A>> {
  return shapedOffPolicyLossOp.callAsync(args) as Promise<ShapedOffPolicyLossResult<A>>;
}

/** Operands and parameters of `policyLossPacked` (form 'sequences'). */
export interface PolicyLossPackedSequencesArgs<A extends RealArray = RealArray> {
  /** log π of the taken tokens, current policy. Shape [N], float32 or float64. */
  logProbs: Operand<A>;
  /** log μ at sampling time. Shape [N], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** bounds of the sequences: 0 … N. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [N], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** constant factor w on each token's policy term. Shape [N], float32 or float64. */
  importanceWeights?: Operand<A>;
  /** log π_ref for the KL term; required when kl_coef is not 0. Shape [N], float32 or float64. */
  refLogProbs?: Operand<A>;
  /** entropy of each token's distribution; required when entropy_coef is not 0. Shape [N], float32 or float64. */
  entropy?: Operand<A>;
  /** constant factor on each sequence's policy terms. Shape [B], float32 or float64. */
  sequenceWeights?: Operand<A>;
  /** clip_cov: candidates dropped smallest first. Shape [N], float32 or float64. */
  priority?: Operand<A>;
  /** advantage of each sequence. Shape [B], float32 or float64. */
  sequenceAdvantages: Operand<A>;
  /** the per-token loss ('ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov'; default 'ppo_clip'). */
  kind?: 'ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'; 'gspo': 'seq-mean-token-mean'; 'gmpo' and 'luspo' are means over sequences and take none). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** weight β of the KL term (number; default 0). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
  /** multiply the KL term by the ratio ρ (boolean; default false). */
  klBiasCorrection?: boolean;
  /** weight of the entropy bonus in the loss (number; default 0). */
  entropyCoef?: number;
  /** sapo: τ for A > 0 (number; > 0; default 1). */
  tauPos?: number;
  /** sapo: τ for A ≤ 0 (number; > 0; default 1.05). */
  tauNeg?: number;
  /** vespo: k for A > 0 (number; default 2). */
  kPos?: number;
  /** vespo: λ for A > 0 (number; default 3). */
  lambdaPos?: number;
  /** vespo: k for A ≤ 0 (number; default 3). */
  kNeg?: number;
  /** vespo: λ for A ≤ 0 (number; default 2). */
  lambdaNeg?: number;
  /** clip_cov: share of tokens dropped (number; ≥ 0, ≤ 1; default 0.0002). */
  covRatio?: number;
  /** clip_cov: lower bound of candidate covariances (number; default 1). */
  covLower?: number;
  /** clip_cov: upper bound of candidate covariances (number; default 5). */
  covUpper?: number;
  /** kl_cov: share of tokens penalised (number; ≥ 0, ≤ 1; default 0.0002). */
  klCovRatio?: number;
  /** kl_cov: weight of the penalty (number; default 1). */
  ppoKlCoef?: number;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `policyLossPacked`. */
export interface PolicyLossPackedSequencesResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [N]. */
  gradLogProbs: Tensor<A>;
  /** share of valid tokens clipped. */
  clipFraction: number;
  /** share of valid tokens at the dual clip. */
  clipFractionLower: number;
  /** masked mean of log μ − log π (clamped). */
  approxKl: number;
  /** masked mean of ρ. */
  ratioMean: number;
  /** smallest ρ of a valid token. */
  ratioMin: number;
  /** largest ρ of a valid token. */
  ratioMax: number;
  /** clip_cov: 1 = the token was dropped. Shape [N]. */
  dropped?: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

/** Operands and parameters of `policyLossPacked` (form 'tokens'). */
export interface PolicyLossPackedTokensArgs<A extends RealArray = RealArray> {
  /** log π of the taken tokens, current policy. Shape [N], float32 or float64. */
  logProbs: Operand<A>;
  /** log μ at sampling time. Shape [N], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** bounds of the sequences: 0 … N. Shape [B+1], int32. */
  cuSeqlens: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [N], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** constant factor w on each token's policy term. Shape [N], float32 or float64. */
  importanceWeights?: Operand<A>;
  /** log π_ref for the KL term; required when kl_coef is not 0. Shape [N], float32 or float64. */
  refLogProbs?: Operand<A>;
  /** entropy of each token's distribution; required when entropy_coef is not 0. Shape [N], float32 or float64. */
  entropy?: Operand<A>;
  /** constant factor on each sequence's policy terms. Shape [B], float32 or float64. */
  sequenceWeights?: Operand<A>;
  /** clip_cov: candidates dropped smallest first. Shape [N], float32 or float64. */
  priority?: Operand<A>;
  /** advantage of each token. Shape [N], float32 or float64. */
  advantages: Operand<A>;
  /** the per-token loss ('ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov'; default 'ppo_clip'). */
  kind?: 'ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'; 'gspo': 'seq-mean-token-mean'; 'gmpo' and 'luspo' are means over sequences and take none). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** weight β of the KL term (number; default 0). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
  /** multiply the KL term by the ratio ρ (boolean; default false). */
  klBiasCorrection?: boolean;
  /** weight of the entropy bonus in the loss (number; default 0). */
  entropyCoef?: number;
  /** sapo: τ for A > 0 (number; > 0; default 1). */
  tauPos?: number;
  /** sapo: τ for A ≤ 0 (number; > 0; default 1.05). */
  tauNeg?: number;
  /** vespo: k for A > 0 (number; default 2). */
  kPos?: number;
  /** vespo: λ for A > 0 (number; default 3). */
  lambdaPos?: number;
  /** vespo: k for A ≤ 0 (number; default 3). */
  kNeg?: number;
  /** vespo: λ for A ≤ 0 (number; default 2). */
  lambdaNeg?: number;
  /** clip_cov: share of tokens dropped (number; ≥ 0, ≤ 1; default 0.0002). */
  covRatio?: number;
  /** clip_cov: lower bound of candidate covariances (number; default 1). */
  covLower?: number;
  /** clip_cov: upper bound of candidate covariances (number; default 5). */
  covUpper?: number;
  /** kl_cov: share of tokens penalised (number; ≥ 0, ≤ 1; default 0.0002). */
  klCovRatio?: number;
  /** kl_cov: weight of the penalty (number; default 1). */
  ppoKlCoef?: number;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
}

/** Outputs of `policyLossPacked`. */
export interface PolicyLossPackedTokensResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [N]. */
  gradLogProbs: Tensor<A>;
  /** share of valid tokens clipped. */
  clipFraction: number;
  /** share of valid tokens at the dual clip. */
  clipFractionLower: number;
  /** masked mean of log μ − log π (clamped). */
  approxKl: number;
  /** masked mean of ρ. */
  ratioMean: number;
  /** smallest ρ of a valid token. */
  ratioMin: number;
  /** largest ρ of a valid token. */
  ratioMax: number;
  /** clip_cov: 1 = the token was dropped. Shape [N]. */
  dropped?: Tensor<Uint8Array>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const policyLossPackedOp: Op = /* @__PURE__ */ new Op('token', 'policy_loss_packed');

/**
 * Policy-gradient loss of packed sequences and its gradient.
 *
 * `as `policy_loss``
 *
 * Gives what `policy_loss` gives on the padded form of the batch; the same bits where both sum in the same order: sequences at the left, one advantage a sequence, T the longest.
 *
 * Source: as `policy_loss`.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLossPacked<A extends RealArray>(args: PolicyLossPackedSequencesArgs<A> & CallOptions<PolicyLossPackedSequencesResult<A>>): PolicyLossPackedSequencesResult<A>;
/**
 * Policy-gradient loss of packed sequences and its gradient.
 *
 * `as `policy_loss``
 *
 * Gives what `policy_loss` gives on the padded form of the batch; the same bits where both sum in the same order: sequences at the left, one advantage a sequence, T the longest.
 *
 * Source: as `policy_loss`.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLossPacked<A extends RealArray>(args: PolicyLossPackedTokensArgs<A> & CallOptions<PolicyLossPackedTokensResult<A>>): PolicyLossPackedTokensResult<A>;
export function policyLossPacked(args: object): unknown {
  return policyLossPackedOp.call(args);
}

/**
 * Policy-gradient loss of packed sequences and its gradient.
 *
 * `as `policy_loss``
 *
 * Gives what `policy_loss` gives on the padded form of the batch; the same bits where both sum in the same order: sequences at the left, one advantage a sequence, T the longest.
 *
 * Source: as `policy_loss`.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLossPackedAsync<A extends RealArray>(args: PolicyLossPackedSequencesArgs<A> & CallOptions<PolicyLossPackedSequencesResult<A>> & AsyncOptions): Promise<PolicyLossPackedSequencesResult<A>>;
/**
 * Policy-gradient loss of packed sequences and its gradient.
 *
 * `as `policy_loss``
 *
 * Gives what `policy_loss` gives on the padded form of the batch; the same bits where both sum in the same order: sequences at the left, one advantage a sequence, T the longest.
 *
 * Source: as `policy_loss`.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyLossPackedAsync<A extends RealArray>(args: PolicyLossPackedTokensArgs<A> & CallOptions<PolicyLossPackedTokensResult<A>> & AsyncOptions): Promise<PolicyLossPackedTokensResult<A>>;
export function policyLossPackedAsync(args: object): Promise<unknown> {
  return policyLossPackedOp.callAsync(args);
}

/** Operands and parameters of `spanRatioLoss`. */
export interface SpanRatioLossArgs<A extends RealArray = RealArray> {
  /** log π, current policy. Shape [B,T], float32 or float64. */
  logProbs: Operand<A>;
  /** log π_old at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** A, read at a span's first token. Shape [B,T], float32 or float64. */
  advantages: Operand<A>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** turn of each token: any numbers. Shape [B,T], int32; required when level is 'turn'. */
  turnIds?: Operand<Int32Array>;
  /** what a span is ('turn' | 'sequence'; default 'sequence'). */
  level?: 'turn' | 'sequence';
  /** of the log ratios of a span ('sum'; default 'sum'). */
  reduction?: 'sum';
  /** how span losses become one number ('span-mean'; default 'span-mean'). */
  aggregation?: 'span-mean';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** the log-ratio of a span is clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** global number of spans, so that micro-batches add up (number or null; > 0; default null). */
  numSpans?: number | null;
}

/** Outputs of `spanRatioLoss`. */
export interface SpanRatioLossResult<A extends RealArray = RealArray> {
  /** mean of ℓ_u. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const spanRatioLossOp: Op = /* @__PURE__ */ new Op('token', 'span_ratio_loss');

/**
 * PPO with one ratio for each turn or trajectory, and its gradient.
 *
 * `ρ_u = exp(clamp(Σ_{t∈u} log ratio)); ℓ_u = max(−Aρ_u, −A·clip(ρ_u)); loss = mean over the spans u`
 *
 * A span is a row's valid tokens with one turn id, wherever they lie; its advantage is read at its first valid token.
 *
 * Source: LOOP, arXiv 2502.01600.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function spanRatioLoss<A extends RealArray>(args: SpanRatioLossArgs<A> & CallOptions<SpanRatioLossResult<A>>): SpanRatioLossResult<A> {
  return spanRatioLossOp.call(args) as SpanRatioLossResult<A>;
}

/**
 * PPO with one ratio for each turn or trajectory, and its gradient.
 *
 * `ρ_u = exp(clamp(Σ_{t∈u} log ratio)); ℓ_u = max(−Aρ_u, −A·clip(ρ_u)); loss = mean over the spans u`
 *
 * A span is a row's valid tokens with one turn id, wherever they lie; its advantage is read at its first valid token.
 *
 * Source: LOOP, arXiv 2502.01600.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function spanRatioLossAsync<A extends RealArray>(args: SpanRatioLossArgs<A> & CallOptions<SpanRatioLossResult<A>> & AsyncOptions): Promise<SpanRatioLossResult<A>> {
  return spanRatioLossOp.callAsync(args) as Promise<SpanRatioLossResult<A>>;
}

/** Operands and parameters of `vocabKl`. */
export interface VocabKlArgs<A extends RealArray = RealArray> {
  /** of the current policy. Shape [N,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** of the reference. Shape [N,V], float32, float64, bfloat16 or float16. */
  refLogits: Operand<A | Uint16Array>;
  /** KL(p‖q) or KL(q‖p) ('reverse' | 'forward'; default 'reverse'). */
  direction?: 'reverse' | 'forward';
}

/** Outputs of `vocabKl`. */
export interface VocabKlResult<A extends RealArray = RealArray> {
  /** divergence of each row. Shape [N]. */
  kl: Tensor<A>;
  /** ∂kl/∂logits, each row by its own. Shape [N,V]. */
  gradLogits: Tensor<A>;
}

const vocabKlOp: Op = /* @__PURE__ */ new Op('token', 'vocab_kl');

/**
 * KL divergence between two distributions over the vocabulary, row by row, and its gradient.
 *
 * `p = softmax(logits), q = softmax(ref_logits). reverse: KL(p‖q) = Σ p (log p − log q), gradient p (log p − log q − KL); forward: KL(q‖p), gradient p − q`
 *
 * A token of probability 0 adds nothing. Where the divergence is infinite (reverse: q = 0 under p > 0) the gradient of the row is 0.
 *
 * Source: on-policy distillation, arXiv 2306.13649; exact KL regularisation.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vocabKl<A extends RealArray>(args: VocabKlArgs<A> & CallOptions<VocabKlResult<A>>): VocabKlResult<A> {
  return vocabKlOp.call(args) as VocabKlResult<A>;
}

/**
 * KL divergence between two distributions over the vocabulary, row by row, and its gradient.
 *
 * `p = softmax(logits), q = softmax(ref_logits). reverse: KL(p‖q) = Σ p (log p − log q), gradient p (log p − log q − KL); forward: KL(q‖p), gradient p − q`
 *
 * A token of probability 0 adds nothing. Where the divergence is infinite (reverse: q = 0 under p > 0) the gradient of the row is 0.
 *
 * Source: on-policy distillation, arXiv 2306.13649; exact KL regularisation.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function vocabKlAsync<A extends RealArray>(args: VocabKlArgs<A> & CallOptions<VocabKlResult<A>> & AsyncOptions): Promise<VocabKlResult<A>> {
  return vocabKlOp.callAsync(args) as Promise<VocabKlResult<A>>;
}

/** Operands and parameters of `filteredLogprob`. */
export interface FilteredLogprobArgs<A extends RealArray = RealArray> {
  /** one row per token. Shape [N,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [N], int32. */
  labels: Operand<Int32Array>;
  /** the sampler's own set, to be used as it is. Shape [N,V], uint8 or int32, non-zero = true. */
  keep?: Operand<Uint8Array | Int32Array>;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** how many of the largest; null: all (number or null; ≥ 1; integer; default null). */
  topK?: number | null;
  /** probability mass that is kept; null: all (number or null; > 0, ≤ 1; default null). */
  topP?: number | null;
  /** least share of the largest probability; null: none (number or null; ≥ 0, ≤ 1; default null). */
  minP?: number | null;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
}

/** Outputs of `filteredLogprob`. */
export interface FilteredLogprobResult<A extends RealArray = RealArray> {
  /** 1 = the token was left. Shape [N,V]. */
  keep: Tensor<Uint8Array>;
  /** log p of the label. Shape [N]. */
  logProbs: Tensor<A>;
  /** H over the kept set, in nats. Shape [N]. */
  entropy: Tensor<A>;
}

const filteredLogprobOp: Op = /* @__PURE__ */ new Op('token', 'filtered_logprob');

/**
 * Log-probabilities renormalised over the tokens that truncated sampling left.
 *
 * `temperature; then top_k, ties with the k-th kept; then top_p: the shortest prefix in descending order whose share of what top_k left reaches p; then min_p: p ≥ min_p·p_max; softmax over what is left`
 *
 * A label outside the kept set has log-probability −Infinity. Of equal logits top_p keeps the lower index. With `keep` given the set is that, and no filter runs.
 *
 * Source: nucleus sampling, arXiv 1904.09751; min-p, arXiv 2407.01082; the sampler's support in the trainer's log-probabilities: TRL.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function filteredLogprob<A extends RealArray>(args: FilteredLogprobArgs<A> & CallOptions<FilteredLogprobResult<A>>): FilteredLogprobResult<A> {
  return filteredLogprobOp.call(args) as FilteredLogprobResult<A>;
}

/**
 * Log-probabilities renormalised over the tokens that truncated sampling left.
 *
 * `temperature; then top_k, ties with the k-th kept; then top_p: the shortest prefix in descending order whose share of what top_k left reaches p; then min_p: p ≥ min_p·p_max; softmax over what is left`
 *
 * A label outside the kept set has log-probability −Infinity. Of equal logits top_p keeps the lower index. With `keep` given the set is that, and no filter runs.
 *
 * Source: nucleus sampling, arXiv 1904.09751; min-p, arXiv 2407.01082; the sampler's support in the trainer's log-probabilities: TRL.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function filteredLogprobAsync<A extends RealArray>(args: FilteredLogprobArgs<A> & CallOptions<FilteredLogprobResult<A>> & AsyncOptions): Promise<FilteredLogprobResult<A>> {
  return filteredLogprobOp.callAsync(args) as Promise<FilteredLogprobResult<A>>;
}

/** Operands and parameters of `fusedLinearLogprob`. */
export interface FusedLinearLogprobArgs<A extends RealArray = RealArray> {
  /** last hidden state of each token. Shape [N,H], float32, float64, bfloat16 or float16. */
  hidden: Operand<A | Uint16Array>;
  /** W of the output layer. Shape [V,H], float32, float64, bfloat16 or float16. */
  weight: Operand<A | Uint16Array>;
  /** b; absent: 0. Shape [V], float32 or float64. */
  bias?: Operand<A>;
  /** the token taken in each row. Shape [N], int32. */
  labels: Operand<Int32Array>;
  /** g, gradient of the loss with respect to each log-probability. Shape [N], float32 or float64. */
  gradLogProbs?: Operand<A>;
  /** h, gradient with respect to each entropy; absent: 0. Shape [N], float32 or float64. */
  gradEntropy?: Operand<A>;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
  /** c of c·tanh(x/c), applied before the temperature; null: none (number or null; > 0; default null). */
  softcap?: number | null;
}

/** Outputs of `fusedLinearLogprob`. */
export interface FusedLinearLogprobResult<A extends RealArray = RealArray> {
  /** log p of the label, ≤ 0. Shape [N]. */
  logProbs: Tensor<A>;
  /** H, in nats. Shape [N]. */
  entropy: Tensor<A>;
  /** ∂loss/∂hidden. Shape [N,H]. */
  gradHidden?: Tensor<A>;
  /** ∂loss/∂weight. Shape [V,H]. */
  gradWeight?: Tensor<A>;
  /** ∂loss/∂bias. Shape [V]. */
  gradBias?: Tensor<A>;
}

const fusedLinearLogprobOp: Op = /* @__PURE__ */ new Op('token', 'fused_linear_logprob');

/**
 * Log-probabilities and entropies from hidden states, and gradients back to them, without ever holding the logits of the batch.
 *
 * ``token_logprob` and `token_logprob_backward` of x = hidden·Wᵀ + b, in chunks of rows`
 *
 * Rows with ignore_index get zeros and are not read. Gradients come when grad_log_probs is given.
 *
 * Source: Cut Cross-Entropy, arXiv 2411.09009; Liger Kernel, arXiv 2410.10989.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearLogprob<A extends RealArray>(args: FusedLinearLogprobArgs<A> & CallOptions<FusedLinearLogprobResult<A>>): FusedLinearLogprobResult<A> {
  return fusedLinearLogprobOp.call(args) as FusedLinearLogprobResult<A>;
}

/**
 * Log-probabilities and entropies from hidden states, and gradients back to them, without ever holding the logits of the batch.
 *
 * ``token_logprob` and `token_logprob_backward` of x = hidden·Wᵀ + b, in chunks of rows`
 *
 * Rows with ignore_index get zeros and are not read. Gradients come when grad_log_probs is given.
 *
 * Source: Cut Cross-Entropy, arXiv 2411.09009; Liger Kernel, arXiv 2410.10989.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearLogprobAsync<A extends RealArray>(args: FusedLinearLogprobArgs<A> & CallOptions<FusedLinearLogprobResult<A>> & AsyncOptions): Promise<FusedLinearLogprobResult<A>> {
  return fusedLinearLogprobOp.callAsync(args) as Promise<FusedLinearLogprobResult<A>>;
}

/** Operands and parameters of `fusedLinearPolicyLoss`. */
export interface FusedLinearPolicyLossArgs<A extends RealArray = RealArray> {
  /** last hidden state of each token. Shape [B*T,H], float32, float64, bfloat16 or float16. */
  hidden: Operand<A | Uint16Array>;
  /** W of the output layer. Shape [V,H], float32, float64, bfloat16 or float16. */
  weight: Operand<A | Uint16Array>;
  /** b; absent: 0. Shape [V], float32 or float64. */
  bias?: Operand<A>;
  /** the token taken in each row. Shape [B*T], int32. */
  labels: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** per token, or one per sequence. Shape [B,T] or [B], float32 or float64. */
  advantages: Operand<A>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** log π_ref for the KL term; required when kl_coef is not 0. Shape [B,T], float32 or float64. */
  refLogProbs?: Operand<A>;
  /** constant factor w on each token's policy term. Shape [B,T], float32 or float64. */
  importanceWeights?: Operand<A>;
  /** constant factor on each sequence's policy terms. Shape [B], float32 or float64. */
  sequenceWeights?: Operand<A>;
  /** clip_cov: candidates dropped smallest first. Shape [B,T], float32 or float64. */
  priority?: Operand<A>;
  /** the per-token loss ('ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov'; default 'ppo_clip'). */
  kind?: 'ppo_clip' | 'reinforce' | 'gpg' | 'gspo' | 'cispo' | 'cispo_abs' | 'sapo' | 'gmpo' | 'vespo' | 'luspo' | 'clip_cov' | 'kl_cov';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'; 'gspo': 'seq-mean-token-mean'; 'gmpo' and 'luspo' are means over sequences and take none). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** weight β of the KL term (number; default 0). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
  /** multiply the KL term by the ratio ρ (boolean; default false). */
  klBiasCorrection?: boolean;
  /** weight of the entropy bonus in the loss (number; default 0). */
  entropyCoef?: number;
  /** sapo: τ for A > 0 (number; > 0; default 1). */
  tauPos?: number;
  /** sapo: τ for A ≤ 0 (number; > 0; default 1.05). */
  tauNeg?: number;
  /** vespo: k for A > 0 (number; default 2). */
  kPos?: number;
  /** vespo: λ for A > 0 (number; default 3). */
  lambdaPos?: number;
  /** vespo: k for A ≤ 0 (number; default 3). */
  kNeg?: number;
  /** vespo: λ for A ≤ 0 (number; default 2). */
  lambdaNeg?: number;
  /** clip_cov: share of tokens dropped (number; ≥ 0, ≤ 1; default 0.0002). */
  covRatio?: number;
  /** clip_cov: lower bound of candidate covariances (number; default 1). */
  covLower?: number;
  /** clip_cov: upper bound of candidate covariances (number; default 5). */
  covUpper?: number;
  /** kl_cov: share of tokens penalised (number; ≥ 0, ≤ 1; default 0.0002). */
  klCovRatio?: number;
  /** kl_cov: weight of the penalty (number; default 1). */
  ppoKlCoef?: number;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
  /** c of c·tanh(x/c), applied before the temperature; null: none (number or null; > 0; default null). */
  softcap?: number | null;
}

/** Outputs of `fusedLinearPolicyLoss`. */
export interface FusedLinearPolicyLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂hidden. Shape [B*T,H]. */
  gradHidden: Tensor<A>;
  /** ∂loss/∂weight. Shape [V,H]. */
  gradWeight: Tensor<A>;
  /** ∂loss/∂bias. Shape [V]. */
  gradBias?: Tensor<A>;
  /** log p of the labels. Shape [B,T]. */
  logProbs: Tensor<A>;
  /** share of valid tokens clipped. */
  clipFraction: number;
  /** masked mean of log μ − log π (clamped). */
  approxKl: number;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const fusedLinearPolicyLossOp: Op = /* @__PURE__ */ new Op('token', 'fused_linear_policy_loss');

/**
 * The policy loss from hidden states, and its gradients to them and to the output layer, without ever holding the logits of the batch.
 *
 * ``policy_loss` of the log-probabilities of hidden·Wᵀ + b; the entropy bonus is that of the same logits`
 *
 * log_probs follow the labels: they are given at masked tokens too. A token whose label is ignore_index counts as masked.
 *
 * Source: Liger Kernel's fused linear GRPO, arXiv 2410.10989.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearPolicyLoss<A extends RealArray>(args: FusedLinearPolicyLossArgs<A> & CallOptions<FusedLinearPolicyLossResult<A>>): FusedLinearPolicyLossResult<A> {
  return fusedLinearPolicyLossOp.call(args) as FusedLinearPolicyLossResult<A>;
}

/**
 * The policy loss from hidden states, and its gradients to them and to the output layer, without ever holding the logits of the batch.
 *
 * ``policy_loss` of the log-probabilities of hidden·Wᵀ + b; the entropy bonus is that of the same logits`
 *
 * log_probs follow the labels: they are given at masked tokens too. A token whose label is ignore_index counts as masked.
 *
 * Source: Liger Kernel's fused linear GRPO, arXiv 2410.10989.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearPolicyLossAsync<A extends RealArray>(args: FusedLinearPolicyLossArgs<A> & CallOptions<FusedLinearPolicyLossResult<A>> & AsyncOptions): Promise<FusedLinearPolicyLossResult<A>> {
  return fusedLinearPolicyLossOp.callAsync(args) as Promise<FusedLinearPolicyLossResult<A>>;
}

/** Operands and parameters of `fusedLinearDpo`. */
export interface FusedLinearDpoArgs<A extends RealArray = RealArray> {
  /** last hidden states of the policy. Shape [N,H], float32, float64, bfloat16 or float16. */
  hidden: Operand<A | Uint16Array>;
  /** output layer of the policy. Shape [V,H], float32, float64, bfloat16 or float16. */
  weight: Operand<A | Uint16Array>;
  /** last hidden states of the reference. Shape [N,R], float32, float64, bfloat16 or float16. */
  refHidden: Operand<A | Uint16Array>;
  /** output layer of the reference. Shape [V,R], float32, float64, bfloat16 or float16. */
  refWeight: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [N], int32. */
  labels: Operand<Int32Array>;
  /** P, pairs of sequences (integer; ≥ 0; required). */
  pairs: number;
  /** L, rows of each sequence (integer; ≥ 0; required). */
  length: number;
  /** β (number; default 0.1). */
  beta?: number;
  /** order of the sequences ('chosen first, rejected second'; default 'chosen first, rejected second'). */
  layout?: 'chosen first, rejected second';
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** label of rows to leave out (integer; default -100). */
  ignoreIndex?: number;
  /** c of c·tanh(x/c), applied before the temperature; null: none (number or null; > 0; default null). */
  softcap?: number | null;
}

/** Outputs of `fusedLinearDpo`. */
export interface FusedLinearDpoResult<A extends RealArray = RealArray> {
  /** mean softplus(−u). */
  loss: number;
  /** ∂loss/∂hidden. Shape [N,H]. */
  gradHidden: Tensor<A>;
  /** ∂loss/∂weight. Shape [V,H]. */
  gradWeight: Tensor<A>;
}

const fusedLinearDpoOp: Op = /* @__PURE__ */ new Op('token', 'fused_linear_dpo');

/**
 * The DPO loss from hidden states of policy and reference, and its gradients, without ever holding the logits of the batch.
 *
 * `u = β[(log π_c − log ref_c) − (log π_r − log ref_r)], sums over a sequence's labelled tokens; loss = mean softplus(−u)`
 *
 * The P chosen sequences come first, one after the other, then the P rejected ones in the same order. Rows with ignore_index are not read.
 *
 * Source: DPO, arXiv 2305.18290; Liger Kernel, arXiv 2410.10989.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearDpo<A extends RealArray>(args: FusedLinearDpoArgs<A> & CallOptions<FusedLinearDpoResult<A>>): FusedLinearDpoResult<A> {
  return fusedLinearDpoOp.call(args) as FusedLinearDpoResult<A>;
}

/**
 * The DPO loss from hidden states of policy and reference, and its gradients, without ever holding the logits of the batch.
 *
 * `u = β[(log π_c − log ref_c) − (log π_r − log ref_r)], sums over a sequence's labelled tokens; loss = mean softplus(−u)`
 *
 * The P chosen sequences come first, one after the other, then the P rejected ones in the same order. Rows with ignore_index are not read.
 *
 * Source: DPO, arXiv 2305.18290; Liger Kernel, arXiv 2410.10989.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fusedLinearDpoAsync<A extends RealArray>(args: FusedLinearDpoArgs<A> & CallOptions<FusedLinearDpoResult<A>> & AsyncOptions): Promise<FusedLinearDpoResult<A>> {
  return fusedLinearDpoOp.callAsync(args) as Promise<FusedLinearDpoResult<A>>;
}

/** Operands and parameters of `adaptiveKl`. */
export interface AdaptiveKlArgs<A extends RealArray = RealArray> {
  /** β. Shape [1], float32 or float64. */
  coef: Operand<A> | number;
  /** mean KL of the last batch. Shape [1], float32 or float64. */
  kl: Operand<A> | number;
  /** KL to hold (number; > 0; default 6). */
  target?: number;
  /** samples over which β adapts (number; > 0; default 10000). */
  horizon?: number;
  /** samples seen since the last step (integer; ≥ 0; required). */
  numSteps: number;
}

/** Outputs of `adaptiveKl`. */
export interface AdaptiveKlResult<A extends RealArray = RealArray> {
  /** β after the step. */
  coef: number;
}

const adaptiveKlOp: Op = /* @__PURE__ */ new Op('token', 'adaptive_kl');

/**
 * Adaptive KL coefficient: one step of the controller.
 *
 * `β ← β (1 + clip(KL/target − 1, −0.2, 0.2) · num_steps/horizon)`
 *
 * Source: Ziegler et al., arXiv 1909.08593, section 2.2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function adaptiveKl<A extends RealArray>(args: AdaptiveKlArgs<A> & CallOptions<AdaptiveKlResult<A>>): AdaptiveKlResult<A> {
  return adaptiveKlOp.call(args) as AdaptiveKlResult<A>;
}

/**
 * Adaptive KL coefficient: one step of the controller.
 *
 * `β ← β (1 + clip(KL/target − 1, −0.2, 0.2) · num_steps/horizon)`
 *
 * Source: Ziegler et al., arXiv 1909.08593, section 2.2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function adaptiveKlAsync<A extends RealArray>(args: AdaptiveKlArgs<A> & CallOptions<AdaptiveKlResult<A>> & AsyncOptions): Promise<AdaptiveKlResult<A>> {
  return adaptiveKlOp.callAsync(args) as Promise<AdaptiveKlResult<A>>;
}

/** Operands and parameters of `amftUpdate`. */
export interface AmftUpdateArgs<A extends RealArray = RealArray> {
  /** weight of the SFT loss in (1 − μ) L_RL + μ L_SFT. Shape [1], float32 or float64. */
  mu: Operand<A> | number;
  /** g of `amft_meta_gradient` (number; required). */
  metaGradient: number;
  /** H, policy entropy now (number; required). */
  entropy: number;
  /** H_target, measured after the SFT warm-up (number; required). */
  targetEntropy: number;
  /** rate of the meta-gradient term (number; default 0.0001). */
  metaLr?: number;
  /** rate of the entropy term (number; default 0.0005). */
  entropyLr?: number;
  /** least μ (number; default 0.05). */
  min?: number;
  /** greatest μ (number; default 0.95). */
  max?: number;
}

/** Outputs of `amftUpdate`. */
export interface AmftUpdateResult<A extends RealArray = RealArray> {
  /** μ after the step. */
  mu: number;
}

const amftUpdateOp: Op = /* @__PURE__ */ new Op('token', 'amft_update');

/**
 * One step of the adaptive weight μ between imitation and reinforcement.
 *
 * `μ ← clip(μ + meta_lr · g + entropy_lr (H_target − H), min, max)`
 *
 * Source: AMFT, arXiv 2508.06944.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function amftUpdate<A extends RealArray>(args: AmftUpdateArgs<A> & CallOptions<AmftUpdateResult<A>>): AmftUpdateResult<A> {
  return amftUpdateOp.call(args) as AmftUpdateResult<A>;
}

/**
 * One step of the adaptive weight μ between imitation and reinforcement.
 *
 * `μ ← clip(μ + meta_lr · g + entropy_lr (H_target − H), min, max)`
 *
 * Source: AMFT, arXiv 2508.06944.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function amftUpdateAsync<A extends RealArray>(args: AmftUpdateArgs<A> & CallOptions<AmftUpdateResult<A>> & AsyncOptions): Promise<AmftUpdateResult<A>> {
  return amftUpdateOp.callAsync(args) as Promise<AmftUpdateResult<A>>;
}

/** Operands and parameters of `curriculumProbability`. */
export interface CurriculumProbabilityArgs<A extends RealArray = RealArray> {
  /** training step (number; ≥ 0; required). */
  step: number;
  /** step at which p = end (number; ≥ 0; required). */
  total: number;
  /** p at step 0 (number; default 0). */
  start?: number;
  /** p from `total` on (number; default 1). */
  end?: number;
  /** growth; above 1 late steps change most (number; > 0; default 4). */
  base?: number;
}

/** Outputs of `curriculumProbability`. */
export interface CurriculumProbabilityResult<A extends RealArray = RealArray> {
  /** p. */
  value: number;
}

const curriculumProbabilityOp: Op = /* @__PURE__ */ new Op('token', 'curriculum_probability');

/**
 * Probability of a hard (noisy) document at a step of a rising curriculum.
 *
 * `p = start + (end − start)(base^(step/total) − 1)/(base − 1)`
 *
 * From step = total on p = end. base = 1 is the linear limit.
 *
 * Source: ZeroSearch, arXiv 2505.04588.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function curriculumProbability<A extends RealArray>(args: CurriculumProbabilityArgs<A> & CallOptions<CurriculumProbabilityResult<A>>): CurriculumProbabilityResult<A> {
  return curriculumProbabilityOp.call(args) as CurriculumProbabilityResult<A>;
}

/**
 * Probability of a hard (noisy) document at a step of a rising curriculum.
 *
 * `p = start + (end − start)(base^(step/total) − 1)/(base − 1)`
 *
 * From step = total on p = end. base = 1 is the linear limit.
 *
 * Source: ZeroSearch, arXiv 2505.04588.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function curriculumProbabilityAsync<A extends RealArray>(args: CurriculumProbabilityArgs<A> & CallOptions<CurriculumProbabilityResult<A>> & AsyncOptions): Promise<CurriculumProbabilityResult<A>> {
  return curriculumProbabilityOp.callAsync(args) as Promise<CurriculumProbabilityResult<A>>;
}

/** Operands and parameters of `linearSchedule`. */
export interface LinearScheduleArgs<A extends RealArray = RealArray> {
  /** p, share of training done (number; required). */
  progress: number;
  /** values at p = 0 (list of numbers; required). */
  start: readonly number[] | RealArray | Int32Array;
  /** values at p = 1 (list of numbers; required). */
  end: readonly number[] | RealArray | Int32Array;
}

/** Outputs of `linearSchedule`. */
export interface LinearScheduleResult<A extends RealArray = RealArray> {
  /** one value for each pair of ends. Shape [K]. */
  value: Tensor<A>;
}

const linearScheduleOp: Op = /* @__PURE__ */ new Op('token', 'linear_schedule');

/**
 * Values between two ends, by the share of training that is done.
 *
 * `(1 − p) · start + p · end, p clipped to [0, 1]`
 *
 * Source: D3S, arXiv 2509.22115 (dynamic down-sampling schedule).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearSchedule<A extends RealArray>(args: LinearScheduleArgs<A> & CallOptions<LinearScheduleResult<A>>): LinearScheduleResult<A> {
  return linearScheduleOp.call(args) as LinearScheduleResult<A>;
}

/**
 * Values between two ends, by the share of training that is done.
 *
 * `(1 − p) · start + p · end, p clipped to [0, 1]`
 *
 * Source: D3S, arXiv 2509.22115 (dynamic down-sampling schedule).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearScheduleAsync<A extends RealArray>(args: LinearScheduleArgs<A> & CallOptions<LinearScheduleResult<A>> & AsyncOptions): Promise<LinearScheduleResult<A>> {
  return linearScheduleOp.callAsync(args) as Promise<LinearScheduleResult<A>>;
}

/** Operands and parameters of `passAtK`. */
export interface PassAtKArgs<A extends RealArray = RealArray> {
  /** samples of each problem. Shape [m], int32. */
  n: Operand<Int32Array>;
  /** right samples of each problem, at most n. Shape [m], int32. */
  c: Operand<Int32Array>;
  /** samples drawn (integer; ≥ 1; required). */
  k: number;
}

/** Outputs of `passAtK`. */
export interface PassAtKResult<A extends RealArray = RealArray> {
  /** estimate for each problem. Shape [m]. */
  passAtK: Tensor<A>;
}

const passAtKOp: Op = /* @__PURE__ */ new Op('token', 'pass_at_k');

/**
 * Unbiased estimate of the chance that one of k samples is right.
 *
 * `1 − C(n − c, k)/C(n, k)`
 *
 * 1 when n − c < k. Exact products: no overflow for large n.
 *
 * Source: Chen et al., arXiv 2107.03374, eq. 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function passAtK<A extends RealArray>(args: PassAtKArgs<A> & CallOptions<PassAtKResult<A>>): PassAtKResult<A> {
  return passAtKOp.call(args) as PassAtKResult<A>;
}

/**
 * Unbiased estimate of the chance that one of k samples is right.
 *
 * `1 − C(n − c, k)/C(n, k)`
 *
 * 1 when n − c < k. Exact products: no overflow for large n.
 *
 * Source: Chen et al., arXiv 2107.03374, eq. 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function passAtKAsync<A extends RealArray>(args: PassAtKArgs<A> & CallOptions<PassAtKResult<A>> & AsyncOptions): Promise<PassAtKResult<A>> {
  return passAtKOp.callAsync(args) as Promise<PassAtKResult<A>>;
}

/** Operands and parameters of `affineReward`. */
export interface AffineRewardArgs<A extends RealArray = RealArray> {
  /** r. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** added first (number; default -0.5). */
  bias?: number;
  /** then a factor (number; default 10). */
  scale?: number;
  /** bound on both sides; null: none (number or null; ≥ 0; default 20). */
  clip?: number | null;
}

/** Outputs of `affineReward`. */
export interface AffineRewardResult<A extends RealArray = RealArray> {
  /** shaped rewards. Shape [n]. */
  rewards: Tensor<A>;
}

const affineRewardOp: Op = /* @__PURE__ */ new Op('token', 'affine_reward');

/**
 * Rewards shifted, scaled and clipped.
 *
 * `clip((r + bias) · scale, −clip, clip)`
 *
 * A reward that is NaN or infinite cannot be scored and stays as it is.
 *
 * Source: AReaL's actor; ASearcher, arXiv 2508.07976.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function affineReward<A extends RealArray>(args: AffineRewardArgs<A> & CallOptions<AffineRewardResult<A>>): AffineRewardResult<A> {
  return affineRewardOp.call(args) as AffineRewardResult<A>;
}

/**
 * Rewards shifted, scaled and clipped.
 *
 * `clip((r + bias) · scale, −clip, clip)`
 *
 * A reward that is NaN or infinite cannot be scored and stays as it is.
 *
 * Source: AReaL's actor; ASearcher, arXiv 2508.07976.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function affineRewardAsync<A extends RealArray>(args: AffineRewardArgs<A> & CallOptions<AffineRewardResult<A>> & AsyncOptions): Promise<AffineRewardResult<A>> {
  return affineRewardOp.callAsync(args) as Promise<AffineRewardResult<A>>;
}

/** Operands and parameters of `lengthDifferencePenalty`. */
export interface LengthDifferencePenaltyArgs<A extends RealArray = RealArray> {
  /** r. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** tokens of answer minus reference. Shape [n], int32. */
  lengthDifference: Operand<Int32Array>;
  /** penalty per token (number; default 0.05). */
  coef?: number;
  /** larger differences count as this (number; ≥ 0; default 10). */
  maxDifference?: number;
  /** leave rewards ≤ 0 as they are (boolean; default true). */
  onlyPositive?: boolean;
}

/** Outputs of `lengthDifferencePenalty`. */
export interface LengthDifferencePenaltyResult<A extends RealArray = RealArray> {
  /** shaped rewards. Shape [n]. */
  rewards: Tensor<A>;
}

const lengthDifferencePenaltyOp: Op = /* @__PURE__ */ new Op('token', 'length_difference_penalty');

/**
 * Penalty on answers whose length differs from that of the reference.
 *
 * `r − coef · min(|Δ length|, max_difference) for positive r`
 *
 * Source: General-Reasoner, arXiv 2505.14652.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lengthDifferencePenalty<A extends RealArray>(args: LengthDifferencePenaltyArgs<A> & CallOptions<LengthDifferencePenaltyResult<A>>): LengthDifferencePenaltyResult<A> {
  return lengthDifferencePenaltyOp.call(args) as LengthDifferencePenaltyResult<A>;
}

/**
 * Penalty on answers whose length differs from that of the reference.
 *
 * `r − coef · min(|Δ length|, max_difference) for positive r`
 *
 * Source: General-Reasoner, arXiv 2505.14652.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lengthDifferencePenaltyAsync<A extends RealArray>(args: LengthDifferencePenaltyArgs<A> & CallOptions<LengthDifferencePenaltyResult<A>> & AsyncOptions): Promise<LengthDifferencePenaltyResult<A>> {
  return lengthDifferencePenaltyOp.callAsync(args) as Promise<LengthDifferencePenaltyResult<A>>;
}

/** Operands and parameters of `overlongPenalty`. */
export interface OverlongPenaltyArgs<A extends RealArray = RealArray> {
  /** L, tokens of each response. Shape [n], int32. */
  lengths: Operand<Int32Array>;
  /** limit on tokens (integer; ≥ 0; default 20480). */
  maxLength?: number;
  /** tokens over which it grows (integer; ≥ 1; default 4096). */
  buffer?: number;
  /** penalty at the limit (number; default 1). */
  factor?: number;
  /** never below −factor (boolean; default false). */
  capAtBuffer?: boolean;
}

/** Outputs of `overlongPenalty`. */
export interface OverlongPenaltyResult<A extends RealArray = RealArray> {
  /** to be added to the rewards, ≤ 0. Shape [n]. */
  penalty: Tensor<A>;
}

const overlongPenaltyOp: Op = /* @__PURE__ */ new Op('token', 'overlong_penalty');

/**
 * Soft penalty on responses that run into the buffer before the length limit.
 *
 * `min(−(L − (max_length − buffer))/buffer · factor, 0)`
 *
 * Beyond max_length the penalty keeps growing (verl, AReaL) unless cap_at_buffer (OpenRLHF).
 *
 * Source: DAPO, arXiv 2503.14476, eq. 13.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function overlongPenalty<A extends RealArray>(args: OverlongPenaltyArgs<A> & CallOptions<OverlongPenaltyResult<A>>): OverlongPenaltyResult<A> {
  return overlongPenaltyOp.call(args) as OverlongPenaltyResult<A>;
}

/**
 * Soft penalty on responses that run into the buffer before the length limit.
 *
 * `min(−(L − (max_length − buffer))/buffer · factor, 0)`
 *
 * Beyond max_length the penalty keeps growing (verl, AReaL) unless cap_at_buffer (OpenRLHF).
 *
 * Source: DAPO, arXiv 2503.14476, eq. 13.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function overlongPenaltyAsync<A extends RealArray>(args: OverlongPenaltyArgs<A> & CallOptions<OverlongPenaltyResult<A>> & AsyncOptions): Promise<OverlongPenaltyResult<A>> {
  return overlongPenaltyOp.callAsync(args) as Promise<OverlongPenaltyResult<A>>;
}

/** Operands and parameters of `truncationReward`. */
export interface TruncationRewardArgs<A extends RealArray = RealArray> {
  /** r. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the response was cut. Shape [n], uint8 or int32, non-zero = true. */
  truncated: Operand<Uint8Array | Int32Array>;
  /** factor, or constant when negative (number; default 0). */
  coef?: number;
}

/** Outputs of `truncationReward`. */
export interface TruncationRewardResult<A extends RealArray = RealArray> {
  /** shaped rewards. Shape [n]. */
  rewards: Tensor<A>;
}

const truncationRewardOp: Op = /* @__PURE__ */ new Op('token', 'truncation_reward');

/**
 * Reward of responses cut by the length limit.
 *
 * `truncated: r · coef (coef ≥ 0), or the constant coef (coef < 0)`
 *
 * coef 0 is the paper's penalty, 0.1 that of its released script.
 *
 * Source: DLER, arXiv 2510.15110.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function truncationReward<A extends RealArray>(args: TruncationRewardArgs<A> & CallOptions<TruncationRewardResult<A>>): TruncationRewardResult<A> {
  return truncationRewardOp.call(args) as TruncationRewardResult<A>;
}

/**
 * Reward of responses cut by the length limit.
 *
 * `truncated: r · coef (coef ≥ 0), or the constant coef (coef < 0)`
 *
 * coef 0 is the paper's penalty, 0.1 that of its released script.
 *
 * Source: DLER, arXiv 2510.15110.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function truncationRewardAsync<A extends RealArray>(args: TruncationRewardArgs<A> & CallOptions<TruncationRewardResult<A>> & AsyncOptions): Promise<TruncationRewardResult<A>> {
  return truncationRewardOp.callAsync(args) as Promise<TruncationRewardResult<A>>;
}

/** Operands and parameters of `weightedRewardSum`. */
export interface WeightedRewardSumArgs<A extends RealArray = RealArray> {
  /** one row of components for each sample. Shape [n,K], float32 or float64. */
  components: Operand<A>;
  /** w. Shape [K], float32 or float64. */
  weights: Operand<A>;
}

/** Outputs of `weightedRewardSum`. */
export interface WeightedRewardSumResult<A extends RealArray = RealArray> {
  /** one reward for each sample. Shape [n]. */
  rewards: Tensor<A>;
}

const weightedRewardSumOp: Op = /* @__PURE__ */ new Op('token', 'weighted_reward_sum');

/**
 * Reward from several components, those that are missing left out.
 *
 * `r_i = Σ_j w_j c_ij over the components that are not NaN`
 *
 * A sample whose components are all NaN gets NaN: it cannot be scored.
 *
 * Source: the sum of Reasoning-SQL, arXiv 2503.23157, and AI-SearchPlanner, 2508.20368; NaN as in TRL.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function weightedRewardSum<A extends RealArray>(args: WeightedRewardSumArgs<A> & CallOptions<WeightedRewardSumResult<A>>): WeightedRewardSumResult<A> {
  return weightedRewardSumOp.call(args) as WeightedRewardSumResult<A>;
}

/**
 * Reward from several components, those that are missing left out.
 *
 * `r_i = Σ_j w_j c_ij over the components that are not NaN`
 *
 * A sample whose components are all NaN gets NaN: it cannot be scored.
 *
 * Source: the sum of Reasoning-SQL, arXiv 2503.23157, and AI-SearchPlanner, 2508.20368; NaN as in TRL.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function weightedRewardSumAsync<A extends RealArray>(args: WeightedRewardSumArgs<A> & CallOptions<WeightedRewardSumResult<A>> & AsyncOptions): Promise<WeightedRewardSumResult<A>> {
  return weightedRewardSumOp.callAsync(args) as Promise<WeightedRewardSumResult<A>>;
}

/** Operands and parameters of `costReward`. */
export interface CostRewardArgs<A extends RealArray = RealArray> {
  /** cost of each sample, in the order of the stream. Shape [n], float32 or float64. */
  costs: Operand<A>;
  /** window before the call, oldest first; absent: empty. Shape [h], float32 or float64. */
  history?: Operand<A>;
  /** √cost, ln(1 + 0.01 · cost), or cost ('sqrt' | 'log' | 'none'; default 'sqrt'). */
  transform?: 'sqrt' | 'log' | 'none';
  /** values in the window (integer; ≥ 1; default 1000). */
  window?: number;
  /** quantile of lo (number; ≥ 0, ≤ 1; default 0.05). */
  qLow?: number;
  /** quantile of hi (number; ≥ 0, ≤ 1; default 0.95). */
  qHigh?: number;
  /** least hi − lo (number; ≥ 0; default 1e-8). */
  eps?: number;
}

/** Outputs of `costReward`. */
export interface CostRewardResult<A extends RealArray = RealArray> {
  /** in [0, 1]. Shape [n]. */
  rewards: Tensor<A>;
  /** window after the call, oldest first. Shape [W] at most. */
  newHistory: Tensor<A>;
}

const costRewardOp: Op = /* @__PURE__ */ new Op('token', 'cost_reward');

/**
 * Reward for cheapness against the recent costs of the stream.
 *
 * `s = transform(cost), pushed into a window; 1 − clip((s − lo)/(hi − lo), 0, 1), lo and hi quantiles of the window`
 *
 * 0.5 when hi − lo < eps. A cost that gives no finite s gets NaN and does not enter the window.
 *
 * Source: Router-R1, arXiv 2506.09033, as released.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function costReward<A extends RealArray>(args: CostRewardArgs<A> & CallOptions<CostRewardResult<A>>): CostRewardResult<A> {
  return costRewardOp.call(args) as CostRewardResult<A>;
}

/**
 * Reward for cheapness against the recent costs of the stream.
 *
 * `s = transform(cost), pushed into a window; 1 − clip((s − lo)/(hi − lo), 0, 1), lo and hi quantiles of the window`
 *
 * 0.5 when hi − lo < eps. A cost that gives no finite s gets NaN and does not enter the window.
 *
 * Source: Router-R1, arXiv 2506.09033, as released.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function costRewardAsync<A extends RealArray>(args: CostRewardArgs<A> & CallOptions<CostRewardResult<A>> & AsyncOptions): Promise<CostRewardResult<A>> {
  return costRewardOp.callAsync(args) as Promise<CostRewardResult<A>>;
}

/** Operands and parameters of `routerReward`. */
export interface RouterRewardArgs<A extends RealArray = RealArray> {
  /** outcome score. Shape [n], float32 or float64. */
  score: Operand<A>;
  /** −1 = malformed. Shape [n], float32 or float64. */
  formatReward: Operand<A>;
  /** of `cost_reward`; read only where it counts. Shape [n], float32 or float64. */
  costReward: Operand<A>;
  /** c, weight of the cost (number; default 0). */
  costCoef?: number;
}

/** Outputs of `routerReward`. */
export interface RouterRewardResult<A extends RealArray = RealArray> {
  /** reward of each answer. Shape [n]. */
  rewards: Tensor<A>;
}

const routerRewardOp: Op = /* @__PURE__ */ new Op('token', 'router_reward');

/**
 * Reward of a routed answer: format first, then outcome, then cost.
 *
 * `format = −1: −1;  score = 0: score + format;  else (score + format)(1 − c) + cost_reward · c`
 *
 * Source: Router-R1, arXiv 2506.09033, as released.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function routerReward<A extends RealArray>(args: RouterRewardArgs<A> & CallOptions<RouterRewardResult<A>>): RouterRewardResult<A> {
  return routerRewardOp.call(args) as RouterRewardResult<A>;
}

/**
 * Reward of a routed answer: format first, then outcome, then cost.
 *
 * `format = −1: −1;  score = 0: score + format;  else (score + format)(1 − c) + cost_reward · c`
 *
 * Source: Router-R1, arXiv 2506.09033, as released.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function routerRewardAsync<A extends RealArray>(args: RouterRewardArgs<A> & CallOptions<RouterRewardResult<A>> & AsyncOptions): Promise<RouterRewardResult<A>> {
  return routerRewardOp.callAsync(args) as Promise<RouterRewardResult<A>>;
}

/** Operands and parameters of `judgeReward`. */
export interface JudgeRewardArgs<A extends RealArray = RealArray> {
  /** 1 = the agent judged the text useful. Shape [m], uint8 or int32, non-zero = true. */
  judgement: Operand<Uint8Array | Int32Array>;
  /** s, of the text to the gold answer. Shape [m], float32 or float64. */
  similarity: Operand<A>;
  /** bounds of each rollout's judgements: 0 … m. Shape [B+1], int32. */
  offsets: Operand<Int32Array>;
  /** 1 = the final answer was right. Shape [B], uint8 or int32, non-zero = true. */
  answerCorrect: Operand<Uint8Array | Int32Array>;
  /** similarity that makes text useful (number; default 0.5). */
  threshold?: number;
  /** p (number; default 0.1). */
  positive?: number;
  /** n (number; default -0.05). */
  negative?: number;
}

/** Outputs of `judgeReward`. */
export interface JudgeRewardResult<A extends RealArray = RealArray> {
  /** of each judgement. Shape [m]. */
  rewards: Tensor<A>;
  /** sum over each rollout. Shape [B]. */
  total: Tensor<A>;
}

const judgeRewardOp: Op = /* @__PURE__ */ new Op('token', 'judge_reward');

/**
 * Reward of each judgement a search agent passes on retrieved text.
 *
 * `useful & right: p;  useful & wrong: n/2 if s ≥ threshold, else n;  useless: n if s ≥ threshold, else p/5`
 *
 * Source: ReSeek, arXiv 2510.00568, as released.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function judgeReward<A extends RealArray>(args: JudgeRewardArgs<A> & CallOptions<JudgeRewardResult<A>>): JudgeRewardResult<A> {
  return judgeRewardOp.call(args) as JudgeRewardResult<A>;
}

/**
 * Reward of each judgement a search agent passes on retrieved text.
 *
 * `useful & right: p;  useful & wrong: n/2 if s ≥ threshold, else n;  useless: n if s ≥ threshold, else p/5`
 *
 * Source: ReSeek, arXiv 2510.00568, as released.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function judgeRewardAsync<A extends RealArray>(args: JudgeRewardArgs<A> & CallOptions<JudgeRewardResult<A>> & AsyncOptions): Promise<JudgeRewardResult<A>> {
  return judgeRewardOp.callAsync(args) as Promise<JudgeRewardResult<A>>;
}

/** Operands and parameters of `ngramJaccard`. */
export interface NgramJaccardArgs<A extends RealArray = RealArray> {
  /** first sequences, one after the other. Shape [M], int32. */
  aTokens: Operand<Int32Array>;
  /** their bounds: 0 … M. Shape [B+1], int32. */
  aOffsets: Operand<Int32Array>;
  /** second sequences. Shape [N], int32. */
  bTokens: Operand<Int32Array>;
  /** their bounds: 0 … N. Shape [B+1], int32. */
  bOffsets: Operand<Int32Array>;
  /** tokens of a gram (integer; ≥ 1; default 2). */
  n?: number;
}

/** Outputs of `ngramJaccard`. */
export interface NgramJaccardResult<A extends RealArray = RealArray> {
  /** of each pair. Shape [B]. */
  similarity: Tensor<A>;
}

const ngramJaccardOp: Op = /* @__PURE__ */ new Op('token', 'ngram_jaccard');

/**
 * Similarity of two token sequences as sets of n-grams.
 *
 * `|A ∩ B| / |A ∪ B| over distinct n-grams`
 *
 * Two empty sets give 0.
 *
 * Source: Reasoning-SQL, arXiv 2503.23157: n-gram similarity, and with n = 1 on identifiers schema linking.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ngramJaccard<A extends RealArray>(args: NgramJaccardArgs<A> & CallOptions<NgramJaccardResult<A>>): NgramJaccardResult<A> {
  return ngramJaccardOp.call(args) as NgramJaccardResult<A>;
}

/**
 * Similarity of two token sequences as sets of n-grams.
 *
 * `|A ∩ B| / |A ∪ B| over distinct n-grams`
 *
 * Two empty sets give 0.
 *
 * Source: Reasoning-SQL, arXiv 2503.23157: n-gram similarity, and with n = 1 on identifiers schema linking.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ngramJaccardAsync<A extends RealArray>(args: NgramJaccardArgs<A> & CallOptions<NgramJaccardResult<A>> & AsyncOptions): Promise<NgramJaccardResult<A>> {
  return ngramJaccardOp.callAsync(args) as Promise<NgramJaccardResult<A>>;
}

/** Operands and parameters of `boxRewards`. */
export interface BoxRewardsArgs<A extends RealArray = RealArray> {
  /** x1, y1, x2, y2 of each prediction. Shape [n,4], float32 or float64. */
  predicted: Operand<A>;
  /** x1, y1, x2, y2 of each target. Shape [n,4], float32 or float64. */
  target: Operand<A>;
  /** in pixels (number; > 0; required). */
  imageWidth: number;
  /** in pixels (number; > 0; required). */
  imageHeight: number;
  /** weight of the overlap (number; default 0.25). */
  alpha?: number;
  /** weight of the box term (number; default 0.125). */
  beta?: number;
  /** intersection in inclusive pixels over exclusive areas, or the usual overlap ('pixel' | 'continuous'; default 'pixel'). */
  iou?: 'pixel' | 'continuous';
}

/** Outputs of `boxRewards`. */
export interface BoxRewardsResult<A extends RealArray = RealArray> {
  /** 1 or 0. Shape [n]. */
  hit: Tensor<A>;
  /** intersection over union. Shape [n]. */
  iou: Tensor<A>;
  /** harmonic mean of the four q. Shape [n]. */
  box: Tensor<A>;
  /** weighted sum. Shape [n]. */
  total: Tensor<A>;
}

const boxRewardsOp: Op = /* @__PURE__ */ new Op('token', 'box_rewards');

/**
 * Grounding rewards of predicted boxes: hit, overlap and box size.
 *
 * `hit: centre of the prediction inside the target;  box = 4/Σ_j 1/q_j, q_j = 1 − |Δ_j|/size;  total = hit + α · iou + β · box`
 *
 * A coordinate that is NaN makes the sample's rewards NaN. A difference larger than the image is an error.
 *
 * Source: GUI-G1, arXiv 2505.15810, as released.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function boxRewards<A extends RealArray>(args: BoxRewardsArgs<A> & CallOptions<BoxRewardsResult<A>>): BoxRewardsResult<A> {
  return boxRewardsOp.call(args) as BoxRewardsResult<A>;
}

/**
 * Grounding rewards of predicted boxes: hit, overlap and box size.
 *
 * `hit: centre of the prediction inside the target;  box = 4/Σ_j 1/q_j, q_j = 1 − |Δ_j|/size;  total = hit + α · iou + β · box`
 *
 * A coordinate that is NaN makes the sample's rewards NaN. A difference larger than the image is an error.
 *
 * Source: GUI-G1, arXiv 2505.15810, as released.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function boxRewardsAsync<A extends RealArray>(args: BoxRewardsArgs<A> & CallOptions<BoxRewardsResult<A>> & AsyncOptions): Promise<BoxRewardsResult<A>> {
  return boxRewardsOp.callAsync(args) as Promise<BoxRewardsResult<A>>;
}

/** Operands and parameters of `advantageBoost`. */
export interface AdvantageBoostArgs<A extends RealArray = RealArray> {
  /** A. Shape [n], float32 or float64. */
  advantages: Operand<A>;
  /** score of each sample. Shape [n], float32 or float64. */
  scores: Operand<A>;
  /** full score (number; default 1). */
  threshold?: number;
  /** slack below it (number; ≥ 0; default 0.00001). */
  tolerance?: number;
  /** what is added; DLER: 0.1 (number; default 0). */
  boost?: number;
}

/** Outputs of `advantageBoost`. */
export interface AdvantageBoostResult<A extends RealArray = RealArray> {
  /** boosted advantages. Shape [n]. */
  advantages: Tensor<A>;
}

const advantageBoostOp: Op = /* @__PURE__ */ new Op('token', 'advantage_boost');

/**
 * Adds a constant to the advantage of samples with a full score.
 *
 * `A + boost where score ≥ threshold − tolerance`
 *
 * The comparison is made in float64.
 *
 * Source: DLER's released actor, arXiv 2510.15110.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function advantageBoost<A extends RealArray>(args: AdvantageBoostArgs<A> & CallOptions<AdvantageBoostResult<A>>): AdvantageBoostResult<A> {
  return advantageBoostOp.call(args) as AdvantageBoostResult<A>;
}

/**
 * Adds a constant to the advantage of samples with a full score.
 *
 * `A + boost where score ≥ threshold − tolerance`
 *
 * The comparison is made in float64.
 *
 * Source: DLER's released actor, arXiv 2510.15110.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function advantageBoostAsync<A extends RealArray>(args: AdvantageBoostArgs<A> & CallOptions<AdvantageBoostResult<A>> & AsyncOptions): Promise<AdvantageBoostResult<A>> {
  return advantageBoostOp.callAsync(args) as Promise<AdvantageBoostResult<A>>;
}

/** Operands and parameters of `advantageFilter`. */
export interface AdvantageFilterArgs<A extends RealArray = RealArray> {
  /** A. Shape [n], float32 or float64. */
  advantages: Operand<A>;
  /** least size (number; default 0.01). */
  threshold?: number;
  /** keep positive advantages only (boolean; default false). */
  positiveOnly?: boolean;
}

/** Outputs of `advantageFilter`. */
export interface AdvantageFilterResult<A extends RealArray = RealArray> {
  /** 1 = kept. Shape [n]. */
  keep: Tensor<Uint8Array>;
  /** the kept samples, ascending. Shape [n] at most. */
  indices: Tensor<Int32Array>;
}

const advantageFilterOp: Op = /* @__PURE__ */ new Op('token', 'advantage_filter');

/**
 * Keeps samples whose advantage is large enough to teach something.
 *
 * `|A| ≥ threshold, or A ≥ threshold`
 *
 * NaN is dropped.
 *
 * Source: LOOP, arXiv 2502.01600, as released.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function advantageFilter<A extends RealArray>(args: AdvantageFilterArgs<A> & CallOptions<AdvantageFilterResult<A>>): AdvantageFilterResult<A> {
  return advantageFilterOp.call(args) as AdvantageFilterResult<A>;
}

/**
 * Keeps samples whose advantage is large enough to teach something.
 *
 * `|A| ≥ threshold, or A ≥ threshold`
 *
 * NaN is dropped.
 *
 * Source: LOOP, arXiv 2502.01600, as released.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function advantageFilterAsync<A extends RealArray>(args: AdvantageFilterArgs<A> & CallOptions<AdvantageFilterResult<A>> & AsyncOptions): Promise<AdvantageFilterResult<A>> {
  return advantageFilterOp.callAsync(args) as Promise<AdvantageFilterResult<A>>;
}

/** Operands and parameters of `groupFilter`. */
export interface GroupFilterArgs<A extends RealArray = RealArray> {
  /** metric of each sample. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** which groups are kept ('nonzero_std' | 'mean_between'; default 'nonzero_std'). */
  rule?: 'nonzero_std' | 'mean_between';
  /** nonzero_std: keep groups of one (boolean; default true). */
  keepSingletons?: boolean;
  /** mean_between: least mean (number; default 0.1). */
  low?: number;
  /** mean_between: greatest mean (number; default 0.95). */
  high?: number;
}

/** Outputs of `groupFilter`. */
export interface GroupFilterResult<A extends RealArray = RealArray> {
  /** 1 = kept, one for each group, by ascending id. Shape [n] at most. */
  groupKeep: Tensor<Uint8Array>;
  /** the distinct ids, ascending. Shape [n] at most. */
  groups: Tensor<Int32Array>;
  /** 1 = the sample's group is kept. Shape [n]. */
  sampleKeep: Tensor<Uint8Array>;
  /** samples of the kept groups, ascending. Shape [n] at most. */
  indices: Tensor<Int32Array>;
}

const groupFilterOp: Op = /* @__PURE__ */ new Op('token', 'group_filter');

/**
 * Keeps groups whose rewards differ, or are neither too easy nor too hard.
 *
 * `nonzero_std: not all rewards equal;  mean_between: low ≤ mean ≤ high`
 *
 * Rewards are compared as values. NaN and infinite rewards are not counted; a group without any other is dropped.
 *
 * Source: dynamic sampling of DAPO, arXiv 2503.14476; DLER, 2510.15110; mean_between: ROLL's difficulty mask.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function groupFilter<A extends RealArray>(args: GroupFilterArgs<A> & CallOptions<GroupFilterResult<A>>): GroupFilterResult<A> {
  return groupFilterOp.call(args) as GroupFilterResult<A>;
}

/**
 * Keeps groups whose rewards differ, or are neither too easy nor too hard.
 *
 * `nonzero_std: not all rewards equal;  mean_between: low ≤ mean ≤ high`
 *
 * Rewards are compared as values. NaN and infinite rewards are not counted; a group without any other is dropped.
 *
 * Source: dynamic sampling of DAPO, arXiv 2503.14476; DLER, 2510.15110; mean_between: ROLL's difficulty mask.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function groupFilterAsync<A extends RealArray>(args: GroupFilterArgs<A> & CallOptions<GroupFilterResult<A>> & AsyncOptions): Promise<GroupFilterResult<A>> {
  return groupFilterOp.callAsync(args) as Promise<GroupFilterResult<A>>;
}

/** Operands and parameters of `guideSelect`. */
export interface GuideSelectArgs<A extends RealArray = RealArray> {
  /** reward of each rollout. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** group of each rollout: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** a reward above it is a success (number; default 0). */
  threshold?: number;
}

/** Outputs of `guideSelect`. */
export interface GuideSelectResult<A extends RealArray = RealArray> {
  /** one for each group, by ascending id. Shape [n] at most. */
  groupNeedsGuidance: Tensor<Uint8Array>;
  /** the distinct ids, ascending. Shape [n] at most. */
  groups: Tensor<Int32Array>;
}

const guideSelectOp: Op = /* @__PURE__ */ new Op('token', 'guide_select');

/**
 * Groups in which every rollout failed, to be sampled again with guidance.
 *
 * `1 where no reward of the group exceeds the threshold`
 *
 * NaN and infinite rewards are not counted.
 *
 * Source: Guide-GRPO, arXiv 2506.13923.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function guideSelect<A extends RealArray>(args: GuideSelectArgs<A> & CallOptions<GuideSelectResult<A>>): GuideSelectResult<A> {
  return guideSelectOp.call(args) as GuideSelectResult<A>;
}

/**
 * Groups in which every rollout failed, to be sampled again with guidance.
 *
 * `1 where no reward of the group exceeds the threshold`
 *
 * NaN and infinite rewards are not counted.
 *
 * Source: Guide-GRPO, arXiv 2506.13923.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function guideSelectAsync<A extends RealArray>(args: GuideSelectArgs<A> & CallOptions<GuideSelectResult<A>> & AsyncOptions): Promise<GuideSelectResult<A>> {
  return guideSelectOp.callAsync(args) as Promise<GuideSelectResult<A>>;
}

/** Operands and parameters of `promptSelect`. */
export interface PromptSelectArgs<A extends RealArray = RealArray> {
  /** V, predicted success rate of each prompt. Shape [n], float32 or float64. */
  values: Operand<A>;
  /** success rate to train at (number; default 0.5). */
  target?: number;
  /** how many (integer; ≥ 0; required). */
  keep: number;
}

/** Outputs of `promptSelect`. */
export interface PromptSelectResult<A extends RealArray = RealArray> {
  /** of the chosen prompts, closest first. Shape [n] at most. */
  indices: Tensor<Int32Array>;
}

const promptSelectOp: Op = /* @__PURE__ */ new Op('token', 'prompt_select');

/**
 * The prompts whose predicted success rate is closest to the target.
 *
 * `the `keep` smallest |V(x) − target|, ties to the lower index`
 *
 * NaN comes last. Fewer prompts than `keep`: all of them.
 *
 * Source: Prompt Curriculum Learning, arXiv 2510.01135.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function promptSelect<A extends RealArray>(args: PromptSelectArgs<A> & CallOptions<PromptSelectResult<A>>): PromptSelectResult<A> {
  return promptSelectOp.call(args) as PromptSelectResult<A>;
}

/**
 * The prompts whose predicted success rate is closest to the target.
 *
 * `the `keep` smallest |V(x) − target|, ties to the lower index`
 *
 * NaN comes last. Fewer prompts than `keep`: all of them.
 *
 * Source: Prompt Curriculum Learning, arXiv 2510.01135.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function promptSelectAsync<A extends RealArray>(args: PromptSelectArgs<A> & CallOptions<PromptSelectResult<A>> & AsyncOptions): Promise<PromptSelectResult<A>> {
  return promptSelectOp.callAsync(args) as Promise<PromptSelectResult<A>>;
}

/** Operands and parameters of `promptValueLoss`. */
export interface PromptValueLossArgs<A extends RealArray = RealArray> {
  /** V of each prompt. Shape [n], float32 or float64. */
  predicted: Operand<A>;
  /** r, mean reward of its rollouts. Shape [n], float32 or float64. */
  meanReward: Operand<A>;
}

/** Outputs of `promptValueLoss`. */
export interface PromptValueLossResult<A extends RealArray = RealArray> {
  /** mean squared error. */
  loss: number;
  /** ∂loss/∂V. Shape [n]. */
  gradPredicted: Tensor<A>;
}

const promptValueLossOp: Op = /* @__PURE__ */ new Op('token', 'prompt_value_loss');

/**
 * Squared error of the predicted success rate of prompts, and its gradient.
 *
 * `loss = mean (V − r)²;  grad = 2 (V − r)/n`
 *
 * A prompt whose mean reward is NaN or infinite is left out.
 *
 * Source: Prompt Curriculum Learning, arXiv 2510.01135.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function promptValueLoss<A extends RealArray>(args: PromptValueLossArgs<A> & CallOptions<PromptValueLossResult<A>>): PromptValueLossResult<A> {
  return promptValueLossOp.call(args) as PromptValueLossResult<A>;
}

/**
 * Squared error of the predicted success rate of prompts, and its gradient.
 *
 * `loss = mean (V − r)²;  grad = 2 (V − r)/n`
 *
 * A prompt whose mean reward is NaN or infinite is left out.
 *
 * Source: Prompt Curriculum Learning, arXiv 2510.01135.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function promptValueLossAsync<A extends RealArray>(args: PromptValueLossArgs<A> & CallOptions<PromptValueLossResult<A>> & AsyncOptions): Promise<PromptValueLossResult<A>> {
  return promptValueLossOp.callAsync(args) as Promise<PromptValueLossResult<A>>;
}

/** Operands and parameters of `d3sSelectSamples`. */
export interface D3sSelectSamplesArgs<A extends RealArray = RealArray> {
  /** A, over the whole batch. Shape [n], float32 or float64. */
  advantages: Operand<A>;
  /** size of the subset (integer; ≥ 0; required). */
  keep: number;
}

/** Outputs of `d3sSelectSamples`. */
export interface D3sSelectSamplesResult<A extends RealArray = RealArray> {
  /** population variance of the chosen. */
  variance: number;
  /** 1 = chosen. Shape [n]. */
  keep: Tensor<Uint8Array>;
}

const d3sSelectSamplesOp: Op = /* @__PURE__ */ new Op('token', 'd3s_select_samples');

/**
 * The subset of samples whose advantages vary most.
 *
 * `argmax over subsets of size `keep` of Var(A); the optimum is j largest and keep − j smallest`
 *
 * Of equal values the lower index comes first, of equal variances the least j. NaN is chosen last and does not enter the variance.
 *
 * Source: D3S, arXiv 2509.22115.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function d3sSelectSamples<A extends RealArray>(args: D3sSelectSamplesArgs<A> & CallOptions<D3sSelectSamplesResult<A>>): D3sSelectSamplesResult<A> {
  return d3sSelectSamplesOp.call(args) as D3sSelectSamplesResult<A>;
}

/**
 * The subset of samples whose advantages vary most.
 *
 * `argmax over subsets of size `keep` of Var(A); the optimum is j largest and keep − j smallest`
 *
 * Of equal values the lower index comes first, of equal variances the least j. NaN is chosen last and does not enter the variance.
 *
 * Source: D3S, arXiv 2509.22115.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function d3sSelectSamplesAsync<A extends RealArray>(args: D3sSelectSamplesArgs<A> & CallOptions<D3sSelectSamplesResult<A>> & AsyncOptions): Promise<D3sSelectSamplesResult<A>> {
  return d3sSelectSamplesOp.callAsync(args) as Promise<D3sSelectSamplesResult<A>>;
}

/** Operands and parameters of `rollinMask`. */
export interface RollinMaskArgs<A extends RealArray = RealArray> {
  /** len, tokens of the rollout to replay. Shape [B], int32. */
  lengths: Operand<Int32Array>;
  /** uniform in [0, 1): whether to replay. Shape [B], float32 or float64. */
  uMix: Operand<A>;
  /** uniform in [0, 1): how much. Shape [B], float32 or float64. */
  uLength: Operand<A>;
  /** probability of a replay (number; ≥ 0, ≤ 1; default 0.8). */
  beta?: number;
  /** columns T (integer; ≥ 0; required). */
  maxLength: number;
}

/** Outputs of `rollinMask`. */
export interface RollinMaskResult<A extends RealArray = RealArray> {
  /** 1 on the first j columns. Shape [B,T]. */
  rollinMask: Tensor<Uint8Array>;
  /** j. Shape [B]. */
  rollinLengths: Tensor<Int32Array>;
}

const rollinMaskOp: Op = /* @__PURE__ */ new Op('token', 'rollin_mask');

/**
 * How many first tokens of a guide's rollout each sequence replays.
 *
 * `j = 1 + ⌊u_length (len − 1)⌋ ≤ len − 1 where u_mix < beta, else 0`
 *
 * Rollouts of fewer than 2 tokens are not replayed. The policy is trained on the complement of the mask.
 *
 * Source: RLGF, arXiv 2306.11816 (PPO++, AggreVaTeD).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rollinMask<A extends RealArray>(args: RollinMaskArgs<A> & CallOptions<RollinMaskResult<A>>): RollinMaskResult<A> {
  return rollinMaskOp.call(args) as RollinMaskResult<A>;
}

/**
 * How many first tokens of a guide's rollout each sequence replays.
 *
 * `j = 1 + ⌊u_length (len − 1)⌋ ≤ len − 1 where u_mix < beta, else 0`
 *
 * Rollouts of fewer than 2 tokens are not replayed. The policy is trained on the complement of the mask.
 *
 * Source: RLGF, arXiv 2306.11816 (PPO++, AggreVaTeD).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rollinMaskAsync<A extends RealArray>(args: RollinMaskArgs<A> & CallOptions<RollinMaskResult<A>> & AsyncOptions): Promise<RollinMaskResult<A>> {
  return rollinMaskOp.callAsync(args) as Promise<RollinMaskResult<A>>;
}

/** Operands and parameters of `runningMoments`. */
export interface RunningMomentsArgs<A extends RealArray = RealArray> {
  /** batches, in order. Shape [n[i]], float32 or float64. */
  [key: `batch${number}`]: Operand<A>;
  /** values seen before; absent: 0. Shape [1], float32 or float64. */
  count?: Operand<A> | number;
  /** their mean; absent: 0. Shape [1], float32 or float64. */
  mean?: Operand<A> | number;
  /** their Σ (x − mean)²; absent: 0. Shape [1], float32 or float64. */
  m2?: Operand<A> | number;
}

/** Outputs of `runningMoments`. */
export interface RunningMomentsResult<A extends RealArray = RealArray> {
  /** mean of all values. */
  mean: number;
  /** unbiased standard deviation. */
  std: number;
  /** values seen. */
  count: number;
  /** Σ (x − mean)². */
  m2: number;
}

const runningMomentsOp: Op = /* @__PURE__ */ new Op('token', 'running_moments');

/**
 * Mean and standard deviation over a stream of batches.
 *
 * `δ = μ_b − μ;  M2 ← M2 + M2_b + δ² n n_b/(n + n_b);  std = √(M2/(n − 1))`
 *
 * NaN and infinite values are not counted. Fewer than two values: std 0.
 *
 * Source: Chan, Golub & LeVeque 1979; ROLL's running moments.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function runningMoments<A extends RealArray>(args: RunningMomentsArgs<A> & CallOptions<RunningMomentsResult<A>>): RunningMomentsResult<A> {
  return runningMomentsOp.call(args) as RunningMomentsResult<A>;
}

/**
 * Mean and standard deviation over a stream of batches.
 *
 * `δ = μ_b − μ;  M2 ← M2 + M2_b + δ² n n_b/(n + n_b);  std = √(M2/(n − 1))`
 *
 * NaN and infinite values are not counted. Fewer than two values: std 0.
 *
 * Source: Chan, Golub & LeVeque 1979; ROLL's running moments.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function runningMomentsAsync<A extends RealArray>(args: RunningMomentsArgs<A> & CallOptions<RunningMomentsResult<A>> & AsyncOptions): Promise<RunningMomentsResult<A>> {
  return runningMomentsOp.callAsync(args) as Promise<RunningMomentsResult<A>>;
}

/** Operands and parameters of `rewardNorm`. */
export interface RewardNormArgs<A extends RealArray = RealArray> {
  /** r. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** of `running_moments`. Shape [1], float32 or float64; required when mean is 'running'. */
  runningMean?: Operand<A> | number;
  /** of `running_moments`. Shape [1], float32 or float64; required when std is 'running'. */
  runningStd?: Operand<A> | number;
  /** where μ comes from ('group' | 'batch' | 'running' | null; default 'group'). */
  mean?: 'group' | 'batch' | 'running' | null;
  /** where σ comes from ('group' | 'batch' | 'running' | null; default 'group'). */
  std?: 'group' | 'batch' | 'running' | null;
  /** a group of one: μ = 0 and σ = 1 where they are the group's, or result 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** 1 = unbiased standard deviation (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** ε added to σ (number; ≥ 0; default 0.000001). */
  eps?: number;
}

/** Outputs of `rewardNorm`. */
export interface RewardNormResult<A extends RealArray = RealArray> {
  /** in the order of `rewards`. Shape [n]. */
  rewards: Tensor<A>;
}

const rewardNormOp: Op = /* @__PURE__ */ new Op('token', 'reward_norm');

/**
 * Rewards normalised by statistics of their group, their batch or the stream.
 *
 * `(r − μ)/(σ + ε); without `mean` nothing is subtracted, without `std` nothing divided`
 *
 * NaN and infinite rewards enter no statistic and get 0. Where the values that μ or σ is taken from are all equal the result is exactly 0.
 *
 * Source: Tricks or Traps, arXiv 2508.08221, as in ROLL.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardNorm<A extends RealArray>(args: RewardNormArgs<A> & CallOptions<RewardNormResult<A>>): RewardNormResult<A> {
  return rewardNormOp.call(args) as RewardNormResult<A>;
}

/**
 * Rewards normalised by statistics of their group, their batch or the stream.
 *
 * `(r − μ)/(σ + ε); without `mean` nothing is subtracted, without `std` nothing divided`
 *
 * NaN and infinite rewards enter no statistic and get 0. Where the values that μ or σ is taken from are all equal the result is exactly 0.
 *
 * Source: Tricks or Traps, arXiv 2508.08221, as in ROLL.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardNormAsync<A extends RealArray>(args: RewardNormArgs<A> & CallOptions<RewardNormResult<A>> & AsyncOptions): Promise<RewardNormResult<A>> {
  return rewardNormOp.callAsync(args) as Promise<RewardNormResult<A>>;
}

/** Operands and parameters of `multiRewardAdvantage`. */
export interface MultiRewardAdvantageArgs<A extends RealArray = RealArray> {
  /** one row of components for each sample. Shape [n,K], float32 or float64. */
  components: Operand<A>;
  /** w. Shape [K], float32 or float64. */
  weights: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** tokens of each sample, for estimators that use them. Shape [n], int32. */
  lengths?: Operand<Int32Array>;
  /** which comes first ('sum_then_normalize' | 'normalize_then_sum'; default 'sum_then_normalize'). */
  mode?: 'sum_then_normalize' | 'normalize_then_sum';
  /** sum_then_normalize: as in `group_advantage` ('grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic'; default 'grpo'). */
  estimator?: 'grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic';
  /** a group of one: baseline 0 and std 1, or 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** 1 = unbiased standard deviations (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** ε added to each std (number; ≥ 0; default 0.0001). */
  eps?: number;
}

/** Outputs of `multiRewardAdvantage`. */
export interface MultiRewardAdvantageResult<A extends RealArray = RealArray> {
  /** in the order of the samples. Shape [n]. */
  advantages: Tensor<A>;
}

const multiRewardAdvantageOp: Op = /* @__PURE__ */ new Op('token', 'multi_reward_advantage');

/**
 * Group advantage of samples with several rewards.
 *
 * `sum_then_normalize: `group_advantage` of Σ_k w_k c_k;  normalize_then_sum: each component (c − mean)/(std + ε) in its group, then Σ_k w_k, then (x − mean)/(std + ε) over the batch`
 *
 * NaN components are skipped; a sample without any, or with an infinite one, enters no statistic and gets 0. A component that is constant in its group gives 0.
 *
 * Source: GDPO, arXiv 2601.05242 (normalize_then_sum); multi-objective rewards of TRL.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function multiRewardAdvantage<A extends RealArray>(args: MultiRewardAdvantageArgs<A> & CallOptions<MultiRewardAdvantageResult<A>>): MultiRewardAdvantageResult<A> {
  return multiRewardAdvantageOp.call(args) as MultiRewardAdvantageResult<A>;
}

/**
 * Group advantage of samples with several rewards.
 *
 * `sum_then_normalize: `group_advantage` of Σ_k w_k c_k;  normalize_then_sum: each component (c − mean)/(std + ε) in its group, then Σ_k w_k, then (x − mean)/(std + ε) over the batch`
 *
 * NaN components are skipped; a sample without any, or with an infinite one, enters no statistic and gets 0. A component that is constant in its group gives 0.
 *
 * Source: GDPO, arXiv 2601.05242 (normalize_then_sum); multi-objective rewards of TRL.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function multiRewardAdvantageAsync<A extends RealArray>(args: MultiRewardAdvantageArgs<A> & CallOptions<MultiRewardAdvantageResult<A>> & AsyncOptions): Promise<MultiRewardAdvantageResult<A>> {
  return multiRewardAdvantageOp.callAsync(args) as Promise<MultiRewardAdvantageResult<A>>;
}

/** Operands and parameters of `copoAdvantage`. */
export interface CopoAdvantageArgs<A extends RealArray = RealArray> {
  /** r. Shape [n], float32 or float64. */
  rewards: Operand<A>;
  /** equal numbers = equal answers. Shape [n], int32. */
  answerIds: Operand<Int32Array>;
  /** group of each sample: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** local advantage of a group of one: baseline 0 and std 1, or 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** 1 = unbiased standard deviations (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** ε added to each std (number; ≥ 0; default 0.000001). */
  eps?: number;
}

/** Outputs of `copoAdvantage`. */
export interface CopoAdvantageResult<A extends RealArray = RealArray> {
  /** R of the sample's group. Shape [n]. */
  globalReward: Tensor<A>;
  /** H of the sample's group, in bits. Shape [n]. */
  entropy: Tensor<A>;
  /** of the group among groups. Shape [n]. */
  globalAdvantages: Tensor<A>;
  /** of the sample in its group. Shape [n]. */
  localAdvantages: Tensor<A>;
}

const copoAdvantageOp: Op = /* @__PURE__ */ new Op('token', 'copo_advantage');

/**
 * Local and global advantages, weighted by the consistency of a group's answers.
 *
 * `H = −Σ p log₂ p over the answers of a group of k;  R = mean(r)(1 − λ H), λ = (1 − 1/k)/log₂ k;  global (R − mean R)/(std R + ε) over groups;  local: grpo`
 *
 * NaN and infinite rewards are not counted; such samples get advantages 0. One group alone: global advantage 0.
 *
 * Source: COPO, arXiv 2508.04138.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function copoAdvantage<A extends RealArray>(args: CopoAdvantageArgs<A> & CallOptions<CopoAdvantageResult<A>>): CopoAdvantageResult<A> {
  return copoAdvantageOp.call(args) as CopoAdvantageResult<A>;
}

/**
 * Local and global advantages, weighted by the consistency of a group's answers.
 *
 * `H = −Σ p log₂ p over the answers of a group of k;  R = mean(r)(1 − λ H), λ = (1 − 1/k)/log₂ k;  global (R − mean R)/(std R + ε) over groups;  local: grpo`
 *
 * NaN and infinite rewards are not counted; such samples get advantages 0. One group alone: global advantage 0.
 *
 * Source: COPO, arXiv 2508.04138.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function copoAdvantageAsync<A extends RealArray>(args: CopoAdvantageArgs<A> & CallOptions<CopoAdvantageResult<A>> & AsyncOptions): Promise<CopoAdvantageResult<A>> {
  return copoAdvantageOp.callAsync(args) as Promise<CopoAdvantageResult<A>>;
}

/** Operands and parameters of `ellipticalBonus`. */
export interface EllipticalBonusArgs<A extends RealArray = RealArray> {
  /** mean hidden state of each response. Shape [n,d], float32 or float64. */
  features: Operand<A>;
  /** group of each response: any numbers, in any order. Shape [n], int32. */
  groupIds: Operand<Int32Array>;
  /** reward of the task; absent: no `rewards`. Shape [n], float32 or float64. */
  extrinsic?: Operand<A>;
  /** λ (number; > 0; default 0.01). */
  lambda?: number;
  /** whether Λ holds h itself ('leverage' | 'leave_one_out'; default 'leverage'). */
  kind?: 'leverage' | 'leave_one_out';
  /** subtract the mean of the group first (boolean; default true). */
  center?: boolean;
  /** scale of the bonus in its group ('none' | 'rnd' | 'z_score'; default 'none'). */
  normalization?: 'none' | 'rnd' | 'z_score';
  /** weight of the extrinsic reward (number; default 1). */
  alpha?: number;
  /** weight of the bonus in `rewards` (number; default 1). */
  beta?: number;
}

/** Outputs of `ellipticalBonus`. */
export interface EllipticalBonusResult<A extends RealArray = RealArray> {
  /** x, or x/(1 − x). Shape [n]. */
  raw: Tensor<A>;
  /** raw after normalization. Shape [n]. */
  bonus: Tensor<A>;
  /** α · extrinsic + β · bonus. Shape [n]. */
  rewards?: Tensor<A>;
}

const ellipticalBonusOp: Op = /* @__PURE__ */ new Op('token', 'elliptical_bonus');

/**
 * Novelty of each response within its group, from its representation.
 *
 * `Λ = λ I + Σ h hᵀ over the group;  leverage x = hᵀ Λ⁻¹ h;  leave_one_out x/(1 − x);  rnd: raw/s, z_score: (raw − mean)/s, s the group's std (ddof 1)`
 *
 * A group of one with `center`, and identical rows, give 0. s = 0 or a group of one gives bonus 0.
 *
 * Source: Representation-based exploration, arXiv 2510.11686.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ellipticalBonus<A extends RealArray>(args: EllipticalBonusArgs<A> & CallOptions<EllipticalBonusResult<A>>): EllipticalBonusResult<A> {
  return ellipticalBonusOp.call(args) as EllipticalBonusResult<A>;
}

/**
 * Novelty of each response within its group, from its representation.
 *
 * `Λ = λ I + Σ h hᵀ over the group;  leverage x = hᵀ Λ⁻¹ h;  leave_one_out x/(1 − x);  rnd: raw/s, z_score: (raw − mean)/s, s the group's std (ddof 1)`
 *
 * A group of one with `center`, and identical rows, give 0. s = 0 or a group of one gives bonus 0.
 *
 * Source: Representation-based exploration, arXiv 2510.11686.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ellipticalBonusAsync<A extends RealArray>(args: EllipticalBonusArgs<A> & CallOptions<EllipticalBonusResult<A>> & AsyncOptions): Promise<EllipticalBonusResult<A>> {
  return ellipticalBonusOp.callAsync(args) as Promise<EllipticalBonusResult<A>>;
}

/** Operands and parameters of `recipeGrpoStep`. */
export interface RecipeGrpoStepArgs<A extends RealArray = RealArray> {
  /** of the current policy, tokens in row-major order. Shape [B*T,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [B*T], int32. */
  labels: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** log π_ref of the KL term. Shape [B,T], float32 or float64. */
  refLogProbs: Operand<A>;
  /** outcome reward of each sample. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [B], int32. */
  groupIds: Operand<Int32Array>;
  /** baseline and scale, as in `group_advantage` ('grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic'; default 'grpo'). */
  estimator?: 'grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic';
  /** ε added to the std (number; ≥ 0; default 0.000001). */
  eps?: number;
  /** 1 = unbiased standard deviation (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** a group of one: baseline 0 and std 1, or advantage 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
  /** τ of the logits (number; > 0; default 1). */
  temperature?: number;
  /** label of tokens to leave out, which count as masked (integer; default -100). */
  ignoreIndex?: number;
  /** weight of the KL term in the loss (number; default 0.001). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
  /** weight of the entropy bonus (number; default 0). */
  entropyCoef?: number;
}

/** Outputs of `recipeGrpoStep`. */
export interface RecipeGrpoStepResult<A extends RealArray = RealArray> {
  /** of each sample. Shape [B]. */
  advantages: Tensor<A>;
  /** log π of the taken tokens. Shape [B,T]. */
  logProbs: Tensor<A>;
  /** policy loss, KL term and entropy bonus. */
  loss: number;
  /** ∂loss/∂logits. Shape [B*T,V]. */
  gradLogits: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const recipeGrpoStepOp: Op = /* @__PURE__ */ new Op('token', 'recipe_grpo_step');

/**
 * GRPO: from rewards and logits to the loss and the gradient of the logits.
 *
 * `group_advantage → token_logprob → policy_loss (ppo_clip) + kl_coef·KL − entropy_coef·Σ W H → token_logprob_backward`
 *
 * Rows of masked tokens are not read; their log_probs and gradients are 0.
 *
 * Source: DeepSeekMath, arXiv 2402.03300; DeepSeek-R1, arXiv 2501.12948.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeGrpoStep<A extends RealArray>(args: RecipeGrpoStepArgs<A> & CallOptions<RecipeGrpoStepResult<A>>): RecipeGrpoStepResult<A> {
  return recipeGrpoStepOp.call(args) as RecipeGrpoStepResult<A>;
}

/**
 * GRPO: from rewards and logits to the loss and the gradient of the logits.
 *
 * `group_advantage → token_logprob → policy_loss (ppo_clip) + kl_coef·KL − entropy_coef·Σ W H → token_logprob_backward`
 *
 * Rows of masked tokens are not read; their log_probs and gradients are 0.
 *
 * Source: DeepSeekMath, arXiv 2402.03300; DeepSeek-R1, arXiv 2501.12948.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeGrpoStepAsync<A extends RealArray>(args: RecipeGrpoStepArgs<A> & CallOptions<RecipeGrpoStepResult<A>> & AsyncOptions): Promise<RecipeGrpoStepResult<A>> {
  return recipeGrpoStepOp.callAsync(args) as Promise<RecipeGrpoStepResult<A>>;
}

/** Operands and parameters of `recipeRlvrStep`. */
export interface RecipeRlvrStepArgs<A extends RealArray = RealArray> {
  /** of the current policy, tokens in row-major order. Shape [B*T,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [B*T], int32. */
  labels: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** log π_ref of the KL term. Shape [B,T], float32 or float64. */
  refLogProbs: Operand<A>;
  /** outcome reward of each sample. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample; this recipe has no use for it. Shape [B], int32. */
  groupIds?: Operand<Int32Array>;
  /** V at sampling time. Shape [B,T], float32 or float64. */
  oldValues: Operand<A>;
  /** V of the current value model. Shape [B,T], float32 or float64. */
  valuesNew: Operand<A>;
  /** factor on the reward (number; default 10). */
  rewardScale?: number;
  /** weight of the KL reward (number; default 0.05). */
  beta?: number;
  /** estimator of the KL reward ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k1'). */
  klReward?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** discount γ per token (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** trace decay λ (number; ≥ 0, ≤ 1; default 0.95). */
  lambda?: number;
  /** ε of the value loss; null: no clip (number or null; ≥ 0; default 0.2). */
  valueClip?: number | null;
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
  /** τ of the logits (number; > 0; default 1). */
  temperature?: number;
  /** label of tokens to leave out, which count as masked (integer; default -100). */
  ignoreIndex?: number;
}

/** Outputs of `recipeRlvrStep`. */
export interface RecipeRlvrStepResult<A extends RealArray = RealArray> {
  /** reward of each token. Shape [B,T]. */
  tokenRewards: Tensor<A>;
  /** whitened. Shape [B,T]. */
  advantages: Tensor<A>;
  /** targets of the value model. Shape [B,T]. */
  returns: Tensor<A>;
  /** of the whitened advantages. */
  policyLoss: number;
  /** of the returns. */
  valueLoss: number;
  /** ∂policy_loss/∂logits. Shape [B*T,V]. */
  gradLogits: Tensor<A>;
  /** ∂value_loss/∂values_new. Shape [B,T]. */
  gradValues: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const recipeRlvrStepOp: Op = /* @__PURE__ */ new Op('token', 'recipe_rlvr_step');

/**
 * RLVR by PPO with a value model: from rewards, logits and values to both losses and gradients.
 *
 * `kl_shaped_rewards (score = reward_scale·r, KL of log μ against log π_ref) → gae on old_values → whitening → policy_loss (ppo_clip) and, on unwhitened returns, value_loss → token_logprob_backward`
 *
 * A sample whose reward is NaN or infinite gets advantages 0 and takes no part in whitening or value loss.
 *
 * Source: TÜLU 3, arXiv 2411.15124.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeRlvrStep<A extends RealArray>(args: RecipeRlvrStepArgs<A> & CallOptions<RecipeRlvrStepResult<A>>): RecipeRlvrStepResult<A> {
  return recipeRlvrStepOp.call(args) as RecipeRlvrStepResult<A>;
}

/**
 * RLVR by PPO with a value model: from rewards, logits and values to both losses and gradients.
 *
 * `kl_shaped_rewards (score = reward_scale·r, KL of log μ against log π_ref) → gae on old_values → whitening → policy_loss (ppo_clip) and, on unwhitened returns, value_loss → token_logprob_backward`
 *
 * A sample whose reward is NaN or infinite gets advantages 0 and takes no part in whitening or value loss.
 *
 * Source: TÜLU 3, arXiv 2411.15124.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeRlvrStepAsync<A extends RealArray>(args: RecipeRlvrStepArgs<A> & CallOptions<RecipeRlvrStepResult<A>> & AsyncOptions): Promise<RecipeRlvrStepResult<A>> {
  return recipeRlvrStepOp.callAsync(args) as Promise<RecipeRlvrStepResult<A>>;
}

/** Operands and parameters of `recipeDlerStep`. */
export interface RecipeDlerStepArgs<A extends RealArray = RealArray> {
  /** of the current policy, tokens in row-major order. Shape [B*T,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [B*T], int32. */
  labels: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** log π_ref of the KL term. Shape [B,T], float32 or float64. */
  refLogProbs: Operand<A>;
  /** outcome reward of each sample. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [B], int32. */
  groupIds: Operand<Int32Array>;
  /** 1 = the sample hit the length limit. Shape [B], uint8 or int32, non-zero = true. */
  truncated: Operand<Uint8Array | Int32Array>;
  /** c: factor on a truncated reward, or if negative the reward itself (number; default 0). */
  truncationCoef?: number;
  /** which groups are kept ('nonzero_std' | 'none'; default 'nonzero_std'). */
  filter?: 'nonzero_std' | 'none';
  /** baseline and scale, as in `group_advantage` ('grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic'; default 'reinforce_pp_baseline'). */
  estimator?: 'grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic';
  /** ε added to the std (number; ≥ 0; default 0.000001). */
  eps?: number;
  /** 1 = unbiased standard deviation (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** a group of one: baseline 0 and std 1, or advantage 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.28). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default 10). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
  /** τ of the logits (number; > 0; default 1). */
  temperature?: number;
  /** label of tokens to leave out, which count as masked (integer; default -100). */
  ignoreIndex?: number;
  /** weight of the KL term in the loss (number; default 0.0005). */
  klCoef?: number;
  /** estimator of KL(π‖π_ref) ('k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+'; default 'k3'). */
  klKind?: 'k1' | 'k2' | 'k3' | 'abs' | 'k1+' | 'k3+';
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default null). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default null). */
  klMax?: number | null;
}

/** Outputs of `recipeDlerStep`. */
export interface RecipeDlerStepResult<A extends RealArray = RealArray> {
  /** after the truncation. Shape [B]. */
  shapedRewards: Tensor<A>;
  /** 1 = its group was kept. Shape [B]. */
  sampleKeep: Tensor<Uint8Array>;
  /** of each valid token. Shape [B,T]. */
  tokenAdvantages: Tensor<A>;
  /** policy loss and KL term. */
  loss: number;
  /** ∂loss/∂logits. Shape [B*T,V]. */
  gradLogits: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const recipeDlerStepOp: Op = /* @__PURE__ */ new Op('token', 'recipe_dler_step');

/**
 * DLER: truncated samples lose their reward, groups without spread are dropped, advantages are whitened over the batch, the clip is asymmetric.
 *
 * `shaped = truncated ? (c ≥ 0 ? c·r : c) : r → groups that vary → group_advantage (reinforce_pp_baseline) → policy_loss (ppo_clip) + kl_coef·KL → token_logprob_backward`
 *
 * Dropped groups leave every statistic, the mask and the denominators. A group of one is kept.
 *
 * Source: DLER, arXiv 2510.15110.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeDlerStep<A extends RealArray>(args: RecipeDlerStepArgs<A> & CallOptions<RecipeDlerStepResult<A>>): RecipeDlerStepResult<A> {
  return recipeDlerStepOp.call(args) as RecipeDlerStepResult<A>;
}

/**
 * DLER: truncated samples lose their reward, groups without spread are dropped, advantages are whitened over the batch, the clip is asymmetric.
 *
 * `shaped = truncated ? (c ≥ 0 ? c·r : c) : r → groups that vary → group_advantage (reinforce_pp_baseline) → policy_loss (ppo_clip) + kl_coef·KL → token_logprob_backward`
 *
 * Dropped groups leave every statistic, the mask and the denominators. A group of one is kept.
 *
 * Source: DLER, arXiv 2510.15110.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeDlerStepAsync<A extends RealArray>(args: RecipeDlerStepArgs<A> & CallOptions<RecipeDlerStepResult<A>> & AsyncOptions): Promise<RecipeDlerStepResult<A>> {
  return recipeDlerStepOp.callAsync(args) as Promise<RecipeDlerStepResult<A>>;
}

/** Operands and parameters of `recipeLitePpoStep`. */
export interface RecipeLitePpoStepArgs<A extends RealArray = RealArray> {
  /** of the current policy, tokens in row-major order. Shape [B*T,V], float32, float64, bfloat16 or float16. */
  logits: Operand<A | Uint16Array>;
  /** the token taken in each row. Shape [B*T], int32. */
  labels: Operand<Int32Array>;
  /** 1 = the token counts; absent: all do. Shape [B,T], uint8 or int32, non-zero = true. */
  mask?: Operand<Uint8Array | Int32Array>;
  /** log μ at sampling time. Shape [B,T], float32 or float64. */
  oldLogProbs: Operand<A>;
  /** log π_ref of the KL term. Shape [B,T], float32 or float64. */
  refLogProbs?: Operand<A>;
  /** outcome reward of each sample. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** group of each sample: any numbers, in any order. Shape [B], int32. */
  groupIds: Operand<Int32Array>;
  /** baseline and scale, as in `group_advantage` ('grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic'; default 'lite_ppo'). */
  estimator?: 'grpo' | 'dr_grpo' | 'lite_ppo' | 'rloo' | 'opo' | 'gpg' | 'reinforce_pp_baseline' | 'passk_max' | 'passk_analytic';
  /** ε added to the std (number; ≥ 0; default 0.000001). */
  eps?: number;
  /** 1 = unbiased standard deviation (integer; ≥ 0, ≤ 1; default 1). */
  ddof?: number;
  /** a group of one: baseline 0 and std 1, or advantage 0 ('raw' | 'zero'; default 'raw'). */
  singleton?: 'raw' | 'zero';
  /** how token losses become one number ('token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length'; default 'token-mean'). */
  aggregation?: 'token-mean' | 'seq-mean-token-sum' | 'seq-mean-token-mean' | 'seq-mean-token-sum-norm' | 'fixed-length';
  /** ε_l; null: no lower clip (number or null; ≥ 0; default 0.2). */
  clipLow?: number | null;
  /** ε_h (number; ≥ 0; default 0.2). */
  clipHigh?: number;
  /** bound c for negative advantages; null: none (number or null; > 0; default null). */
  dualClip?: number | null;
  /** log-ratios are clamped to ±this; null: not (number or null; > 0; default 20). */
  ratioClamp?: number | null;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (packed: the longest sequence) (number or null; > 0; default null). */
  norm?: number | null;
  /** shards whose gradients will be averaged: a factor on means over tokens or sequences (number; > 0; default 1). */
  dp?: number;
  /** τ of the logits (number; > 0; default 1). */
  temperature?: number;
  /** label of tokens to leave out, which count as masked (integer; default -100). */
  ignoreIndex?: number;
}

/** Outputs of `recipeLitePpoStep`. */
export interface RecipeLitePpoStepResult<A extends RealArray = RealArray> {
  /** of each sample. Shape [B]. */
  advantages: Tensor<A>;
  /** policy loss. */
  loss: number;
  /** ∂loss/∂logits. Shape [B*T,V]. */
  gradLogits: Tensor<A>;
  /** NaN in the operands at tokens that count, all of them together. */
  nanCount?: number;
}

const recipeLitePpoStepOp: Op = /* @__PURE__ */ new Op('token', 'recipe_lite_ppo_step');

/**
 * Lite PPO: group mean, batch standard deviation, mean over tokens, plain clip.
 *
 * `group_advantage (lite_ppo) → policy_loss (ppo_clip) → token_logprob_backward`
 *
 * No KL term and no entropy bonus: ref_log_probs are not read.
 *
 * Source: Tricks or Traps, arXiv 2508.08221.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeLitePpoStep<A extends RealArray>(args: RecipeLitePpoStepArgs<A> & CallOptions<RecipeLitePpoStepResult<A>>): RecipeLitePpoStepResult<A> {
  return recipeLitePpoStepOp.call(args) as RecipeLitePpoStepResult<A>;
}

/**
 * Lite PPO: group mean, batch standard deviation, mean over tokens, plain clip.
 *
 * `group_advantage (lite_ppo) → policy_loss (ppo_clip) → token_logprob_backward`
 *
 * No KL term and no entropy bonus: ref_log_probs are not read.
 *
 * Source: Tricks or Traps, arXiv 2508.08221.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function recipeLitePpoStepAsync<A extends RealArray>(args: RecipeLitePpoStepArgs<A> & CallOptions<RecipeLitePpoStepResult<A>> & AsyncOptions): Promise<RecipeLitePpoStepResult<A>> {
  return recipeLitePpoStepOp.callAsync(args) as Promise<RecipeLitePpoStepResult<A>>;
}
