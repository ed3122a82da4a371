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

/** Operands and parameters of `bellmanBackupDeterministic`. */
export interface BellmanBackupDeterministicArgs<A extends RealArray = RealArray> {
  /** successor of each pair, or `terminal`. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** reward of each pair. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** what stands in `next_states` where the episode ends (integer; default -1). */
  terminal?: number;
}

/** Outputs of `bellmanBackupDeterministic`. */
export interface BellmanBackupDeterministicResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const bellmanBackupDeterministicOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_deterministic');

/**
 * One Bellman optimality backup of a deterministic model.
 *
 * `Q(s,a) = r(s,a) + γ V(next(s,a)), without the second term where the episode ends;  V'(s) = max_a Q(s,a)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 6.2.2; min mode: Agostinelli et al., arXiv 2102.04518.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupDeterministic<A extends RealArray>(args: BellmanBackupDeterministicArgs<A> & CallOptions<BellmanBackupDeterministicResult<A>>): BellmanBackupDeterministicResult<A> {
  return bellmanBackupDeterministicOp.call(args) as BellmanBackupDeterministicResult<A>;
}

/**
 * One Bellman optimality backup of a deterministic model.
 *
 * `Q(s,a) = r(s,a) + γ V(next(s,a)), without the second term where the episode ends;  V'(s) = max_a Q(s,a)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 6.2.2; min mode: Agostinelli et al., arXiv 2102.04518.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupDeterministicAsync<A extends RealArray>(args: BellmanBackupDeterministicArgs<A> & CallOptions<BellmanBackupDeterministicResult<A>> & AsyncOptions): Promise<BellmanBackupDeterministicResult<A>> {
  return bellmanBackupDeterministicOp.callAsync(args) as Promise<BellmanBackupDeterministicResult<A>>;
}

/** Operands and parameters of `bellmanBackupVCsrTransitionRewards`. */
export interface BellmanBackupVCsrTransitionRewardsArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** reward of each entry. Shape [N], float32 or float64. */
  transitionRewards: Operand<A>;
  /** 0 = the episode ends there; absent: nowhere. Shape [N], uint8 or int32, non-zero = true. */
  continues?: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** S; 0: from `values` (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from `row_ptr` (integer; ≥ 0; default 0). */
  numActions?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `bellmanBackupVCsrTransitionRewards`. */
export interface BellmanBackupVCsrTransitionRewardsResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const bellmanBackupVCsrTransitionRewardsOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_v_csr_transition_rewards');

/**
 * One Bellman optimality backup of a sparse model with a reward per transition.
 *
 * `Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j));  V'(s) = max_a Q(s,a)`
 *
 * The value of a successor behind which the episode ends is not read. Otherwise as bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 2.1.2 and 6.2.2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVCsrTransitionRewards<A extends RealArray>(args: BellmanBackupVCsrTransitionRewardsArgs<A> & CallOptions<BellmanBackupVCsrTransitionRewardsResult<A>>): BellmanBackupVCsrTransitionRewardsResult<A> {
  return bellmanBackupVCsrTransitionRewardsOp.call(args) as BellmanBackupVCsrTransitionRewardsResult<A>;
}

/**
 * One Bellman optimality backup of a sparse model with a reward per transition.
 *
 * `Q(s,a) = Σ_j p_j (r_j + γ c_j V(col_j));  V'(s) = max_a Q(s,a)`
 *
 * The value of a successor behind which the episode ends is not read. Otherwise as bellman_backup_v_csr.
 *
 * Source: Puterman (1994), eq. 2.1.2 and 6.2.2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupVCsrTransitionRewardsAsync<A extends RealArray>(args: BellmanBackupVCsrTransitionRewardsArgs<A> & CallOptions<BellmanBackupVCsrTransitionRewardsResult<A>> & AsyncOptions): Promise<BellmanBackupVCsrTransitionRewardsResult<A>> {
  return bellmanBackupVCsrTransitionRewardsOp.callAsync(args) as Promise<BellmanBackupVCsrTransitionRewardsResult<A>>;
}

/** Operands and parameters of `softBackup` (form 'fixed_point'). */
export interface SoftBackupFixedPointArgs<A extends RealArray = RealArray> {
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
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** temperature τ; 0 is the maximum (number; ≥ 0; required). */
  tau: number;
  /** names this form (boolean; default true). */
  fixedPoint: true;
  /** accuracy of `v_soft` (number; > 0; default 1e-10). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `softBackup`. */
export interface SoftBackupFixedPointResult<A extends RealArray = RealArray> {
  /** V. Shape [S]. */
  vSoft: Tensor<A>;
  /** Q; −Infinity where not allowed. Shape [S,A]. */
  qSoft: Tensor<A>;
  /** π(a|s). Shape [S,A]. */
  policySoft: Tensor<A>;
  /** sweeps made. */
  iterations: number;
  /** max |change| of the last sweep. */
  residualInf: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

/** Operands and parameters of `softBackup` (form 'backup'). */
export interface SoftBackupBackupArgs<A extends RealArray = RealArray> {
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
  /** V of the successors. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** μ(a|s). Shape [S,A], float32 or float64. */
  refPolicy?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** temperature τ; 0 is the maximum (number; ≥ 0; required). */
  tau: number;
  /** true: the other form (boolean; default false). */
  fixedPoint?: boolean;
}

/** Outputs of `softBackup`. */
export interface SoftBackupBackupResult<A extends RealArray = RealArray> {
  /** V, entropy form. Shape [S]. */
  vSoft: Tensor<A>;
  /** its policy; 0 where not allowed. Shape [S,A]. */
  policySoft: Tensor<A>;
  /** V relative to μ. Shape [S]. */
  vRef?: Tensor<A>;
  /** its policy. Shape [S,A]. */
  policyRef?: Tensor<A>;
  /** mellowmax over the allowed actions. Shape [S]. */
  vMellowmax: Tensor<A>;
  /** Q; −Infinity where not allowed. Shape [S,A]. */
  qSoft: Tensor<A>;
}

const softBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'soft_backup');

/**
 * Soft value iteration: the fixed point of the entropy form of the soft backup.
 *
 * `V(s) = τ log Σ_a exp(Q(s,a)/τ),  Q = r + γ P V,  π(a|s) = exp((Q − V)/τ)`
 *
 * A state with no allowed action has value 0 and a policy row of 0. With γ = 1 `converged` speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Ziebart (2010); Haarnoja et al., arXiv 1702.08165, theorem 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function softBackup<A extends RealArray>(args: SoftBackupFixedPointArgs<A> & CallOptions<SoftBackupFixedPointResult<A>>): SoftBackupFixedPointResult<A>;
/**
 * One soft Bellman backup: log-sum-exp, relative to a policy, and mellowmax.
 *
 * `V = τ log Σ_a exp(Q/τ);  V_ref = τ log Σ_a μ(a|s) exp(Q/τ);  V_mm = V − τ log n;  π = exp((Q − V)/τ)`
 *
 * No allowed action: value 0 and a policy row of 0. τ = 0 is the maximum, with the policy spread over its ties; τ = Infinity is the mean under μ. ∂V/∂Q(s,a) = π(a|s).
 *
 * Source: Ziebart (2010); Todorov (2009); Asadi and Littman, arXiv 1612.05628 (mellowmax).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function softBackup<A extends RealArray>(args: SoftBackupBackupArgs<A> & CallOptions<SoftBackupBackupResult<A>>): SoftBackupBackupResult<A>;
export function softBackup(args: object): unknown {
  return softBackupOp.call(args);
}

/**
 * Soft value iteration: the fixed point of the entropy form of the soft backup.
 *
 * `V(s) = τ log Σ_a exp(Q(s,a)/τ),  Q = r + γ P V,  π(a|s) = exp((Q − V)/τ)`
 *
 * A state with no allowed action has value 0 and a policy row of 0. With γ = 1 `converged` speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Ziebart (2010); Haarnoja et al., arXiv 1702.08165, theorem 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function softBackupAsync<A extends RealArray>(args: SoftBackupFixedPointArgs<A> & CallOptions<SoftBackupFixedPointResult<A>> & AsyncOptions): Promise<SoftBackupFixedPointResult<A>>;
/**
 * One soft Bellman backup: log-sum-exp, relative to a policy, and mellowmax.
 *
 * `V = τ log Σ_a exp(Q/τ);  V_ref = τ log Σ_a μ(a|s) exp(Q/τ);  V_mm = V − τ log n;  π = exp((Q − V)/τ)`
 *
 * No allowed action: value 0 and a policy row of 0. τ = 0 is the maximum, with the policy spread over its ties; τ = Infinity is the mean under μ. ∂V/∂Q(s,a) = π(a|s).
 *
 * Source: Ziebart (2010); Todorov (2009); Asadi and Littman, arXiv 1612.05628 (mellowmax).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function softBackupAsync<A extends RealArray>(args: SoftBackupBackupArgs<A> & CallOptions<SoftBackupBackupResult<A>> & AsyncOptions): Promise<SoftBackupBackupResult<A>>;
export function softBackupAsync(args: object): Promise<unknown> {
  return softBackupOp.callAsync(args);
}

/** Operands and parameters of `expectileBackup`. */
export interface ExpectileBackupArgs<A extends RealArray = RealArray> {
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
  /** weights w(a|s) ≥ 0. Shape [S,A], float32 or float64. */
  behavior: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** expectile τ (number; ≥ 0, ≤ 1; required). */
  tau: number;
  /** what the expectile is taken over ('actions' | 'successors'; default 'actions'). */
  over?: 'actions' | 'successors';
}

/** Outputs of `expectileBackup`. */
export interface ExpectileBackupResult<A extends RealArray = RealArray> {
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** Q; −Infinity where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
}

const expectileBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'expectile_backup');

/**
 * One backup to an expectile: of Q under a behaviour policy, or of the successors.
 *
 * `actions: V'(s) = m with Σ_a w(a|s) |τ − 1[Q < m]| (Q − m) = 0;  successors: Q(s,a) = r + γ m with Σ_j p_j |τ − 1[V_j < m]| (V_j − m) = 0, V' = Σ w Q / Σ w`
 *
 * τ = 0.5 is the mean, τ = 1 the largest Q with weight, τ = 0 the smallest. A state without weight has value 0. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Newey and Powell (1987); Kostrikov et al., arXiv 2110.06169.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function expectileBackup<A extends RealArray>(args: ExpectileBackupArgs<A> & CallOptions<ExpectileBackupResult<A>>): ExpectileBackupResult<A> {
  return expectileBackupOp.call(args) as ExpectileBackupResult<A>;
}

/**
 * One backup to an expectile: of Q under a behaviour policy, or of the successors.
 *
 * `actions: V'(s) = m with Σ_a w(a|s) |τ − 1[Q < m]| (Q − m) = 0;  successors: Q(s,a) = r + γ m with Σ_j p_j |τ − 1[V_j < m]| (V_j − m) = 0, V' = Σ w Q / Σ w`
 *
 * τ = 0.5 is the mean, τ = 1 the largest Q with weight, τ = 0 the smallest. A state without weight has value 0. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Newey and Powell (1987); Kostrikov et al., arXiv 2110.06169.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function expectileBackupAsync<A extends RealArray>(args: ExpectileBackupArgs<A> & CallOptions<ExpectileBackupResult<A>> & AsyncOptions): Promise<ExpectileBackupResult<A>> {
  return expectileBackupOp.callAsync(args) as Promise<ExpectileBackupResult<A>>;
}

/** Operands and parameters of `riskCvarBackup`. */
export interface RiskCvarBackupArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** reward of each entry. Shape [N], float32 or float64. */
  transitionRewards: Operand<A>;
  /** 0 = the episode ends there; absent: nowhere. Shape [N], uint8 or int32, non-zero = true. */
  continues?: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** S; 0: from `values` (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from `row_ptr` (integer; ≥ 0; default 0). */
  numActions?: number;
  /** mass α of the lower tail (number; ≥ 0, ≤ 1; required). */
  alpha: number;
}

/** Outputs of `riskCvarBackup`. */
export interface RiskCvarBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const riskCvarBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'risk_cvar_backup');

