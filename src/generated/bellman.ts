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
 * A state with no allowed action has value 0 and policy −1; a masked Q is −Infinity (+Infinity when minimising). Ties go to the lowest action. NaN propagates; the policy is then the first NaN action. Probabilities are taken as they are; solvers refuse negative ones.
 *
 * Source: Puterman, Markov Decision Processes (1994), section 6.2.
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
 * A state with no allowed action has value 0 and policy −1; a masked Q is −Infinity (+Infinity when minimising). Ties go to the lowest action. NaN propagates; the policy is then the first NaN action. Probabilities are taken as they are; solvers refuse negative ones.
 *
 * Source: Puterman, Markov Decision Processes (1994), section 6.2.
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
 * Source: Puterman (1994), ch. 6; policy form: Sutton & Barto (2018), section 4.1.
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
 * Source: Puterman (1994), ch. 6; policy form: Sutton & Barto (2018), section 4.1.
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
 * Source: Puterman (1994), section 6.2.
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
 * Source: Puterman (1994), section 6.2.
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
 * Source: Puterman (1994), section 6.2, per MDP.
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
 * Source: Puterman (1994), section 6.2, per reward function.
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
 * Source: Puterman (1994), section 6.2, per MDP.
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
 * Source: Puterman (1994), section 6.2, per reward function.
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
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
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
  /** V after the last sweep, as it came out: `initial_values` of a solve that goes on. Shape [S]. */
  lastValues: Tensor<A>;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
}

const valueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'value_iteration');

/**
 * Value iteration with MacQueen–Porteus bounds: a fixed number of sweeps, and the certified optimum.
 *
 * `V_{n+1} = T V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + γ/(1−γ) max δ`
 *
 * Rows with mass below one: min(0, min δ) and max(0, max δ). With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0. No bound holds with a negative probability: in an allowed row one is an error, but for `values` alone.
 *
 * Source: Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop).
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
 * Rows with mass below one: min(0, min δ) and max(0, max δ). With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. After max_iterations the answer so far is returned with `converged` 0. No bound holds with a negative probability: in an allowed row one is an error, but for `values` alone.
 *
 * Source: Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop).
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
  /** 1 = allowed in step t; absent: all are. Shape [H,S,A], uint8 or int32, non-zero = true. */
  actionMaskT?: Operand<Uint8Array | Int32Array>;
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
 * Source: Puterman (1994), section 2.1.6 (the process that a policy induces).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function finiteHorizon<A extends RealArray>(args: FiniteHorizonOccupancyArgs<A> & CallOptions<FiniteHorizonOccupancyResult<A>>): FiniteHorizonOccupancyResult<A>;
