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
}

/** Outputs of `aggregateLoss`. */
export interface AggregateLossResult<A extends RealArray = RealArray> {
  /** Σ W_t x_t. */
  loss: number;
  /** W_t; 0 at masked tokens. Shape [B,T]. */
  weights: Tensor<A>;
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
}

/** Outputs of `valueLoss`. */
export interface ValueLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂values. Shape [B,T]. */
  gradValues: Tensor<A>;
  /** share of valid tokens on the clipped branch. */
  clipFraction: number;
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
}

/** Outputs of `decoupledPpo`. */
export interface DecoupledPpoResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** w after the cap. Shape [B,T]. */
  behaviorWeights: Tensor<A>;
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
}

/** Outputs of `copoLoss`. */
export interface CopoLossResult<A extends RealArray = RealArray> {
  /** Σ W_t ℓ_t. */
  loss: number;
  /** ∂loss/∂log_probs. Shape [B,T]. */
  gradLogProbs: Tensor<A>;
  /** w of each sequence. Shape [B]. */
  weight: Tensor<A>;
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