/**
 * One backup of nested CVaR: the mean of the worst α of each row's outcomes.
 *
 * `z_j = r_j + γ c_j V(col_j);  Q(s,a) = (1/α) ∫_0^α VaR_u(z) du;  V' = max_a Q`
 *
 * Nested CVaR is not the CVaR of the total return. α = 1 is the mean, α = 0 the smallest outcome with probability. The probability that a row lacks ends the episode: an outcome of 0.
 *
 * Source: Rockafellar and Uryasev (2000); Ruszczyński (2010), nested measures.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function riskCvarBackup<A extends RealArray>(args: RiskCvarBackupArgs<A> & CallOptions<RiskCvarBackupResult<A>>): RiskCvarBackupResult<A> {
  return riskCvarBackupOp.call(args) as RiskCvarBackupResult<A>;
}

/**
 * One backup of nested CVaR: the mean of the worst α of each row's outcomes.
 *
 * `z_j = r_j + γ c_j V(col_j);  Q(s,a) = (1/α) ∫_0^α VaR_u(z) du;  V' = max_a Q`
 *
 * Nested CVaR is not the CVaR of the total return. α = 1 is the mean, α = 0 the smallest outcome with probability. The probability that a row lacks ends the episode: an outcome of 0.
 *
 * Source: Rockafellar and Uryasev (2000); Ruszczyński (2010), nested measures.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function riskCvarBackupAsync<A extends RealArray>(args: RiskCvarBackupArgs<A> & CallOptions<RiskCvarBackupResult<A>> & AsyncOptions): Promise<RiskCvarBackupResult<A>> {
  return riskCvarBackupOp.callAsync(args) as Promise<RiskCvarBackupResult<A>>;
}

/** Operands and parameters of `riskEntropicBackup`. */
export interface RiskEntropicBackupArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** reward of each entry. Shape [N], float32 or float64. */
  transitionRewards: Operand<A>;
  /** 0 = the episode ends there; absent: nowhere. Shape [N], uint8 or int32, non-zero = true. */
  continues?: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** S; 0: from `values` (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from `row_ptr` (integer; ≥ 0; default 0). */
  numActions?: number;
  /** risk aversion β (number; required). */
  beta: number;
}