/**
 * Backward induction over a time-dependent dense model.
 *
 * `Q_t = r_t + γ P_t V_{t+1};  V_t = max_a Q_t;  V_H = terminal_values`
 *
 * As bellman_backup_v_dense, at every step.
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
 * Source: Puterman (1994), section 2.1.6 (the process that a policy induces).
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
 * As bellman_backup_v_dense, at every step.
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

/** Operands and parameters of `valueIterationDense`. */
export interface ValueIterationDenseArgs<A extends RealArray = RealArray> {
  /** P_m(s'|s,a). Shape [M,S,A,S], float32 or float64. */
  prob: Operand<A>;
  /** expected immediate reward. Shape [M,S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [M,S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V_0; absent: 0. Shape [M,S], float32 or float64. */
  initialValues?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** 'span' when the bounds are 2·tolerance apart, and return their midpoint; 'sup' when the sweep changes V by at most tolerance·(1−γ)/γ ('span' | 'sup'; default 'span'). */
  stop?: 'span' | 'sup';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which a model is given up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `valueIterationDense`. */
export interface ValueIterationDenseResult<A extends RealArray = RealArray> {
  /** V*, within tolerance where converged. Shape [M,S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [M,S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [M,S]. */
  vStarUpper: Tensor<A>;
  /** Q-values of v_star. Shape [M,S,A]. */
  qStar: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [M,S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps each model took. Shape [M]. */
  iterations: Tensor<Int32Array>;
  /** 1 where the stop rule was met. Shape [M]. */
  converged: Tensor<Uint8Array>;
  /** max |δ| of the last sweep. Shape [M]. */
  residualInf: Tensor<A>;
  /** max δ − min δ of the last sweep. Shape [M]. */
  span: Tensor<A>;
}

const valueIterationDenseOp: Op = /* @__PURE__ */ new Op('bellman', 'value_iteration_dense');

/**
 * Certified value iteration of a batch of dense models, each solved to its end.
 *
 * `V_{n+1} = T_m V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + γ/(1−γ) max δ, for each model m`
 *
 * As value_iteration, model by model: each has its own number of sweeps and its own `converged`. The bits of a model do not depend on its batch.
 *
 * Source: Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationDense<A extends RealArray>(args: ValueIterationDenseArgs<A> & CallOptions<ValueIterationDenseResult<A>>): ValueIterationDenseResult<A> {
  return valueIterationDenseOp.call(args) as ValueIterationDenseResult<A>;
}

/**
 * Certified value iteration of a batch of dense models, each solved to its end.
 *
 * `V_{n+1} = T_m V_n, δ = V_{n+1} − V_n;  V_{n+1} + γ/(1−γ) min δ ≤ V* ≤ V_{n+1} + γ/(1−γ) max δ, for each model m`
 *
 * As value_iteration, model by model: each has its own number of sweeps and its own `converged`. The bits of a model do not depend on its batch.
 *
 * Source: Puterman (1994), sections 6.6.2 (bounds) and 6.6.3 (span stop).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationDenseAsync<A extends RealArray>(args: ValueIterationDenseArgs<A> & CallOptions<ValueIterationDenseResult<A>> & AsyncOptions): Promise<ValueIterationDenseResult<A>> {
  return valueIterationDenseOp.callAsync(args) as Promise<ValueIterationDenseResult<A>>;
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
 * Source: Puterman (1994), section 6.2; min mode: Agostinelli et al., arXiv 2102.04518.
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
 * Source: Puterman (1994), section 6.2; min mode: Agostinelli et al., arXiv 2102.04518.
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
 * Source: Puterman (1994), sections 2.1.3 and 6.2.
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
 * Source: Puterman (1994), sections 2.1.3 and 6.2.
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
 * Source: Ziebart (2010); Haarnoja et al., arXiv 1702.08165, theorems 1 to 3.
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
 * Source: Ziebart (2010); Haarnoja et al., arXiv 1702.08165, theorems 1 to 3.
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

/** Operands and parameters of `bellmanBackupGrid`. */
export interface BellmanBackupGridArgs<A extends RealArray = RealArray> {
  /** V. Shape [H,W], float32 or float64. */
  values: Operand<A>;
  /** 1 = arriving there ends the episode. Shape [H,W], uint8 or int32, non-zero = true. */
  terminal: Operand<Uint8Array | Int32Array>;
  /** 1 = no move leads there; absent: none. Shape [H,W], uint8 or int32, non-zero = true. */
  blocked?: Operand<Uint8Array | Int32Array>;
  /** reward of arriving in a cell; absent: 0. Shape [H,W], float32 or float64. */
  cellRewards?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** reward of every move (number; default -1). */
  moveReward?: number;
  /** the same of a diagonal move (number; default -1.4142135623730951). */
  diagonalReward?: number;
  /** up, down, left, right; 'eight' adds up-left, up-right, down-left, down-right, which pass between two blocked cells ('four' | 'eight'; default 'four'). */
  moves?: 'four' | 'eight';
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** synchronous sweeps; several pass over memory together (integer; ≥ 1; default 1). */
  sweeps?: number;
}

/** Outputs of `bellmanBackupGrid`. */
export interface BellmanBackupGridResult<A extends RealArray = RealArray> {
  /** V' of the last sweep. Shape [H,W]. */
  values: Tensor<A>;
  /** greedy move, −1 where there is none. Shape [H,W]. */
  policy: Tensor<Int32Array>;
  /** max |V' − V| of the last sweep. */
  residualInf: number;
}

const bellmanBackupGridOp: Op = /* @__PURE__ */ new Op('bellman', 'bellman_backup_grid');

/**
 * Bellman optimality backups on a grid of cells, without tables of moves: one, or several synchronous sweeps.
 *
 * `Q(s,a) = m_a + c(s') + γ V(s'), without the last term where s' is terminal; s' = s where the move leads off the grid or into a blocked cell;  V'(s) = max_a Q(s,a);  after each sweep V' is the V of the next`
 *
 * A terminal or blocked cell has value 0 and policy −1. Ties go to the lowest move. NaN propagates; the policy is then the first NaN move. `policy` and `residual_inf` are those of the last sweep, so that k sweeps give the bits of k calls.
 *
 * Source: Puterman, Markov Decision Processes (1994), section 6.2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupGrid<A extends RealArray>(args: BellmanBackupGridArgs<A> & CallOptions<BellmanBackupGridResult<A>>): BellmanBackupGridResult<A> {
  return bellmanBackupGridOp.call(args) as BellmanBackupGridResult<A>;
}

/**
 * Bellman optimality backups on a grid of cells, without tables of moves: one, or several synchronous sweeps.
 *
 * `Q(s,a) = m_a + c(s') + γ V(s'), without the last term where s' is terminal; s' = s where the move leads off the grid or into a blocked cell;  V'(s) = max_a Q(s,a);  after each sweep V' is the V of the next`
 *
 * A terminal or blocked cell has value 0 and policy −1. Ties go to the lowest move. NaN propagates; the policy is then the first NaN move. `policy` and `residual_inf` are those of the last sweep, so that k sweeps give the bits of k calls.
 *
 * Source: Puterman, Markov Decision Processes (1994), section 6.2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function bellmanBackupGridAsync<A extends RealArray>(args: BellmanBackupGridArgs<A> & CallOptions<BellmanBackupGridResult<A>> & AsyncOptions): Promise<BellmanBackupGridResult<A>> {
  return bellmanBackupGridOp.callAsync(args) as Promise<BellmanBackupGridResult<A>>;
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
  op: 'subgoal';
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

/** Operands and parameters of `valueIterationDeterministic`. */
export interface ValueIterationDeterministicArgs<A extends RealArray = RealArray> {
  /** successor of each pair, or `terminal`. Shape [S,A], int32. */
  nextStates: Operand<Int32Array>;
  /** reward of each pair. Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = allowed; absent: all are. Shape [S,A], uint8 or int32, non-zero = true. */
  actionMask?: Operand<Uint8Array | Int32Array>;
  /** V_0; absent: min(0, smallest reward)/(1−γ), below V*, or above it when minimising; 0 when γ = 1. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** what stands in `next_states` where the episode ends (integer; default -1). */
  terminal?: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** order of the states: from the last to the first and back in turn, or one of the two ('alternate' | 'backward' | 'forward'; default 'alternate'). */
  order?: 'alternate' | 'backward' | 'forward';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
  /** number of the first sweep: 'alternate' goes backwards in the odd ones (integer; ≥ 1; default 1). */
  firstSweep?: number;
}

/** Outputs of `valueIterationDeterministic`. */
export interface ValueIterationDeterministicResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged; always V after the last sweep, so `initial_values` of a solve that goes on. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps the solve took. */
  iterations: number;
  /** 1 when the bound fell to the tolerance. */
  converged: number;
  /** largest change of the last sweep. */
  residualInf: number;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
}

const valueIterationDeterministicOp: Op = /* @__PURE__ */ new Op('bellman', 'value_iteration_deterministic');

/**
 * Certified value iteration of a deterministic model by sweeps in place.
 *
 * `state after state: V(s) ← max_a r(s,a) + γ V(next(s,a)), without the second term where the episode ends; an action that stays counts as staying for ever, r/(1−γ);  |V − V*| ≤ γ/(1−γ) max |change of a sweep|`
 *
 * States numbered along the way to the end, or against it, need a few sweeps however long the way is. With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. A state without an allowed action has value 0 and policy −1. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationDeterministic<A extends RealArray>(args: ValueIterationDeterministicArgs<A> & CallOptions<ValueIterationDeterministicResult<A>>): ValueIterationDeterministicResult<A> {
  return valueIterationDeterministicOp.call(args) as ValueIterationDeterministicResult<A>;
}

/**
 * Certified value iteration of a deterministic model by sweeps in place.
 *
 * `state after state: V(s) ← max_a r(s,a) + γ V(next(s,a)), without the second term where the episode ends; an action that stays counts as staying for ever, r/(1−γ);  |V − V*| ≤ γ/(1−γ) max |change of a sweep|`
 *
 * States numbered along the way to the end, or against it, need a few sweeps however long the way is. With γ = 1 there are no bounds; `converged` then speaks of the change of a sweep only. A state without an allowed action has value 0 and policy −1. After max_iterations the answer so far is returned with `converged` 0.
 *
 * Source: Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationDeterministicAsync<A extends RealArray>(args: ValueIterationDeterministicArgs<A> & CallOptions<ValueIterationDeterministicResult<A>> & AsyncOptions): Promise<ValueIterationDeterministicResult<A>> {
  return valueIterationDeterministicOp.callAsync(args) as Promise<ValueIterationDeterministicResult<A>>;
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
  /** bounds of each row's entries in the sparse model. Shape [S*A+1]. */
  rowPtr: Tensor<Int32Array>;
  /** successor of each entry, ascending in a row. Shape [K] at most. */
  col: Tensor<Int32Array>;
  /** probability of each entry. Shape [K] at most. */
  prob: Tensor<A>;
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

/** Operands and parameters of `valueIterationGrid`. */
export interface ValueIterationGridArgs<A extends RealArray = RealArray> {
  /** 1 = arriving there ends the episode. Shape [H,W], uint8 or int32, non-zero = true. */
  terminal: Operand<Uint8Array | Int32Array>;
  /** 1 = no move leads there; absent: none. Shape [H,W], uint8 or int32, non-zero = true. */
  blocked?: Operand<Uint8Array | Int32Array>;
  /** reward of arriving in a cell; absent: 0. Shape [H,W], float32 or float64. */
  cellRewards?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** reward of every move (number; default -1). */
  moveReward?: number;
  /** the same of a diagonal move (number; default -1.4142135623730951). */
  diagonalReward?: number;
  /** up, down, left, right; 'eight' adds up-left, up-right, down-left, down-right, which pass between two blocked cells ('four' | 'eight'; default 'four'). */
  moves?: 'four' | 'eight';
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** V_0; absent: min(0, smallest reward)/(1−γ), below V*, or above it when minimising; −Infinity, or Infinity, when γ = 1. Shape [H,W], float32 or float64. */
  initialValues?: Operand<A>;
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 10000). */
  maxIterations?: number;
}

