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

/** Operands and parameters of `mamql`. */
export interface MamqlArgs<A extends RealArray = RealArray> {
  /** Q(s,a,o), o the joint action of the others. Shape [B,A,K], float32 or float64. */
  qJoint: Operand<A>;
  /** the same of the next state. Shape [B,A,K], float32 or float64. */
  nextQJoint: Operand<A>;
  /** π₋(o|s), the product of their policies. Shape [B,K], float32 or float64. */
  otherPolicy: Operand<A>;
  /** the same of the next state. Shape [B,K], float32 or float64. */
  nextOtherPolicy: Operand<A>;
  /** own action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** 1 = the next state has no value; absent: 0. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** 1 = the row is a demonstration; absent: all are. Shape [B], uint8 or int32, non-zero = true. */
  isExpert?: Operand<Uint8Array | Int32Array>;
  /** λ, an inverse temperature (number; > 0; default 1). */
  rationality?: number;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** α of the chi-square regulariser (number; > 0; default 0.5). */
  alpha?: number;
  /** 'chi': φ as above; the others: φ'(r) r with φ' held constant, 1/(1+r)², e^{−r} or e^{−r}/(2 − e^{−r}) ('chi' | 'hellinger' | 'kl_fix' | 'js'; default 'chi'). */
  divergence?: 'chi' | 'hellinger' | 'kl_fix' | 'js';
  /** rows of the value term: all, the demonstrations, or (1 − γ) mean V(s) of rows that are first states ('all' | 'expert' | 'v0'; default 'all'). */
  valueSampling?: 'all' | 'expert' | 'v0';
}

/** Outputs of `mamql`. */
export interface MamqlResult<A extends RealArray = RealArray> {
  /** Q̄(s,·). Shape [B,A]. */
  qMarginal: Tensor<A>;
  /** π(·|s). Shape [B,A]. */
  policy: Tensor<A>;
  /** V(s). Shape [B]. */
  values: Tensor<A>;
  /** r, the recovered reward. Shape [B]. */
  rewards: Tensor<A>;
  /** L. */
  loss: number;
  /** ∂L/∂Q̄(s,·). Shape [B,A]. */
  gradQMarginal: Tensor<A>;
  /** ∂L/∂Q̄(s',·). Shape [B,A]. */
  gradNextQMarginal: Tensor<A>;
  /** ∂L/∂Q(s,·,·). Shape [B,A,K]. */
  gradQJoint: Tensor<A>;
  /** ∂L/∂Q(s',·,·). Shape [B,A,K]. */
  gradNextQJoint: Tensor<A>;
}

const mamqlOp: Op = /* @__PURE__ */ new Op('bellman', 'mamql');

