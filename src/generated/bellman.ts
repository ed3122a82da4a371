// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `bellmanBackupVCsr`. */
export interface BellmanBackupVCsrArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** an action this close to the best, with a lower index, wins (number; ≥ 0; default 0). */
  tieEps?: number;
}

/** Outputs of `bellmanBackupVCsr`. */
export interface BellmanBackupVCsrResult<A extends RealArray = RealArray> {
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** Q; written only when asked for. Shape [S,A]. */
  qValues: Tensor<A>;
  /** max |V' − V|. */
  residualInf: number;
  /** max(V' − V) − min(V' − V). */
  spanResidual: number;
}

const bellmanBackupVCsrOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_v_csr');

/**
 * One Bellman optimality backup of a value function over a sparse model.
 *
 * `Q(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V'(s) = max_a Q(s,a)`
 *
 * A state with no allowed action has value 0 and policy −1; a masked Q is −Infinity (+Infinity when minimising). Ties go to the lowest action. NaN propagates; the policy is then the first NaN action.
 *
 * Source: Puterman, Markov Decision Processes (1994), eq. 6.2.2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVCsr<A extends RealArray>(args: BellmanBackupVCsrArgs<A> & CallOptions<BellmanBackupVCsrResult<A>>): BellmanBackupVCsrResult<A> {
  return bellmanBackupVCsrOp.call(args) as BellmanBackupVCsrResult<A>;
}

/**
 * One Bellman optimality backup of a value function over a sparse model.
 *
 * `Q(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V'(s) = max_a Q(s,a)`
 *
 * A state with no allowed action has value 0 and policy −1; a masked Q is −Infinity (+Infinity when minimising). Ties go to the lowest action. NaN propagates; the policy is then the first NaN action.
 *
 * Source: Puterman, Markov Decision Processes (1994), eq. 6.2.2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVCsrAsync<A extends RealArray>(args: BellmanBackupVCsrArgs<A> & CallOptions<BellmanBackupVCsrResult<A>> & AsyncOptions): Promise<BellmanBackupVCsrResult<A>> {
  return bellmanBackupVCsrOp.callAsync(args) as Promise<BellmanBackupVCsrResult<A>>;
}

/** Operands and parameters of `bellmanBackupQCsr`. */
export interface BellmanBackupQCsrArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** q. Shape [S,A], float32 or float64. */
  qValues: Operand<A>;
  /** π(a|s), for operator 'policy'. Shape [S,A], float32 or float64; required when operator is 'policy'. */
  policy?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** value of the next state ('max' | 'policy'; default 'max'). */
  operator?: 'max' | 'policy';
}

/** Outputs of `bellmanBackupQCsr`. */
export interface BellmanBackupQCsrResult<A extends RealArray = RealArray> {
  /** q'. Shape [S,A]. */
  qValues: Tensor<A>;
}

const bellmanBackupQCsrOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_q_csr');