/** Outputs of `valueIterationGrid`. */
export interface ValueIterationGridResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged. Shape [H,W]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [H,W]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [H,W]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = no move. Shape [H,W]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps the solve took. */
  iterations: number;
  /** 1 when the bound fell to the tolerance. */
  converged: number;
  /** max |TV − V| after the last sweep. */
  residualInf: number;
}

const valueIterationGridOp: Op = /* @__PURE__ */ new Op('bellman', 'value_iteration_grid');

/**
 * Certified value iteration on a grid of cells, by sweeps in place.
 *
 * `V(s) ← max_a Q(s,a) of bellman_backup_grid, cell after cell, each sweep from another corner; a move that stays counts as staying for ever;  |V − V*| ≤ max |TV − V| / (1−γ)`
 *
 * A terminal or blocked cell has value 0 and policy −1. γ = 1 asks for the best path to a terminal cell: −Infinity (+Infinity when minimising) where there is none, no bounds, and `converged` when a sweep changes nothing. A cycle that gains reward has no best path: `converged` is then 0.
 *
 * Source: Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound); Zhao, A fast sweeping method for eikonal equations (2005), for the order of the sweeps.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationGrid<A extends RealArray>(args: ValueIterationGridArgs<A> & CallOptions<ValueIterationGridResult<A>>): ValueIterationGridResult<A> {
  return valueIterationGridOp.call(args) as ValueIterationGridResult<A>;
}

/**
 * Certified value iteration on a grid of cells, by sweeps in place.
 *
 * `V(s) ← max_a Q(s,a) of bellman_backup_grid, cell after cell, each sweep from another corner; a move that stays counts as staying for ever;  |V − V*| ≤ max |TV − V| / (1−γ)`
 *
 * A terminal or blocked cell has value 0 and policy −1. γ = 1 asks for the best path to a terminal cell: −Infinity (+Infinity when minimising) where there is none, no bounds, and `converged` when a sweep changes nothing. A cycle that gains reward has no best path: `converged` is then 0.
 *
 * Source: Puterman (1994), section 6.3.3 (Gauss–Seidel) and theorem 6.3.1 (bound); Zhao, A fast sweeping method for eikonal equations (2005), for the order of the sweeps.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function valueIterationGridAsync<A extends RealArray>(args: ValueIterationGridArgs<A> & CallOptions<ValueIterationGridResult<A>> & AsyncOptions): Promise<ValueIterationGridResult<A>> {
  return valueIterationGridOp.callAsync(args) as Promise<ValueIterationGridResult<A>>;
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
  /** `stop_state` of the solve that this one goes on. Shape [2], float32 or float64. */
  stopState?: Operand<A>;
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
  /** 1 when it no longer fell. */
  gaveUp: number;
  /** least residual so far and policies since: with `values`, where a solve goes on. Shape [2]. */
  stopState: Tensor<A>;
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
  /** where the iterative solve of the first policy begins; absent: 0. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
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
  /** the improvement on the last policy: with `values`, where a solve goes on that max_iterations ended. Shape [S]. */
  nextPolicy: Tensor<Int32Array>;
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
  /** relative values to begin with, such as `bias_rel` of a solve that this one goes on; absent: 0. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** ... and its `stop_state`. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
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
  /** what the watch for a stall remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
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
  /** `stop_state` of the solve that this one goes on. Shape [8], float32 or float64. */
  stopState?: Operand<A>;
  /** ... and its `iterates`. Shape [4,S], float32 or float64. */
  iterates?: Operand<A>;
  /** ... and its `iterate_policy`. Shape [S], int32. */
  iteratePolicy?: Operand<Int32Array>;
  /** costs are minimised ('min'; default 'min'). */
  mode?: 'min';
  /** policies evaluated before the solver gives up (integer; ≥ 1; default 1000). */
  maxIterations?: number;
  /** sweeps of the bounds after which it does (integer; ≥ 1; default 1000000). */
  maxSweeps?: number;
  /** how the bounds are found: solved and closed in on, or guessed and proved ('interval_iteration' | 'optimistic_value_iteration'; default 'interval_iteration'). */
  stop?: 'interval_iteration' | 'optimistic_value_iteration';
  /** width of the bounds to stop at; of costs above one, relative to them (number; > 0; default 1e-8). */
  eps?: number;
  /** sweeps and policies after which the call returns what it has, to be gone on with; 0: never (integer; ≥ 0; default 0). */
  pauseAfter?: number;
}