/** Outputs of `riskEntropicBackup`. */
export interface RiskEntropicBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const riskEntropicBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'risk_entropic_backup');

/**
 * One backup of the nested entropic risk of each row's outcomes.
 *
 * `z_j = r_j + γ c_j V(col_j);  Q(s,a) = −(1/β) log Σ_j p_j exp(−β z_j);  V' = max Q`
 *
 * β > 0 is averse to risk, β < 0 seeks it; |β| < 1e-7 is the mean. The probability that a row lacks ends the episode: an outcome of 0.
 *
 * Source: Howard and Matheson (1972).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function riskEntropicBackup<A extends RealArray>(args: RiskEntropicBackupArgs<A> & CallOptions<RiskEntropicBackupResult<A>>): RiskEntropicBackupResult<A> {
  return riskEntropicBackupOp.call(args) as RiskEntropicBackupResult<A>;
}

/**
 * One backup of the nested entropic risk of each row's outcomes.
 *
 * `z_j = r_j + γ c_j V(col_j);  Q(s,a) = −(1/β) log Σ_j p_j exp(−β z_j);  V' = max Q`
 *
 * β > 0 is averse to risk, β < 0 seeks it; |β| < 1e-7 is the mean. The probability that a row lacks ends the episode: an outcome of 0.
 *
 * Source: Howard and Matheson (1972).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function riskEntropicBackupAsync<A extends RealArray>(args: RiskEntropicBackupArgs<A> & CallOptions<RiskEntropicBackupResult<A>> & AsyncOptions): Promise<RiskEntropicBackupResult<A>> {
  return riskEntropicBackupOp.callAsync(args) as Promise<RiskEntropicBackupResult<A>>;
}

/** Operands and parameters of `robustIntervalBackup`. */
export interface RobustIntervalBackupArgs<A extends RealArray = RealArray> {
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
  /** smallest probability of each entry. Shape [N], float32 or float64. */
  probLo: Operand<A>;
  /** largest probability of each entry. Shape [N], float32 or float64. */
  probHi: Operand<A>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** the worst distribution, or the best (optimism) ('min' | 'max'; default 'min'). */
  nature?: 'min' | 'max';
}