/**
 * Multi-agent inverse Q-learning of one agent: marginal critic, its soft policy, the recovered rewards, and the IQ-Learn objective with its gradients.
 *
 * `Q̄(s,a) = Σ_o π₋(o|s) Q(s,a,o);  π = softmax(λ Q̄);  V = log Σ e^{λQ̄} / λ;  y = (1 − done) γ V(s');  r = Q̄(s,a) − y;  L = −mean_expert φ(r) + mean(V(s) − y), φ(r) = r − r²/(4α)`
 *
 * Without an expert row the expert terms are 0. An empty batch has loss 0. A NaN makes the loss NaN and leaves the gradients of the other rows finite. The other agents' policies are constants of the gradient.
 *
 * Source: Haynam et al., Multi-Agent Inverse Q-Learning from Demonstrations, arXiv 2503.04679; objective: Garg et al., IQ-Learn, arXiv 2106.12142.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mamql<A extends RealArray>(args: MamqlArgs<A> & CallOptions<MamqlResult<A>>): MamqlResult<A> {
  return mamqlOp.call(args) as MamqlResult<A>;
}

/**
 * Multi-agent inverse Q-learning of one agent: marginal critic, its soft policy, the recovered rewards, and the IQ-Learn objective with its gradients.
 *
 * `Q̄(s,a) = Σ_o π₋(o|s) Q(s,a,o);  π = softmax(λ Q̄);  V = log Σ e^{λQ̄} / λ;  y = (1 − done) γ V(s');  r = Q̄(s,a) − y;  L = −mean_expert φ(r) + mean(V(s) − y), φ(r) = r − r²/(4α)`
 *
 * Without an expert row the expert terms are 0. An empty batch has loss 0. A NaN makes the loss NaN and leaves the gradients of the other rows finite. The other agents' policies are constants of the gradient.
 *
 * Source: Haynam et al., Multi-Agent Inverse Q-Learning from Demonstrations, arXiv 2503.04679; objective: Garg et al., IQ-Learn, arXiv 2106.12142.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mamqlAsync<A extends RealArray>(args: MamqlArgs<A> & CallOptions<MamqlResult<A>> & AsyncOptions): Promise<MamqlResult<A>> {
  return mamqlOp.callAsync(args) as Promise<MamqlResult<A>>;
}

/** Operands and parameters of `treeSelection`. */
export interface TreeSelectionArgs<A extends RealArray = RealArray> {
  /** N, finished visits of each child. Shape [B,A], int32. */
  visits: Operand<Int32Array>;
  /** W, sum of the values they returned. Shape [B,A], float32 or float64. */
  valueSum: Operand<A>;
  /** P, for PUCT. Shape [B,A], float32 or float64. */
  prior?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [B,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** visits under way; absent: 0. Shape [B,A], int32. */
  pending?: Operand<Int32Array>;
  /** c of PUCT (number; ≥ 0; default 1.25). */
  cPuct?: number;
  /** c of UCB1 (number; ≥ 0; default 1.4142135623730951). */
  cUcb?: number;
  /** loss of a pending visit (number; default 1). */
  virtualLoss?: number;
}

/** Outputs of `treeSelection`. */
export interface TreeSelectionResult<A extends RealArray = RealArray> {
  /** PUCT scores. Shape [B,A]. */
  puct?: Tensor<A>;
  /** their first maximum. Shape [B]. */
  puctAction?: Tensor<Int32Array>;
  /** UCB1 scores. Shape [B,A]. */
  ucb: Tensor<A>;
  /** their first maximum. Shape [B]. */
  ucbAction: Tensor<Int32Array>;
}

const treeSelectionOp: Op = /* @__PURE__ */ new Op('bellman', 'tree_selection');

/**
 * Scores and choices of tree search at a batch of nodes: PUCT and UCB1.
 *
 * `Q = W/N, 0 unvisited;  PUCT = Q + c P √(Σ N)/(1 + N);  UCB1 = Q + c √(ln Σ N / N), untried Infinity`
 *
 * Ties go to the lowest action, a NaN score wins over numbers. A masked action scores −Infinity; where none is allowed the choice is −1. A pending visit counts as a visit that cost `virtual_loss`.
 *
 * Source: Silver et al., AlphaZero, arXiv 1712.01815; Auer et al. (2002).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function treeSelection<A extends RealArray>(args: TreeSelectionArgs<A> & CallOptions<TreeSelectionResult<A>>): TreeSelectionResult<A> {
  return treeSelectionOp.call(args) as TreeSelectionResult<A>;
}

/**
 * Scores and choices of tree search at a batch of nodes: PUCT and UCB1.
 *
 * `Q = W/N, 0 unvisited;  PUCT = Q + c P √(Σ N)/(1 + N);  UCB1 = Q + c √(ln Σ N / N), untried Infinity`
 *
 * Ties go to the lowest action, a NaN score wins over numbers. A masked action scores −Infinity; where none is allowed the choice is −1. A pending visit counts as a visit that cost `virtual_loss`.
 *
 * Source: Silver et al., AlphaZero, arXiv 1712.01815; Auer et al. (2002).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function treeSelectionAsync<A extends RealArray>(args: TreeSelectionArgs<A> & CallOptions<TreeSelectionResult<A>> & AsyncOptions): Promise<TreeSelectionResult<A>> {
  return treeSelectionOp.callAsync(args) as Promise<TreeSelectionResult<A>>;
}

/** Operands and parameters of `pomdpBeliefQmdp`. */
export interface PomdpBeliefQmdpArgs<A extends RealArray = RealArray> {
  /** P(s'|s,a). Shape [S,A,S], float32 or float64. */
  prob: Operand<A>;
  /** O(o|a,s'), s' the state reached. Shape [A,S,O], float32 or float64. */
  observation: Operand<A>;
  /** b. Shape [B,S], float32 or float64. */
  belief: Operand<A>;
  /** action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** observation received. Shape [B], int32. */
  obs: Operand<Int32Array>;
  /** Q of the observable problem, for QMDP. Shape [S,A], float32 or float64. */
  qValues?: Operand<A>;
}

/** Outputs of `pomdpBeliefQmdp`. */
export interface PomdpBeliefQmdpResult<A extends RealArray = RealArray> {
  /** b'. Shape [B,S]. */
  nextBelief: Tensor<A>;
  /** probability of the observation. Shape [B]. */
  likelihood: Tensor<A>;
  /** max_a Σ_s b(s) Q(s,a). Shape [B]. */
  qmdpValue?: Tensor<A>;
  /** its first maximum, −1 without actions. Shape [B]. */
  qmdpAction?: Tensor<Int32Array>;
}

const pomdpBeliefQmdpOp: Op = /* @__PURE__ */ new Op('bellman', 'pomdp_belief_qmdp');

/**
 * Bayes update of a batch of beliefs over hidden states, and the QMDP choice at the incoming ones.
 *
 * `b'(s') ∝ O(o|a,s') Σ_s b(s) P(s'|s,a);  QMDP = max_a Σ_s b(s) Q(s,a)`
 *
 * An impossible observation has likelihood 0 and a belief of NaN.
 *
 * Source: Åström (1965); QMDP: Littman, Cassandra & Kaelbling (1995).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pomdpBeliefQmdp<A extends RealArray>(args: PomdpBeliefQmdpArgs<A> & CallOptions<PomdpBeliefQmdpResult<A>>): PomdpBeliefQmdpResult<A> {
  return pomdpBeliefQmdpOp.call(args) as PomdpBeliefQmdpResult<A>;
}

/**
 * Bayes update of a batch of beliefs over hidden states, and the QMDP choice at the incoming ones.
 *
 * `b'(s') ∝ O(o|a,s') Σ_s b(s) P(s'|s,a);  QMDP = max_a Σ_s b(s) Q(s,a)`
 *
 * An impossible observation has likelihood 0 and a belief of NaN.
 *
 * Source: Åström (1965); QMDP: Littman, Cassandra & Kaelbling (1995).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function pomdpBeliefQmdpAsync<A extends RealArray>(args: PomdpBeliefQmdpArgs<A> & CallOptions<PomdpBeliefQmdpResult<A>> & AsyncOptions): Promise<PomdpBeliefQmdpResult<A>> {
  return pomdpBeliefQmdpOp.callAsync(args) as Promise<PomdpBeliefQmdpResult<A>>;
}

/** Operands and parameters of `matrixGame`. */
export interface MatrixGameArgs<A extends RealArray = RealArray> {
  /** M, what the column player pays the row player. Shape [A,B], float32 or float64. */
  payoff: Operand<A>;
  /** the row player maximises ('max'; default 'max'). */
  rowPlayer?: 'max';
}

/** Outputs of `matrixGame`. */
export interface MatrixGameResult<A extends RealArray = RealArray> {
  /** v. */
  value: number;
  /** an optimal strategy of the row player. Shape [A]. */
  x: Tensor<A>;
  /** an optimal strategy of the column player. Shape [B]. */
  y: Tensor<A>;
}

const matrixGameOp: Op = /* @__PURE__ */ new Op('bellman', 'matrix_game');

/**
 * Value and optimal mixed strategies of a two-player zero-sum matrix game.
 *
 * `v = max_x min_y xᵀ M y`
 *
 * Optimal strategies need not be unique; every one has xᵀM ≥ v and M y ≤ v. A payoff that is not finite makes all outputs NaN. A game without rows or columns has value 0.
 *
 * Source: von Neumann (1928); as a linear programme: Dantzig (1951).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function matrixGame<A extends RealArray>(args: MatrixGameArgs<A> & CallOptions<MatrixGameResult<A>>): MatrixGameResult<A> {
  return matrixGameOp.call(args) as MatrixGameResult<A>;
}

/**
 * Value and optimal mixed strategies of a two-player zero-sum matrix game.
 *
 * `v = max_x min_y xᵀ M y`
 *
 * Optimal strategies need not be unique; every one has xᵀM ≥ v and M y ≤ v. A payoff that is not finite makes all outputs NaN. A game without rows or columns has value 0.
 *
 * Source: von Neumann (1928); as a linear programme: Dantzig (1951).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function matrixGameAsync<A extends RealArray>(args: MatrixGameArgs<A> & CallOptions<MatrixGameResult<A>> & AsyncOptions): Promise<MatrixGameResult<A>> {
  return matrixGameOp.callAsync(args) as Promise<MatrixGameResult<A>>;
}

/** Operands and parameters of `shapleyValueIteration`. */
export interface ShapleyValueIterationArgs<A extends RealArray = RealArray> {
  /** P(s'|s,a,b). Shape [S,A,B,S], float32 or float64. */
  prob: Operand<A>;
  /** R(s,a,b), to the row player. Shape [S,A,B], float32 or float64. */
  rewards: Operand<A>;
  /** V; absent: 0. Shape [S], float32 or float64. */
  values?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** value of a stage game: mixed strategies, or max over a of min over b ('mixed' | 'maxmin_pure'; default 'mixed'). */
  solution?: 'mixed' | 'maxmin_pure';
  /** accuracy at which the solve stops (number; > 0; default 1e-11). */
  tolerance?: number;
  /** iterations after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `shapleyValueIteration`. */
export interface ShapleyValueIterationResult<A extends RealArray = RealArray> {
  /** V', one backup of `values`. Shape [S]. */
  vOneBackup: Tensor<A>;
  /** the fixed point. Shape [S]. */
  vStar: Tensor<A>;
  /** iterations the solve took. */
  iterations: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const shapleyValueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'shapley_value_iteration');

/**
 * Value iteration of a two-player zero-sum Markov game.
 *
 * `V'(s) = val_{a,b}[ R(s,a,b) + γ Σ_s' P(s'|s,a,b) V(s') ]`
 *
 * 'maxmin_pure' is the game of alternating moves, max_a min_b. With γ = 1 the solve may end at max_iterations with `converged` 0. A state without actions has value 0.
 *
 * Source: Shapley, Stochastic Games (1953).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shapleyValueIteration<A extends RealArray>(args: ShapleyValueIterationArgs<A> & CallOptions<ShapleyValueIterationResult<A>>): ShapleyValueIterationResult<A> {
  return shapleyValueIterationOp.call(args) as ShapleyValueIterationResult<A>;
}

/**
 * Value iteration of a two-player zero-sum Markov game.
 *
 * `V'(s) = val_{a,b}[ R(s,a,b) + γ Σ_s' P(s'|s,a,b) V(s') ]`
 *
 * 'maxmin_pure' is the game of alternating moves, max_a min_b. With γ = 1 the solve may end at max_iterations with `converged` 0. A state without actions has value 0.
 *
 * Source: Shapley, Stochastic Games (1953).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shapleyValueIterationAsync<A extends RealArray>(args: ShapleyValueIterationArgs<A> & CallOptions<ShapleyValueIterationResult<A>> & AsyncOptions): Promise<ShapleyValueIterationResult<A>> {
  return shapleyValueIterationOp.callAsync(args) as Promise<ShapleyValueIterationResult<A>>;
}

/** Operands and parameters of `quantalResponseEquilibrium` (form 'game'). */
export interface QuantalResponseEquilibriumGameArgs<A extends RealArray = RealArray> {
  /** M, what the minimiser pays the maximiser. Shape [A,B], float32 or float64. */
  payoff: Operand<A>;
  /** temperature of the maximiser (number; ≥ 0; required). */
  alpha: number;
  /** temperature of the minimiser (number; ≥ 0; required). */
  beta: number;
  /** accuracy at which the solve stops (number; > 0; default 1e-12). */
  tolerance?: number;
  /** iterations after which the solve gives up (integer; ≥ 1; default 10000). */
  maxIterations?: number;
}

/** Outputs of `quantalResponseEquilibrium`. */
export interface QuantalResponseEquilibriumGameResult<A extends RealArray = RealArray> {
  /** x. Shape [A]. */
  policyMax: Tensor<A>;
  /** y. Shape [B]. */
  policyMin: Tensor<A>;
  /** v. */
  regularizedValue: number;
  /** xᵀMy. */
  expectedPayoff: number;
  /** 1 when both fixed points hold within tolerance. */
  converged: number;
}

/** Operands and parameters of `quantalResponseEquilibrium` (form 'markov_game'). */
export interface QuantalResponseEquilibriumMarkovGameArgs<A extends RealArray = RealArray> {
  /** P(s'|s,a,b). Shape [S,A,B,S], float32 or float64. */
  prob: Operand<A>;
  /** R(s,a,b), to the maximiser. Shape [S,A,B], float32 or float64. */
  rewards: Operand<A>;
  /** temperature of the maximiser (number; ≥ 0; required). */
  alpha: number;
  /** temperature of the minimiser (number; ≥ 0; required). */
  beta: number;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** accuracy at which the solve stops (number; > 0; default 1e-10). */
  tolerance?: number;
  /** iterations after which the solve gives up (integer; ≥ 1; default 10000). */
  maxIterations?: number;
}

/** Outputs of `quantalResponseEquilibrium`. */
export interface QuantalResponseEquilibriumMarkovGameResult<A extends RealArray = RealArray> {
  /** the fixed point. Shape [S]. */
  vStar: Tensor<A>;
  /** x of every state. Shape [S,A]. */
  policyMax: Tensor<A>;
  /** y of every state. Shape [S,B]. */
  policyMin: Tensor<A>;
  /** iterations the solve took. */
  iterations: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const quantalResponseEquilibriumOp: Op = /* @__PURE__ */ new Op('bellman', 'quantal_response_equilibrium');

/**
 * Logit quantal response equilibrium of a zero-sum matrix game.
 *
 * `x = softmax(M y / α);  y = softmax(−Mᵀ x / β);  v = xᵀMy + α H(x) − β H(y)`
 *
 * Unique for α, β > 0. Both temperatures 0: the matrix game. One of them 0: the limit of small temperatures, that side's best response. A payoff that is not finite makes all outputs NaN.
 *
 * Source: McKelvey & Palfrey (1995); as adversarial training: Reddi et al., arXiv 2311.01642.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function quantalResponseEquilibrium<A extends RealArray>(args: QuantalResponseEquilibriumGameArgs<A> & CallOptions<QuantalResponseEquilibriumGameResult<A>>): QuantalResponseEquilibriumGameResult<A>;
/**
 * Regularised value iteration of a zero-sum Markov game: every stage game is played at its quantal response equilibrium.
 *
 * `V'(s) = v[ R(s,·,·) + γ Σ P V ], v the regularised value of the stage game`
 *
 * As the form for one game, in every state. A state without actions has value 0.
 *
 * Source: Reddi et al., arXiv 2311.01642; Geist et al., arXiv 1901.11275.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function quantalResponseEquilibrium<A extends RealArray>(args: QuantalResponseEquilibriumMarkovGameArgs<A> & CallOptions<QuantalResponseEquilibriumMarkovGameResult<A>>): QuantalResponseEquilibriumMarkovGameResult<A>;
export function quantalResponseEquilibrium(args: object): unknown {
  return quantalResponseEquilibriumOp.call(args);
}

/**
 * Logit quantal response equilibrium of a zero-sum matrix game.
 *
 * `x = softmax(M y / α);  y = softmax(−Mᵀ x / β);  v = xᵀMy + α H(x) − β H(y)`
 *
 * Unique for α, β > 0. Both temperatures 0: the matrix game. One of them 0: the limit of small temperatures, that side's best response. A payoff that is not finite makes all outputs NaN.
 *
 * Source: McKelvey & Palfrey (1995); as adversarial training: Reddi et al., arXiv 2311.01642.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function quantalResponseEquilibriumAsync<A extends RealArray>(args: QuantalResponseEquilibriumGameArgs<A> & CallOptions<QuantalResponseEquilibriumGameResult<A>> & AsyncOptions): Promise<QuantalResponseEquilibriumGameResult<A>>;
/**
 * Regularised value iteration of a zero-sum Markov game: every stage game is played at its quantal response equilibrium.
 *
 * `V'(s) = v[ R(s,·,·) + γ Σ P V ], v the regularised value of the stage game`
 *
 * As the form for one game, in every state. A state without actions has value 0.
 *
 * Source: Reddi et al., arXiv 2311.01642; Geist et al., arXiv 1901.11275.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function quantalResponseEquilibriumAsync<A extends RealArray>(args: QuantalResponseEquilibriumMarkovGameArgs<A> & CallOptions<QuantalResponseEquilibriumMarkovGameResult<A>> & AsyncOptions): Promise<QuantalResponseEquilibriumMarkovGameResult<A>>;
export function quantalResponseEquilibriumAsync(args: object): Promise<unknown> {
  return quantalResponseEquilibriumOp.callAsync(args);
}

/** Operands and parameters of `regretMatching`. */
export interface RegretMatchingArgs<A extends RealArray = RealArray> {
  /** M, what the column player pays the row player. Shape [A,B], float32 or float64. */
  payoff: Operand<A>;
  /** rounds played (integer; ≥ 1; required). */
  rounds: number;
  /** RM+: regrets are cut at 0 after each update (boolean; default false). */
  plus?: boolean;
  /** false: the row player moves on before the column player's regrets grow (boolean; default true). */
  simultaneous?: boolean;
  /** weights of the rounds in the averages: equal, or by their number ('uniform' | 'linear'; default 'uniform'). */
  averaging?: 'uniform' | 'linear';
}

/** Outputs of `regretMatching`. */
export interface RegretMatchingResult<A extends RealArray = RealArray> {
  /** x̄. Shape [A]. */
  avgX: Tensor<A>;
  /** ȳ. Shape [B]. */
  avgY: Tensor<A>;
  /** what best responses gain together. */
  exploitability: number;
}

const regretMatchingOp: Op = /* @__PURE__ */ new Op('bellman', 'regret_matching');

/**
 * Regret matching of two players against each other in a zero-sum matrix game.
 *
 * `x ∝ max(R, 0), uniform where none is positive;  R_i += (M y)_i − xᵀMy, and likewise for y against −M;  exploitability = max M ȳ − min x̄ᵀM`
 *
 * NaN payoffs make the averages NaN.
 *
 * Source: Hart & Mas-Colell (2000); RM+: Tammelin, arXiv 1407.5042.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretMatching<A extends RealArray>(args: RegretMatchingArgs<A> & CallOptions<RegretMatchingResult<A>>): RegretMatchingResult<A> {
  return regretMatchingOp.call(args) as RegretMatchingResult<A>;
}

/**
 * Regret matching of two players against each other in a zero-sum matrix game.
 *
 * `x ∝ max(R, 0), uniform where none is positive;  R_i += (M y)_i − xᵀMy, and likewise for y against −M;  exploitability = max M ȳ − min x̄ᵀM`
 *
 * NaN payoffs make the averages NaN.
 *
 * Source: Hart & Mas-Colell (2000); RM+: Tammelin, arXiv 1407.5042.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function regretMatchingAsync<A extends RealArray>(args: RegretMatchingArgs<A> & CallOptions<RegretMatchingResult<A>> & AsyncOptions): Promise<RegretMatchingResult<A>> {
  return regretMatchingOp.callAsync(args) as Promise<RegretMatchingResult<A>>;
}

/** Operands and parameters of `whittleIndex`. */
export interface WhittleIndexArgs<A extends RealArray = RealArray> {
  /** P(s'|s,a), a = 0 passive, 1 active. Shape [S,2,S], float32 or float64. */
  prob: Operand<A>;
  /** r(s,a). Shape [S,2], float32 or float64. */
  rewards: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
}

/** Outputs of `whittleIndex`. */
export interface WhittleIndexResult<A extends RealArray = RealArray> {
  /** λ of each state. Shape [S]. */
  whittleIndex: Tensor<A>;
  /** 1 when the passive set only grows with λ, as far as the indices of all states show. */
  indexable: number;
}

const whittleIndexOp: Op = /* @__PURE__ */ new Op('bellman', 'whittle_index');

/**
 * Whittle index of every state of a restless arm, discounted.
 *
 * `the subsidy λ of passivity with Q_λ(s,0) = Q_λ(s,1), where Q_λ(s,a) = r(s,a) + λ[a = 0] + γ Σ P(s'|s,a) V_λ(s')`
 *
 * ±Infinity where no subsidy makes a state indifferent; NaN where the arm has no value, as with γ = 1.
 *
 * Source: Whittle, Restless Bandits (1988).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function whittleIndex<A extends RealArray>(args: WhittleIndexArgs<A> & CallOptions<WhittleIndexResult<A>>): WhittleIndexResult<A> {
  return whittleIndexOp.call(args) as WhittleIndexResult<A>;
}

/**
 * Whittle index of every state of a restless arm, discounted.
 *
 * `the subsidy λ of passivity with Q_λ(s,0) = Q_λ(s,1), where Q_λ(s,a) = r(s,a) + λ[a = 0] + γ Σ P(s'|s,a) V_λ(s')`
 *
 * ±Infinity where no subsidy makes a state indifferent; NaN where the arm has no value, as with γ = 1.
 *
 * Source: Whittle, Restless Bandits (1988).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function whittleIndexAsync<A extends RealArray>(args: WhittleIndexArgs<A> & CallOptions<WhittleIndexResult<A>> & AsyncOptions): Promise<WhittleIndexResult<A>> {
  return whittleIndexOp.callAsync(args) as Promise<WhittleIndexResult<A>>;
}

/** Operands and parameters of `rmabJointValueIteration`. */
export interface RmabJointValueIterationArgs<A extends RealArray = RealArray> {
  /** P_j(s'|s,a). Shape [J,S,2,S], float32 or float64. */
  prob: Operand<A>;
  /** r_j(s). Shape [J,S], float32 or float64. */
  rewardState: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** arms that may be active (integer; ≥ 0; required). */
  budget: number;
  /** at most `budget` arms ('cardinality_le'; default 'cardinality_le'). */
  constraint?: 'cardinality_le';
  /** accuracy at which the solve stops (number; > 0; default 1e-10). */
  tolerance?: number;
  /** iterations after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `rmabJointValueIteration`. */
export interface RmabJointValueIterationResult<A extends RealArray = RealArray> {
  /** V of each joint state. Shape [S^J]. */
  vStar: Tensor<A>;
  /** 1 = the arm is active. Shape [S^J,J]. */
  jointAction: Tensor<Uint8Array>;
  /** iterations the solve took. */
  iterations: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const rmabJointValueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'rmab_joint_value_iteration');

/**
 * Exact joint value iteration of a few restless arms under a budget; the joint kernel is never formed.
 *
 * `V(s) = Σ_j r_j(s_j) + γ max_{Σ a ≤ budget} E[V(s')],  P = Π_j P_j(s'_j|s_j,a_j)`
 *
 * The joint state has arm 0 as its most significant digit, base S. Of actions that differ by rounding only, the first in lexicographic order wins. At most 2^24 joint states.
 *
 * Source: Xu et al., Reinforcement learning with combinatorial actions for coupled restless bandits, arXiv 2503.01919.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rmabJointValueIteration<A extends RealArray>(args: RmabJointValueIterationArgs<A> & CallOptions<RmabJointValueIterationResult<A>>): RmabJointValueIterationResult<A> {
  return rmabJointValueIterationOp.call(args) as RmabJointValueIterationResult<A>;
}

/**
 * Exact joint value iteration of a few restless arms under a budget; the joint kernel is never formed.
 *
 * `V(s) = Σ_j r_j(s_j) + γ max_{Σ a ≤ budget} E[V(s')],  P = Π_j P_j(s'_j|s_j,a_j)`
 *
 * The joint state has arm 0 as its most significant digit, base S. Of actions that differ by rounding only, the first in lexicographic order wins. At most 2^24 joint states.
 *
 * Source: Xu et al., Reinforcement learning with combinatorial actions for coupled restless bandits, arXiv 2503.01919.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rmabJointValueIterationAsync<A extends RealArray>(args: RmabJointValueIterationArgs<A> & CallOptions<RmabJointValueIterationResult<A>> & AsyncOptions): Promise<RmabJointValueIterationResult<A>> {
  return rmabJointValueIterationOp.callAsync(args) as Promise<RmabJointValueIterationResult<A>>;
}

/** Operands and parameters of `temperatureCurriculum`. */
export interface TemperatureCurriculumArgs<A extends RealArray = RealArray> {
  /** temperatures t drawn from the old distribution. Shape [N], float32 or float64. */
  temperature: Operand<A>;
  /** performance reached at each. Shape [N], float32 or float64. */
  value: Operand<A>;
  /** concentration of p_old (number; > 0; required). */
  concOld: number;
  /** rate of p_old (number; > 0; required). */
  rateOld: number;
  /** concentration c of p (number; > 0; required). */
  conc: number;
  /** rate b of p (number; > 0; required). */
  rate: number;
  /** concentration of the target (number; > 0; required). */
  concTarget: number;
  /** rate of the target (number; > 0; required). */
  rateTarget: number;
}

/** Outputs of `temperatureCurriculum`. */
export interface TemperatureCurriculumResult<A extends RealArray = RealArray> {
  /** KL(p‖target). */
  klTarget: number;
  /** KL(p‖p_old). */
  klOld: number;
  /** importance-weighted mean performance. */
  performance: number;
  /** its derivatives in (conc, rate). Shape [2]. */
  gradKlTarget: Tensor<A>;
  /** its derivatives in (conc, rate). Shape [2]. */
  gradKlOld: Tensor<A>;
  /** its derivatives in (conc, rate). Shape [2]. */
  gradPerformance: Tensor<A>;
}

const temperatureCurriculumOp: Op = /* @__PURE__ */ new Op('bellman', 'temperature_curriculum');

/**
 * Terms of one update of a Gamma curriculum over adversary temperatures, with their gradients.
 *
 * `KL(p‖q) = (c−c')ψ(c) − lnΓ(c) + lnΓ(c') + c'(ln b − ln b') + c(b'−b)/b;  performance = mean p(t)/p_old(t) · value`
 *
 * No samples: performance 0.
 *
 * Source: Reddi et al., arXiv 2311.01642; Klink et al., self-paced learning, arXiv 2004.11812.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function temperatureCurriculum<A extends RealArray>(args: TemperatureCurriculumArgs<A> & CallOptions<TemperatureCurriculumResult<A>>): TemperatureCurriculumResult<A> {
  return temperatureCurriculumOp.call(args) as TemperatureCurriculumResult<A>;
}

/**
 * Terms of one update of a Gamma curriculum over adversary temperatures, with their gradients.
 *
 * `KL(p‖q) = (c−c')ψ(c) − lnΓ(c) + lnΓ(c') + c'(ln b − ln b') + c(b'−b)/b;  performance = mean p(t)/p_old(t) · value`
 *
 * No samples: performance 0.
 *
 * Source: Reddi et al., arXiv 2311.01642; Klink et al., self-paced learning, arXiv 2004.11812.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function temperatureCurriculumAsync<A extends RealArray>(args: TemperatureCurriculumArgs<A> & CallOptions<TemperatureCurriculumResult<A>> & AsyncOptions): Promise<TemperatureCurriculumResult<A>> {
  return temperatureCurriculumOp.callAsync(args) as Promise<TemperatureCurriculumResult<A>>;
}

/** Operands and parameters of `qstarSearch` (form 'qstar'). */
export interface QstarSearchQstarArgs<A extends RealArray = RealArray> {
  /** successor of each action, −1 = not applicable. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** cost of each action, at least 0. Shape [S,A], float32 or float64. */
  cost: Operand<A>;
  /** 1 = goal. Shape [S], uint8 or int32, non-zero = true. */
  goal: Operand<Uint8Array | Int32Array>;
  /** estimate of cost(s,a) plus the cost to go from its successor. Shape [S,A], float32 or float64. */
  qValues: Operand<A>;
  /** state to start from (integer; ≥ 0; default 0). */
  start?: number;
  /** λ, weight of the path cost (number; ≥ 0; default 1). */
  lambda?: number;
  /** entries taken from the frontier at once (integer; ≥ 1; default 1). */
  batch?: number;
  /** entries taken after which the search gives up (integer; ≥ 1; default 100000000). */
  maxIterations?: number;
  /** names this form ('qstar'; default 'qstar'). */
  algorithm?: 'qstar';
  /** stop when a goal is generated, or when no key on the frontier can lead to a cheaper path ('first_goal' | 'bound'; default 'bound'). */
  termination?: 'first_goal' | 'bound';
}

/** Outputs of `qstarSearch`. */
export interface QstarSearchQstarResult<A extends RealArray = RealArray> {
  /** cost of the path, Infinity without one. */
  pathCost: number;
  /** actions of the path. Shape [S] at most. */
  actions: Tensor<Int32Array>;
  /** edges taken from the frontier. */
  numPopped: number;
  /** edges put on it. */
  numPushed: number;
  /** 0 when max_iterations ended the search. */
  converged: number;
}

/** Operands and parameters of `qstarSearch` (form 'astar'). */
export interface QstarSearchAstarArgs<A extends RealArray = RealArray> {
  /** successor of each action, −1 = not applicable. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** cost of each action, at least 0. Shape [S,A], float32 or float64. */
  cost: Operand<A>;
  /** 1 = goal. Shape [S], uint8 or int32, non-zero = true. */
  goal: Operand<Uint8Array | Int32Array>;
  /** estimate of the cost to go. Shape [S], float32 or float64. */
  h: Operand<A>;
  /** state to start from (integer; ≥ 0; default 0). */
  start?: number;
  /** λ, weight of the path cost (number; ≥ 0; default 1). */
  lambda?: number;
  /** entries taken from the frontier at once (integer; ≥ 1; default 1). */
  batch?: number;
  /** entries taken after which the search gives up (integer; ≥ 1; default 100000000). */
  maxIterations?: number;
  /** names this form ('astar'; default 'astar'). */
  algorithm?: 'astar';
}

/** Outputs of `qstarSearch`. */
export interface QstarSearchAstarResult<A extends RealArray = RealArray> {
  /** cost of the path, Infinity without one. */
  pathCost: number;
  /** actions of the path. Shape [S] at most. */
  actions: Tensor<Int32Array>;
  /** states taken, but for the goal at the end. */
  numExpanded: number;
  /** 1 for the start, and every applicable child of every expansion. */
  numGenerated: number;
  /** 0 when max_iterations ended the search. */
  converged: number;
}

const qstarSearchOp: Op = /* @__PURE__ */ new Op('bellman', 'qstar_search');

/**
 * Q* search: best-first search over edges, their order given by Q-values alone, so that a state is generated only when its edge is taken.
 *
 * `key(s,a) = λ g(s) + q(s,a)`
 *
 * Equal keys leave first in, first out. No path: cost Infinity, no actions. A start that is a goal costs 0. With λ = 1 the path is optimal under 'bound' when q never overestimates; 'first_goal' needs q that also never underestimates the cost of the edge.
 *
 * Source: Agostinelli et al., A* Search Without Expansions, arXiv 2102.04518.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function qstarSearch<A extends RealArray>(args: QstarSearchQstarArgs<A> & CallOptions<QstarSearchQstarResult<A>>): QstarSearchQstarResult<A>;
/**
 * Weighted A* search over states, the baseline of Q* search.
 *
 * `key(s) = λ g(s) + h(s)`
 *
 * The goal test is made when a state is taken from the frontier. A state whose path was since improved is expanded again with the cost it was pushed with. With λ = 1, batch 1 and h that never overestimates the path is optimal.
 *
 * Source: Hart, Nilsson & Raphael (1968); weighted: Pohl (1970).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function qstarSearch<A extends RealArray>(args: QstarSearchAstarArgs<A> & CallOptions<QstarSearchAstarResult<A>>): QstarSearchAstarResult<A>;
export function qstarSearch(args: object): unknown {
  return qstarSearchOp.call(args);
}

/**
 * Q* search: best-first search over edges, their order given by Q-values alone, so that a state is generated only when its edge is taken.
 *
 * `key(s,a) = λ g(s) + q(s,a)`
 *
 * Equal keys leave first in, first out. No path: cost Infinity, no actions. A start that is a goal costs 0. With λ = 1 the path is optimal under 'bound' when q never overestimates; 'first_goal' needs q that also never underestimates the cost of the edge.
 *
 * Source: Agostinelli et al., A* Search Without Expansions, arXiv 2102.04518.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function qstarSearchAsync<A extends RealArray>(args: QstarSearchQstarArgs<A> & CallOptions<QstarSearchQstarResult<A>> & AsyncOptions): Promise<QstarSearchQstarResult<A>>;
/**
 * Weighted A* search over states, the baseline of Q* search.
 *
 * `key(s) = λ g(s) + h(s)`
 *
 * The goal test is made when a state is taken from the frontier. A state whose path was since improved is expanded again with the cost it was pushed with. With λ = 1, batch 1 and h that never overestimates the path is optimal.
 *
 * Source: Hart, Nilsson & Raphael (1968); weighted: Pohl (1970).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function qstarSearchAsync<A extends RealArray>(args: QstarSearchAstarArgs<A> & CallOptions<QstarSearchAstarResult<A>> & AsyncOptions): Promise<QstarSearchAstarResult<A>>;
export function qstarSearchAsync(args: object): Promise<unknown> {
  return qstarSearchOp.callAsync(args);
}

/** Operands and parameters of `mbtlSelect`. */
export interface MbtlSelectArgs<A extends RealArray = RealArray> {
  /** performance J of a policy trained in the row's context, tested in the column's; only rows of chosen contexts are read for the choice. Shape [n,n], float32 or float64. */
  transfer: Operand<A>;
  /** x, the contexts; absent: 0, 1, …. Shape [n], float32 or float64. */
  contexts?: Operand<A>;
  /** θ, loss per unit of distance (number; ≥ 0; required). */
  slope: number;
  /** b_k with k contexts chosen: 1, 1/(k+1) or √ln(k+1) ('one' | 'inv' | 'log'; default 'one'). */
  betaSchedule?: 'one' | 'inv' | 'log';
  /** variance of the process (number; > 0; default 1). */
  sigmaF2?: number;
  /** length of the RBF kernel (number; > 0; default 1). */
  lengthScale?: number;
  /** deviation of the noise (number; ≥ 0; default 0.1). */
  noiseStd?: number;
  /** contexts to choose, the first included; at most n (integer; ≥ 0; required). */
  numSteps: number;
}

/** Outputs of `mbtlSelect`. */
export interface MbtlSelectResult<A extends RealArray = RealArray> {
  /** the choices in order. Shape [K]. */
  selected: Tensor<Int32Array>;
  /** a at the last step. Shape [n]. */
  acquisitionLast: Tensor<A>;
  /** μ at the last step. Shape [n]. */
  gpMeanLast: Tensor<A>;
  /** σ at the last step, without noise. Shape [n]. */
  gpStdLast: Tensor<A>;
  /** mean over contexts of the best performance among the chosen rows, after each step. Shape [K]. */
  meanPerformance: Tensor<A>;
  /** log density of the data of the last fit. */
  logMarginalLikelihood: number;
  /** its derivatives in sigma_f2, length_scale and noise_std. Shape [3]. */
  gradLogMarginalLikelihood: Tensor<A>;
}

const mbtlSelectOp: Op = /* @__PURE__ */ new Op('bellman', 'mbtl_select');

/**
 * Chooses training contexts one by one for zero-shot transfer: a Gaussian process of performance and a linear generalisation gap.
 *
 * `a(i) = mean_j max(0, μ_i + b_k σ_i − θ|x_i − x_j| − best_j);  the next context is argmax a among those not chosen`
 *
 * The first choice is the context nearest to the middle of the range. Ties go to the lower index. With one step no process is fitted: the outputs of the last step are NaN.
 *
 * Source: Cho et al., Model-Based Transfer Learning for Contextual Reinforcement Learning, arXiv 2408.04498.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mbtlSelect<A extends RealArray>(args: MbtlSelectArgs<A> & CallOptions<MbtlSelectResult<A>>): MbtlSelectResult<A> {
  return mbtlSelectOp.call(args) as MbtlSelectResult<A>;
}

/**
 * Chooses training contexts one by one for zero-shot transfer: a Gaussian process of performance and a linear generalisation gap.
 *
 * `a(i) = mean_j max(0, μ_i + b_k σ_i − θ|x_i − x_j| − best_j);  the next context is argmax a among those not chosen`
 *
 * The first choice is the context nearest to the middle of the range. Ties go to the lower index. With one step no process is fitted: the outputs of the last step are NaN.
 *
 * Source: Cho et al., Model-Based Transfer Learning for Contextual Reinforcement Learning, arXiv 2408.04498.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mbtlSelectAsync<A extends RealArray>(args: MbtlSelectArgs<A> & CallOptions<MbtlSelectResult<A>> & AsyncOptions): Promise<MbtlSelectResult<A>> {
  return mbtlSelectOp.callAsync(args) as Promise<MbtlSelectResult<A>>;
}

/** Operands and parameters of `explorationGraphQ`. */
export interface ExplorationGraphQArgs<A extends RealArray = RealArray> {
  /** where each tried action led, −1 = nowhere. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** visits of each screen. Shape [S], int32. */
  visits: Operand<Int32Array>;
  /** how often each action was tried. Shape [S,A], int32. */
  tried: Operand<Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.9). */
  gamma?: number;
  /** value of an untried action (number; default 1). */
  unknownReward?: number;
  /** of the policy (number; > 0; default 1). */
  temperature?: number;
  /** accuracy at which the solve stops (number; > 0; default 1e-12). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `explorationGraphQ`. */
export interface ExplorationGraphQResult<A extends RealArray = RealArray> {
  /** Q. Shape [S,A]. */
  qValues: Tensor<A>;
  /** π. Shape [S,A]. */
  policy: Tensor<A>;
  /** sweeps the solve took. */
  iterations: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const explorationGraphQOp: Op = /* @__PURE__ */ new Op('bellman', 'exploration_graph_q');

/**
 * Optimistic Q-values over a graph of screens explored so far, and the policy that samples from them.
 *
 * `tried: Q(s,a) = 1/√(1 + visits(s')) + γ max Q(s',·);  untried: Q = unknown_reward;  π = softmax(Q/temperature)`
 *
 * A tried action that led nowhere (−1) has value 0. With γ = 1 a cycle has no finite value: the solve ends at max_iterations with `converged` 0.
 *
 * Source: idea: GUI-Bee, arXiv 2501.13896; the bonus is a reconstruction.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function explorationGraphQ<A extends RealArray>(args: ExplorationGraphQArgs<A> & CallOptions<ExplorationGraphQResult<A>>): ExplorationGraphQResult<A> {
  return explorationGraphQOp.call(args) as ExplorationGraphQResult<A>;
}

/**
 * Optimistic Q-values over a graph of screens explored so far, and the policy that samples from them.
 *
 * `tried: Q(s,a) = 1/√(1 + visits(s')) + γ max Q(s',·);  untried: Q = unknown_reward;  π = softmax(Q/temperature)`
 *
 * A tried action that led nowhere (−1) has value 0. With γ = 1 a cycle has no finite value: the solve ends at max_iterations with `converged` 0.
 *
 * Source: idea: GUI-Bee, arXiv 2501.13896; the bonus is a reconstruction.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function explorationGraphQAsync<A extends RealArray>(args: ExplorationGraphQArgs<A> & CallOptions<ExplorationGraphQResult<A>> & AsyncOptions): Promise<ExplorationGraphQResult<A>> {
  return explorationGraphQOp.callAsync(args) as Promise<ExplorationGraphQResult<A>>;
}

/** Operands and parameters of `reluQCombinatorialArgmax`. */
export interface ReluQCombinatorialArgmaxArgs<A extends RealArray = RealArray> {
  /** W₁, its inputs the action and then the state: F = A + D. Shape [H,F], float32 or float64. */
  w1: Operand<A>;
  /** b₁. Shape [H], float32 or float64. */
  b1: Operand<A>;
  /** w₂. Shape [1,H], float32 or float64. */
  w2: Operand<A>;
  /** b₂. Shape [1], float32 or float64. */
  b2: Operand<A> | number;
  /** s. Shape [D], float32 or float64. */
  state: Operand<A>;
  /** cost of each action, at least 0; for constraint 'knapsack'. Shape [A], float32 or float64; required when constraint is 'knapsack'. */
  cost?: Operand<A>;
  /** what the action may use (number; required). */
  budget: number;
  /** what is counted: active actions, or their cost ('cardinality_le' | 'knapsack'; default 'cardinality_le'). */
  constraint?: 'cardinality_le' | 'knapsack';
  /** order of the inputs ('action,state'; default 'action,state'). */
  inputOrder?: 'action,state';
  /** nodes of the search tree after which the search gives up (integer; ≥ 1; default 10000000). */
  maxIterations?: number;
}

/** Outputs of `reluQCombinatorialArgmax`. */
export interface ReluQCombinatorialArgmaxResult<A extends RealArray = RealArray> {
  /** the maximum. */
  qMax: number;
  /** where it is reached. Shape [A]. */
  actions: Tensor<Uint8Array>;
  /** 1 when the maximum is proved. */
  converged: number;
}

const reluQCombinatorialArgmaxOp: Op = /* @__PURE__ */ new Op('bellman', 'relu_q_combinatorial_argmax');

/**
 * The binary action vector that maximises a ReLU network of one hidden layer under a budget, exactly, by branch and bound.
 *
 * `max_a w₂·relu(W₁[a; s] + b₁) + b₂  with Σ a ≤ budget, or cost·a ≤ budget`
 *
 * Of equal values the first in lexicographic order wins. No feasible action: −Infinity. An operand that is not finite makes the value NaN. After max_iterations nodes the best so far is returned with `converged` 0.
 *
 * Source: Xu et al., Reinforcement learning with combinatorial actions for coupled restless bandits, arXiv 2503.01919.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reluQCombinatorialArgmax<A extends RealArray>(args: ReluQCombinatorialArgmaxArgs<A> & CallOptions<ReluQCombinatorialArgmaxResult<A>>): ReluQCombinatorialArgmaxResult<A> {
  return reluQCombinatorialArgmaxOp.call(args) as ReluQCombinatorialArgmaxResult<A>;
}

/**
 * The binary action vector that maximises a ReLU network of one hidden layer under a budget, exactly, by branch and bound.
 *
 * `max_a w₂·relu(W₁[a; s] + b₁) + b₂  with Σ a ≤ budget, or cost·a ≤ budget`
 *
 * Of equal values the first in lexicographic order wins. No feasible action: −Infinity. An operand that is not finite makes the value NaN. After max_iterations nodes the best so far is returned with `converged` 0.
 *
 * Source: Xu et al., Reinforcement learning with combinatorial actions for coupled restless bandits, arXiv 2503.01919.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reluQCombinatorialArgmaxAsync<A extends RealArray>(args: ReluQCombinatorialArgmaxArgs<A> & CallOptions<ReluQCombinatorialArgmaxResult<A>> & AsyncOptions): Promise<ReluQCombinatorialArgmaxResult<A>> {
  return reluQCombinatorialArgmaxOp.callAsync(args) as Promise<ReluQCombinatorialArgmaxResult<A>>;
}

/** Operands and parameters of `ellipticalBonus`. */
export interface EllipticalBonusArgs<A extends RealArray = RealArray> {
  /** φ. Shape [N,d], float32 or float64. */
  phi: Operand<A>;
  /** λ, ridge (number; > 0; default 0.00001). */
  lambda?: number;
  /** β, scale of the bonus (number; ≥ 0; default 0.1). */
  beta?: number;
}

/** Outputs of `ellipticalBonus`. */
export interface EllipticalBonusResult<A extends RealArray = RealArray> {
  /** Λ after the batch. Shape [d,d]. */
  gram: Tensor<A>;
  /** bonus under that Λ. Shape [N]. */
  bonusAfterUpdate: Tensor<A>;
  /** bonus before the sample is added. Shape [N]. */
  bonusSequential: Tensor<A>;
  /** Λ⁻¹ after the batch. Shape [d,d]. */
  inverseFinal: Tensor<A>;
}

const ellipticalBonusOp: Op = /* @__PURE__ */ new Op('bellman', 'elliptical_bonus');

/**
 * Elliptical exploration bonus of a batch of features, after the whole batch and one by one.
 *
 * `Λ = λI + Σ φφᵀ;  bonus = β √(φᵀ Λ⁻¹ φ)`
 *
 * `bonus_sequential` uses the Λ of the samples before. A bonus after the update that is NaN is 0.
 *
 * Source: Abbasi-Yadkori et al. (2011); Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ellipticalBonus<A extends RealArray>(args: EllipticalBonusArgs<A> & CallOptions<EllipticalBonusResult<A>>): EllipticalBonusResult<A> {
  return ellipticalBonusOp.call(args) as EllipticalBonusResult<A>;
}

/**
 * Elliptical exploration bonus of a batch of features, after the whole batch and one by one.
 *
 * `Λ = λI + Σ φφᵀ;  bonus = β √(φᵀ Λ⁻¹ φ)`
 *
 * `bonus_sequential` uses the Λ of the samples before. A bonus after the update that is NaN is 0.
 *
 * Source: Abbasi-Yadkori et al. (2011); Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ellipticalBonusAsync<A extends RealArray>(args: EllipticalBonusArgs<A> & CallOptions<EllipticalBonusResult<A>> & AsyncOptions): Promise<EllipticalBonusResult<A>> {
  return ellipticalBonusOp.callAsync(args) as Promise<EllipticalBonusResult<A>>;
}

/** Operands and parameters of `lsviUcbStep`. */
export interface LsviUcbStepArgs<A extends RealArray = RealArray> {
  /** φ(s,a). Shape [N,d], float32 or float64. */
  phi: Operand<A>;
  /** φ(s',·). Shape [N,A,d], float32 or float64. */
  nextPhi: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = no value after this step; absent: 0. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** w', the weights of the next step. Shape [d], float32 or float64. */
  nextW: Operand<A>;
  /** Λ', symmetric and positive definite. Shape [d,d], float32 or float64. */
  nextGram: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [N,A], uint8 or int32, non-zero = true. */
  nextActionMask?: Operand<Uint8Array | Int32Array>;
  /** λ, ridge (number; > 0; default 1). */
  lambda?: number;
  /** β, scale of the bonus (number; ≥ 0; required). */
  beta: number;
  /** upper clip, the horizon (number; required). */
  qMax: number;
  /** lower clip (number; default 0). */
  qMin?: number;
}

/** Outputs of `lsviUcbStep`. */
export interface LsviUcbStepResult<A extends RealArray = RealArray> {
  /** weights of this step. Shape [d]. */
  w: Tensor<A>;
  /** V'. Shape [N]. */
  nextValues: Tensor<A>;
  /** Λ. Shape [d,d]. */
  gram: Tensor<A>;
}

const lsviUcbStepOp: Op = /* @__PURE__ */ new Op('bellman', 'lsvi_ucb_step');

/**
 * One step of least-squares value iteration with an upper confidence bonus.
 *
 * `V' = (1 − done) max_a clip(φ'·w' + β‖φ'‖ in Λ'⁻¹, q_min, q_max);  w = Λ⁻¹ Σ φ (r + V'),  Λ = λI + Σ φφᵀ`
 *
 * A row whose next actions are all masked counts as terminated. A matrix that is not positive definite is refused.
 *
 * Source: Jin et al., LSVI-UCB, arXiv 1907.05388; Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lsviUcbStep<A extends RealArray>(args: LsviUcbStepArgs<A> & CallOptions<LsviUcbStepResult<A>>): LsviUcbStepResult<A> {
  return lsviUcbStepOp.call(args) as LsviUcbStepResult<A>;
}

/**
 * One step of least-squares value iteration with an upper confidence bonus.
 *
 * `V' = (1 − done) max_a clip(φ'·w' + β‖φ'‖ in Λ'⁻¹, q_min, q_max);  w = Λ⁻¹ Σ φ (r + V'),  Λ = λI + Σ φφᵀ`
 *
 * A row whose next actions are all masked counts as terminated. A matrix that is not positive definite is refused.
 *
 * Source: Jin et al., LSVI-UCB, arXiv 1907.05388; Qiu et al., Contrastive UCB, arXiv 2207.14800.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lsviUcbStepAsync<A extends RealArray>(args: LsviUcbStepArgs<A> & CallOptions<LsviUcbStepResult<A>> & AsyncOptions): Promise<LsviUcbStepResult<A>> {
  return lsviUcbStepOp.callAsync(args) as Promise<LsviUcbStepResult<A>>;
}
