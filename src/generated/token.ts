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
  /** clamp of the log-ratio inside k3; null: none (number or null; > 0; default 20). */
  klClamp?: number | null;
  /** clamp of the k3 estimate; null: none (number or null; > 0; default 10). */
  klMax?: number | null;
  /** multiply the KL term by the ratio ρ (boolean; default false). */
  klBiasCorrection?: boolean;
  /** weight of the entropy bonus in the loss (number; default 0). */
  entropyCoef?: number;
  /** sequence means also count sequences with no valid token (boolean; default false). */
  countEmpty?: boolean;
  /** global number of valid tokens, so that micro-batches add up (number or null; > 0; default null). */
  numTokens?: number | null;
  /** global number of sequences (number or null; > 0; default null). */
  numSeqs?: number | null;
  /** divisor of the -norm and fixed-length modes; null: T (number or null; > 0; default null). */
  norm?: number | null;
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