/** Outputs of `robustIntervalBackup`. */
export interface RobustIntervalBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** the distribution found, entry by entry. Shape [N]. */
  worstProb: Tensor<A>;
  /** 1 where some distribution fits the bounds. Shape [S,A]. */
  feasible: Tensor<Uint8Array>;
}

const robustIntervalBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'robust_interval_backup');

/**
 * One robust backup over intervals of probabilities.
 *
 * `Q(s,a) = r + γ inf { Σ p_j V_j : lo ≤ p ≤ hi, Σ p = 1 };  V' = max_a Q`
 *
 * Where Σ lo > 1, Σ hi < 1 or lo > hi (by 1e-9) no distribution exists: NaN, and `feasible` 0. A row without entries ends the episode. Successors of equal value are filled in the order they are stored; a row that is not allowed keeps `prob_lo`.
 *
 * Source: Givan, Leach and Dean (2000).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustIntervalBackup<A extends RealArray>(args: RobustIntervalBackupArgs<A> & CallOptions<RobustIntervalBackupResult<A>>): RobustIntervalBackupResult<A> {
  return robustIntervalBackupOp.call(args) as RobustIntervalBackupResult<A>;
}

/**
 * One robust backup over intervals of probabilities.
 *
 * `Q(s,a) = r + γ inf { Σ p_j V_j : lo ≤ p ≤ hi, Σ p = 1 };  V' = max_a Q`
 *
 * Where Σ lo > 1, Σ hi < 1 or lo > hi (by 1e-9) no distribution exists: NaN, and `feasible` 0. A row without entries ends the episode. Successors of equal value are filled in the order they are stored; a row that is not allowed keeps `prob_lo`.
 *
 * Source: Givan, Leach and Dean (2000).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustIntervalBackupAsync<A extends RealArray>(args: RobustIntervalBackupArgs<A> & CallOptions<RobustIntervalBackupResult<A>> & AsyncOptions): Promise<RobustIntervalBackupResult<A>> {
  return robustIntervalBackupOp.callAsync(args) as Promise<RobustIntervalBackupResult<A>>;
}

/** Operands and parameters of `robustL1Backup`. */
export interface RobustL1BackupArgs<A extends RealArray = RealArray> {
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
  /** radius κ (number; ≥ 0; required). */
  kappa: number;
  /** mass moves to a stored successor of the row, or to any state ('row' | 'all'; default 'row'). */
  support?: 'row' | 'all';
  /** the worst distribution, or the best (optimism) ('min' | 'max'; default 'min'). */
  nature?: 'min' | 'max';
}

/** Outputs of `robustL1Backup`. */
export interface RobustL1BackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const robustL1BackupOp: Op = /* @__PURE__ */ new Op('bellman', 'robust_l1_backup');

/**
 * One robust backup over L1 balls around the rows.
 *
 * `Q(s,a) = r + γ inf { Σ p_j V_j : ‖p − p̂‖₁ ≤ κ };  V' = max_a Q`
 *
 * κ = 0 is the plain backup, κ ≥ 2 the smallest value in the support. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Strehl and Littman (2008); Jaksch, Ortner and Auer (2010).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustL1Backup<A extends RealArray>(args: RobustL1BackupArgs<A> & CallOptions<RobustL1BackupResult<A>>): RobustL1BackupResult<A> {
  return robustL1BackupOp.call(args) as RobustL1BackupResult<A>;
}

/**
 * One robust backup over L1 balls around the rows.
 *
 * `Q(s,a) = r + γ inf { Σ p_j V_j : ‖p − p̂‖₁ ≤ κ };  V' = max_a Q`
 *
 * κ = 0 is the plain backup, κ ≥ 2 the smallest value in the support. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Strehl and Littman (2008); Jaksch, Ortner and Auer (2010).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustL1BackupAsync<A extends RealArray>(args: RobustL1BackupArgs<A> & CallOptions<RobustL1BackupResult<A>> & AsyncOptions): Promise<RobustL1BackupResult<A>> {
  return robustL1BackupOp.callAsync(args) as Promise<RobustL1BackupResult<A>>;
}

/** Operands and parameters of `robustKlBackup`. */
export interface RobustKlBackupArgs<A extends RealArray = RealArray> {
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
  /** radius κ (number; ≥ 0; required). */
  kappa: number;
  /** the worst distribution, or the best (optimism) ('min' | 'max'; default 'min'). */
  nature?: 'min' | 'max';
}

