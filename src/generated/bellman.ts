// Written by scripts/generate.mjs from native/ops: do not edit.
import { problemOperands } from '../bellman/problems/operands.js';
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

/** Operands and parameters of `knownMdps` (form 'average'). */
export interface KnownMdpsAverageArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr?: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col?: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob?: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** built-in problem, where no rows are given (name of a built-in problem). */
  builtin?: string;
  /** names this form ('average'; default 'average'). */
  criterion: 'average';
  /** state whose bias is 0 (integer; ≥ 0; default 0). */
  refState?: number;
  /** S; 0: from the arrays (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from the arrays (integer; ≥ 0; default 0). */
  numActions?: number;
  /** sweeps after which the solver gives up (integer; ≥ 1; default 1000000). */
  maxIterations?: number;
}

/** Outputs of `knownMdps`. */
export interface KnownMdpsAverageResult<A extends RealArray = RealArray> {
  /** best average reward per step. */
  gain: number;
  /** relative values h. Shape [S]. */
  biasRel: Tensor<A>;
  /** optimal policy. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** 1 when the bounds of the gain met. */
  converged: number;
}

/** Operands and parameters of `knownMdps` (form 'optimal'). */
export interface KnownMdpsOptimalArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr?: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col?: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob?: Operand<A>;
  /** reward of each entry; takes the place of `rewards`. Shape [N], float32 or float64. */
  transitionRewards?: Operand<A>;
  /** 0 = the entry ends the episode; absent: none do. Shape [N], uint8 or int32, non-zero = true. */
  continues?: Operand<Uint8Array | Int32Array>;
  /** expected immediate reward; absent: 0. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** states that v_star_at and q_star_at tell of. Shape [Q], int32. */
  queryStates?: Operand<Int32Array>;
  /** built-in problem, where no rows are given (name of a built-in problem). */
  builtin?: string;
  /** names this form ('discounted'; default 'discounted'). */
  criterion?: 'discounted';
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** number of steps; null: no end (number or null; ≥ 0; integer; default null). */
  horizon?: number | null;
  /** S; 0: from the arrays (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from the arrays (integer; ≥ 0; default 0). */
  numActions?: number;
  /** sweeps (γ = 1) or policies after which the solver gives up (integer; ≥ 1; default 1000000). */
  maxIterations?: number;
}

/** Outputs of `knownMdps`. */
export interface KnownMdpsOptimalResult<A extends RealArray = RealArray> {
  /** V*. Shape [S]. */
  vStar: Tensor<A>;
  /** 1 = Q* within 1e-9 of the best allowed. Shape [S,A]. */
  optimalActions: Tensor<Uint8Array>;
  /** greedy policy, −1 = none allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** V* of the query states. Shape [Q]. */
  vStarAt?: Tensor<A>;
  /** Q* of the query states. Shape [Q,A]. */
  qStarAt?: Tensor<A>;
  /** sum of V* over all states. */
  vStarSum: number;
  /** 1 when the values are solved to rounding. */
  converged: number;
}

const knownMdpsOp: Op = /* @__PURE__ */ new Op('bellman', 'known_mdps', problemOperands);