/** Outputs of `stochasticShortestPath`. */
export interface StochasticShortestPathResult<A extends RealArray = RealArray> {
  /** least expected cost, between its bounds. Shape [S]. */
  values: Tensor<A>;
  /** certified lower bound. Shape [S]. */
  lower: Tensor<A>;
  /** certified upper bound. Shape [S]. */
  upper: Tensor<A>;
  /** optimal action; −1 at goals and where V is Infinity. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** policies evaluated; sweeps of optimistic_value_iteration. */
  iterations: number;
  /** 1 when the bounds are as close as eps asks; they hold all the same where they are not. */
  converged: number;
  /** 1 when `pause_after` ended the call. */
  paused: number;
  /** where a paused solve stands. Shape [8]. */
  stopState: Tensor<A>;
  /** its values, bounds and guess. Shape [4,S]. */
  iterates: Tensor<A>;
  /** its policy, by its own numbers. Shape [S]. */
  iteratePolicy: Tensor<Int32Array>;
}

const stochasticShortestPathOp: Op = /* @__PURE__ */ new Op('bellman', 'stochastic_shortest_path');

/**
 * Least expected cost to a goal, over the policies that reach it for certain.
 *
 * `V(goal) = 0;  V(s) = min_a c(s,a) + Σ_j p_j V(col_j) over actions that stay where the goal can be reached with probability one`
 *
 * Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at goals. Costs must be finite and not negative, rows of mass at most one, unless masked or of a goal. Missing mass is not the goal. Cycles of cost 0 are collapsed first, so that they never look free for ever. interval_iteration evaluates policies exactly, proves bounds about the best one's values by a backup rounded outwards, and sweeps them on where they are too wide; optimistic_value_iteration needs sweeps alone. Of fewer than 512 states without a choice either eliminates the chain.
 *
 * Source: Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and zero-cost cycles; Baier et al. (2017) and Hartmanns and Kaminski (2020) for the bounds.
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
 * Infinity and policy −1 where no policy reaches the goal for certain; policy −1 at goals. Costs must be finite and not negative, rows of mass at most one, unless masked or of a goal. Missing mass is not the goal. Cycles of cost 0 are collapsed first, so that they never look free for ever. interval_iteration evaluates policies exactly, proves bounds about the best one's values by a backup rounded outwards, and sweeps them on where they are too wide; optimistic_value_iteration needs sweeps alone. Of fewer than 512 states without a choice either eliminates the chain.
 *
 * Source: Bertsekas and Tsitsiklis (1991); de Alfaro (1999) for the certain set and zero-cost cycles; Baier et al. (2017) and Hartmanns and Kaminski (2020) for the bounds.
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
  /** how probabilities are bounded, as in the form of one probability ('interval_iteration' | 'optimistic_value_iteration'; default 'interval_iteration'). */
  stop?: 'interval_iteration' | 'optimistic_value_iteration';
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
  /** `stop_state` of the solve that this one goes on. Shape [8], float32 or float64. */
  stopState?: Operand<A>;
  /** ... and its `iterates`. Shape [4,S], float32 or float64. */
  iterates?: Operand<A>;
  /** ... and its `iterate_policy`. Shape [S], int32. */
  iteratePolicy?: Operand<Int32Array>;
  /** names this form ('expected_cost'; default 'expected_cost'). */
  quantity: 'expected_cost';
  /** of mode max: all, or those that reach the goal for certain; min is over these ('all' | 'proper'; default 'all'). */
  policies?: 'all' | 'proper';
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
  /** sweeps of the bounds after which it does (integer; ≥ 1; default 1000000). */
  maxSweeps?: number;
  /** how the bounds are found: solved and closed in on, or guessed and proved ('interval_iteration' | 'optimistic_value_iteration'; default 'interval_iteration'). */
  stop?: 'interval_iteration' | 'optimistic_value_iteration';
  /** width of the bounds to stop at; of costs above one, relative to them (number; > 0; default 1e-8). */
  eps?: number;
  /** sweeps and policies after which the call returns what it has, to be gone on with; 0: never (integer; ≥ 0; default 0). */
  pauseAfter?: number;
}