/** Outputs of `robustKlBackup`. */
export interface RobustKlBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const robustKlBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'robust_kl_backup');

/**
 * One robust backup over Kullback–Leibler balls around the rows.
 *
 * `Q(s,a) = r + γ max_{β ≥ 0} −β log Σ_j p̂_j exp(−V_j/β) − β κ;  V' = max_a Q`
 *
 * κ = 0 is the plain backup; from κ = −log of the probability of the smallest value on it is that value. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Nilim and El Ghaoui (2005); Iyengar (2005).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustKlBackup<A extends RealArray>(args: RobustKlBackupArgs<A> & CallOptions<RobustKlBackupResult<A>>): RobustKlBackupResult<A> {
  return robustKlBackupOp.call(args) as RobustKlBackupResult<A>;
}

/**
 * One robust backup over Kullback–Leibler balls around the rows.
 *
 * `Q(s,a) = r + γ max_{β ≥ 0} −β log Σ_j p̂_j exp(−V_j/β) − β κ;  V' = max_a Q`
 *
 * κ = 0 is the plain backup; from κ = −log of the probability of the smallest value on it is that value. The probability that a row lacks ends the episode: a successor of value 0.
 *
 * Source: Nilim and El Ghaoui (2005); Iyengar (2005).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustKlBackupAsync<A extends RealArray>(args: RobustKlBackupArgs<A> & CallOptions<RobustKlBackupResult<A>> & AsyncOptions): Promise<RobustKlBackupResult<A>> {
  return robustKlBackupOp.callAsync(args) as Promise<RobustKlBackupResult<A>>;
}

/** Operands and parameters of `robustWassersteinBackup`. */
export interface RobustWassersteinBackupArgs<A extends RealArray = RealArray> {
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
  /** ground distance D ≥ 0, D(s,s) = 0. Shape [S,S], float32 or float64. */
  metric: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** radius κ (number; ≥ 0; required). */
  kappa: number;
  /** the worst distribution, or the best (optimism) ('min' | 'max'; default 'min'). */
  nature?: 'min' | 'max';
}

/** Outputs of `robustWassersteinBackup`. */
export interface RobustWassersteinBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const robustWassersteinBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'robust_wasserstein_backup');