/**
 * Average-reward answer of a built-in problem, or of given rows.
 *
 * `gain + h(s) = max_a r(s,a) + Σ_j p_j h(col_j),  h(ref_state) = 0`
 *
 * As average_reward_rvi.
 *
 * Source: Howard (1960) for the taxicab; Puterman (1994), section 8.5.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function knownMdps<A extends RealArray>(args: KnownMdpsAverageArgs<A> & CallOptions<KnownMdpsAverageResult<A>>): KnownMdpsAverageResult<A>;
/**
 * Optimal values of a built-in problem, or of given rows, to rounding.
 *
 * `Q*(s,a) = Σ_j p_j (r_j + γ cont_j V*(col_j)) or r(s,a) + γ Σ_j p_j V*(col_j);  V*(s) = max_a Q*(s,a)`
 *
 * With a horizon the values are those of step 0. With γ = 1 and none, sweeps go on until they change nothing, and `converged` speaks of that alone.
 *
 * Source: Puterman (1994), sections 4.5 and 6.4; the problems: Gymnasium toy_text, pymdptoolbox, Puterman, Howard, Strehl and Littman, PRISM.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function knownMdps<A extends RealArray>(args: KnownMdpsOptimalArgs<A> & CallOptions<KnownMdpsOptimalResult<A>>): KnownMdpsOptimalResult<A>;
export function knownMdps(args: object): unknown {
  return knownMdpsOp.call(args);
}

/**
 * Average-reward answer of a built-in problem, or of given rows.
 *
 * `gain + h(s) = max_a r(s,a) + Σ_j p_j h(col_j),  h(ref_state) = 0`
 *
 * As average_reward_rvi.
 *
 * Source: Howard (1960) for the taxicab; Puterman (1994), section 8.5.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function knownMdpsAsync<A extends RealArray>(args: KnownMdpsAverageArgs<A> & CallOptions<KnownMdpsAverageResult<A>> & AsyncOptions): Promise<KnownMdpsAverageResult<A>>;
/**
 * Optimal values of a built-in problem, or of given rows, to rounding.
 *
 * `Q*(s,a) = Σ_j p_j (r_j + γ cont_j V*(col_j)) or r(s,a) + γ Σ_j p_j V*(col_j);  V*(s) = max_a Q*(s,a)`
 *
 * With a horizon the values are those of step 0. With γ = 1 and none, sweeps go on until they change nothing, and `converged` speaks of that alone.
 *
 * Source: Puterman (1994), sections 4.5 and 6.4; the problems: Gymnasium toy_text, pymdptoolbox, Puterman, Howard, Strehl and Littman, PRISM.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function knownMdpsAsync<A extends RealArray>(args: KnownMdpsOptimalArgs<A> & CallOptions<KnownMdpsOptimalResult<A>> & AsyncOptions): Promise<KnownMdpsOptimalResult<A>>;
export function knownMdpsAsync(args: object): Promise<unknown> {
  return knownMdpsOp.callAsync(args);
}

/** Operands and parameters of `policyIteration` (form 'modified'). */
export interface PolicyIterationModifiedArgs<A extends RealArray = RealArray> {
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
  /** V to begin with; absent: 0. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** names this form ('modified_policy_iteration'; default 'modified_policy_iteration'). */
  algorithm: 'modified_policy_iteration';
  /** sweeps of the policy after each greedy backup (integer; ≥ 0; default 4). */
  evalSweeps?: number;
  /** greedy backups at most (integer; ≥ 0; default 1000). */
  numOuter?: number;
  /** stop once V is certified this close to V*; 0: never before num_outer (number; ≥ 0; default 0). */
  tolerance?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `policyIteration`. */
export interface PolicyIterationModifiedResult<A extends RealArray = RealArray> {
  /** V. Shape [S]. */
  values: Tensor<A>;
  /** policy of the last greedy backup, −1 = none allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** greedy backups made. */
  numIterations: number;
  /** max |T V − V| at the last greedy backup. */
  residualInf: number;
  /** 1 when the tolerance was met. */
  converged: number;
}

/** Operands and parameters of `policyIteration` (form 'inexact'). */
export interface PolicyIterationInexactArgs<A extends RealArray = RealArray> {
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
  /** V to begin with; absent: v0 everywhere. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** names this form ('inexact_policy_iteration'; default 'inexact_policy_iteration'). */
  algorithm: 'inexact_policy_iteration';
  /** evaluation: one or max_inner Richardson steps, or a Krylov method ('vi' | 'mpi' | 'gmres' | 'bicgstab' | 'tfqmr'; default 'gmres'). */
  method?: 'vi' | 'mpi' | 'gmres' | 'bicgstab' | 'tfqmr';
  /** residual of an evaluation, as a part of the Bellman residual (number; > 0; default 0.0001). */
  forcing?: number;
  /** Bellman residual to stop at (number; > 0; default 1e-8). */
  atol?: number;
  /** V to begin with (number; default 1). */
  v0?: number;
  /** policies before the solver gives up (integer; ≥ 1; default 1000). */
  maxIterations?: number;
  /** products with P_π in one evaluation (integer; ≥ 1; default 1000). */
  maxInner?: number;
  /** GMRES: vectors kept (integer; ≥ 1, ≤ 1000; default 30). */
  restart?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `policyIteration`. */
export interface PolicyIterationInexactResult<A extends RealArray = RealArray> {
  /** V. Shape [S]. */
  values: Tensor<A>;
  /** greedy policy of V, −1 = none allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** policies evaluated. */
  numIterations: number;
  /** products with P_π, all together. */
  numProducts: number;
  /** max |T V − V|. */
  residualInf: number;
  /** 1 when the Bellman residual fell below atol. */
  converged: number;
}

/** Operands and parameters of `policyIteration` (form 'howard'). */
export interface PolicyIterationHowardArgs<A extends RealArray = RealArray> {
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
  /** first policy; absent: greedy in the rewards. Shape [S], int32. */
  initialPolicy?: Operand<Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** names this form ('policy_iteration'; default 'policy_iteration'). */
  algorithm?: 'policy_iteration';
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** policies evaluated before the solver gives up (integer; ≥ 1; default 1000). */
  maxIterations?: number;
}

/** Outputs of `policyIteration`. */
export interface PolicyIterationHowardResult<A extends RealArray = RealArray> {
  /** V of the last policy; V* when converged. Shape [S]. */
  values: Tensor<A>;
  /** the last policy, −1 = no action allowed. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** policies evaluated. */
  numIterations: number;
  /** every policy evaluated, in order. Shape [I,S] at most. */
  policies: Tensor<Int32Array>;
  /** 1 when the last policy was evaluated exactly and no action improves on it. */
  converged: number;
}

const policyIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'policy_iteration');

/**
 * Modified policy iteration: a greedy backup, then sweeps of the policy it chose.
 *
 * `V ← T V, π greedy;  then eval_sweeps times V ← r_π + γ P_π V;  num_outer times`
 *
 * eval_sweeps 0 is value iteration. `converged` is 1 when the bounds of the last greedy backup are 2·tolerance apart or less; `values` are then the middle of the bounds, within tolerance of V*.
 *
 * Source: Puterman and Shin (1978); Puterman (1994), section 6.5.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIteration<A extends RealArray>(args: PolicyIterationModifiedArgs<A> & CallOptions<PolicyIterationModifiedResult<A>>): PolicyIterationModifiedResult<A>;
/**
 * Inexact policy iteration: each policy is evaluated by a Krylov method, only as well as the Bellman residual asks for.
 *
 * `π greedy for V, ρ = ‖T V − V‖∞, stop when ρ < atol;  else solve (I − γ P_π) x = r_π from V until ‖residual‖₂ ≤ forcing·ρ, V ← x`
 *
 * V* lies within residual_inf/(1 − γ) of `values`. The solver gives up, with `converged` 0, after max_iterations policies or when ρ no longer falls.
 *
 * Source: Gargiani, Sieber, Balta, Liao-McPherson and Lygeros (arXiv 2404.06136).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIteration<A extends RealArray>(args: PolicyIterationInexactArgs<A> & CallOptions<PolicyIterationInexactResult<A>>): PolicyIterationInexactResult<A>;
/**
 * Howard's policy iteration: evaluate a policy exactly, improve it, until no action is better.
 *
 * `V = (I − γ P_π)⁻¹ r_π;  π'(s) = argmax_a r(s,a) + γ Σ_j p_j V(col_j)`
 *
 * An action stays unless another is better by more than 1e-10 (and the rounding of the values). With γ = 1 a policy that need not end has no value: `converged` is then 0, as it is after max_iterations policies.
 *
 * Source: Howard (1960); Puterman (1994), section 6.4.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIteration<A extends RealArray>(args: PolicyIterationHowardArgs<A> & CallOptions<PolicyIterationHowardResult<A>>): PolicyIterationHowardResult<A>;
export function policyIteration(args: object): unknown {
  return policyIterationOp.call(args);
}

/**
 * Modified policy iteration: a greedy backup, then sweeps of the policy it chose.
 *
 * `V ← T V, π greedy;  then eval_sweeps times V ← r_π + γ P_π V;  num_outer times`
 *
 * eval_sweeps 0 is value iteration. `converged` is 1 when the bounds of the last greedy backup are 2·tolerance apart or less; `values` are then the middle of the bounds, within tolerance of V*.
 *
 * Source: Puterman and Shin (1978); Puterman (1994), section 6.5.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIterationAsync<A extends RealArray>(args: PolicyIterationModifiedArgs<A> & CallOptions<PolicyIterationModifiedResult<A>> & AsyncOptions): Promise<PolicyIterationModifiedResult<A>>;
/**
 * Inexact policy iteration: each policy is evaluated by a Krylov method, only as well as the Bellman residual asks for.
 *
 * `π greedy for V, ρ = ‖T V − V‖∞, stop when ρ < atol;  else solve (I − γ P_π) x = r_π from V until ‖residual‖₂ ≤ forcing·ρ, V ← x`
 *
 * V* lies within residual_inf/(1 − γ) of `values`. The solver gives up, with `converged` 0, after max_iterations policies or when ρ no longer falls.
 *
 * Source: Gargiani, Sieber, Balta, Liao-McPherson and Lygeros (arXiv 2404.06136).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIterationAsync<A extends RealArray>(args: PolicyIterationInexactArgs<A> & CallOptions<PolicyIterationInexactResult<A>> & AsyncOptions): Promise<PolicyIterationInexactResult<A>>;
/**
 * Howard's policy iteration: evaluate a policy exactly, improve it, until no action is better.
 *
 * `V = (I − γ P_π)⁻¹ r_π;  π'(s) = argmax_a r(s,a) + γ Σ_j p_j V(col_j)`
 *
 * An action stays unless another is better by more than 1e-10 (and the rounding of the values). With γ = 1 a policy that need not end has no value: `converged` is then 0, as it is after max_iterations policies.
 *
 * Source: Howard (1960); Puterman (1994), section 6.4.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function policyIterationAsync<A extends RealArray>(args: PolicyIterationHowardArgs<A> & CallOptions<PolicyIterationHowardResult<A>> & AsyncOptions): Promise<PolicyIterationHowardResult<A>>;
export function policyIterationAsync(args: object): Promise<unknown> {
  return policyIterationOp.callAsync(args);
}

/** Operands and parameters of `averageRewardRvi`. */
export interface AverageRewardRviArgs<A extends RealArray = RealArray> {
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
  /** state whose bias is 0 (integer; ≥ 0; default 0). */
  refState?: number;
  /** τ: below 1 no chain is periodic (number; > 0, ≤ 1; default 0.9). */
  aperiodicityTau?: number;
  /** stop when max(T h − h) − min(T h − h) is below this (number; > 0; default 1e-9). */
  stopSpan?: number;
  /** sweeps after which the solver gives up (integer; ≥ 1; default 1000000). */
  maxIterations?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `averageRewardRvi`. */
export interface AverageRewardRviResult<A extends RealArray = RealArray> {
  /** average reward per step: the middle of its bounds. */
  gain: number;
  /** certified lower bound of the gain. */
  gainLower: number;
  /** certified upper bound of the gain. */
  gainUpper: number;
  /** relative values h, 0 at ref_state. Shape [S]. */
  biasRel: Tensor<A>;
  /** greedy policy of h. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** stationary distribution of that policy; of its first recurrent class, by lowest state, where there are several. Shape [S]. */
  stationary: Tensor<A>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the span fell below stop_span. */
  converged: number;
  /** 1 when the span stalled and the policy has several recurrent classes. */
  notUnichain: number;
}

const averageRewardRviOp: Op = /* @__PURE__ */ new Op('bellman', 'average_reward_rvi');

/**
 * Relative value iteration for the best average reward per step.
 *
 * `T h = max_a r + P h;  h ← (1−τ) h + τ T h, shifted to h(ref) = 0;  min(T h − h) ≤ gain ≤ max(T h − h)`
 *
 * Every allowed row must have mass one, and every state an allowed action. Where the span stalls and the greedy policy has several recurrent classes, `not_unichain` is 1 and the gain has bounds only.
 *
 * Source: White (1963); Schweitzer (1971) for τ; Puterman (1994), sections 8.5 and 8.6.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function averageRewardRvi<A extends RealArray>(args: AverageRewardRviArgs<A> & CallOptions<AverageRewardRviResult<A>>): AverageRewardRviResult<A> {
  return averageRewardRviOp.call(args) as AverageRewardRviResult<A>;
}

/**
 * Relative value iteration for the best average reward per step.
 *
 * `T h = max_a r + P h;  h ← (1−τ) h + τ T h, shifted to h(ref) = 0;  min(T h − h) ≤ gain ≤ max(T h − h)`
 *
 * Every allowed row must have mass one, and every state an allowed action. Where the span stalls and the greedy policy has several recurrent classes, `not_unichain` is 1 and the gain has bounds only.
 *
 * Source: White (1963); Schweitzer (1971) for τ; Puterman (1994), sections 8.5 and 8.6.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function averageRewardRviAsync<A extends RealArray>(args: AverageRewardRviArgs<A> & CallOptions<AverageRewardRviResult<A>> & AsyncOptions): Promise<AverageRewardRviResult<A>> {
  return averageRewardRviOp.callAsync(args) as Promise<AverageRewardRviResult<A>>;
}

/** Operands and parameters of `stochasticShortestPath`. */
export interface StochasticShortestPathArgs<A extends RealArray = RealArray> {
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
  /** the goal states (list of integers; required). */
  goal: readonly number[] | Int32Array;
  /** costs are minimised ('min'; default 'min'). */
  mode?: 'min';
  /** policies evaluated before the solver gives up (integer; ≥ 1; default 1000). */
  maxIterations?: number;
}

/** Outputs of `stochasticShortestPath`. */
export interface StochasticShortestPathResult<A extends RealArray = RealArray> {
  /** least expected cost. Shape [S]. */
  values: Tensor<A>;
  /** optimal action; −1 at goals and where V is Infinity. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** policies evaluated. */
  iterations: number;
  /** 1 when the policy was evaluated exactly and no action improves on it. */
  converged: number;
}

const stochasticShortestPathOp: Op = /* @__PURE__ */ new Op('bellman', 'stochastic_shortest_path');

/**
 * Least expected cost to a goal, over the policies that reach it for certain.
 *
 * `V(goal) = 0;  V(s) = min_a c(s,a) + Σ_j p_j V(col_j) over actions that stay where the goal can be reached with probability one`
 *
 * Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at goals. Costs must be finite and not negative. Missing mass is not the goal. Cycles of cost 0 are collapsed first, so that they never look free for ever.
 *
 * Source: Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and zero-cost cycles.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function stochasticShortestPath<A extends RealArray>(args: StochasticShortestPathArgs<A> & CallOptions<StochasticShortestPathResult<A>>): StochasticShortestPathResult<A> {
  return stochasticShortestPathOp.call(args) as StochasticShortestPathResult<A>;
}

/**
 * Least expected cost to a goal, over the policies that reach it for certain.
 *
 * `V(goal) = 0;  V(s) = min_a c(s,a) + Σ_j p_j V(col_j) over actions that stay where the goal can be reached with probability one`
 *
 * Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at goals. Costs must be finite and not negative. Missing mass is not the goal. Cycles of cost 0 are collapsed first, so that they never look free for ever.
 *
 * Source: Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and zero-cost cycles.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function stochasticShortestPathAsync<A extends RealArray>(args: StochasticShortestPathArgs<A> & CallOptions<StochasticShortestPathResult<A>> & AsyncOptions): Promise<StochasticShortestPathResult<A>> {
  return stochasticShortestPathOp.callAsync(args) as Promise<StochasticShortestPathResult<A>>;
}

/** Operands and parameters of `reachability` (form 'consensus'). */
export interface ReachabilityConsensusArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr?: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col?: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob?: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** every process has decided. Shape [S], uint8 or int32, non-zero = true. */
  finished?: Operand<Uint8Array | Int32Array>;
  /** ... and all for heads. Shape [S], uint8 or int32, non-zero = true. */
  allHeads?: Operand<Uint8Array | Int32Array>;
  /** ... and all for the same. Shape [S], uint8 or int32, non-zero = true. */
  agree?: Operand<Uint8Array | Int32Array>;
  /** consensus(processes, bound) (name of a built-in problem). */
  builtin: 'consensus' | `consensus(${string}`;
  /** state the quantities are asked for (integer; ≥ 0; default 0). */
  initialState?: number;
  /** S; 0: from the arrays (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from the arrays (integer; ≥ 0; default 0). */
  numActions?: number;
  /** width of the bounds to stop at (number; > 0; default 1e-9). */
  eps?: number;
  /** sweeps after which the solver gives up (integer; ≥ 1; default 1000000). */
  maxIterations?: number;
}

/** Outputs of `reachability`. */
export interface ReachabilityConsensusResult<A extends RealArray = RealArray> {
  /** least probability of ending in all heads. */
  c2Pmin: number;
  /** greatest probability of disagreement. */
  disagreePmax: number;
  /** greatest expected number of moves. */
  stepsMax: number;
  /** least expected number of moves. */
  stepsMin: number;
  /** 1 when all four did. */
  converged: number;
}

/** Operands and parameters of `reachability` (form 'expected_cost'). */
export interface ReachabilityExpectedCostArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr?: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col?: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob?: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** the goal states (list of integers; required). */
  goal?: readonly number[] | Int32Array;
  /** names this form ('expected_cost'; default 'expected_cost'). */
  quantity: 'expected_cost';
  /** greatest or least expected cost ('max' | 'min'; default 'min'). */
  mode?: 'max' | 'min';
  /** built-in problem, where no rows are given (name of a built-in problem). */
  builtin?: string;
  /** S; 0: from the arrays (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from the arrays (integer; ≥ 0; default 0). */
  numActions?: number;
  /** policies evaluated before the solver gives up (integer; ≥ 1; default 1000). */
  maxIterations?: number;
}