/** Outputs of `reachability`. */
export interface ReachabilityExpectedCostResult<A extends RealArray = RealArray> {
  /** expected cost, between its bounds; 0 at goals. Shape [S]. */
  value: Tensor<A>;
  /** certified lower bound. Shape [S]. */
  lower: Tensor<A>;
  /** certified upper bound. Shape [S]. */
  upper: Tensor<A>;
  /** largest entry of `value`. */
  maxValue: number;
  /** optimal action; −1 at goals and where it is Infinity. Shape [S]. */
  policy: Tensor<Int32Array>;
  /** policies evaluated; sweeps of optimistic_value_iteration. */
  iterations: number;
  /** 1 when the bounds are as close as eps asks; they hold all the same where they are not. */
  converged: number;
  /** 1 when `pause_after` ended the call. */
  paused: number;
  /** where a paused solve stands. Shape [8]. */
  stopState: Tensor<A>;
  /** its values, bounds and guess. Shape [4,S]. */
  iterates: Tensor<A>;
  /** its policy, by its own numbers. Shape [S]. */
  iteratePolicy: Tensor<Int32Array>;
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
  /** `stop_state` of the solve that this one goes on. Shape [8], float32 or float64. */
  stopState?: Operand<A>;
  /** ... and its `iterates`. Shape [4,S], float32 or float64. */
  iterates?: Operand<A>;
  /** ... and its `iterate_policy`. Shape [S], int32. */
  iteratePolicy?: Operand<Int32Array>;
  /** greatest or least probability ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** names this form ('probability'; default 'probability'). */
  quantity?: 'probability';
  /** how the bounds are found: solved and closed in on, or guessed and proved ('interval_iteration' | 'optimistic_value_iteration'; default 'interval_iteration'). */
  stop?: 'interval_iteration' | 'optimistic_value_iteration';
  /** width of the bounds to stop at (number; > 0; default 1e-8). */
  eps?: number;
  /** sweeps and policies after which the call returns what it has, to be gone on with; 0: never (integer; ≥ 0; default 0). */
  pauseAfter?: number;
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
  /** 1 when `pause_after` ended the call. */
  paused: number;
  /** where a paused solve stands. Shape [8]. */
  stopState: Tensor<A>;
  /** its values, bounds and guess. Shape [4,S]. */
  iterates: Tensor<A>;
  /** its policy, by its own numbers. Shape [S]. */
  iteratePolicy: Tensor<Int32Array>;
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
 * min: as stochastic_shortest_path. max: Infinity where some policy may avoid the goal; of the proper policies where there is none, or one can put the goal off for ever at a cost. Costs must be finite and not negative. Bounds as there.
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
 * A small change of a sweep proves nothing and stops nothing. interval_iteration solves policies, proves bounds about their values by a backup rounded outwards, and sweeps both where that leaves them too wide. optimistic_value_iteration sweeps from below in place, guesses an upper bound and proves it by the sweep that raises it nowhere, rounding included: sweeps alone, one thread. Either way a model of fewer than 512 states without a choice is eliminated instead. `converged` is 0 where the bounds stayed further apart than eps; they hold all the same. Missing mass does not reach the goal. Rows must have mass at most one, unless masked or of a goal.
 *
 * Source: Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017); Hartmanns and Kaminski (2020, arXiv 1910.01100).
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
 * min: as stochastic_shortest_path. max: Infinity where some policy may avoid the goal; of the proper policies where there is none, or one can put the goal off for ever at a cost. Costs must be finite and not negative. Bounds as there.
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
 * A small change of a sweep proves nothing and stops nothing. interval_iteration solves policies, proves bounds about their values by a backup rounded outwards, and sweeps both where that leaves them too wide. optimistic_value_iteration sweeps from below in place, guesses an upper bound and proves it by the sweep that raises it nowhere, rounding included: sweeps alone, one thread. Either way a model of fewer than 512 states without a choice is eliminated instead. `converged` is 0 where the bounds stayed further apart than eps; they hold all the same. Missing mass does not reach the goal. Rows must have mass at most one, unless masked or of a goal.
 *
 * Source: Haddad and Monmege (2018); Baier, Klein, Leuschner, Parker and Wunderlich (2017); Hartmanns and Kaminski (2020, arXiv 1910.01100).
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
 * Source: Altman, Constrained Markov Decision Processes (1999).
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
 * Source: Altman, Constrained Markov Decision Processes (1999).
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
 * Source: Bertsekas, Dynamic Programming and Optimal Control I (2017).
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
 * Source: Bertsekas, Dynamic Programming and Optimal Control I (2017).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lqrRiccatiAsync<A extends RealArray>(args: LqrRiccatiArgs<A> & CallOptions<LqrRiccatiResult<A>> & AsyncOptions): Promise<LqrRiccatiResult<A>> {
  return lqrRiccatiOp.callAsync(args) as Promise<LqrRiccatiResult<A>>;
}