/**
 * One robust backup over Wasserstein-1 balls around the rows.
 *
 * `Q(s,a) = r + γ max_{λ ≥ 0} Σ_j p̂_j min_s' (V(s') + λ D(col_j,s')) − λ κ;  V' = max_a Q`
 *
 * Exact: the dual is maximised line by line. κ = 0 is the plain backup. An infinite distance is a way that no mass goes. The probability that a row lacks stays at the end of the episode. NaN where D(s,s) > 0 leaves nothing within κ.
 *
 * Source: Gao and Kleywegt, arXiv 1604.02199.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustWassersteinBackup<A extends RealArray>(args: RobustWassersteinBackupArgs<A> & CallOptions<RobustWassersteinBackupResult<A>>): RobustWassersteinBackupResult<A> {
  return robustWassersteinBackupOp.call(args) as RobustWassersteinBackupResult<A>;
}

/**
 * One robust backup over Wasserstein-1 balls around the rows.
 *
 * `Q(s,a) = r + γ max_{λ ≥ 0} Σ_j p̂_j min_s' (V(s') + λ D(col_j,s')) − λ κ;  V' = max_a Q`
 *
 * Exact: the dual is maximised line by line. κ = 0 is the plain backup. An infinite distance is a way that no mass goes. The probability that a row lacks stays at the end of the episode. NaN where D(s,s) > 0 leaves nothing within κ.
 *
 * Source: Gao and Kleywegt, arXiv 1604.02199.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function robustWassersteinBackupAsync<A extends RealArray>(args: RobustWassersteinBackupArgs<A> & CallOptions<RobustWassersteinBackupResult<A>> & AsyncOptions): Promise<RobustWassersteinBackupResult<A>> {
  return robustWassersteinBackupOp.callAsync(args) as Promise<RobustWassersteinBackupResult<A>>;
}

/** Operands and parameters of `optionSmdpBackup`. */
export interface OptionSmdpBackupArgs<A extends RealArray = RealArray> {
  /** Σ_k γ^k P(s' after k steps). Shape [S,A,S], float32 or float64. */
  probDiscounted: Operand<A>;
  /** discounted reward until the option ends. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `optionSmdpBackup`. */
export interface OptionSmdpBackupResult<A extends RealArray = RealArray> {
  /** Q; −Infinity (min: +Infinity) where not allowed. Shape [S,A]. */
  qValues: Tensor<A>;
  /** V'. Shape [S]. */
  values: Tensor<A>;
  /** greedy action, −1 where none is allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
}

const optionSmdpBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'option_smdp_backup');

/**
 * One Bellman backup over options, whose models hold the discount themselves.
 *
 * `Q(s,o) = R(s,o) + Σ_s' P_γ(s'|s,o) V(s');  V'(s) = max_o Q(s,o)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Sutton, Precup and Singh (1999), section 3.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optionSmdpBackup<A extends RealArray>(args: OptionSmdpBackupArgs<A> & CallOptions<OptionSmdpBackupResult<A>>): OptionSmdpBackupResult<A> {
  return optionSmdpBackupOp.call(args) as OptionSmdpBackupResult<A>;
}

/**
 * One Bellman backup over options, whose models hold the discount themselves.
 *
 * `Q(s,o) = R(s,o) + Σ_s' P_γ(s'|s,o) V(s');  V'(s) = max_o Q(s,o)`
 *
 * As bellman_backup_v_csr.
 *
 * Source: Sutton, Precup and Singh (1999), section 3.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optionSmdpBackupAsync<A extends RealArray>(args: OptionSmdpBackupArgs<A> & CallOptions<OptionSmdpBackupResult<A>> & AsyncOptions): Promise<OptionSmdpBackupResult<A>> {
  return optionSmdpBackupOp.callAsync(args) as Promise<OptionSmdpBackupResult<A>>;
}

/** Operands and parameters of `ucbviBackup`. */
export interface UcbviBackupArgs<A extends RealArray = RealArray> {
  /** empirical P(s'|s,a). Shape [S,A,S], float32 or float64. */
  prob: Operand<A>;
  /** empirical reward, in [0, 1]. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** visits n of each pair. Shape [S,A], float32 or float64. */
  count: Operand<A>;
  /** number of steps H (integer; ≥ 0; required). */
  horizon: number;
  /** factor of the bonus (number; ≥ 0; default 1). */
  c?: number;
  /** L = log(S A T / δ) (number; ≥ 0; required). */
  logTerm: number;
}

/** Outputs of `ucbviBackup`. */
export interface UcbviBackupResult<A extends RealArray = RealArray> {
  /** Q_0 … Q_{H−1}. Shape [H,S,A]. */
  qValues: Tensor<A>;
  /** V_0 … V_H. Shape [H+1,S]. */
  values: Tensor<A>;
  /** greedy actions. Shape [H,S]. */
  policy: Tensor<Int32Array>;
}

const ucbviBackupOp: Op = /* @__PURE__ */ new Op('bellman', 'ucbvi_backup');

/**
 * Optimistic backward induction over an empirical model with counts.
 *
 * `Q_t = min(r + c H √(L/n) + P V_{t+1}, H − t);  V_t = max_a Q_t;  V_H = 0`
 *
 * A pair that was never tried has Q_t = H − t. Ties go to the lowest action.
 *
 * Source: Azar, Osband and Munos, arXiv 1703.05449 (Hoeffding bonus).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ucbviBackup<A extends RealArray>(args: UcbviBackupArgs<A> & CallOptions<UcbviBackupResult<A>>): UcbviBackupResult<A> {
  return ucbviBackupOp.call(args) as UcbviBackupResult<A>;
}

/**
 * Optimistic backward induction over an empirical model with counts.
 *
 * `Q_t = min(r + c H √(L/n) + P V_{t+1}, H − t);  V_t = max_a Q_t;  V_H = 0`
 *
 * A pair that was never tried has Q_t = H − t. Ties go to the lowest action.
 *
 * Source: Azar, Osband and Munos, arXiv 1703.05449 (Hoeffding bonus).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ucbviBackupAsync<A extends RealArray>(args: UcbviBackupArgs<A> & CallOptions<UcbviBackupResult<A>> & AsyncOptions): Promise<UcbviBackupResult<A>> {
  return ucbviBackupOp.callAsync(args) as Promise<UcbviBackupResult<A>>;
}

/** Operands and parameters of `gaussSeidelSweep`. */
export interface GaussSeidelSweepArgs<A extends RealArray = RealArray> {
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
  /** V before the sweep. Shape [S], float32 or float64. */
  values: Operand<A>;
  /** states in the order of their backups; absent: 0 … S−1. Shape [M], int32. */
  order?: Operand<Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** solve for the probability of staying, or use the old value ('plain' | 'eliminate'; default 'plain'). */
  selfLoop?: 'plain' | 'eliminate';
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `gaussSeidelSweep`. */
export interface GaussSeidelSweepResult<A extends RealArray = RealArray> {
  /** V after the sweep. Shape [S]. */
  values: Tensor<A>;
}

const gaussSeidelSweepOp: Op = /* @__PURE__ */ new Op('bellman', 'gauss_seidel_sweep');

/**
 * One sweep of Bellman backups in place: each state sees the new values before it.
 *
 * `in order: V(s) ← max_a r + γ Σ_j p_j V(col_j); eliminated: (r + γ Σ_{j≠s} p_j V_j) / (1 − γ p_ss)`
 *
 * Eliminated with γ p_ss = 1: ±Infinity by the sign of the rest, 0 where it is 0.
 *
 * Source: Puterman (1994), section 6.3.3.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaussSeidelSweep<A extends RealArray>(args: GaussSeidelSweepArgs<A> & CallOptions<GaussSeidelSweepResult<A>>): GaussSeidelSweepResult<A> {
  return gaussSeidelSweepOp.call(args) as GaussSeidelSweepResult<A>;
}

/**
 * One sweep of Bellman backups in place: each state sees the new values before it.
 *
 * `in order: V(s) ← max_a r + γ Σ_j p_j V(col_j); eliminated: (r + γ Σ_{j≠s} p_j V_j) / (1 − γ p_ss)`
 *
 * Eliminated with γ p_ss = 1: ±Infinity by the sign of the rest, 0 where it is 0.
 *
 * Source: Puterman (1994), section 6.3.3.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function gaussSeidelSweepAsync<A extends RealArray>(args: GaussSeidelSweepArgs<A> & CallOptions<GaussSeidelSweepResult<A>> & AsyncOptions): Promise<GaussSeidelSweepResult<A>> {
  return gaussSeidelSweepOp.callAsync(args) as Promise<GaussSeidelSweepResult<A>>;
}

/** Operands and parameters of `successorRepresentation`. */
export interface SuccessorRepresentationArgs<A extends RealArray = RealArray> {
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
  /** r; absent: Σ_a π(a|s) rewards(s,a). Shape [S], float32 or float64. */
  stateReward?: Operand<A>;
  /** Φ. Shape [S,D], float32 or float64. */
  features?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
}

/** Outputs of `successorRepresentation`. */
export interface SuccessorRepresentationResult<A extends RealArray = RealArray> {
  /** M(s,s'): discounted visits to s' from s. Shape [S,S]. */
  sr: Tensor<A>;
  /** V. Shape [S]. */
  values: Tensor<A>;
  /** ψ. Shape [S,D]. */
  successorFeatures?: Tensor<A>;
}

const successorRepresentationOp: Op = /* @__PURE__ */ new Op('bellman', 'successor_representation');

/**
 * Successor representation of a policy, and what it makes of rewards and features.
 *
 * `M = (I − γ P_π)⁻¹;  V = M r;  ψ = M Φ`
 *
 * Solved by LU in float64. NaN where I − γ P_π is singular: with γ = 1, unless every state reaches the end.
 *
 * Source: Dayan (1993); Barreto et al., arXiv 1606.05312.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function successorRepresentation<A extends RealArray>(args: SuccessorRepresentationArgs<A> & CallOptions<SuccessorRepresentationResult<A>>): SuccessorRepresentationResult<A> {
  return successorRepresentationOp.call(args) as SuccessorRepresentationResult<A>;
}

/**
 * Successor representation of a policy, and what it makes of rewards and features.
 *
 * `M = (I − γ P_π)⁻¹;  V = M r;  ψ = M Φ`
 *
 * Solved by LU in float64. NaN where I − γ P_π is singular: with γ = 1, unless every state reaches the end.
 *
 * Source: Dayan (1993); Barreto et al., arXiv 1606.05312.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function successorRepresentationAsync<A extends RealArray>(args: SuccessorRepresentationArgs<A> & CallOptions<SuccessorRepresentationResult<A>> & AsyncOptions): Promise<SuccessorRepresentationResult<A>> {
  return successorRepresentationOp.callAsync(args) as Promise<SuccessorRepresentationResult<A>>;
}

/** Operands and parameters of `distributionalPolicyEvaluation`. */
export interface DistributionalPolicyEvaluationArgs<A extends RealArray = RealArray> {
  /** P_π(s'|s). Shape [S,S], float32 or float64. */
  probPi: Operand<A>;
  /** reward on leaving s. Shape [S], float32 or float64. */
  rewards: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** lowest atom (number; required). */
  vMin: number;
  /** highest atom (number; required). */
  vMax: number;
  /** number of atoms (integer; ≥ 2; required). */
  numAtoms: number;
  /** accuracy of `prob` (number; > 0; default 1e-12). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `distributionalPolicyEvaluation`. */
export interface DistributionalPolicyEvaluationResult<A extends RealArray = RealArray> {
  /** η(s), atom by atom. Shape [S,n]. */
  prob: Tensor<A>;
  /** its mean. Shape [S]. */
  mean: Tensor<A>;
  /** sweeps made. */
  iterations: number;
  /** max |change| of the last sweep. */
  residualInf: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const distributionalPolicyEvaluationOp: Op = /* @__PURE__ */ new Op('bellman', 'distributional_policy_evaluation');

/**
 * Distribution of the return of a Markov chain on a grid of atoms (categorical).
 *
 * `η(s) = Π Σ_s' P(s'|s) law(r(s) + γ Z'), Z' ~ η(s'); Π shares each outcome between the two nearest atoms`
 *
 * Outcomes beyond the grid go to its end. The probability that a row lacks ends the episode. v_max must be above v_min.
 *
 * Source: Bellemare, Dabney and Munos, arXiv 1707.06887; Rowland et al., arXiv 1802.08163.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function distributionalPolicyEvaluation<A extends RealArray>(args: DistributionalPolicyEvaluationArgs<A> & CallOptions<DistributionalPolicyEvaluationResult<A>>): DistributionalPolicyEvaluationResult<A> {
  return distributionalPolicyEvaluationOp.call(args) as DistributionalPolicyEvaluationResult<A>;
}

/**
 * Distribution of the return of a Markov chain on a grid of atoms (categorical).
 *
 * `η(s) = Π Σ_s' P(s'|s) law(r(s) + γ Z'), Z' ~ η(s'); Π shares each outcome between the two nearest atoms`
 *
 * Outcomes beyond the grid go to its end. The probability that a row lacks ends the episode. v_max must be above v_min.
 *
 * Source: Bellemare, Dabney and Munos, arXiv 1707.06887; Rowland et al., arXiv 1802.08163.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function distributionalPolicyEvaluationAsync<A extends RealArray>(args: DistributionalPolicyEvaluationArgs<A> & CallOptions<DistributionalPolicyEvaluationResult<A>> & AsyncOptions): Promise<DistributionalPolicyEvaluationResult<A>> {
  return distributionalPolicyEvaluationOp.callAsync(args) as Promise<DistributionalPolicyEvaluationResult<A>>;
}

/** Operands and parameters of `empiricalMdp`. */
export interface EmpiricalMdpArgs<A extends RealArray = RealArray> {
  /** state of each transition. Shape [N], int32. */
  states: Operand<Int32Array>;
  /** action of each transition. Shape [N], int32. */
  actions: Operand<Int32Array>;
  /** reward of each transition. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** state after each transition. Shape [N], int32. */
  nextStates: Operand<Int32Array>;
  /** 1 = the episode ended; absent: never. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** S (integer; ≥ 0, ≤ 1000000000; required). */
  numStates: number;
  /** A (integer; ≥ 0, ≤ 1000000000; required). */
  numActions: number;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** what a pair without data does ('exclude' | 'self_loop' | 'optimistic'; default 'exclude'). */
  untried?: 'exclude' | 'self_loop' | 'optimistic';
  /** reward of an untried pair when optimistic; null: the largest seen (number or null; default null). */
  rMax?: number | null;
  /** accuracy of `values` (number; > 0; default 1e-10). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `empiricalMdp`. */
export interface EmpiricalMdpResult<A extends RealArray = RealArray> {
  /** n(s,a). Shape [S,A]. */
  count: Tensor<A>;
  /** mean reward. Shape [S,A]. */
  rewards: Tensor<A>;
  /** P(s'|s,a). Shape [S,A,S]. */
  probDense: Tensor<A>;
  /** optimal V of the model. Shape [S]. */
  values: Tensor<A>;
  /** its Q; 0 where excluded. Shape [S,A]. */
  qValues: Tensor<A>;
  /** greedy action. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

const empiricalMdpOp: Op = /* @__PURE__ */ new Op('bellman', 'empirical_mdp');

/**
 * Maximum-likelihood model of transitions, and its optimal values.
 *
 * `P(s'|s,a) = n(s,a,s')/n(s,a), r(s,a) the mean reward;  V = max_a r + γ P V`
 *
 * A transition that terminated has no successor: its row has mass below one. Untried pairs: 'exclude' takes them out (row, reward and Q are 0); 'self_loop' stays with reward 0; 'optimistic' stays with reward r_max. A state without a tried action has value 0 and policy −1 when they are excluded.
 *
 * Source: Kearns and Singh (2002); optimistic: Brafman and Tennenholtz (2002), R-max.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function empiricalMdp<A extends RealArray>(args: EmpiricalMdpArgs<A> & CallOptions<EmpiricalMdpResult<A>>): EmpiricalMdpResult<A> {
  return empiricalMdpOp.call(args) as EmpiricalMdpResult<A>;
}

/**
 * Maximum-likelihood model of transitions, and its optimal values.
 *
 * `P(s'|s,a) = n(s,a,s')/n(s,a), r(s,a) the mean reward;  V = max_a r + γ P V`
 *
 * A transition that terminated has no successor: its row has mass below one. Untried pairs: 'exclude' takes them out (row, reward and Q are 0); 'self_loop' stays with reward 0; 'optimistic' stays with reward r_max. A state without a tried action has value 0 and policy −1 when they are excluded.
 *
 * Source: Kearns and Singh (2002); optimistic: Brafman and Tennenholtz (2002), R-max.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function empiricalMdpAsync<A extends RealArray>(args: EmpiricalMdpArgs<A> & CallOptions<EmpiricalMdpResult<A>> & AsyncOptions): Promise<EmpiricalMdpResult<A>> {
  return empiricalMdpOp.callAsync(args) as Promise<EmpiricalMdpResult<A>>;
}