/** Outputs of `reachability`. */
export interface ReachabilityExpectedCostResult<A extends RealArray = RealArray> {
  /** expected cost; 0 at goals. Shape [S]. */
  value: Tensor<A>;
  /** largest entry of `value`. */
  maxValue: number;
  /** optimal action; −1 at goals and where it is Infinity. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** 1 when the policy was evaluated exactly and no action improves on it. */
  converged: number;
}

/** Operands and parameters of `reachability` (form 'probability'). */
export interface ReachabilityProbabilityArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr?: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col?: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob?: Operand<A>;
  /** says S and A; its entries are not used. Shape [S,A], float32 or float64. */
  rewards?: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** the goal states (list of integers; required). */
  goal?: readonly number[] | Int32Array;
  /** greatest or least probability ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** names this form ('probability'; default 'probability'). */
  quantity?: 'probability';
  /** bounds from both sides ('interval_iteration'; default 'interval_iteration'). */
  stop?: 'interval_iteration';
  /** width of the bounds to stop at (number; > 0; default 1e-8). */
  eps?: number;
  /** probability within this many steps; null: ever (number or null; ≥ 0; integer; default null). */
  steps?: number | null;
  /** built-in problem, where no rows are given (name of a built-in problem). */
  builtin?: string;
  /** S; 0: from the arrays (integer; ≥ 0; default 0). */
  numStates?: number;
  /** A; 0: from the arrays (integer; ≥ 0; default 0). */
  numActions?: number;
  /** sweeps after which the solver gives up (integer; ≥ 1; default 1000000). */
  maxIterations?: number;
}