/** Operands and parameters of `inPlaceValueIteration`. */
export interface InPlaceValueIterationArgs<A extends RealArray = RealArray> {
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
  /** V to begin with; absent: min(0, min r)/(1−γ), from where V only rises (max(0, max r)/(1−γ) when minimising). Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
  /** states in the order of a forward sweep; absent: 0 … S−1. Shape [M], int32. */
  order?: Operand<Int32Array>;
  /** 'alternate' begins backwards; 'topological': successors before predecessors, by strong components, whatever `order` says ('alternate' | 'forward' | 'backward' | 'topological'; default 'alternate'). */
  direction?: 'alternate' | 'forward' | 'backward' | 'topological';
  /** number of the first sweep: 'alternate' goes backwards in the odd ones (integer; ≥ 1; default 1). */
  firstSweep?: number;
}

/** Outputs of `inPlaceValueIteration`. */
export interface InPlaceValueIterationResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the bounds are 2·tolerance apart or closer. */
  converged: number;
  /** largest change of the last sweep. */
  residualInf: number;
  /** V after the last sweep, as it came out: `initial_values` of a solve that goes on. Shape [S]. */
  lastValues: Tensor<A>;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
}

const inPlaceValueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'in_place_value_iteration');

/**
 * Gauss–Seidel value iteration: each state is backed up with the values already renewed, in an order that suits the model, until V* is certified.
 *
 * `V(s) ← max_a r(s,a) + γ Σ_j p_j V(col_j), state after state;  with δ = V' − V of a sweep, V' + γ/(1−γ) min(0, min δ) ≤ V* ≤ V' + γ/(1−γ) max(0, max δ)`
 *
 * A model whose moves all lead forwards or all backwards is solved by one sweep in the right direction. Sequential: one thread, the same bits whatever their number. With γ = 1 there are no bounds and `converged` speaks of the change of a sweep only.
 *
 * Source: Puterman (1994), section 6.3.3; the bounds hold for any monotone operator G with G(V + c) ≤ G V + γ c.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function inPlaceValueIteration<A extends RealArray>(args: InPlaceValueIterationArgs<A> & CallOptions<InPlaceValueIterationResult<A>>): InPlaceValueIterationResult<A> {
  return inPlaceValueIterationOp.call(args) as InPlaceValueIterationResult<A>;
}

/**
 * Gauss–Seidel value iteration: each state is backed up with the values already renewed, in an order that suits the model, until V* is certified.
 *
 * `V(s) ← max_a r(s,a) + γ Σ_j p_j V(col_j), state after state;  with δ = V' − V of a sweep, V' + γ/(1−γ) min(0, min δ) ≤ V* ≤ V' + γ/(1−γ) max(0, max δ)`
 *
 * A model whose moves all lead forwards or all backwards is solved by one sweep in the right direction. Sequential: one thread, the same bits whatever their number. With γ = 1 there are no bounds and `converged` speaks of the change of a sweep only.
 *
 * Source: Puterman (1994), section 6.3.3; the bounds hold for any monotone operator G with G(V + c) ≤ G V + γ c.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function inPlaceValueIterationAsync<A extends RealArray>(args: InPlaceValueIterationArgs<A> & CallOptions<InPlaceValueIterationResult<A>> & AsyncOptions): Promise<InPlaceValueIterationResult<A>> {
  return inPlaceValueIterationOp.callAsync(args) as Promise<InPlaceValueIterationResult<A>>;
}

/** Operands and parameters of `topologicalValueIteration`. */
export interface TopologicalValueIterationArgs<A extends RealArray = RealArray> {
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
  /** V to begin with; absent: as in_place_value_iteration. Shape [S], float32 or float64. */
  initialValues?: Operand<A>;
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
  /** number of the first round: θ = tolerance·(1−γ)/(2γ) · 4^(1−round) (integer; ≥ 1, ≤ 1000; default 1). */
  firstRound?: number;
  /** sweeps of one component in a round (integer; ≥ 1; default 100000). */
  maxInner?: number;
}