/**
 * One Bellman backup of a Q-function over a sparse model.
 *
 * `q'(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V = max_a q, or Σ_a π(a|s) q`
 *
 * Masked entries of q stay −Infinity; 0 · −Infinity never becomes NaN.
 *
 * Source: Puterman (1994), ch. 6; policy form: Sutton & Barto, eq. 4.4.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupQCsr<A extends RealArray>(args: BellmanBackupQCsrArgs<A> & CallOptions<BellmanBackupQCsrResult<A>>): BellmanBackupQCsrResult<A> {
  return bellmanBackupQCsrOp.call(args) as BellmanBackupQCsrResult<A>;
}

/**
 * One Bellman backup of a Q-function over a sparse model.
 *
 * `q'(s,a) = r(s,a) + γ Σ_j p_j V(col_j);  V = max_a q, or Σ_a π(a|s) q`
 *
 * Masked entries of q stay −Infinity; 0 · −Infinity never becomes NaN.
 *
 * Source: Puterman (1994), ch. 6; policy form: Sutton & Barto, eq. 4.4.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupQCsrAsync<A extends RealArray>(args: BellmanBackupQCsrArgs<A> & CallOptions<BellmanBackupQCsrResult<A>> & AsyncOptions): Promise<BellmanBackupQCsrResult<A>> {
  return bellmanBackupQCsrOp.callAsync(args) as Promise<BellmanBackupQCsrResult<A>>;
}

/** Operands and parameters of `bellmanBackupVDense`. */
export interface BellmanBackupVDenseArgs<A extends RealArray = RealArray> {
  /** P(s'|s,a). Shape [S,A,S], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `bellmanBackupVDense`. */
export interface BellmanBackupVDenseResult<A extends RealArray = RealArray> {
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** Q. Shape [S,A]. */
  qValues: Tensor<A>;
}

const bellmanBackupVDenseOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_v_dense');

/**
 * One Bellman optimality backup over a dense transition tensor.
 *
 * `Q(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) V(s');  V'(s) = max_a Q(s,a)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 6.2.2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVDense<A extends RealArray>(args: BellmanBackupVDenseArgs<A> & CallOptions<BellmanBackupVDenseResult<A>>): BellmanBackupVDenseResult<A> {
  return bellmanBackupVDenseOp.call(args) as BellmanBackupVDenseResult<A>;
}

/**
 * One Bellman optimality backup over a dense transition tensor.
 *
 * `Q(s,a) = r(s,a) + γ Σ_s' P(s'|s,a) V(s');  V'(s) = max_a Q(s,a)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 6.2.2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVDenseAsync<A extends RealArray>(args: BellmanBackupVDenseArgs<A> & CallOptions<BellmanBackupVDenseResult<A>> & AsyncOptions): Promise<BellmanBackupVDenseResult<A>> {
  return bellmanBackupVDenseOp.callAsync(args) as Promise<BellmanBackupVDenseResult<A>>;
}

/** Operands and parameters of `bellmanBackupBatched` (form 'ragged'). */
export interface BellmanBackupBatchedRaggedArgs<A extends RealArray = RealArray> {
  /** first state of each MDP: 0 … S. Shape [B+1], int32. */
  stateOffsets: Operand<Int32Array>;
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state, counted inside its own MDP. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** discount of each MDP. Shape [B], float32 or float64. */
  gamma: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V of all MDPs, one after the other. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** A; 0: from `rewards` (integer; ≥ 0; default 0). */
  numActions?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `bellmanBackupBatched`. */
export interface BellmanBackupBatchedRaggedResult<A extends RealArray = RealArray> {
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

/** Operands and parameters of `bellmanBackupBatched` (form 'shared_P'). */
export interface BellmanBackupBatchedSharedPArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate rewards. Shape [B,S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V of each reward function. Shape [B,S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** names this form ('shared_P'; default 'shared_P'). */
  layout?: 'shared_P';
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `bellmanBackupBatched`. */
export interface BellmanBackupBatchedSharedPResult<A extends RealArray = RealArray> {
  /** V'. Shape [B,S]. */
  values: Tensor<A>;
  /** greedy actions, −1 where none is allowed. Shape [B,S]. */
  policy: Tensor<Int32Array>;
}

const bellmanBackupBatchedOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_batched');

/**
 * One Bellman backup of many MDPs at once, their states concatenated.
 *
 * `V'(s) = max_a r(s,a) + γ_m Σ_j p_j V(first_m + col_j), m the MDP of s`
 *
 * `col` is local to its MDP. The bits of one MDP do not depend on its batch.
 *
 * Source: Puterman (1994), eq. 6.2.2, per MDP.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupBatched<A extends RealArray>(args: BellmanBackupBatchedRaggedArgs<A> & CallOptions<BellmanBackupBatchedRaggedResult<A>>): BellmanBackupBatchedRaggedResult<A>;
/**
 * One Bellman backup of many reward and value functions over one model.
 *
 * `V'_b(s) = max_a r_b(s,a) + γ Σ_j p_j V_b(col_j)`
 *
 * The transitions are read once for the whole batch.
 *
 * Source: Puterman (1994), eq. 6.2.2, per reward function.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupBatched<A extends RealArray>(args: BellmanBackupBatchedSharedPArgs<A> & CallOptions<BellmanBackupBatchedSharedPResult<A>>): BellmanBackupBatchedSharedPResult<A>;
export function bellmanBackupBatched(args: object): unknown {
  return bellmanBackupBatchedOp.call(args);
}

/**
 * One Bellman backup of many MDPs at once, their states concatenated.
 *
 * `V'(s) = max_a r(s,a) + γ_m Σ_j p_j V(first_m + col_j), m the MDP of s`
 *
 * `col` is local to its MDP. The bits of one MDP do not depend on its batch.
 *
 * Source: Puterman (1994), eq. 6.2.2, per MDP.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupBatchedAsync<A extends RealArray>(args: BellmanBackupBatchedRaggedArgs<A> & CallOptions<BellmanBackupBatchedRaggedResult<A>> & AsyncOptions): Promise<BellmanBackupBatchedRaggedResult<A>>;
/**
 * One Bellman backup of many reward and value functions over one model.
 *
 * `V'_b(s) = max_a r_b(s,a) + γ Σ_j p_j V_b(col_j)`
 *
 * The transitions are read once for the whole batch.
 *
 * Source: Puterman (1994), eq. 6.2.2, per reward function.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupBatchedAsync<A extends RealArray>(args: BellmanBackupBatchedSharedPArgs<A> & CallOptions<BellmanBackupBatchedSharedPResult<A>> & AsyncOptions): Promise<BellmanBackupBatchedSharedPResult<A>>;
export function bellmanBackupBatchedAsync(args: object): Promise<unknown> {
  return bellmanBackupBatchedOp.callAsync(args);
}

/** Operands and parameters of `valueIteration`. */
export interface ValueIterationArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V_0; absent: 0. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** sweeps behind `values`, `lower`, `upper` and `midpoint` (integer; ≥ 0; default 0). */
  numSweeps?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** stop of the solve: 'span' when the bounds are 2·tolerance apart, and return their midpoint; 'sup' when the sweep changes V by at most tolerance·(1−γ)/γ ('span' | 'sup'; default 'span'). */
  stop?: 'span' | 'sup';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `valueIteration`. */
export interface ValueIterationResult<A extends RealArray = RealArray> {
  /** V after num_sweeps sweeps. Shape [S]. */
  values: Tensor<A>;
  /** lower bound on V* then. Shape [S]. */
  lower: Tensor<A>;
  /** upper bound on V* then. Shape [S]. */
  upper: Tensor<A>;
  /** middle of the two. Shape [S]. */
  midpoint: Tensor<A>;
  /** V*, within tolerance when converged. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** Q-values of v_star. Shape [S,A]. */
  qStar: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps the solve took. */
  iterations: number;
  /** 1 when the stop rule was met. */
  converged: number;
  /** max |δ| of the last sweep. */
  residualInf: number;
  /** max δ − min δ of the last sweep. */
  span: number;
}

const valueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'value_iteration');

/**
 * Value iteration with MacQueen–Porteus bounds: a fixed number of sweeps, and the certified optimum.
 *
 * `V_{n+1} = T V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + γ/(1−γ) max δ`
 *
 * Rows with mass below one: min(0, min δ) and max(0, max δ). With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Puterman (1994), theorem 6.6.3 (bounds) and section 6.6.2 (span stop).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIteration<A extends RealArray>(args: ValueIterationArgs<A> & CallOptions<ValueIterationResult<A>>): ValueIterationResult<A> {
  return valueIterationOp.call(args) as ValueIterationResult<A>;
}

/**
 * Value iteration with MacQueen–Porteus bounds: a fixed number of sweeps, and the certified optimum.
 *
 * `V_{n+1} = T V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + γ/(1−γ) max δ`
 *
 * Rows with mass below one: min(0, min δ) and max(0, max δ). With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Puterman (1994), theorem 6.6.3 (bounds) and section 6.6.2 (span stop).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationAsync<A extends RealArray>(args: ValueIterationArgs<A> & CallOptions<ValueIterationResult<A>> & AsyncOptions): Promise<ValueIterationResult<A>> {
  return valueIterationOp.callAsync(args) as Promise<ValueIterationResult<A>>;
}

/** Operands and parameters of `policyEvaluationOccupancy`. */
export interface PolicyEvaluationOccupancyArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** π(a|s). Shape [S,A], float32 or float64. */
  policy: Operand<A>;
  /** distribution of the first state; absent: no occupancy. Shape [S], float32 or float64. */
  mu0?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** sweeps from 0 behind `values_after_sweeps` (integer; ≥ 0; default 0). */
  numSweeps?: number;
  /** relative residual at which the linear solve stops (number; > 0; default 1e-12). */
  tolerance?: number;
  /** iterations after which the linear solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `policyEvaluationOccupancy`. */
export interface PolicyEvaluationOccupancyResult<A extends RealArray = RealArray> {
  /** V of the policy. Shape [S]. */
  values: Tensor<A>;
  /** Q of the policy. Shape [S,A]. */
  qValues: Tensor<A>;
  /** Q − V. Shape [S,A]. */
  adv: Tensor<A>;
  /** V after num_sweeps from 0. Shape [S]. */
  valuesAfterSweeps: Tensor<A>;
  /** discounted state occupancy. Shape [S]. */
  occupancyS?: Tensor<A>;
  /** discounted state-action occupancy. Shape [S,A]. */
  occupancySa?: Tensor<A>;
  /** 1 when the tolerance was met. */
  converged: number;
}

const policyEvaluationOccupancyOp: Op = /* @__PURE__ */ new Op('bellman', 'policy_evaluation_occupancy');

/**
 * Value of a stochastic policy and its discounted state-action occupancy.
 *
 * `V = (I − γ P_π)⁻¹ r_π;  Q = r + γ P V;  d = (1−γ)(I − γ P_πᵀ)⁻¹ μ_0;  d(s,a) = d(s) π(a|s)`
 *
 * γ = 1 is legal where every state reaches the end; otherwise `converged` is 0.
 *
 * Source: Puterman (1994), section 6.1 (evaluation) and 6.9 (occupancy).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyEvaluationOccupancy<A extends RealArray>(args: PolicyEvaluationOccupancyArgs<A> & CallOptions<PolicyEvaluationOccupancyResult<A>>): PolicyEvaluationOccupancyResult<A> {
  return policyEvaluationOccupancyOp.call(args) as PolicyEvaluationOccupancyResult<A>;
}

/**
 * Value of a stochastic policy and its discounted state-action occupancy.
 *
 * `V = (I − γ P_π)⁻¹ r_π;  Q = r + γ P V;  d = (1−γ)(I − γ P_πᵀ)⁻¹ μ_0;  d(s,a) = d(s) π(a|s)`
 *
 * γ = 1 is legal where every state reaches the end; otherwise `converged` is 0.
 *
 * Source: Puterman (1994), section 6.1 (evaluation) and 6.9 (occupancy).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyEvaluationOccupancyAsync<A extends RealArray>(args: PolicyEvaluationOccupancyArgs<A> & CallOptions<PolicyEvaluationOccupancyResult<A>> & AsyncOptions): Promise<PolicyEvaluationOccupancyResult<A>> {
  return policyEvaluationOccupancyOp.callAsync(args) as Promise<PolicyEvaluationOccupancyResult<A>>;
}

/** Operands and parameters of `finiteHorizon` (form 'occupancy'). */
export interface FiniteHorizonOccupancyArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** π_t(a|s). Shape [H,S,A], float32 or float64. */
  policyT: Operand<A>;
  /** distribution of the first state. Shape [S], float32 or float64. */
  mu0: Operand<A>;
  /** number of steps H (integer; ≥ 0; required). */
  horizon: number;
}

/** Outputs of `finiteHorizon`. */
export interface FiniteHorizonOccupancyResult<A extends RealArray = RealArray> {
  /** d_t(s). Shape [H,S]. */
  occupancyTS: Tensor<A>;
  /** d_t(s) π_t(a|s). Shape [H,S,A]. */
  occupancyTSa: Tensor<A>;
}

/** Operands and parameters of `finiteHorizon` (form 'dense'). */
export interface FiniteHorizonDenseArgs<A extends RealArray = RealArray> {
  /** P_t(s'|s,a). Shape [H,S,A,S], float32 or float64. */
  probT: Operand<A>;
  /** expected immediate rewards. Shape [H,S,A], float32 or float64. */
  rewardsT: Operand<A>;
  /** V_H; absent: 0. Shape [S], float32 or float64. */
  terminalValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** number of steps H (integer; ≥ 0; required). */
  horizon: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `finiteHorizon`. */
export interface FiniteHorizonDenseResult<A extends RealArray = RealArray> {
  /** V_0 … V_H. Shape [H+1,S]. */
  values: Tensor<A>;
  /** Q_0 … Q_{H−1}. Shape [H,S,A]. */
  qValues: Tensor<A>;
  /** greedy actions, −1 = none allowed. Shape [H,S]. */
  policy: Tensor<Int32Array>;
}

/** Operands and parameters of `finiteHorizon` (form 'optimal'). */
export interface FiniteHorizonOptimalArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V_H; absent: 0. Shape [S], float32 or float64. */
  terminalValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** number of steps H (integer; ≥ 0; required). */
  horizon: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `finiteHorizon`. */
export interface FiniteHorizonOptimalResult<A extends RealArray = RealArray> {
  /** V_0 … V_H. Shape [H+1,S]. */
  values: Tensor<A>;
  /** Q_0 … Q_{H−1}. Shape [H,S,A]. */
  qValues: Tensor<A>;
  /** greedy actions, −1 = none allowed. Shape [H,S]. */
  policy: Tensor<Int32Array>;
}

const finiteHorizonOp: Op = /* @__PURE__ */ new Op('bellman', 'finite_horizon');

/**
 * State-action occupancy of a time-dependent policy, step by step.
 *
 * `d_0 = μ_0;  d_{t+1}(s') = Σ d_t(s) π_t(a|s) P(s'|s,a)`
 *
 * Source: Puterman (1994), section 4.1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizon<A extends RealArray>(args: FiniteHorizonOccupancyArgs<A> & CallOptions<FiniteHorizonOccupancyResult<A>>): FiniteHorizonOccupancyResult<A>;
/**
 * Backward induction over a time-dependent dense model.
 *
 * `Q_t = r_t + γ P_t V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values`
 *
 * Source: Puterman (1994), section 4.5.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizon<A extends RealArray>(args: FiniteHorizonDenseArgs<A> & CallOptions<FiniteHorizonDenseResult<A>>): FiniteHorizonDenseResult<A>;
/**
 * Backward induction over a stationary sparse model.
 *
 * `Q_t = r + γ P V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values`
 *
 * As bellman_backup_v_csr, at every step.
 *
 * Source: Puterman (1994), section 4.5.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizon<A extends RealArray>(args: FiniteHorizonOptimalArgs<A> & CallOptions<FiniteHorizonOptimalResult<A>>): FiniteHorizonOptimalResult<A>;
export function finiteHorizon(args: object): unknown {
  return finiteHorizonOp.call(args);
}

/**
 * State-action occupancy of a time-dependent policy, step by step.
 *
 * `d_0 = μ_0;  d_{t+1}(s') = Σ d_t(s) π_t(a|s) P(s'|s,a)`
 *
 * Source: Puterman (1994), section 4.1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizonAsync<A extends RealArray>(args: FiniteHorizonOccupancyArgs<A> & CallOptions<FiniteHorizonOccupancyResult<A>> & AsyncOptions): Promise<FiniteHorizonOccupancyResult<A>>;
/**
 * Backward induction over a time-dependent dense model.
 *
 * `Q_t = r_t + γ P_t V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values`
 *
 * Source: Puterman (1994), section 4.5.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizonAsync<A extends RealArray>(args: FiniteHorizonDenseArgs<A> & CallOptions<FiniteHorizonDenseResult<A>> & AsyncOptions): Promise<FiniteHorizonDenseResult<A>>;
/**
 * Backward induction over a stationary sparse model.
 *
 * `Q_t = r + γ P V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values`
 *
 * As bellman_backup_v_csr, at every step.
 *
 * Source: Puterman (1994), section 4.5.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizonAsync<A extends RealArray>(args: FiniteHorizonOptimalArgs<A> & CallOptions<FiniteHorizonOptimalResult<A>> & AsyncOptions): Promise<FiniteHorizonOptimalResult<A>>;
export function finiteHorizonAsync(args: object): Promise<unknown> {
  return finiteHorizonOp.callAsync(args);
}

/** Operands and parameters of `dqnLoss`. */
export interface DqnLossArgs<A extends RealArray = RealArray> {
  /** Q(s,·). Shape [B,A], float32 or float64. */
  qValues: Operand<A>;
  /** Q⁻(s',·) of the target network. Shape [B,A], float32 or float64. */
  nextQTarget: Operand<A>;
  /** Q(s',·), which chooses when double. Shape [B,A], float32 or float64; required when double is 'true'. */
  nextQOnline?: Operand<A>;
  /** action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** predicted probability that the episode goes on; absent: 1. Shape [B], float32 or float64. */
  continuation?: Operand<A>;
  /** importance weight; absent: 1. Shape [B], float32 or float64. */
  weight?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [B,A], uint8 or int32, non-zero = true. */
  nextActionMask?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** choose the next action by next_q_online (boolean; default false). */
  double?: boolean;
  /** δ beyond which the loss is linear; null: squared everywhere (number or null; > 0; default null). */
  huberDelta?: number | null;
}

/** Outputs of `dqnLoss`. */
export interface DqnLossResult<A extends RealArray = RealArray> {
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** Q(s,a) − y. Shape [B]. */
  tdError: Tensor<A>;
  /** mean of w l(e). */
  loss: number;
  /** its gradient; the target has none. Shape [B,A]. */
  gradQValues: Tensor<A>;
  /** rows in the mean. */
  count: number;
}

const dqnLossOp: Op = /* @__PURE__ */ new Op('bellman', 'dqn_loss');

/**
 * The deep Q-learning loss: squared or Huber, plain or double, weighted, masked.
 *
 * `y = r + γ c max_{a' allowed} Q⁻(s',a'), or Q⁻ at the online argmax (double);  e = Q(s,a) − y;  loss = mean_b w_b l(e_b), l = e²/2 or Huber(δ)`
 *
 * c = (1 − terminated)·continuation. Where c or γ is 0 the next values are never read: NaN there does not leak. A next state with no allowed action counts as terminal. Ties of the argmax go to the lowest action. An empty batch has loss 0.
 *
 * Source: Mnih et al., Nature 2015; van Hasselt et al., arXiv 1509.06461 (double); Schaul et al., arXiv 1511.05952 (weights).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function dqnLoss<A extends RealArray>(args: DqnLossArgs<A> & CallOptions<DqnLossResult<A>>): DqnLossResult<A> {
  return dqnLossOp.call(args) as DqnLossResult<A>;
}

/**
 * The deep Q-learning loss: squared or Huber, plain or double, weighted, masked.
 *
 * `y = r + γ c max_{a' allowed} Q⁻(s',a'), or Q⁻ at the online argmax (double);  e = Q(s,a) − y;  loss = mean_b w_b l(e_b), l = e²/2 or Huber(δ)`
 *
 * c = (1 − terminated)·continuation. Where c or γ is 0 the next values are never read: NaN there does not leak. A next state with no allowed action counts as terminal. Ties of the argmax go to the lowest action. An empty batch has loss 0.
 *
 * Source: Mnih et al., Nature 2015; van Hasselt et al., arXiv 1509.06461 (double); Schaul et al., arXiv 1511.05952 (weights).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function dqnLossAsync<A extends RealArray>(args: DqnLossArgs<A> & CallOptions<DqnLossResult<A>> & AsyncOptions): Promise<DqnLossResult<A>> {
  return dqnLossOp.callAsync(args) as Promise<DqnLossResult<A>>;
}

/** Operands and parameters of `bisimulationLoss`. */
export interface BisimulationLossArgs<A extends RealArray = RealArray> {
  /** representations. Shape [B,d], float32 or float64. */
  z: Operand<A>;
  /** rewards, or their estimates. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** mean of the predicted next representation. Shape [B,k], float32 or float64. */
  nextMu: Operand<A>;
  /** its standard deviation; for 'w2' only. Shape [B,k], float32 or float64; required when nextDistance is 'w2'. */
  nextSigma?: Operand<A>;
  /** the other row of each pair. Shape [B], int32. */
  permutation: Operand<Int32Array>;
  /** factor γ of D (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** distance D of next representations ('l1_w2' | 'w2'; default 'w2'). */
  nextDistance?: 'l1_w2' | 'w2';
}

/** Outputs of `bisimulationLoss`. */
export interface BisimulationLossResult<A extends RealArray = RealArray> {
  /** mean of e². */
  loss: number;
  /** e. Shape [B]. */
  residual: Tensor<A>;
  /** gradient of the loss. Shape [B,d]. */
  gradZ: Tensor<A>;
  /** pairs in the mean. */
  count: number;
}

const bisimulationLossOp: Op = /* @__PURE__ */ new Op('bellman', 'bisimulation_loss');

/**
 * Makes the distance of two representations that of their futures.
 *
 * `e_i = ‖z_i − z_j‖₁ − |r_i − r_j| − γ D_i, j = permutation(i);  loss = mean e²;  D: w2 = √(‖μ − μ'‖² + ‖σ − σ'‖²), l1_w2 = ‖μ − μ'‖₁`
 *
 * Only z has a gradient; |0| has slope 0. A pair of a row with itself adds nothing. The indices need not be a permutation: any pairing is taken.
 *
 * Source: Hong et al., Offline RL with Observation Histories, arXiv 2310.20663 (reconstructed); form of Zhang et al., arXiv 2006.10742.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bisimulationLoss<A extends RealArray>(args: BisimulationLossArgs<A> & CallOptions<BisimulationLossResult<A>>): BisimulationLossResult<A> {
  return bisimulationLossOp.call(args) as BisimulationLossResult<A>;
}

/**
 * Makes the distance of two representations that of their futures.
 *
 * `e_i = ‖z_i − z_j‖₁ − |r_i − r_j| − γ D_i, j = permutation(i);  loss = mean e²;  D: w2 = √(‖μ − μ'‖² + ‖σ − σ'‖²), l1_w2 = ‖μ − μ'‖₁`
 *
 * Only z has a gradient; |0| has slope 0. A pair of a row with itself adds nothing. The indices need not be a permutation: any pairing is taken.
 *
 * Source: Hong et al., Offline RL with Observation Histories, arXiv 2310.20663 (reconstructed); form of Zhang et al., arXiv 2006.10742.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bisimulationLossAsync<A extends RealArray>(args: BisimulationLossArgs<A> & CallOptions<BisimulationLossResult<A>> & AsyncOptions): Promise<BisimulationLossResult<A>> {
  return bisimulationLossOp.callAsync(args) as Promise<BisimulationLossResult<A>>;
}

/** Operands and parameters of `contrastiveRatioLoss`. */
export interface ContrastiveRatioLossArgs<A extends RealArray = RealArray> {
  /** features φ(s,a). Shape [N,d], float32 or float64. */
  phi: Operand<A>;
  /** features ψ(s'). Shape [N,d], float32 or float64. */
  psi: Operand<A>;
  /** 1 = s' followed (s,a), 0 = drawn at random. Shape [N], uint8 or int32, non-zero = true. */
  labels: Operand<Uint8Array | Int32Array>;
  /** f is raised to at least this; 0: not clamped (number; ≥ 0; default 0). */
  clampEps?: number;
}

/** Outputs of `contrastiveRatioLoss`. */
export interface ContrastiveRatioLossResult<A extends RealArray = RealArray> {
  /** mean over the samples. */
  loss: number;
  /** its gradient. Shape [N,d]. */
  gradPhi: Tensor<A>;
  /** its gradient. Shape [N,d]. */
  gradPsi: Tensor<A>;
  /** samples in the mean. */
  count: number;
}

const contrastiveRatioLossOp: Op = /* @__PURE__ */ new Op('bellman', 'contrastive_ratio_loss');

/**
 * Learns the density ratio of successors to negatives as an inner product.
 *
 * `f = φ·ψ;  loss = mean [y ln(1 + 1/f) + (1 − y) ln(1 + f)];  ∂f = −1/(f(f+1)) or 1/(1+f)`
 *
 * f must be positive: otherwise the row is NaN, unless clamp_eps is above 0; a clamped row has gradient 0.
 *
 * Source: Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function contrastiveRatioLoss<A extends RealArray>(args: ContrastiveRatioLossArgs<A> & CallOptions<ContrastiveRatioLossResult<A>>): ContrastiveRatioLossResult<A> {
  return contrastiveRatioLossOp.call(args) as ContrastiveRatioLossResult<A>;
}

/**
 * Learns the density ratio of successors to negatives as an inner product.
 *
 * `f = φ·ψ;  loss = mean [y ln(1 + 1/f) + (1 − y) ln(1 + f)];  ∂f = −1/(f(f+1)) or 1/(1+f)`
 *
 * f must be positive: otherwise the row is NaN, unless clamp_eps is above 0; a clamped row has gradient 0.
 *
 * Source: Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function contrastiveRatioLossAsync<A extends RealArray>(args: ContrastiveRatioLossArgs<A> & CallOptions<ContrastiveRatioLossResult<A>> & AsyncOptions): Promise<ContrastiveRatioLossResult<A>> {
  return contrastiveRatioLossOp.callAsync(args) as Promise<ContrastiveRatioLossResult<A>>;
}

/** Operands and parameters of `temporalContrastiveLoss`. */
export interface TemporalContrastiveLossArgs<A extends RealArray = RealArray> {
  /** features of frame t. Shape [B,d], float32 or float64. */
  z1: Operand<A>;
  /** features of frame t + k. Shape [B,d], float32 or float64. */
  z2: Operand<A>;
  /** τ (number; > 0; default 1). */
  temperature?: number;
  /** divide every feature by its length first (boolean; default true). */
  normalize?: boolean;
  /** softmax over the batch, or true against shuffled pairs ('info_nce' | 'logistic'; default 'info_nce'). */
  lossType?: 'info_nce' | 'logistic';
}

/** Outputs of `temporalContrastiveLoss`. */
export interface TemporalContrastiveLossResult<A extends RealArray = RealArray> {
  /** mean over the 2B rows. */
  loss: number;
  /** its gradient. Shape [B,d]. */
  gradZ1: Tensor<A>;
  /** its gradient. Shape [B,d]. */
  gradZ2: Tensor<A>;
  /** pairs in the batch. */
  count: number;
}

const temporalContrastiveLossOp: Op = /* @__PURE__ */ new Op('bellman', 'temporal_contrastive_loss');

/**
 * Pulls frames k steps apart together and pushes the others of the batch away.
 *
 * `f = [z1; z2], s_ij = f_i·f_j/τ, p(i) the partner;  info_nce: mean_i [−s_ip + log Σ_{j≠i} e^{s_ij}];  logistic: mean_i ½[softplus(−s_ip) + mean_j softplus(s_ij)] over the j of the other half`
 *
 * One pair: info_nce is 0. A feature of length below 1e-12 is divided by 1e-12. The 2B×2B matrix is never stored.
 *
 * Source: Misra et al., Towards Principled Representation Learning from Videos, arXiv 2403.13765.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function temporalContrastiveLoss<A extends RealArray>(args: TemporalContrastiveLossArgs<A> & CallOptions<TemporalContrastiveLossResult<A>>): TemporalContrastiveLossResult<A> {
  return temporalContrastiveLossOp.call(args) as TemporalContrastiveLossResult<A>;
}

/**
 * Pulls frames k steps apart together and pushes the others of the batch away.
 *
 * `f = [z1; z2], s_ij = f_i·f_j/τ, p(i) the partner;  info_nce: mean_i [−s_ip + log Σ_{j≠i} e^{s_ij}];  logistic: mean_i ½[softplus(−s_ip) + mean_j softplus(s_ij)] over the j of the other half`
 *
 * One pair: info_nce is 0. A feature of length below 1e-12 is divided by 1e-12. The 2B×2B matrix is never stored.
 *
 * Source: Misra et al., Towards Principled Representation Learning from Videos, arXiv 2403.13765.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function temporalContrastiveLossAsync<A extends RealArray>(args: TemporalContrastiveLossArgs<A> & CallOptions<TemporalContrastiveLossResult<A>> & AsyncOptions): Promise<TemporalContrastiveLossResult<A>> {
  return temporalContrastiveLossOp.callAsync(args) as Promise<TemporalContrastiveLossResult<A>>;
}

/** Operands and parameters of `sequenceRlLosses`. */
export interface SequenceRlLossesArgs<A extends RealArray = RealArray> {
  /** first critic at the K actions. Shape [B,K], float32 or float64. */
  q1: Operand<A>;
  /** second critic. Shape [B,K], float32 or float64. */
  q2: Operand<A>;
  /** log π of the K actions. Shape [B,K], float32 or float64. */
  logProbs: Operand<A>;
  /** first target critic at (s', a'). Shape [B], float32 or float64. */
  nextQ1: Operand<A>;
  /** second target critic. Shape [B], float32 or float64. */
  nextQ2: Operand<A>;
  /** log π(a'|s'). Shape [B], float32 or float64. */
  nextLogProbs: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** factor of the bootstrap, 0 at an end. Shape [B], float32 or float64. */
  notDone: Operand<A>;
  /** first critic at (s, a). Shape [B], float32 or float64. */
  curQ1: Operand<A>;
  /** second critic. Shape [B], float32 or float64. */
  curQ2: Operand<A>;
  /** temperature α of the entropy (number; ≥ 0; default 0.2). */
  alpha?: number;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
}

/** Outputs of `sequenceRlLosses`. */
export interface SequenceRlLossesResult<A extends RealArray = RealArray> {
  /** sum over the steps of the mean over the batch. */
  actorLoss: number;
  /** its gradient. Shape [B,K]. */
  gradLogProbs: Tensor<A>;
  /** its gradient. Shape [B,K]. */
  gradQ1: Tensor<A>;
  /** its gradient. Shape [B,K]. */
  gradQ2: Tensor<A>;
  /** y. Shape [B]. */
  criticTarget: Tensor<A>;
  /** sum of the two mean squares. */
  criticLoss: number;
  /** gradient of critic_loss. Shape [B]. */
  gradCurQ1: Tensor<A>;
  /** gradient of critic_loss. Shape [B]. */
  gradCurQ2: Tensor<A>;
  /** rows in the means. */
  count: number;
}

const sequenceRlLossesOp: Op = /* @__PURE__ */ new Op('bellman', 'sequence_rl_losses');

/**
 * Actor and critic losses of a policy that emits K actions from one state.
 *
 * `actor = Σ_t mean_b (α log π_t − min(Q1, Q2));  y = r + not_done γ (min Q' − α log π');  critic = mean (Q1 − y)² + mean (Q2 − y)²`
 *
 * Of equal critics the first takes the gradient of the minimum. Where not_done or γ is 0 the next values are never read. The target has no gradient.
 *
 * Source: Patel & Siegelmann, Overcoming Slow Decision Frequencies in Continuous Control: Model-Based Sequence Reinforcement Learning, arXiv 2410.08979.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sequenceRlLosses<A extends RealArray>(args: SequenceRlLossesArgs<A> & CallOptions<SequenceRlLossesResult<A>>): SequenceRlLossesResult<A> {
  return sequenceRlLossesOp.call(args) as SequenceRlLossesResult<A>;
}

/**
 * Actor and critic losses of a policy that emits K actions from one state.
 *
 * `actor = Σ_t mean_b (α log π_t − min(Q1, Q2));  y = r + not_done γ (min Q' − α log π');  critic = mean (Q1 − y)² + mean (Q2 − y)²`
 *
 * Of equal critics the first takes the gradient of the minimum. Where not_done or γ is 0 the next values are never read. The target has no gradient.
 *
 * Source: Patel & Siegelmann, Overcoming Slow Decision Frequencies in Continuous Control: Model-Based Sequence Reinforcement Learning, arXiv 2410.08979.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sequenceRlLossesAsync<A extends RealArray>(args: SequenceRlLossesArgs<A> & CallOptions<SequenceRlLossesResult<A>> & AsyncOptions): Promise<SequenceRlLossesResult<A>> {
  return sequenceRlLossesOp.callAsync(args) as Promise<SequenceRlLossesResult<A>>;
}

/** Operands and parameters of `factoredPolicyLogprob`. */
export interface FactoredPolicyLogprobArgs<A extends RealArray = RealArray> {
  /** logits of all heads, one after the other. Shape [B,n[+]], float32 or float64. */
  logits: Operand<A>;
  /** 1 = a choice of the masked head is allowed. Shape [B,n[@masked_head]], uint8 or int32, non-zero = true. */
  available?: Operand<Uint8Array | Int32Array>;
  /** choice of each head. Shape [B,h], int32. */
  actions: Operand<Int32Array>;
  /** 1 = the head counts; absent: all do. Shape [B,h], uint8 or int32, non-zero = true. */
  headUsed?: Operand<Uint8Array | Int32Array>;
  /** choices of each head (list of integers; ≥ 1; required). */
  headSizes: readonly number[] | Int32Array;
  /** head that `available` masks (integer; ≥ 0; default 0). */
  maskedHead?: number;
}

/** Outputs of `factoredPolicyLogprob`. */
export interface FactoredPolicyLogprobResult<A extends RealArray = RealArray> {
  /** log π of the action. Shape [B]. */
  logProbs: Tensor<A>;
  /** entropy of the used heads. Shape [B]. */
  entropy: Tensor<A>;
  /** gradient of the sum of log_probs over the batch. Shape [B,n[+]]. */
  gradLogProbsSum: Tensor<A>;
  /** gradient of the sum of entropy over the batch. Shape [B,n[+]]. */
  gradEntropySum: Tensor<A>;
}

const factoredPolicyLogprobOp: Op = /* @__PURE__ */ new Op('bellman', 'factored_policy_logprob');

/**
 * Log-probability and entropy of an action with several parts, each a softmax of its own; one part is masked, and a part may count or not.
 *
 * `log π = Σ_{h used} log p_h(a_h);  H = Σ_{h used} H(p_h);  ∂ log π = onehot − p,  ∂H = −p (log p + H_h)`
 *
 * A masked choice has probability and gradient exactly 0 and is never read. A used head without any choice left, or an action that its head does not have, gives NaN; the action of an unused head is not looked at. A masked action has log-probability −Infinity.
 *
 * Source: Vinyals et al., StarCraft II, arXiv 1708.04782.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function factoredPolicyLogprob<A extends RealArray>(args: FactoredPolicyLogprobArgs<A> & CallOptions<FactoredPolicyLogprobResult<A>>): FactoredPolicyLogprobResult<A> {
  return factoredPolicyLogprobOp.call(args) as FactoredPolicyLogprobResult<A>;
}

/**
 * Log-probability and entropy of an action with several parts, each a softmax of its own; one part is masked, and a part may count or not.
 *
 * `log π = Σ_{h used} log p_h(a_h);  H = Σ_{h used} H(p_h);  ∂ log π = onehot − p,  ∂H = −p (log p + H_h)`
 *
 * A masked choice has probability and gradient exactly 0 and is never read. A used head without any choice left, or an action that its head does not have, gives NaN; the action of an unused head is not looked at. A masked action has log-probability −Infinity.
 *
 * Source: Vinyals et al., StarCraft II, arXiv 1708.04782.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function factoredPolicyLogprobAsync<A extends RealArray>(args: FactoredPolicyLogprobArgs<A> & CallOptions<FactoredPolicyLogprobResult<A>> & AsyncOptions): Promise<FactoredPolicyLogprobResult<A>> {
  return factoredPolicyLogprobOp.callAsync(args) as Promise<FactoredPolicyLogprobResult<A>>;
}

/** Operands and parameters of `gflownetTrajectoryBalance`. */
export interface GflownetTrajectoryBalanceArgs<A extends RealArray = RealArray> {
  /** log P_F of each transition. Shape [N], float32 or float64. */
  forwardLogProbs: Operand<A>;
  /** log P_B of each transition. Shape [N], float32 or float64. */
  backwardLogProbs: Operand<A>;
  /** log R of the final object. Shape [B], float32 or float64. */
  logReward: Operand<A>;
  /** first transition of each trajectory: 0 … N. Shape [B+1], int32. */
  offsets: Operand<Int32Array>;
  /** log of the partition function Z (number; required). */
  logZ: number;
}

/** Outputs of `gflownetTrajectoryBalance`. */
export interface GflownetTrajectoryBalanceResult<A extends RealArray = RealArray> {
  /** mean of res². */
  loss: number;
  /** res. Shape [B]. */
  residual: Tensor<A>;
  /** gradient of the loss. Shape [N]. */
  gradForwardLogProbs: Tensor<A>;
  /** gradient of the loss. Shape [N]. */
  gradBackwardLogProbs: Tensor<A>;
  /** gradient of the loss. */
  gradLogZ: number;
  /** trajectories in the mean. */
  count: number;
}

const gflownetTrajectoryBalanceOp: Op = /* @__PURE__ */ new Op('bellman', 'gflownet_trajectory_balance');

/**
 * Trajectory-balance loss of a generative flow network.
 *
 * `res = log Z + Σ log P_F − log R − Σ log P_B;  loss = mean over trajectories of res²`
 *
 * A trajectory without transitions keeps log Z − log R.
 *
 * Source: Malkin et al., Trajectory Balance, arXiv 2201.13259.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gflownetTrajectoryBalance<A extends RealArray>(args: GflownetTrajectoryBalanceArgs<A> & CallOptions<GflownetTrajectoryBalanceResult<A>>): GflownetTrajectoryBalanceResult<A> {
  return gflownetTrajectoryBalanceOp.call(args) as GflownetTrajectoryBalanceResult<A>;
}

/**
 * Trajectory-balance loss of a generative flow network.
 *
 * `res = log Z + Σ log P_F − log R − Σ log P_B;  loss = mean over trajectories of res²`
 *
 * A trajectory without transitions keeps log Z − log R.
 *
 * Source: Malkin et al., Trajectory Balance, arXiv 2201.13259.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gflownetTrajectoryBalanceAsync<A extends RealArray>(args: GflownetTrajectoryBalanceArgs<A> & CallOptions<GflownetTrajectoryBalanceResult<A>> & AsyncOptions): Promise<GflownetTrajectoryBalanceResult<A>> {
  return gflownetTrajectoryBalanceOp.callAsync(args) as Promise<GflownetTrajectoryBalanceResult<A>>;
}

/** Operands and parameters of `rewardShaping` (form 'subgoal'). */
export interface RewardShapingSubgoalArgs<A extends RealArray = RealArray> {
  /** rewards of one stream of steps, in order. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the sub-goal was completed at this step. Shape [N], uint8 or int32, non-zero = true. */
  completed: Operand<Uint8Array | Int32Array>;
  /** 1 = the episode ended with this step. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** 1 = the episode was cut after this step. Shape [N], uint8 or int32, non-zero = true. */
  truncated?: Operand<Uint8Array | Int32Array>;
  /** names this form ('subgoal'; default 'subgoal'). */
  op?: 'subgoal';
  /** size α of the bonus (number; default 1). */
  alpha?: number;
  /** step limit of the environment (integer; ≥ 1; required). */
  maxSteps: number;
}

/** Outputs of `rewardShaping`. */
export interface RewardShapingSubgoalResult<A extends RealArray = RealArray> {
  /** reward with the bonus. Shape [N]. */
  augmentedReward: Tensor<A>;
  /** k_t. Shape [N]. */
  steps: Tensor<Int32Array>;
}

/** Operands and parameters of `rewardShaping` (form 'potential'). */
export interface RewardShapingPotentialArgs<A extends RealArray = RealArray> {
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** Φ(s). Shape [N], float32 or float64. */
  potential: Operand<A>;
  /** Φ(s'). Shape [N], float32 or float64. */
  nextPotential: Operand<A>;
  /** 1 = s' is a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** 1 = cut by a limit; changes nothing. Shape [N], uint8 or int32, non-zero = true. */
  truncated?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
}

/** Outputs of `rewardShaping`. */
export interface RewardShapingPotentialResult<A extends RealArray = RealArray> {
  /** the shaped reward. Shape [N]. */
  shapedReward: Tensor<A>;
}

const rewardShapingOp: Op = /* @__PURE__ */ new Op('bellman', 'reward_shaping');

/**
 * A bonus for each completed sub-goal, smaller the longer it took.
 *
 * `r_t + α (1 − k_t/max_steps) where a sub-goal is completed;  k_t: steps since the last one or since the start, this one included`
 *
 * The count begins anew after a completion and after the end of an episode.
 *
 * Source: Ruiz-Gonzalez et al., Words as Beacons, arXiv 2410.08632.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardShaping<A extends RealArray>(args: RewardShapingSubgoalArgs<A> & CallOptions<RewardShapingSubgoalResult<A>>): RewardShapingSubgoalResult<A>;
/**
 * Potential-based shaping: denser rewards, the same optimal policies.
 *
 * `r + γ Φ(s') − Φ(s), with Φ = 0 in terminal states;  V' = V − Φ`
 *
 * The next potential of a terminal step is never read; a truncated step keeps it.
 *
 * Source: Ng, Harada & Russell, ICML 1999.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardShaping<A extends RealArray>(args: RewardShapingPotentialArgs<A> & CallOptions<RewardShapingPotentialResult<A>>): RewardShapingPotentialResult<A>;
export function rewardShaping(args: object): unknown {
  return rewardShapingOp.call(args);
}

/**
 * A bonus for each completed sub-goal, smaller the longer it took.
 *
 * `r_t + α (1 − k_t/max_steps) where a sub-goal is completed;  k_t: steps since the last one or since the start, this one included`
 *
 * The count begins anew after a completion and after the end of an episode.
 *
 * Source: Ruiz-Gonzalez et al., Words as Beacons, arXiv 2410.08632.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardShapingAsync<A extends RealArray>(args: RewardShapingSubgoalArgs<A> & CallOptions<RewardShapingSubgoalResult<A>> & AsyncOptions): Promise<RewardShapingSubgoalResult<A>>;
/**
 * Potential-based shaping: denser rewards, the same optimal policies.
 *
 * `r + γ Φ(s') − Φ(s), with Φ = 0 in terminal states;  V' = V − Φ`
 *
 * The next potential of a terminal step is never read; a truncated step keeps it.
 *
 * Source: Ng, Harada & Russell, ICML 1999.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardShapingAsync<A extends RealArray>(args: RewardShapingPotentialArgs<A> & CallOptions<RewardShapingPotentialResult<A>> & AsyncOptions): Promise<RewardShapingPotentialResult<A>>;
export function rewardShapingAsync(args: object): Promise<unknown> {
  return rewardShapingOp.callAsync(args);
}

/** Operands and parameters of `noveltyKnn`. */
export interface NoveltyKnnArgs<A extends RealArray = RealArray> {
  /** behaviour descriptors. Shape [n,d], float32 or float64. */
  bd: Operand<A>;
  /** population, offspring and archive. Shape [r,d], float32 or float64. */
  reference: Operand<A>;
  /** neighbours (integer; ≥ 1; default 15). */
  k?: number;
  /** distance ('euclidean' | 'manhattan' | 'minkowski' | 'mahalanobis'; default 'euclidean'). */
  metric?: 'euclidean' | 'manhattan' | 'minkowski' | 'mahalanobis';
  /** exponent of minkowski (number; > 0; default 2). */
  p?: number;
}

/** Outputs of `noveltyKnn`. */
export interface NoveltyKnnResult<A extends RealArray = RealArray> {
  /** novelty of each behaviour. Shape [n]. */
  novelty: Tensor<A>;
}

const noveltyKnnOp: Op = /* @__PURE__ */ new Op('bellman', 'novelty_knn');

/**
 * Novelty of a behaviour: its mean distance to the k nearest others.
 *
 * `mean of the distances ranked 1 … k; rank 0, the behaviour itself, is skipped`
 *
 * `reference` holds the behaviours themselves too. With fewer than k others, the mean over what is there; with none, NaN. NaN distances rank last. mahalanobis takes the covariance of bd and reference together (n + r − 1 degrees of freedom).
 *
 * Source: Lehman & Stanley 2011; Paolo, Learning in sparse rewards settings through Quality-Diversity algorithms, arXiv 2203.01027.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function noveltyKnn<A extends RealArray>(args: NoveltyKnnArgs<A> & CallOptions<NoveltyKnnResult<A>>): NoveltyKnnResult<A> {
  return noveltyKnnOp.call(args) as NoveltyKnnResult<A>;
}

/**
 * Novelty of a behaviour: its mean distance to the k nearest others.
 *
 * `mean of the distances ranked 1 … k; rank 0, the behaviour itself, is skipped`
 *
 * `reference` holds the behaviours themselves too. With fewer than k others, the mean over what is there; with none, NaN. NaN distances rank last. mahalanobis takes the covariance of bd and reference together (n + r − 1 degrees of freedom).
 *
 * Source: Lehman & Stanley 2011; Paolo, Learning in sparse rewards settings through Quality-Diversity algorithms, arXiv 2203.01027.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function noveltyKnnAsync<A extends RealArray>(args: NoveltyKnnArgs<A> & CallOptions<NoveltyKnnResult<A>> & AsyncOptions): Promise<NoveltyKnnResult<A>> {
  return noveltyKnnOp.callAsync(args) as Promise<NoveltyKnnResult<A>>;
}

/** Operands and parameters of `bisimulationMetric`. */
export interface BisimulationMetricArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** π(a|s), for the metric on policy. Shape [S,A], float32 or float64; required when onPolicy is 'true'. */
  policy?: Operand<A>;
  /** weight of the successors (number; ≥ 0, ≤ 1; required). */
  c: number;
  /** follow `policy` instead of comparing actions (boolean; default false). */
  onPolicy?: boolean;
  /** weight w of the rewards; null: 1 − c, and 1 on policy (number or null; ≥ 0; default null). */
  rewardWeight?: number | null;
  /** accuracy of `metric` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** iterations after which the solve gives up (integer; ≥ 1; default 10000). */
  maxIterations?: number;
}

/** Outputs of `bisimulationMetric`. */
export interface BisimulationMetricResult<A extends RealArray = RealArray> {
  /** d. Shape [S,S]. */
  metric: Tensor<A>;
  /** d after one step from 0. Shape [S,S]. */
  afterOneIteration: Tensor<A>;
  /** iterations made. */
  iterations: number;
  /** 1 when `tolerance` was reached. */
  converged: number;
}

const bisimulationMetricOp: Op = /* @__PURE__ */ new Op('bellman', 'bisimulation_metric');

/**
 * The bisimulation metric of a sparse model: how far apart the futures of two states can be.
 *
 * `d(s,t) = max_a w |r(s,a) − r(t,a)| + c W1(P(s,a), P(t,a); d);  on policy: d = w |r_π(s) − r_π(t)| + c W1(P_π(s), P_π(t); d)`
 *
 * W1 is solved exactly, by shortest augmenting paths. Mass that a row lacks goes to an end state with reward 0; a row with more than one is scaled down. |V*(s) − V*(t)| ≤ d(s,t)/w for c ≥ γ.
 *
 * Source: Ferns, Panangaden & Precup, UAI 2004; Castro, arXiv 1911.09291 (on policy).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bisimulationMetric<A extends RealArray>(args: BisimulationMetricArgs<A> & CallOptions<BisimulationMetricResult<A>>): BisimulationMetricResult<A> {
  return bisimulationMetricOp.call(args) as BisimulationMetricResult<A>;
}

/**
 * The bisimulation metric of a sparse model: how far apart the futures of two states can be.
 *
 * `d(s,t) = max_a w |r(s,a) − r(t,a)| + c W1(P(s,a), P(t,a); d);  on policy: d = w |r_π(s) − r_π(t)| + c W1(P_π(s), P_π(t); d)`
 *
 * W1 is solved exactly, by shortest augmenting paths. Mass that a row lacks goes to an end state with reward 0; a row with more than one is scaled down. |V*(s) − V*(t)| ≤ d(s,t)/w for c ≥ γ.
 *
 * Source: Ferns, Panangaden & Precup, UAI 2004; Castro, arXiv 1911.09291 (on policy).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bisimulationMetricAsync<A extends RealArray>(args: BisimulationMetricArgs<A> & CallOptions<BisimulationMetricResult<A>> & AsyncOptions): Promise<BisimulationMetricResult<A>> {
  return bisimulationMetricOp.callAsync(args) as Promise<BisimulationMetricResult<A>>;
}

/** Operands and parameters of `frequencyAveragedScore`. */
export interface FrequencyAveragedScoreArgs<A extends RealArray = RealArray> {
  /** decisions per unit of time, in any order. Shape [n], float32 or float64. */
  frequency: Operand<A>;
  /** score at that frequency. Shape [n], float32 or float64. */
  score: Operand<A>;
  /** divided by the range of frequencies ('range'; default 'range'). */
  normalize?: 'range';
}

/** Outputs of `frequencyAveragedScore`. */
export interface FrequencyAveragedScoreResult<A extends RealArray = RealArray> {
  /** the average. */
  fas: number;
}

const frequencyAveragedScoreOp: Op = /* @__PURE__ */ new Op('bellman', 'frequency_averaged_score');

/**
 * The score of a policy averaged over the frequencies at which it may decide.
 *
 * `∫ score d frequency / (max − min frequency), by trapezoids`
 *
 * Points are sorted by frequency. All at one frequency: the mean score there; no points: NaN.
 *
 * Source: arXiv 2410.08979; reconstructed from the abstract.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function frequencyAveragedScore<A extends RealArray>(args: FrequencyAveragedScoreArgs<A> & CallOptions<FrequencyAveragedScoreResult<A>>): FrequencyAveragedScoreResult<A> {
  return frequencyAveragedScoreOp.call(args) as FrequencyAveragedScoreResult<A>;
}

/**
 * The score of a policy averaged over the frequencies at which it may decide.
 *
 * `∫ score d frequency / (max − min frequency), by trapezoids`
 *
 * Points are sorted by frequency. All at one frequency: the mean score there; no points: NaN.
 *
 * Source: arXiv 2410.08979; reconstructed from the abstract.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function frequencyAveragedScoreAsync<A extends RealArray>(args: FrequencyAveragedScoreArgs<A> & CallOptions<FrequencyAveragedScoreResult<A>> & AsyncOptions): Promise<FrequencyAveragedScoreResult<A>> {
  return frequencyAveragedScoreOp.callAsync(args) as Promise<FrequencyAveragedScoreResult<A>>;
}

/** Operands and parameters of `regretPreference` (form 'sum'). */
export interface RegretPreferenceSumArgs<A extends RealArray = RealArray> {
  /** V*. Shape [S], float32 or float64. */
  vStar: Operand<A>;
  /** Q*. Shape [S,A], float32 or float64. */
  qStar: Operand<A>;
  /** states of each segment. Shape [N,T], int32. */
  segState: Operand<Int32Array>;
  /** actions of each segment. Shape [N,T], int32. */
  segAction: Operand<Int32Array>;
  /** names this form ('regret_sum'; default 'regret_sum'). */
  model?: 'regret_sum';
}

/** Outputs of `regretPreference`. */
export interface RegretPreferenceSumResult<A extends RealArray = RealArray> {
  /** regret of each segment. Shape [N]. */
  regret: Tensor<A>;
}

/** Operands and parameters of `regretPreference` (form 'segments'). */
export interface RegretPreferenceSegmentsArgs<A extends RealArray = RealArray> {
  /** summed reward features of both segments. Shape [N,2,F], float32 or float64. */
  features: Operand<A>;
  /** successor features of G policies at the first state. Shape [N,2,G,F], float32 or float64; required when model is 'regret'. */
  succStart?: Operand<A>;
  /** the same at the last state. Shape [N,2,G,F], float32 or float64; required when model is 'regret'. */
  succEnd?: Operand<A>;
  /** weights of the reward. Shape [F], float32 or float64. */
  w: Operand<A>;
  /** probability that the first is preferred. Shape [N], float32 or float64. */
  labels?: Operand<A>;
  /** score of a segment ('partial_return' | 'regret'; default 'regret'). */
  model?: 'partial_return' | 'regret';
  /** T of the soft maximum over policies (number; > 0; default 0.001). */
  softmaxTemperature?: number;
  /** factors of partial return, V(s_end) and V(s_start); absent: 1, 1, 1 (list of numbers; optional). */
  weights?: readonly number[] | RealArray | Int32Array;
}

/** Outputs of `regretPreference`. */
export interface RegretPreferenceSegmentsResult<A extends RealArray = RealArray> {
  /** x. Shape [N,2]. */
  segmentScore: Tensor<A>;
  /** P(first is preferred). Shape [N]. */
  probFirst: Tensor<A>;
  /** mean cross entropy. */
  loss?: number;
  /** gradient of the loss. Shape [F]. */
  gradW?: Tensor<A>;
  /** gradient with respect to x_1 − x_2. Shape [N]. */
  gradLogit?: Tensor<A>;
  /** pairs in the mean. */
  count: number;
}

const regretPreferenceOp: Op = /* @__PURE__ */ new Op('bellman', 'regret_preference');

/**
 * Regret of segments under a known optimum.
 *
 * `regret = Σ_t V*(s_t) − Q*(s_t,a_t)`
 *
 * A segment without steps has regret 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreference<A extends RealArray>(args: RegretPreferenceSumArgs<A> & CallOptions<RegretPreferenceSumResult<A>>): RegretPreferenceSumResult<A>;
/**
 * Preferences between segments explained by regret, or by partial return, under a linear reward.
 *
 * `x = φ·w, for 'regret' + V(s_end) − V(s_start);  V = Σ_g softmax(ψ_g·w/T)_g ψ_g·w;  P(first) = σ(x_1 − x_2);  loss = mean cross entropy`
 *
 * Equal segments have P = 1/2. A label of 0.5 is no preference. For a terminal end give successor features 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreference<A extends RealArray>(args: RegretPreferenceSegmentsArgs<A> & CallOptions<RegretPreferenceSegmentsResult<A>>): RegretPreferenceSegmentsResult<A>;
export function regretPreference(args: object): unknown {
  return regretPreferenceOp.call(args);
}

/**
 * Regret of segments under a known optimum.
 *
 * `regret = Σ_t V*(s_t) − Q*(s_t,a_t)`
 *
 * A segment without steps has regret 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreferenceAsync<A extends RealArray>(args: RegretPreferenceSumArgs<A> & CallOptions<RegretPreferenceSumResult<A>> & AsyncOptions): Promise<RegretPreferenceSumResult<A>>;
/**
 * Preferences between segments explained by regret, or by partial return, under a linear reward.
 *
 * `x = φ·w, for 'regret' + V(s_end) − V(s_start);  V = Σ_g softmax(ψ_g·w/T)_g ψ_g·w;  P(first) = σ(x_1 − x_2);  loss = mean cross entropy`
 *
 * Equal segments have P = 1/2. A label of 0.5 is no preference. For a terminal end give successor features 0.
 *
 * Source: Knox et al., Models of human preference, arXiv 2206.02231.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretPreferenceAsync<A extends RealArray>(args: RegretPreferenceSegmentsArgs<A> & CallOptions<RegretPreferenceSegmentsResult<A>> & AsyncOptions): Promise<RegretPreferenceSegmentsResult<A>>;
export function regretPreferenceAsync(args: object): Promise<unknown> {
  return regretPreferenceOp.callAsync(args);
}

/** Operands and parameters of `rewardSpecification` (form 'asaf'). */
export interface RewardSpecificationAsafArgs<A extends RealArray = RealArray> {
  /** lp of the expert's samples. Shape [E], float32 or float64. */
  expertLogProbs: Operand<A>;
  /** lp of the generated samples. Shape [G], float32 or float64. */
  generatorLogProbs: Operand<A>;
  /** lp_G: the same samples under the previous policy. Shape [E], float32 or float64. */
  prevExpertLogProbs: Operand<A>;
  /** lp_G of the generated samples. Shape [G], float32 or float64. */
  prevGeneratorLogProbs: Operand<A>;
  /** names this form ('asaf'; default 'asaf'). */
  op?: 'asaf';
}

/** Outputs of `rewardSpecification`. */
export interface RewardSpecificationAsafResult<A extends RealArray = RealArray> {
  /** the loss. */
  loss: number;
  /** its gradient. Shape [E]. */
  gradExpertLogProbs: Tensor<A>;
  /** its gradient. Shape [G]. */
  gradGeneratorLogProbs: Tensor<A>;
  /** samples of both sides. */
  count: number;
}

/** Operands and parameters of `rewardSpecification` (form 'lagrangian'). */
export interface RewardSpecificationLagrangianArgs<A extends RealArray = RealArray> {
  /** logits of the multipliers. Shape [K], float32 or float64. */
  z: Operand<A>;
  /** J_k, the cost measured. Shape [K], float32 or float64. */
  constraintValue: Operand<A>;
  /** d_k, the cost allowed. Shape [K], float32 or float64. */
  threshold: Operand<A>;
  /** names this form ('lagrangian'; default 'lagrangian'). */
  op?: 'lagrangian';
  /** softmax with a fixed 0 for the main task (boolean; default true). */
  normalize?: boolean;
}

/** Outputs of `rewardSpecification`. */
export interface RewardSpecificationLagrangianResult<A extends RealArray = RealArray> {
  /** λ_0. */
  lambdaMain: number;
  /** λ_1 … λ_K. Shape [K]. */
  lambdaK: Tensor<A>;
  /** λ_0, λ_1, … λ_K. Shape [K+1]. */
  combinedWeights: Tensor<A>;
  /** J_k − d_k. Shape [K]. */
  violation: Tensor<A>;
}

const rewardSpecificationOp: Op = /* @__PURE__ */ new Op('bellman', 'reward_specification');

/**
 * Adversarial soft advantage fitting: a policy is learned as the discriminator between the expert and its own previous version.
 *
 * `loss = −mean_expert ln σ(lp − lp_G) − mean_generated ln σ(lp_G − lp)`
 *
 * For windows or whole trajectories sum the log-probabilities first. At lp = lp_G the loss is 2 ln 2. A side without samples adds 0.
 *
 * Source: Barde, Roy et al., Adversarial Soft Advantage Fitting, arXiv 2006.13258, eq. 11.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardSpecification<A extends RealArray>(args: RewardSpecificationAsafArgs<A> & CallOptions<RewardSpecificationAsafResult<A>>): RewardSpecificationAsafResult<A>;
/**
 * Multipliers of behaviour constraints, normalised with the main task.
 *
 * `λ_0 = 1/(1 + Σ e^{z_k}), λ_k = e^{z_k} λ_0;  reward λ_0 r − Σ λ_k c_k;  ascend z by J_k − d_k`
 *
 * normalize false: the plain Lagrangian, λ_0 = 1 and λ_k = max(z_k, 0).
 *
 * Source: Roy, Effective Reward Specification in Deep Reinforcement Learning, arXiv 2412.07177 (normalisation reconstructed).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardSpecification<A extends RealArray>(args: RewardSpecificationLagrangianArgs<A> & CallOptions<RewardSpecificationLagrangianResult<A>>): RewardSpecificationLagrangianResult<A>;
export function rewardSpecification(args: object): unknown {
  return rewardSpecificationOp.call(args);
}

/**
 * Adversarial soft advantage fitting: a policy is learned as the discriminator between the expert and its own previous version.
 *
 * `loss = −mean_expert ln σ(lp − lp_G) − mean_generated ln σ(lp_G − lp)`
 *
 * For windows or whole trajectories sum the log-probabilities first. At lp = lp_G the loss is 2 ln 2. A side without samples adds 0.
 *
 * Source: Barde, Roy et al., Adversarial Soft Advantage Fitting, arXiv 2006.13258, eq. 11.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardSpecificationAsync<A extends RealArray>(args: RewardSpecificationAsafArgs<A> & CallOptions<RewardSpecificationAsafResult<A>> & AsyncOptions): Promise<RewardSpecificationAsafResult<A>>;
/**
 * Multipliers of behaviour constraints, normalised with the main task.
 *
 * `λ_0 = 1/(1 + Σ e^{z_k}), λ_k = e^{z_k} λ_0;  reward λ_0 r − Σ λ_k c_k;  ascend z by J_k − d_k`
 *
 * normalize false: the plain Lagrangian, λ_0 = 1 and λ_k = max(z_k, 0).
 *
 * Source: Roy, Effective Reward Specification in Deep Reinforcement Learning, arXiv 2412.07177 (normalisation reconstructed).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardSpecificationAsync<A extends RealArray>(args: RewardSpecificationLagrangianArgs<A> & CallOptions<RewardSpecificationLagrangianResult<A>> & AsyncOptions): Promise<RewardSpecificationLagrangianResult<A>>;
export function rewardSpecificationAsync(args: object): Promise<unknown> {
  return rewardSpecificationOp.callAsync(args);
}

/** Operands and parameters of `continualLearning` (form 'ewc'). */
export interface ContinualLearningEwcArgs<A extends RealArray = RealArray> {
  /** weights θ. Shape [n], float32 or float64. */
  theta: Operand<A>;
  /** weights θ* after the earlier tasks. Shape [n], float32 or float64. */
  thetaStar: Operand<A>;
  /** diagonal F of the Fisher information. Shape [n], float32 or float64. */
  fisher: Operand<A>;
  /** names this form ('ewc'; default 'ewc'). */
  op?: 'ewc';
  /** strength λ (number; ≥ 0; default 1). */
  lambda?: number;
}

/** Outputs of `continualLearning`. */
export interface ContinualLearningEwcResult<A extends RealArray = RealArray> {
  /** the penalty. */
  loss: number;
  /** its gradient. Shape [n]. */
  grad: Tensor<A>;
}

/** Operands and parameters of `continualLearning` (form 'agem'). */
export interface ContinualLearningAgemArgs<A extends RealArray = RealArray> {
  /** gradient g of the task at hand. Shape [n], float32 or float64. */
  grad: Operand<A>;
  /** gradient g_ref on the memory. Shape [n], float32 or float64. */
  gradRef: Operand<A>;
  /** names this form ('agem'; default 'agem'). */
  op?: 'agem';
}

/** Outputs of `continualLearning`. */
export interface ContinualLearningAgemResult<A extends RealArray = RealArray> {
  /** gradient to follow. Shape [n]. */
  projected: Tensor<A>;
}

/** Operands and parameters of `continualLearning` (form 'q_learning'). */
export interface ContinualLearningQLearningArgs<A extends RealArray = RealArray> {
  /** s. Shape [T], int32. */
  states: Operand<Int32Array>;
  /** a. Shape [T], int32. */
  actions: Operand<Int32Array>;
  /** r. Shape [T], float32 or float64. */
  rewards: Operand<A>;
  /** s'. Shape [T], int32. */
  nextStates: Operand<Int32Array>;
  /** 1 = the episode ended; absent: none did. Shape [T], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** Q before the stream. Shape [S,A], float32 or float64. */
  initialQValues: Operand<A>;
  /** names this form ('q_learning'; default 'q_learning'). */
  op?: 'q_learning';
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** step size, when constant (number; ≥ 0, ≤ 1; default 0.1). */
  alpha?: number;
  /** α at every step, or 1 over the visits of (s,a), this one included ('constant' | 'harmonic'; default 'constant'). */
  schedule?: 'constant' | 'harmonic';
}

/** Outputs of `continualLearning`. */
export interface ContinualLearningQLearningResult<A extends RealArray = RealArray> {
  /** Q after the stream. Shape [S,A]. */
  qValues: Tensor<A>;
}

const continualLearningOp: Op = /* @__PURE__ */ new Op('bellman', 'continual_learning');

/**
 * Elastic weight consolidation: a quadratic penalty around earlier weights.
 *
 * `loss = λ/2 Σ F (θ − θ*)²;  grad = λ F (θ − θ*)`
 *
 * Source: Kirkpatrick et al., arXiv 1612.00796; survey: Wang et al., arXiv 2302.00487.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearning<A extends RealArray>(args: ContinualLearningEwcArgs<A> & CallOptions<ContinualLearningEwcResult<A>>): ContinualLearningEwcResult<A>;
/**
 * Averaged gradient episodic memory: a gradient that does not undo earlier tasks.
 *
 * `g·g_ref < 0: g − (g·g_ref / g_ref·g_ref) g_ref; otherwise g`
 *
 * A zero reference leaves g as it is.
 *
 * Source: Chaudhry et al., arXiv 1812.00420; survey: Wang et al., arXiv 2302.00487.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearning<A extends RealArray>(args: ContinualLearningAgemArgs<A> & CallOptions<ContinualLearningAgemResult<A>>): ContinualLearningAgemResult<A>;
/**
 * Tabular Q-learning over a stream of transitions, in their order.
 *
 * `Q(s,a) += step (r + γ (1 − terminated) max_a' Q(s',a') − Q(s,a));  step: α, or 1/n(s,a)`
 *
 * The next state of a terminal transition is never read. One stream a call.
 *
 * Source: Watkins & Dayan 1992; step sizes: Abel et al., A Definition of Continual RL, arXiv 2307.11046.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearning<A extends RealArray>(args: ContinualLearningQLearningArgs<A> & CallOptions<ContinualLearningQLearningResult<A>>): ContinualLearningQLearningResult<A>;
export function continualLearning(args: object): unknown {
  return continualLearningOp.call(args);
}

/**
 * Elastic weight consolidation: a quadratic penalty around earlier weights.
 *
 * `loss = λ/2 Σ F (θ − θ*)²;  grad = λ F (θ − θ*)`
 *
 * Source: Kirkpatrick et al., arXiv 1612.00796; survey: Wang et al., arXiv 2302.00487.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearningAsync<A extends RealArray>(args: ContinualLearningEwcArgs<A> & CallOptions<ContinualLearningEwcResult<A>> & AsyncOptions): Promise<ContinualLearningEwcResult<A>>;
/**
 * Averaged gradient episodic memory: a gradient that does not undo earlier tasks.
 *
 * `g·g_ref < 0: g − (g·g_ref / g_ref·g_ref) g_ref; otherwise g`
 *
 * A zero reference leaves g as it is.
 *
 * Source: Chaudhry et al., arXiv 1812.00420; survey: Wang et al., arXiv 2302.00487.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearningAsync<A extends RealArray>(args: ContinualLearningAgemArgs<A> & CallOptions<ContinualLearningAgemResult<A>> & AsyncOptions): Promise<ContinualLearningAgemResult<A>>;
/**
 * Tabular Q-learning over a stream of transitions, in their order.
 *
 * `Q(s,a) += step (r + γ (1 − terminated) max_a' Q(s',a') − Q(s,a));  step: α, or 1/n(s,a)`
 *
 * The next state of a terminal transition is never read. One stream a call.
 *
 * Source: Watkins & Dayan 1992; step sizes: Abel et al., A Definition of Continual RL, arXiv 2307.11046.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function continualLearningAsync<A extends RealArray>(args: ContinualLearningQLearningArgs<A> & CallOptions<ContinualLearningQLearningResult<A>> & AsyncOptions): Promise<ContinualLearningQLearningResult<A>>;
export function continualLearningAsync(args: object): Promise<unknown> {
  return continualLearningOp.callAsync(args);
}

/** Operands and parameters of `nondominatedSort`. */
export interface NondominatedSortArgs<A extends RealArray = RealArray> {
  /** first objective. Shape [n], float32 or float64. */
  objective1: Operand<A>;
  /** second objective. Shape [n], float32 or float64. */
  objective2: Operand<A>;
  /** larger is better (boolean; default true). */
  maximize?: boolean;
}

/** Outputs of `nondominatedSort`. */
export interface NondominatedSortResult<A extends RealArray = RealArray> {
  /** front of each point, 0 = the best. Shape [n]. */
  rank: Tensor<Int32Array>;
}

const nondominatedSortOp: Op = /* @__PURE__ */ new Op('bellman', 'nondominated_sort');

/**
 * Pareto fronts of two objectives.
 *
 * `p dominates q: no worse in both, better in one;  rank 0: dominated by none; rank i: by none once the ranks below i are gone`
 *
 * Equal points share a rank. A point with a NaN neither dominates nor is dominated.
 *
 * Source: Deb et al., NSGA-II, IEEE TEC 2002.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nondominatedSort<A extends RealArray>(args: NondominatedSortArgs<A> & CallOptions<NondominatedSortResult<A>>): NondominatedSortResult<A> {
  return nondominatedSortOp.call(args) as NondominatedSortResult<A>;
}

/**
 * Pareto fronts of two objectives.
 *
 * `p dominates q: no worse in both, better in one;  rank 0: dominated by none; rank i: by none once the ranks below i are gone`
 *
 * Equal points share a rank. A point with a NaN neither dominates nor is dominated.
 *
 * Source: Deb et al., NSGA-II, IEEE TEC 2002.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function nondominatedSortAsync<A extends RealArray>(args: NondominatedSortArgs<A> & CallOptions<NondominatedSortResult<A>> & AsyncOptions): Promise<NondominatedSortResult<A>> {
  return nondominatedSortOp.callAsync(args) as Promise<NondominatedSortResult<A>>;
}

/** Operands and parameters of `crowdingDistance`. */
export interface CrowdingDistanceArgs<A extends RealArray = RealArray> {
  /** first objective of the whole population. Shape [n], float32 or float64. */
  objective1: Operand<A>;
  /** second objective. Shape [n], float32 or float64. */
  objective2: Operand<A>;
  /** points of the front, each once. Shape [f], int32. */
  front: Operand<Int32Array>;
  /** whose gap an entry takes ('official' | 'standard'; default 'official'). */
  convention?: 'official' | 'standard';
}

/** Outputs of `crowdingDistance`. */
export interface CrowdingDistanceResult<A extends RealArray = RealArray> {
  /** crowding distance. Shape [f]. */
  distance: Tensor<A>;
}

const crowdingDistanceOp: Op = /* @__PURE__ */ new Op('bellman', 'crowding_distance');

/**
 * How alone each point of a Pareto front is.
 *
 * `Σ over objectives of (next − previous)/(max − min of the whole population); the ends are Infinity`
 *
 * official: entry k belongs to the k-th smallest of objective 1 and adds the gap of the k-th smallest of objective 2, another point where the objectives are opposed; a constant objective gives Infinity. standard: entry k belongs to front[k], both ends of each objective are Infinity, a constant objective adds 0.
 *
 * Source: Deb et al., NSGA-II, IEEE TEC 2002; 'official': as in Paolo's SERENE, arXiv 2203.01027.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function crowdingDistance<A extends RealArray>(args: CrowdingDistanceArgs<A> & CallOptions<CrowdingDistanceResult<A>>): CrowdingDistanceResult<A> {
  return crowdingDistanceOp.call(args) as CrowdingDistanceResult<A>;
}

/**
 * How alone each point of a Pareto front is.
 *
 * `Σ over objectives of (next − previous)/(max − min of the whole population); the ends are Infinity`
 *
 * official: entry k belongs to the k-th smallest of objective 1 and adds the gap of the k-th smallest of objective 2, another point where the objectives are opposed; a constant objective gives Infinity. standard: entry k belongs to front[k], both ends of each objective are Infinity, a constant objective adds 0.
 *
 * Source: Deb et al., NSGA-II, IEEE TEC 2002; 'official': as in Paolo's SERENE, arXiv 2203.01027.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function crowdingDistanceAsync<A extends RealArray>(args: CrowdingDistanceArgs<A> & CallOptions<CrowdingDistanceResult<A>> & AsyncOptions): Promise<CrowdingDistanceResult<A>> {
  return crowdingDistanceOp.callAsync(args) as Promise<CrowdingDistanceResult<A>>;
}

/** Operands and parameters of `emitterBookkeeping`. */
export interface EmitterBookkeepingArgs<A extends RealArray = RealArray> {
  /** rewards of the emitter's offspring, a row per generation. Shape [G,R], float32 or float64. */
  rewardHistory: Operand<A>;
  /** population. Shape [P,d], float32 or float64. */
  genomes: Operand<A>;
  /** genome of the new emitter (integer; ≥ 0; required). */
  index: number;
  /** generations at each end (integer; ≥ 1; default 3). */
  window?: number;
  /** step size when the nearest distance is 0 (number; ≥ 0; default 0.05). */
  fallbackSigma?: number;
}

/** Outputs of `emitterBookkeeping`. */
export interface EmitterBookkeepingResult<A extends RealArray = RealArray> {
  /** 0 = the emitter has ended. */
  improvement: number;
  /** initial step size. */
  sigma: number;
}

const emitterBookkeepingOp: Op = /* @__PURE__ */ new Op('bellman', 'emitter_bookkeeping');

/**
 * Whether an emitter still improves, and the step size a new one starts with.
 *
 * `improvement = max(0, mean reward of the last generations − that of the first);  sigma = distance of the genome to the nearest other / 3`
 *
 * Fewer generations than `window`: those there are. A duplicate of the genome, or no other: fallback_sigma.
 *
 * Source: Paolo et al., SERENE, arXiv 2102.03140; thesis arXiv 2203.01027.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function emitterBookkeeping<A extends RealArray>(args: EmitterBookkeepingArgs<A> & CallOptions<EmitterBookkeepingResult<A>>): EmitterBookkeepingResult<A> {
  return emitterBookkeepingOp.call(args) as EmitterBookkeepingResult<A>;
}

/**
 * Whether an emitter still improves, and the step size a new one starts with.
 *
 * `improvement = max(0, mean reward of the last generations − that of the first);  sigma = distance of the genome to the nearest other / 3`
 *
 * Fewer generations than `window`: those there are. A duplicate of the genome, or no other: fallback_sigma.
 *
 * Source: Paolo et al., SERENE, arXiv 2102.03140; thesis arXiv 2203.01027.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function emitterBookkeepingAsync<A extends RealArray>(args: EmitterBookkeepingArgs<A> & CallOptions<EmitterBookkeepingResult<A>> & AsyncOptions): Promise<EmitterBookkeepingResult<A>> {
  return emitterBookkeepingOp.callAsync(args) as Promise<EmitterBookkeepingResult<A>>;
}

/** Operands and parameters of `pathSignature`. */
export interface PathSignatureArgs<A extends RealArray = RealArray> {
  /** points of the path. Shape [T,d], float32 or float64. */
  path: Operand<A>;
  /** depth m (integer; ≥ 1, ≤ 64; required). */
  depth: number;
}

/** Outputs of `pathSignature`. */
export interface PathSignatureResult<A extends RealArray = RealArray> {
  /** levels 1 to m one after the other, each in row-major order. Shape [d[^m]]. */
  signature: Tensor<A>;
}

const pathSignatureOp: Op = /* @__PURE__ */ new Op('bellman', 'path_signature');

/**
 * Signature of a piecewise linear path: its iterated integrals up to a depth.
 *
 * `S = ⊗ over segments of exp(Δx) in the truncated tensor algebra (Chen)`
 *
 * Fewer than two points give zeros. Level 1 is the total increment.
 *
 * Source: Chen 1957; as behaviour descriptor: Paolo, arXiv 2203.01027.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pathSignature<A extends RealArray>(args: PathSignatureArgs<A> & CallOptions<PathSignatureResult<A>>): PathSignatureResult<A> {
  return pathSignatureOp.call(args) as PathSignatureResult<A>;
}

/**
 * Signature of a piecewise linear path: its iterated integrals up to a depth.
 *
 * `S = ⊗ over segments of exp(Δx) in the truncated tensor algebra (Chen)`
 *
 * Fewer than two points give zeros. Level 1 is the total increment.
 *
 * Source: Chen 1957; as behaviour descriptor: Paolo, arXiv 2203.01027.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pathSignatureAsync<A extends RealArray>(args: PathSignatureArgs<A> & CallOptions<PathSignatureResult<A>> & AsyncOptions): Promise<PathSignatureResult<A>> {
  return pathSignatureOp.callAsync(args) as Promise<PathSignatureResult<A>>;
}

/** Operands and parameters of `perceptualReward` (form 'split'). */
export interface PerceptualRewardSplitArgs<A extends RealArray = RealArray> {
  /** features of each frame. Shape [T,d], float32 or float64. */
  features: Operand<A>;
  /** names this form ('split'; default 'split'). */
  op?: 'split';
  /** steps n (integer; ≥ 1; required). */
  numSteps: number;
  /** fewest frames of a step (integer; ≥ 1; default 1). */
  minSize?: number;
}

/** Outputs of `perceptualReward`. */
export interface PerceptualRewardSplitResult<A extends RealArray = RealArray> {
  /** first frame of steps 2 … n: n − 1 entries. Shape [n] at most. */
  boundaries: Tensor<Int32Array>;
  /** the minimum. */
  averageStd: number;
}

/** Operands and parameters of `perceptualReward` (form 'select_reward'). */
export interface PerceptualRewardSelectRewardArgs<A extends RealArray = RealArray> {
  /** frames of the step. Shape [P,d], float32 or float64. */
  positive: Operand<A>;
  /** frames of the other steps. Shape [N,d], float32 or float64. */
  negative: Operand<A>;
  /** frames to reward. Shape [Q,d], float32 or float64. */
  query: Operand<A>;
  /** names this form ('select_reward'; default 'select_reward'). */
  op?: 'select_reward';
  /** weight α of the distance of the means (number; default 1). */
  alpha?: number;
  /** features M kept (integer; ≥ 1; default 32). */
  numFeatures?: number;
}

/** Outputs of `perceptualReward`. */
export interface PerceptualRewardSelectRewardResult<A extends RealArray = RealArray> {
  /** z. Shape [d]. */
  zScore: Tensor<A>;
  /** the M kept, by falling z. Shape [d] at most. */
  selected: Tensor<Int32Array>;
  /** reward of each frame. Shape [Q]. */
  stepReward: Tensor<A>;
}

/** Operands and parameters of `perceptualReward` (form 'combine'). */
export interface PerceptualRewardCombineArgs<A extends RealArray = RealArray> {
  /** reward of each step at each frame. Shape [Q,n], float32 or float64. */
  stepReward: Operand<A>;
  /** names this form ('combine'; default 'combine'). */
  op?: 'combine';
}

/** Outputs of `perceptualReward`. */
export interface PerceptualRewardCombineResult<A extends RealArray = RealArray> {
  /** combined reward. Shape [Q]. */
  total: Tensor<A>;
}

const perceptualRewardOp: Op = /* @__PURE__ */ new Op('bellman', 'perceptual_reward');

/**
 * Cuts a demonstration into steps within which its features vary least.
 *
 * `min over cuts of the mean over steps of the mean over features of the standard deviation`
 *
 * Exact, by dynamic programming; of equal cuts the first in lexicographic order. Too few frames for the steps asked for are an error.
 *
 * Source: Sermanet, Xu & Levine, Unsupervised Perceptual Rewards, arXiv 1612.06699 (reconstructed).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualReward<A extends RealArray>(args: PerceptualRewardSplitArgs<A> & CallOptions<PerceptualRewardSplitResult<A>>): PerceptualRewardSplitResult<A>;
/**
 * Picks the features that tell one step from the others, and rewards frames by them.
 *
 * `z_j = α |μ⁺_j − μ⁻_j| − (σ⁺_j + σ⁻_j);  reward = −mean over the best M of ((x_j − μ⁺_j)/σ⁺_j)²`
 *
 * Population deviations, at least 1e-8 as divisors. Ties keep the lower feature. With fewer features than asked for, all.
 *
 * Source: Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualReward<A extends RealArray>(args: PerceptualRewardSelectRewardArgs<A> & CallOptions<PerceptualRewardSelectRewardResult<A>>): PerceptualRewardSelectRewardResult<A>;
/**
 * One reward from those of all steps; later steps weigh twice as much each.
 *
 * `Σ_{i=2…n} 2^{i−1} R_i`
 *
 * The first step, where everything begins, is left out.
 *
 * Source: Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualReward<A extends RealArray>(args: PerceptualRewardCombineArgs<A> & CallOptions<PerceptualRewardCombineResult<A>>): PerceptualRewardCombineResult<A>;
export function perceptualReward(args: object): unknown {
  return perceptualRewardOp.call(args);
}

/**
 * Cuts a demonstration into steps within which its features vary least.
 *
 * `min over cuts of the mean over steps of the mean over features of the standard deviation`
 *
 * Exact, by dynamic programming; of equal cuts the first in lexicographic order. Too few frames for the steps asked for are an error.
 *
 * Source: Sermanet, Xu & Levine, Unsupervised Perceptual Rewards, arXiv 1612.06699 (reconstructed).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualRewardAsync<A extends RealArray>(args: PerceptualRewardSplitArgs<A> & CallOptions<PerceptualRewardSplitResult<A>> & AsyncOptions): Promise<PerceptualRewardSplitResult<A>>;
/**
 * Picks the features that tell one step from the others, and rewards frames by them.
 *
 * `z_j = α |μ⁺_j − μ⁻_j| − (σ⁺_j + σ⁻_j);  reward = −mean over the best M of ((x_j − μ⁺_j)/σ⁺_j)²`
 *
 * Population deviations, at least 1e-8 as divisors. Ties keep the lower feature. With fewer features than asked for, all.
 *
 * Source: Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualRewardAsync<A extends RealArray>(args: PerceptualRewardSelectRewardArgs<A> & CallOptions<PerceptualRewardSelectRewardResult<A>> & AsyncOptions): Promise<PerceptualRewardSelectRewardResult<A>>;
/**
 * One reward from those of all steps; later steps weigh twice as much each.
 *
 * `Σ_{i=2…n} 2^{i−1} R_i`
 *
 * The first step, where everything begins, is left out.
 *
 * Source: Sermanet, Xu & Levine, arXiv 1612.06699 (reconstructed).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function perceptualRewardAsync<A extends RealArray>(args: PerceptualRewardCombineArgs<A> & CallOptions<PerceptualRewardCombineResult<A>> & AsyncOptions): Promise<PerceptualRewardCombineResult<A>>;
export function perceptualRewardAsync(args: object): Promise<unknown> {
  return perceptualRewardOp.callAsync(args);
}