/** Outputs of `reachability`. */
export interface ReachabilityProbabilityResult<A extends RealArray = RealArray> {
  /** the probability: the middle of its bounds. Shape [S]. */
  prob: Tensor<A>;
  /** certified lower bound. Shape [S]. */
  lower: Tensor<A>;
  /** certified upper bound. Shape [S]. */
  upper: Tensor<A>;
  /** 1 = probability 0, by the graph alone. Shape [S]. */
  zeroStates: Tensor<Uint8Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the bounds are eps apart or closer. */
  converged: number;
}

const reachabilityOp: Op = /* @__PURE__ */ new Op('bellman', 'reachability', problemOperands);

/**
 * The four published quantities of the randomised consensus protocol.
 *
 * `Pmin(F finished ∧ all heads), Pmax(F finished ∧ ¬ all equal), max and min E moves until finished, from the initial state`
 *
 * As the other forms.
 *
 * Source: Aspnes and Herlihy (1990); Kwiatkowska, Norman and Segala (2001); QVBS consensus.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachability<A extends RealArray>(args: ReachabilityConsensusArgs<A> & CallOptions<ReachabilityConsensusResult<A>>): ReachabilityConsensusResult<A>;
/**
 * Least or greatest expected total cost until a goal.
 *
 * `V(goal) = 0;  V(s) = opt_a c(s,a) + Σ_j p_j V(col_j)`
 *
 * min: as stochastic_shortest_path. max: Infinity where some policy may avoid the goal. Costs must be finite and not negative.
 *
 * Source: Forejt, Kwiatkowska, Norman and Parker (2011), section 4; de Alfaro (1999).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachability<A extends RealArray>(args: ReachabilityExpectedCostArgs<A> & CallOptions<ReachabilityExpectedCostResult<A>>): ReachabilityExpectedCostResult<A>;
/**
 * Greatest or least probability of ever reaching a goal, or within some steps.
 *
 * `P(goal) = 1, P(zero states) = 0;  P(s) = opt_a Σ_j p_j P(col_j), between bounds that both converge once end components are collapsed`
 *
 * A small change of a sweep proves nothing and stops nothing. `converged` is 0 where the bounds stayed further apart than eps; they hold all the same. Missing mass does not reach the goal.
 *
 * Source: Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachability<A extends RealArray>(args: ReachabilityProbabilityArgs<A> & CallOptions<ReachabilityProbabilityResult<A>>): ReachabilityProbabilityResult<A>;
export function reachability(args: object): unknown {
  return reachabilityOp.call(args);
}

/**
 * The four published quantities of the randomised consensus protocol.
 *
 * `Pmin(F finished ∧ all heads), Pmax(F finished ∧ ¬ all equal), max and min E moves until finished, from the initial state`
 *
 * As the other forms.
 *
 * Source: Aspnes and Herlihy (1990); Kwiatkowska, Norman and Segala (2001); QVBS consensus.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachabilityAsync<A extends RealArray>(args: ReachabilityConsensusArgs<A> & CallOptions<ReachabilityConsensusResult<A>> & AsyncOptions): Promise<ReachabilityConsensusResult<A>>;
/**
 * Least or greatest expected total cost until a goal.
 *
 * `V(goal) = 0;  V(s) = opt_a c(s,a) + Σ_j p_j V(col_j)`
 *
 * min: as stochastic_shortest_path. max: Infinity where some policy may avoid the goal. Costs must be finite and not negative.
 *
 * Source: Forejt, Kwiatkowska, Norman and Parker (2011), section 4; de Alfaro (1999).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachabilityAsync<A extends RealArray>(args: ReachabilityExpectedCostArgs<A> & CallOptions<ReachabilityExpectedCostResult<A>> & AsyncOptions): Promise<ReachabilityExpectedCostResult<A>>;
/**
 * Greatest or least probability of ever reaching a goal, or within some steps.
 *
 * `P(goal) = 1, P(zero states) = 0;  P(s) = opt_a Σ_j p_j P(col_j), between bounds that both converge once end components are collapsed`
 *
 * A small change of a sweep proves nothing and stops nothing. `converged` is 0 where the bounds stayed further apart than eps; they hold all the same. Missing mass does not reach the goal.
 *
 * Source: Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function reachabilityAsync<A extends RealArray>(args: ReachabilityProbabilityArgs<A> & CallOptions<ReachabilityProbabilityResult<A>> & AsyncOptions): Promise<ReachabilityProbabilityResult<A>>;
export function reachabilityAsync(args: object): Promise<unknown> {
  return reachabilityOp.callAsync(args);
}

/** Operands and parameters of `prioritizedSweeping`. */
export interface PrioritizedSweepingArgs<A extends RealArray = RealArray> {
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
  /** backups at most (integer; ≥ 0; required). */
  numBackups: number;
  /** stop when the largest error is below this (number; ≥ 0; default 0). */
  theta?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
}