/** Outputs of `topologicalValueIteration`. */
export interface TopologicalValueIterationResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the bounds are 2·tolerance apart or closer. */
  converged: number;
  /** largest change of the last sweep. */
  residualInf: number;
  /** V after the last sweep, as it came out: `initial_values` of a solve that goes on. Shape [S]. */
  lastValues: Tensor<A>;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
  /** strong components. */
  numComponents: number;
  /** states backed up, all together. */
  backups: number;
}

const topologicalValueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'topological_value_iteration');

/**
 * Topological value iteration: the strong components of the model are solved one after the other, successors first, then all is certified by one sweep.
 *
 * `for each component C in reverse topological order: sweep C in place until it changes by at most θ;  bounds from δ of a last sweep over all states`
 *
 * A round that is not certified is followed by one with θ/4. Without cycles every state is backed up twice in all. γ = 1: as in_place_value_iteration.
 *
 * Source: Dai, Mausam, Weld and Goldsmith (2011).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function topologicalValueIteration<A extends RealArray>(args: TopologicalValueIterationArgs<A> & CallOptions<TopologicalValueIterationResult<A>>): TopologicalValueIterationResult<A> {
  return topologicalValueIterationOp.call(args) as TopologicalValueIterationResult<A>;
}

/**
 * Topological value iteration: the strong components of the model are solved one after the other, successors first, then all is certified by one sweep.
 *
 * `for each component C in reverse topological order: sweep C in place until it changes by at most θ;  bounds from δ of a last sweep over all states`
 *
 * A round that is not certified is followed by one with θ/4. Without cycles every state is backed up twice in all. γ = 1: as in_place_value_iteration.
 *
 * Source: Dai, Mausam, Weld and Goldsmith (2011).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function topologicalValueIterationAsync<A extends RealArray>(args: TopologicalValueIterationArgs<A> & CallOptions<TopologicalValueIterationResult<A>> & AsyncOptions): Promise<TopologicalValueIterationResult<A>> {
  return topologicalValueIterationOp.callAsync(args) as Promise<TopologicalValueIterationResult<A>>;
}

/** Operands and parameters of `andersonValueIteration`. */
export interface AndersonValueIterationArgs<A extends RealArray = RealArray> {
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
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
  /** differences kept (integer; ≥ 1, ≤ 20; default 5). */
  memory?: number;
  /** sweeps after which the memory is emptied; a solve goes on with the same bits after a multiple of these (integer; ≥ 2; default 64). */
  restart?: number;
}

/** Outputs of `andersonValueIteration`. */
export interface AndersonValueIterationResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the bounds are 2·tolerance apart or closer. */
  converged: number;
  /** largest change of the last sweep. */
  residualInf: number;
  /** V after the last sweep, as it came out: `initial_values` of a solve that goes on. Shape [S]. */
  lastValues: Tensor<A>;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
}

const andersonValueIterationOp: Op = /* @__PURE__ */ new Op('bellman', 'anderson_value_iteration');

/**
 * Value iteration with Anderson acceleration: the next V is the combination of the last sweeps with the least residual.
 *
 * `f_k = T V_k − V_k;  V_{k+1} = T V_k − (ΔV + Δf) argmin_y ‖f_k − Δf y‖₂, over the last `memory` differences`
 *
 * A combination whose bounds are not closer by γ, as those of a plain sweep are, is dropped: the memory is emptied, as it is every `restart` sweeps, and the plain sweep before it counts. The bounds are those of the last sweep and hold whatever V it began from.
 *
 * Source: Anderson (1965); Walker and Ni (2011); Geist and Scherrer (arXiv 1809.09501).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function andersonValueIteration<A extends RealArray>(args: AndersonValueIterationArgs<A> & CallOptions<AndersonValueIterationResult<A>>): AndersonValueIterationResult<A> {
  return andersonValueIterationOp.call(args) as AndersonValueIterationResult<A>;
}

/**
 * Value iteration with Anderson acceleration: the next V is the combination of the last sweeps with the least residual.
 *
 * `f_k = T V_k − V_k;  V_{k+1} = T V_k − (ΔV + Δf) argmin_y ‖f_k − Δf y‖₂, over the last `memory` differences`
 *
 * A combination whose bounds are not closer by γ, as those of a plain sweep are, is dropped: the memory is emptied, as it is every `restart` sweeps, and the plain sweep before it counts. The bounds are those of the last sweep and hold whatever V it began from.
 *
 * Source: Anderson (1965); Walker and Ni (2011); Geist and Scherrer (arXiv 1809.09501).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function andersonValueIterationAsync<A extends RealArray>(args: AndersonValueIterationArgs<A> & CallOptions<AndersonValueIterationResult<A>> & AsyncOptions): Promise<AndersonValueIterationResult<A>> {
  return andersonValueIterationOp.callAsync(args) as Promise<AndersonValueIterationResult<A>>;
}

/** Operands and parameters of `actionElimination`. */
export interface ActionEliminationArgs<A extends RealArray = RealArray> {
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
  /** `stop_state` of the solve that this one goes on. Shape [3], float32 or float64. */
  stopState?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** maximise reward, or minimise cost ('max' | 'min'; default 'max'). */
  mode?: 'max' | 'min';
  /** accuracy of `v_star` (number; > 0; default 1e-9). */
  tolerance?: number;
  /** sweeps after which the solve gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `actionElimination`. */
export interface ActionEliminationResult<A extends RealArray = RealArray> {
  /** V*, within tolerance when converged. Shape [S]. */
  vStar: Tensor<A>;
  /** certified lower bound on V*. Shape [S]. */
  vStarLower: Tensor<A>;
  /** certified upper bound on V*. Shape [S]. */
  vStarUpper: Tensor<A>;
  /** greedy policy of v_star, −1 = none allowed. Shape [S]. */
  policyStar: Tensor<Int32Array>;
  /** sweeps made. */
  iterations: number;
  /** 1 when the bounds are 2·tolerance apart or closer. */
  converged: number;
  /** largest change of the last sweep. */
  residualInf: number;
  /** V after the last sweep, as it came out: `initial_values` of a solve that goes on. Shape [S]. */
  lastValues: Tensor<A>;
  /** what the stop rule remembers, for a solve that goes on. Shape [3]. */
  stopState: Tensor<A>;
  /** 1 = may be optimal: `action_mask` of a solve that goes on, after a multiple of four sweeps. Shape [S,A]. */
  remaining: Tensor<Uint8Array>;
  /** actions struck out. */
  numEliminated: number;
}

const actionEliminationOp: Op = /* @__PURE__ */ new Op('bellman', 'action_elimination');

/**
 * Value iteration that strikes out actions once the bounds prove them worse than the best, and sweeps over those that remain.
 *
 * `a leaves s when T V(s) − Q(s,a) > γ/(1−γ) (max δ − min δ), δ = T V − V: then r + γ P_a U < L(s) for the bounds L ≤ V* ≤ U`
 *
 * Every fourth sweep judges the actions. Optimal actions are never struck out, up to the rounding that the rule allows for. γ = 1 has no bounds and keeps all actions.
 *
 * Source: MacQueen (1967); Puterman (1994), section 6.7.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function actionElimination<A extends RealArray>(args: ActionEliminationArgs<A> & CallOptions<ActionEliminationResult<A>>): ActionEliminationResult<A> {
  return actionEliminationOp.call(args) as ActionEliminationResult<A>;
}

/**
 * Value iteration that strikes out actions once the bounds prove them worse than the best, and sweeps over those that remain.
 *
 * `a leaves s when T V(s) − Q(s,a) > γ/(1−γ) (max δ − min δ), δ = T V − V: then r + γ P_a U < L(s) for the bounds L ≤ V* ≤ U`
 *
 * Every fourth sweep judges the actions. Optimal actions are never struck out, up to the rounding that the rule allows for. γ = 1 has no bounds and keeps all actions.
 *
 * Source: MacQueen (1967); Puterman (1994), section 6.7.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function actionEliminationAsync<A extends RealArray>(args: ActionEliminationArgs<A> & CallOptions<ActionEliminationResult<A>> & AsyncOptions): Promise<ActionEliminationResult<A>> {
  return actionEliminationOp.callAsync(args) as Promise<ActionEliminationResult<A>>;
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
  algorithm: 'qstar';
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
  algorithm: 'astar';
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
  model: 'regret_sum';
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
  op: 'asaf';
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
  op: 'lagrangian';
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
 * Source: Barde, Roy et al., Adversarial Soft Advantage Fitting, arXiv 2006.13258, eq. 12.
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
 * Source: Barde, Roy et al., Adversarial Soft Advantage Fitting, arXiv 2006.13258, eq. 12.
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
  op: 'ewc';
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
  op: 'agem';
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
  op: 'q_learning';
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
 * Source: Deb et al., NSGA-II, IEEE TEC 2002; 'official': as in the code of SERENE, arXiv 2102.03140 (GPaolo/SERENE, core/evolvers/utils.py).
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
 * Source: Deb et al., NSGA-II, IEEE TEC 2002; 'official': as in the code of SERENE, arXiv 2102.03140 (GPaolo/SERENE, core/evolvers/utils.py).
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
  op: 'split';
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
  op: 'select_reward';
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
  op: 'combine';
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