/** Outputs of `prioritizedSweeping`. */
export interface PrioritizedSweepingResult<A extends RealArray = RealArray> {
  /** V after the backups. Shape [S]. */
  values: Tensor<A>;
  /** the states backed up, in order. Shape [K] at most. */
  trace: Tensor<Int32Array>;
  /** the errors |T V − V| then. Shape [S]. */
  priority: Tensor<A>;
}

const prioritizedSweepingOp: Op = /* @__PURE__ */ new Op('bellman', 'prioritized_sweeping');

/**
 * Prioritised sweeping: back up the state with the largest Bellman error, one at a time.
 *
 * `s = argmax |T V(s) − V(s)|;  V(s) ← T V(s);  renew the errors of s and of its predecessors`
 *
 * Of equal errors the lowest state goes first, a NaN before every number. With theta 0 all num_backups are made, even where every error is 0.
 *
 * Source: Moore and Atkeson (1993), with full backups.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function prioritizedSweeping<A extends RealArray>(args: PrioritizedSweepingArgs<A> & CallOptions<PrioritizedSweepingResult<A>>): PrioritizedSweepingResult<A> {
  return prioritizedSweepingOp.call(args) as PrioritizedSweepingResult<A>;
}

/**
 * Prioritised sweeping: back up the state with the largest Bellman error, one at a time.
 *
 * `s = argmax |T V(s) − V(s)|;  V(s) ← T V(s);  renew the errors of s and of its predecessors`
 *
 * Of equal errors the lowest state goes first, a NaN before every number. With theta 0 all num_backups are made, even where every error is 0.
 *
 * Source: Moore and Atkeson (1993), with full backups.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function prioritizedSweepingAsync<A extends RealArray>(args: PrioritizedSweepingArgs<A> & CallOptions<PrioritizedSweepingResult<A>> & AsyncOptions): Promise<PrioritizedSweepingResult<A>> {
  return prioritizedSweepingOp.callAsync(args) as Promise<PrioritizedSweepingResult<A>>;
}

/** Operands and parameters of `constrainedMdpLp`. */
export interface ConstrainedMdpLpArgs<A extends RealArray = RealArray> {
  /** bounds of each row's entries: 0 … N. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** successor state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** probability of each entry. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** expected immediate cost. Shape [S,A], float32 or float64. */
  cost: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** distribution of the first state. Shape [S], float32 or float64. */
  mu0: Operand<A>;
  /** discount γ, below 1 (number; ≥ 0, < 1; required). */
  gamma: number;
  /** most cost allowed, normalised (number; required). */
  budget: number;
  /** multipliers tried before the solver gives up (integer; ≥ 1; default 200). */
  maxIterations?: number;
}

/** Outputs of `constrainedMdpLp`. */
export interface ConstrainedMdpLpResult<A extends RealArray = RealArray> {
  /** ⟨d,r⟩. */
  objective: number;
  /** ⟨d,c⟩. */
  cost: number;
  /** price of the budget, ≥ 0. */
  multiplier: number;
  /** d(s,a). Shape [S,A]. */
  occupancy: Tensor<A>;
  /** d(s,a)/Σ_a d(s,a). Shape [S,A]. */
  policy: Tensor<A>;
  /** the best without a budget. */
  unconstrainedObjective: number;
  /** 1 when some policy keeps the budget. */
  feasible: number;
  /** 1 when primal and dual objective met. */
  converged: number;
}

const constrainedMdpLpOp: Op = /* @__PURE__ */ new Op('bellman', 'constrained_mdp_lp');

/**
 * Best discounted reward under a budget of discounted cost: the occupancy linear programme.
 *
 * `max ⟨d,r⟩  s.t.  Σ_a d(s,a) − γ Σ p d = (1−γ) μ_0,  d ≥ 0,  ⟨d,c⟩ ≤ budget`
 *
 * Everything is normalised by 1−γ, as Σ d = 1. A budget below the least cost gives `feasible` 0 and NaN answers. A state without occupancy has the uniform policy over its allowed actions.
 *
 * Source: Altman (1999), chapters 3 and 4.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function constrainedMdpLp<A extends RealArray>(args: ConstrainedMdpLpArgs<A> & CallOptions<ConstrainedMdpLpResult<A>>): ConstrainedMdpLpResult<A> {
  return constrainedMdpLpOp.call(args) as ConstrainedMdpLpResult<A>;
}

/**
 * Best discounted reward under a budget of discounted cost: the occupancy linear programme.
 *
 * `max ⟨d,r⟩  s.t.  Σ_a d(s,a) − γ Σ p d = (1−γ) μ_0,  d ≥ 0,  ⟨d,c⟩ ≤ budget`
 *
 * Everything is normalised by 1−γ, as Σ d = 1. A budget below the least cost gives `feasible` 0 and NaN answers. A state without occupancy has the uniform policy over its allowed actions.
 *
 * Source: Altman (1999), chapters 3 and 4.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function constrainedMdpLpAsync<A extends RealArray>(args: ConstrainedMdpLpArgs<A> & CallOptions<ConstrainedMdpLpResult<A>> & AsyncOptions): Promise<ConstrainedMdpLpResult<A>> {
  return constrainedMdpLpOp.callAsync(args) as Promise<ConstrainedMdpLpResult<A>>;
}

/** Operands and parameters of `effectiveHorizon` (form 'sticky'). */
export interface EffectiveHorizonStickyArgs<A extends RealArray = RealArray> {
  /** successor; −1 = the last state. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** probability of repeating the last executed action (number; ≥ 0, ≤ 1; required). */
  sticky: number;
  /** number of steps H (integer; ≥ 1; required). */
  horizon: number;
  /** first state (integer; ≥ 0; default 0). */
  start?: number;
  /** an action this much worse than the best is sub-optimal (number; ≥ 0; default 0.0001). */
  rewardPrecision?: number;
}

/** Outputs of `effectiveHorizon`. */
export interface EffectiveHorizonStickyResult<A extends RealArray = RealArray> {
  /** fewest backups of the random policy's Q after which acting greedily is optimal. */
  minK: number;
  /** the same from Q = r: the effective planning window. */
  epw: number;
  /** return of the uniform policy. */
  randomReturn: number;
  /** best return. */
  optimalReturn: number;
  /** worst return. */
  worstReturn: number;
  /** pairs (state, executed action) met at t = 0 … H−1. */
  numReachableProductStates: number;
}

/** Operands and parameters of `effectiveHorizon` (form 'deterministic'). */
export interface EffectiveHorizonDeterministicArgs<A extends RealArray = RealArray> {
  /** successor; −1 = the last state. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** reward. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** π(t,s,a) of exploration; absent: uniform. Shape [H,S,A], float32 or float64. */
  explorationPolicy?: Operand<A>;
  /** number of steps H (integer; ≥ 1; required). */
  horizon: number;
  /** first state (integer; ≥ 0; default 0). */
  start?: number;
  /** an action this much worse than the best is sub-optimal (number; ≥ 0; default 0.0001). */
  rewardPrecision?: number;
}

/** Outputs of `effectiveHorizon`. */
export interface EffectiveHorizonDeterministicResult<A extends RealArray = RealArray> {
  /** fewest backups of the exploration's Q after which acting greedily is optimal. */
  minK: number;
  /** the same from Q = r: the effective planning window. */
  epw: number;
  /** min(H, min_k H_k). */
  effectiveHorizonBound: number;
  /** the k that set a bound. Shape [H] at most. */
  ks: Tensor<Int32Array>;
  /** m_k of those. Shape [H] at most. */
  ms: Tensor<A>;
  /** gap of the state that sets m_k. Shape [H] at most. */
  gaps: Tensor<A>;
  /** variance of the state that sets m_k. Shape [H] at most. */
  vars: Tensor<A>;
  /** return of exploration. */
  randomReturn: number;
  /** best return. */
  optimalReturn: number;
  /** worst return. */
  worstReturn: number;
  /** least, over states met, of the largest visiting probability at any t. */
  minStateOccupancy: number;
  /** the same of their sum over t. */
  minSumStateOccupancy: number;
  /** as min_state_occupancy, of state and action. */
  minStateActionOccupancy: number;
  /** the same of their sum over t. */
  minSumStateActionOccupancy: number;
}

const effectiveHorizonOp: Op = /* @__PURE__ */ new Op('bellman', 'effective_horizon');

/**
 * Effective horizon of a deterministic model whose actions stick.
 *
 * `as the deterministic form, over pairs (state, executed action): with probability sticky the last executed action is repeated, never at t = 0`
 *
 * The last state is the done state.
 *
 * Source: Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan (arXiv 2312.08369).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function effectiveHorizon<A extends RealArray>(args: EffectiveHorizonStickyArgs<A> & CallOptions<EffectiveHorizonStickyResult<A>>): EffectiveHorizonStickyResult<A>;
/**
 * How far ahead a learner must look in a deterministic model: min_k, planning window, a bound on the effective horizon, and occupancies of exploration.
 *
 * `Q_1 = Q_expl;  Q_{k+1}(t,s,a) = r + max_a' Q_k(t+1,s',a');  H = min_k k + log_A m_k,  m_k = max_s ⌈16 var ln(2 H A^k)/gap²⌉`
 *
 * The last state is the done state, which the minimum occupancies leave out. min_k follows every action of the largest Q, by exact comparison.
 *
 * Source: Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan (arXiv 2312.08369).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function effectiveHorizon<A extends RealArray>(args: EffectiveHorizonDeterministicArgs<A> & CallOptions<EffectiveHorizonDeterministicResult<A>>): EffectiveHorizonDeterministicResult<A>;
export function effectiveHorizon(args: object): unknown {
  return effectiveHorizonOp.call(args);
}

/**
 * Effective horizon of a deterministic model whose actions stick.
 *
 * `as the deterministic form, over pairs (state, executed action): with probability sticky the last executed action is repeated, never at t = 0`
 *
 * The last state is the done state.
 *
 * Source: Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan (arXiv 2312.08369).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function effectiveHorizonAsync<A extends RealArray>(args: EffectiveHorizonStickyArgs<A> & CallOptions<EffectiveHorizonStickyResult<A>> & AsyncOptions): Promise<EffectiveHorizonStickyResult<A>>;
/**
 * How far ahead a learner must look in a deterministic model: min_k, planning window, a bound on the effective horizon, and occupancies of exploration.
 *
 * `Q_1 = Q_expl;  Q_{k+1}(t,s,a) = r + max_a' Q_k(t+1,s',a');  H = min_k k + log_A m_k,  m_k = max_s ⌈16 var ln(2 H A^k)/gap²⌉`
 *
 * The last state is the done state, which the minimum occupancies leave out. min_k follows every action of the largest Q, by exact comparison.
 *
 * Source: Laidlaw, Russell and Dragan (arXiv 2304.09853); Laidlaw, Zhu, Russell and Dragan (arXiv 2312.08369).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function effectiveHorizonAsync<A extends RealArray>(args: EffectiveHorizonDeterministicArgs<A> & CallOptions<EffectiveHorizonDeterministicResult<A>> & AsyncOptions): Promise<EffectiveHorizonDeterministicResult<A>>;
export function effectiveHorizonAsync(args: object): Promise<unknown> {
  return effectiveHorizonOp.callAsync(args);
}

/** Operands and parameters of `lqrRiccati`. */
export interface LqrRiccatiArgs<A extends RealArray = RealArray> {
  /** state to next state. Shape [n,n], float32 or float64. */
  A: Operand<A>;
  /** control to next state. Shape [n,m], float32 or float64. */
  B: Operand<A>;
  /** cost of the state. Shape [n,n], float32 or float64. */
  Q: Operand<A>;
  /** cost of the control. Shape [m,m], float32 or float64. */
  R: Operand<A>;
  /** cost of the last state. Shape [n,n], float32 or float64. */
  QFinal: Operand<A>;
  /** number of steps H (integer; ≥ 0; required). */
  horizon: number;
}

/** Outputs of `lqrRiccati`. */
export interface LqrRiccatiResult<A extends RealArray = RealArray> {
  /** gains, in order of time. Shape [H,m,n]. */
  K: Tensor<A>;
  /** cost to go at time 0. Shape [n,n]. */
  P0: Tensor<A>;
}

const lqrRiccatiOp: Op = /* @__PURE__ */ new Op('bellman', 'lqr_riccati');

/**
 * Finite-horizon linear-quadratic control: the Riccati recursion.
 *
 * `P_H = Q_final;  K_t = (R + Bᵀ P_{t+1} B)⁻¹ Bᵀ P_{t+1} A;  P_t = Q + Aᵀ P_{t+1} (A − B K_t);  u_t = −K_t x_t`
 *
 * A singular R + Bᵀ P B is an error that names the step.
 *
 * Source: Bertsekas, Dynamic Programming and Optimal Control I (2017), section 3.1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lqrRiccati<A extends RealArray>(args: LqrRiccatiArgs<A> & CallOptions<LqrRiccatiResult<A>>): LqrRiccatiResult<A> {
  return lqrRiccatiOp.call(args) as LqrRiccatiResult<A>;
}

/**
 * Finite-horizon linear-quadratic control: the Riccati recursion.
 *
 * `P_H = Q_final;  K_t = (R + Bᵀ P_{t+1} B)⁻¹ Bᵀ P_{t+1} A;  P_t = Q + Aᵀ P_{t+1} (A − B K_t);  u_t = −K_t x_t`
 *
 * A singular R + Bᵀ P B is an error that names the step.
 *
 * Source: Bertsekas, Dynamic Programming and Optimal Control I (2017), section 3.1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lqrRiccatiAsync<A extends RealArray>(args: LqrRiccatiArgs<A> & CallOptions<LqrRiccatiResult<A>> & AsyncOptions): Promise<LqrRiccatiResult<A>> {
  return lqrRiccatiOp.callAsync(args) as Promise<LqrRiccatiResult<A>>;
}
