// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `fqiTarget`. */
export interface FqiTargetArgs<A extends RealArray = RealArray> {
  /** q' of the next states. Shape [N,A], float32 or float64. */
  nextQValues: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** 1 = cut by a limit; does not stop the bootstrap. Shape [N], uint8 or int32, non-zero = true. */
  truncated?: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [N,A], uint8 or int32, non-zero = true. */
  nextActionMask?: Operand<Uint8Array | Int32Array>;
  /** q that chooses, for operator 'double'. Shape [N,A], float32 or float64; required when operator is 'double'. */
  nextQSelect?: Operand<A>;
  /** π(a|s') for operators 'policy' and 'expectile'. Shape [N,A], float32 or float64; required when operator is 'policy'. */
  nextPolicy?: Operand<A>;
  /** second critic, for operator 'clipped_mix'. Shape [N,A], float32 or float64; required when operator is 'clipped_mix'. */
  nextQB?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** value of the next state ('max' | 'double' | 'policy' | 'soft' | 'mellowmax' | 'expectile' | 'clipped_mix'; default 'max'). */
  operator?: 'max' | 'double' | 'policy' | 'soft' | 'mellowmax' | 'expectile' | 'clipped_mix';
  /** temperature of soft and mellowmax; level in (0, 1) of expectile (number; > 0; default 1). */
  tau?: number;
  /** clipped_mix: weight of the min (number; ≥ 0, ≤ 1; default 0.75). */
  lambda?: number;
}

/** Outputs of `fqiTarget`. */
export interface FqiTargetResult<A extends RealArray = RealArray> {
  /** y. Shape [N]. */
  target: Tensor<A>;
}

const fqiTargetOp: Op = /* @__PURE__ */ new Op('fitted-q', 'fqi_target');

/**
 * Regression targets of fitted-Q iteration.
 *
 * `y = r + γ (1 − terminated) B(q'): max: max_a q'; double: q' at argmax of next_q_select; policy: Σ π q'; soft: τ log Σ exp(q'/τ); mellowmax: soft with a mean; expectile: the τ-expectile of q' under next_policy; clipped_mix: max_a [λ min(q', q_b) + (1−λ) max(q', q_b)]`
 *
 * A terminal row never reads its next values: NaN there does not leak. Truncation does not stop the bootstrap. A row with no allowed action counts as terminal.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005 (max); van Hasselt et al., arXiv 1509.06461 (double); Le et al., arXiv 1903.08738 (policy); BCQ, arXiv 1812.02900 (clipped_mix).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqiTarget<A extends RealArray>(args: FqiTargetArgs<A> & CallOptions<FqiTargetResult<A>>): FqiTargetResult<A> {
  return fqiTargetOp.call(args) as FqiTargetResult<A>;
}

/**
 * Regression targets of fitted-Q iteration.
 *
 * `y = r + γ (1 − terminated) B(q'): max: max_a q'; double: q' at argmax of next_q_select; policy: Σ π q'; soft: τ log Σ exp(q'/τ); mellowmax: soft with a mean; expectile: the τ-expectile of q' under next_policy; clipped_mix: max_a [λ min(q', q_b) + (1−λ) max(q', q_b)]`
 *
 * A terminal row never reads its next values: NaN there does not leak. Truncation does not stop the bootstrap. A row with no allowed action counts as terminal.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005 (max); van Hasselt et al., arXiv 1509.06461 (double); Le et al., arXiv 1903.08738 (policy); BCQ, arXiv 1812.02900 (clipped_mix).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqiTargetAsync<A extends RealArray>(args: FqiTargetArgs<A> & CallOptions<FqiTargetResult<A>> & AsyncOptions): Promise<FqiTargetResult<A>> {
  return fqiTargetOp.callAsync(args) as Promise<FqiTargetResult<A>>;
}

/** Operands and parameters of `linearFqi`. */
export interface LinearFqiArgs<A extends RealArray = RealArray> {
  /** features of (s, a). Shape [N,k], float32 or float64. */
  phi: Operand<A>;
  /** features of (s', a') for every action. Shape [N,A,k], float32 or float64. */
  nextPhi: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** 1 = cut by a limit; does not stop the bootstrap. Shape [N], uint8 or int32, non-zero = true. */
  truncated?: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [N,A], uint8 or int32, non-zero = true. */
  nextActionMask?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** added to the diagonal of the Gram (number; ≥ 0; default 0.000001). */
  ridge?: number;
  /** regressions made (integer; ≥ 1; required). */
  numIterations: number;
  /** every component of the first weight vector (number; default 0). */
  w0?: number;
}

/** Outputs of `linearFqi`. */
export interface LinearFqiResult<A extends RealArray = RealArray> {
  /** weights after the last regression. Shape [k]. */
  w: Tensor<A>;
  /** ΦᵀΦ + ridge·I. Shape [k,k]. */
  gram: Tensor<A>;
  /** root mean square error of each fit to its targets. Shape [I]. */
  rmse: Tensor<A>;
  /** 1 when ‖w‖ grew by more than 1e6. */
  diverged: number;
}

const linearFqiOp: Op = /* @__PURE__ */ new Op('fitted-q', 'linear_fqi');

/**
 * Fitted-Q iteration with linear features.
 *
 * `w_{i+1} = (ΦᵀΦ + ridge·I)⁻¹ Φᵀ y_i;  y_i = r + γ (1 − terminated) max_a φ'_a·w_i`
 *
 * Off-policy linear FQI may diverge: `diverged` is 1 when ‖w‖ grew by more than 1e6. A Gram matrix that is not positive definite is an error that asks for more ridge.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005, with the linear regressor of Lagoudakis & Parr, JMLR 2003.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearFqi<A extends RealArray>(args: LinearFqiArgs<A> & CallOptions<LinearFqiResult<A>>): LinearFqiResult<A> {
  return linearFqiOp.call(args) as LinearFqiResult<A>;
}

/**
 * Fitted-Q iteration with linear features.
 *
 * `w_{i+1} = (ΦᵀΦ + ridge·I)⁻¹ Φᵀ y_i;  y_i = r + γ (1 − terminated) max_a φ'_a·w_i`
 *
 * Off-policy linear FQI may diverge: `diverged` is 1 when ‖w‖ grew by more than 1e6. A Gram matrix that is not positive definite is an error that asks for more ridge.
 *
 * Source: Ernst, Geurts & Wehenkel, JMLR 2005, with the linear regressor of Lagoudakis & Parr, JMLR 2003.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearFqiAsync<A extends RealArray>(args: LinearFqiArgs<A> & CallOptions<LinearFqiResult<A>> & AsyncOptions): Promise<LinearFqiResult<A>> {
  return linearFqiOp.callAsync(args) as Promise<LinearFqiResult<A>>;
}

/** Operands and parameters of `linearQValues`. */
export interface LinearQValuesArgs<A extends RealArray = RealArray> {
  /** features of (s, a) for every action. Shape [N,A,k], float32 or float64. */
  phi: Operand<A>;
  /** weights. Shape [k], float32 or float64. */
  w: Operand<A>;
}

/** Outputs of `linearQValues`. */
export interface LinearQValuesResult<A extends RealArray = RealArray> {
  /** q. Shape [N,A]. */
  qValues: Tensor<A>;
  /** greedy action. Shape [N]. */
  actions: Tensor<Int32Array>;
}

const linearQValuesOp: Op = /* @__PURE__ */ new Op('fitted-q', 'linear_q_values');

/**
 * Q-values and greedy actions of linear weights: the prediction of linear_fqi.
 *
 * `q(n,a) = φ_{n,a}·w;  action = argmax_a q, lowest index on ties`
 *
 * With no actions the greedy action is −1.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 7.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearQValues<A extends RealArray>(args: LinearQValuesArgs<A> & CallOptions<LinearQValuesResult<A>>): LinearQValuesResult<A> {
  return linearQValuesOp.call(args) as LinearQValuesResult<A>;
}

/**
 * Q-values and greedy actions of linear weights: the prediction of linear_fqi.
 *
 * `q(n,a) = φ_{n,a}·w;  action = argmax_a q, lowest index on ties`
 *
 * With no actions the greedy action is −1.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 7.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function linearQValuesAsync<A extends RealArray>(args: LinearQValuesArgs<A> & CallOptions<LinearQValuesResult<A>> & AsyncOptions): Promise<LinearQValuesResult<A>> {
  return linearQValuesOp.callAsync(args) as Promise<LinearQValuesResult<A>>;
}

/** Operands and parameters of `categoricalProjection`. */
export interface CategoricalProjectionArgs<A extends RealArray = RealArray> {
  /** p: distribution at the next state and action. Shape [N,K], float32 or float64. */
  nextProb: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** l at the state and action taken; absent: target alone. Shape [N,K], float32 or float64. */
  logits?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** return of the first atom (number; required). */
  vMin: number;
  /** return of the last atom, above v_min where there are two (number; required). */
  vMax: number;
}

/** Outputs of `categoricalProjection`. */
export interface CategoricalProjectionResult<A extends RealArray = RealArray> {
  /** m: projected distribution. Shape [N,K]. */
  target: Tensor<A>;
  /** of each row. Shape [N]. */
  crossEntropy?: Tensor<A>;
  /** gradient of the mean over the rows. Shape [N,K]. */
  gradLogits?: Tensor<A>;
}

const categoricalProjectionOp: Op = /* @__PURE__ */ new Op('fitted-q', 'categorical_projection');

/**
 * Target distribution of categorical Q-learning (C51), its cross-entropy and the gradient.
 *
 * `z_j = v_min + j Δz;  the mass p_j at clip(r + γ (1 − terminated) z_j) goes to its two neighbours linearly;  cross_entropy = −Σ m_i log softmax(l)_i;  grad_logits = (softmax(l) − m)/N`
 *
 * An exact hit goes to one atom. A terminal row never reads next_prob: its mass, 1, lies at the reward. The KL divergence from the target has the same gradient.
 *
 * Source: Bellemare, Dabney & Munos, A Distributional Perspective on Reinforcement Learning, arXiv 1707.06887, algorithm 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function categoricalProjection<A extends RealArray>(args: CategoricalProjectionArgs<A> & CallOptions<CategoricalProjectionResult<A>>): CategoricalProjectionResult<A> {
  return categoricalProjectionOp.call(args) as CategoricalProjectionResult<A>;
}

/**
 * Target distribution of categorical Q-learning (C51), its cross-entropy and the gradient.
 *
 * `z_j = v_min + j Δz;  the mass p_j at clip(r + γ (1 − terminated) z_j) goes to its two neighbours linearly;  cross_entropy = −Σ m_i log softmax(l)_i;  grad_logits = (softmax(l) − m)/N`
 *
 * An exact hit goes to one atom. A terminal row never reads next_prob: its mass, 1, lies at the reward. The KL divergence from the target has the same gradient.
 *
 * Source: Bellemare, Dabney & Munos, A Distributional Perspective on Reinforcement Learning, arXiv 1707.06887, algorithm 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function categoricalProjectionAsync<A extends RealArray>(args: CategoricalProjectionArgs<A> & CallOptions<CategoricalProjectionResult<A>> & AsyncOptions): Promise<CategoricalProjectionResult<A>> {
  return categoricalProjectionOp.callAsync(args) as Promise<CategoricalProjectionResult<A>>;
}

/** Operands and parameters of `optimizers` (form 'adam'). */
export interface OptimizersAdamArgs<A extends RealArray = RealArray> {
  /** names this form ('adam'; default 'adam'). */
  op: 'adam';
  /** learning rate (number; ≥ 0; default 0.001). */
  lr?: number;
  /** β1, decay of the mean gradient (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** β2, decay of the mean square (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε, outside the root (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** parameters before the first step. Shape [P], float32 or float64. */
  param: Operand<A>;
  /** gradient of each step. Shape [N,P], float32 or float64. */
  grads: Operand<A>;
}

/** Outputs of `optimizers`. */
export interface OptimizersAdamResult<A extends RealArray = RealArray> {
  /** parameters after each step. Shape [N,P]. */
  trajectory: Tensor<A>;
}

/** Operands and parameters of `optimizers` (form 'sgd'). */
export interface OptimizersSgdArgs<A extends RealArray = RealArray> {
  /** names this form ('sgd'; default 'sgd'). */
  op: 'sgd';
  /** learning rate (number; ≥ 0; default 0.01). */
  lr?: number;
  /** share of v that stays (number; ≥ 0, < 1; default 0). */
  momentum?: number;
  /** L2 penalty (number; ≥ 0; default 0). */
  weightDecay?: number;
  /** look one step ahead (boolean; default false). */
  nesterov?: boolean;
  /** parameters before the first step. Shape [P], float32 or float64. */
  param: Operand<A>;
  /** gradient of each step. Shape [N,P], float32 or float64. */
  grads: Operand<A>;
}

/** Outputs of `optimizers`. */
export interface OptimizersSgdResult<A extends RealArray = RealArray> {
  /** parameters after each step. Shape [N,P]. */
  trajectory: Tensor<A>;
}

/** Operands and parameters of `optimizers` (form 'rprop'). */
export interface OptimizersRpropArgs<A extends RealArray = RealArray> {
  /** names this form ('rprop'; default 'rprop'). */
  op: 'rprop';
  /** first step size Δ (number; ≥ 0; default 0.01). */
  lr?: number;
  /** shrinks the step size (number; > 0, < 1; default 0.5). */
  etaMinus?: number;
  /** grows it (number; > 1; default 1.2). */
  etaPlus?: number;
  /** smallest step size (number; ≥ 0; default 0.000001). */
  stepMin?: number;
  /** largest step size (number; ≥ 0; default 50). */
  stepMax?: number;
  /** parameters before the first step. Shape [P], float32 or float64. */
  param: Operand<A>;
  /** gradient of each step. Shape [N,P], float32 or float64. */
  grads: Operand<A>;
}

/** Outputs of `optimizers`. */
export interface OptimizersRpropResult<A extends RealArray = RealArray> {
  /** parameters after each step. Shape [N,P]. */
  trajectory: Tensor<A>;
}

const optimizersOp: Op = /* @__PURE__ */ new Op('fitted-q', 'optimizers');

/**
 * Steps of Adam for given gradients.
 *
 * `m ← β1 m + (1−β1) g;  v ← β2 v + (1−β2) g²;  w ← w − lr·(m/(1−β1^t)) / (√(v/(1−β2^t)) + ε)`
 *
 * A parameter whose gradient was always 0 does not move. A NaN gradient makes it NaN.
 *
 * Source: Kingma & Ba, Adam, arXiv 1412.6980, algorithm 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizers<A extends RealArray>(args: OptimizersAdamArgs<A> & CallOptions<OptimizersAdamResult<A>>): OptimizersAdamResult<A>;
/**
 * Steps of stochastic gradient descent, with momentum, for given gradients.
 *
 * `g ← g + weight_decay·w;  v ← momentum·v + g;  w ← w − lr·v, nesterov: w − lr·(g + momentum·v)`
 *
 * The velocity begins at 0. A NaN gradient makes its parameter NaN.
 *
 * Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013; here the learning rate stands outside the velocity.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizers<A extends RealArray>(args: OptimizersSgdArgs<A> & CallOptions<OptimizersSgdResult<A>>): OptimizersSgdResult<A>;
/**
 * Steps of Rprop for given gradients: every parameter has a step size of its own, of which only the sign of the gradient decides.
 *
 * `Δ ← clip(Δ·η, step_min, step_max), η = eta_plus where the sign stays, eta_minus where it changes;  w ← w − sign(g) Δ`
 *
 * Where the sign changes the gradient counts as 0: no move, and the next step keeps its size. A gradient of 0 leaves the step size. A NaN gradient makes its parameter NaN.
 *
 * Source: Riedmiller & Braun, ICNN 1993; as used by Riedmiller, Neural Fitted Q Iteration, ECML 2005.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizers<A extends RealArray>(args: OptimizersRpropArgs<A> & CallOptions<OptimizersRpropResult<A>>): OptimizersRpropResult<A>;
export function optimizers(args: object): unknown {
  return optimizersOp.call(args);
}

/**
 * Steps of Adam for given gradients.
 *
 * `m ← β1 m + (1−β1) g;  v ← β2 v + (1−β2) g²;  w ← w − lr·(m/(1−β1^t)) / (√(v/(1−β2^t)) + ε)`
 *
 * A parameter whose gradient was always 0 does not move. A NaN gradient makes it NaN.
 *
 * Source: Kingma & Ba, Adam, arXiv 1412.6980, algorithm 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizersAsync<A extends RealArray>(args: OptimizersAdamArgs<A> & CallOptions<OptimizersAdamResult<A>> & AsyncOptions): Promise<OptimizersAdamResult<A>>;
/**
 * Steps of stochastic gradient descent, with momentum, for given gradients.
 *
 * `g ← g + weight_decay·w;  v ← momentum·v + g;  w ← w − lr·v, nesterov: w − lr·(g + momentum·v)`
 *
 * The velocity begins at 0. A NaN gradient makes its parameter NaN.
 *
 * Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013; here the learning rate stands outside the velocity.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizersAsync<A extends RealArray>(args: OptimizersSgdArgs<A> & CallOptions<OptimizersSgdResult<A>> & AsyncOptions): Promise<OptimizersSgdResult<A>>;
/**
 * Steps of Rprop for given gradients: every parameter has a step size of its own, of which only the sign of the gradient decides.
 *
 * `Δ ← clip(Δ·η, step_min, step_max), η = eta_plus where the sign stays, eta_minus where it changes;  w ← w − sign(g) Δ`
 *
 * Where the sign changes the gradient counts as 0: no move, and the next step keeps its size. A gradient of 0 leaves the step size. A NaN gradient makes its parameter NaN.
 *
 * Source: Riedmiller & Braun, ICNN 1993; as used by Riedmiller, Neural Fitted Q Iteration, ECML 2005.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizersAsync<A extends RealArray>(args: OptimizersRpropArgs<A> & CallOptions<OptimizersRpropResult<A>> & AsyncOptions): Promise<OptimizersRpropResult<A>>;
export function optimizersAsync(args: object): Promise<unknown> {
  return optimizersOp.callAsync(args);
}

/** Operands and parameters of `neuralFqiMlp`. */
export interface NeuralFqiMlpArgs<A extends RealArray = RealArray> {
  /** states. Shape [B,n[0]], float32 or float64. */
  x: Operand<A>;
  /** action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** y, a constant to the gradient. Shape [B], float32 or float64. */
  target: Operand<A>;
  /** weights of each layer, [out, in]. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `w${number}`]: Operand<A>;
  /** biases of each layer. Shape [n[i+1]], float32 or float64. */
  [key: `b${number}`]: Operand<A>;
  /** between the layers ('relu' | 'tanh'; default 'relu'). */
  activation?: 'relu' | 'tanh';
  /** of the error at the action taken ('mse' | 'huber'; default 'mse'). */
  loss?: 'mse' | 'huber';
  /** error beyond which huber is linear (number; > 0; default 1). */
  huberDelta?: number;
  /** number of layers; 0: as given (integer; ≥ 0; default 0). */
  layers?: number;
}

/** Outputs of `neuralFqiMlp`. */
export interface NeuralFqiMlpResult<A extends RealArray = RealArray> {
  /** Q of every action. Shape [B,A]. */
  qValues: Tensor<A>;
  /** mean over the batch. */
  loss: number;
  /** gradient of each weight. Shape [n[i+1],n[i]]. */
  [key: `gradW${number}`]: Tensor<A>;
  /** gradient of each bias. Shape [n[i+1]]. */
  [key: `gradB${number}`]: Tensor<A>;
}

const neuralFqiMlpOp: Op = /* @__PURE__ */ new Op('fitted-q', 'neural_fqi_mlp');

/**
 * Q-network, its regression loss at the actions taken, and all gradients.
 *
 * `h ← f(h Wᵀ + b), linear at the end;  loss = mean l(Q(s,a) − y), l = e²/2 or Huber`
 *
 * relu'(0) = 0. An empty batch has loss 0 and gradients of 0.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005; Mnih et al., Nature 2015 (Huber).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiMlp<A extends RealArray>(args: NeuralFqiMlpArgs<A> & CallOptions<NeuralFqiMlpResult<A>>): NeuralFqiMlpResult<A> {
  return neuralFqiMlpOp.call(args) as NeuralFqiMlpResult<A>;
}

/**
 * Q-network, its regression loss at the actions taken, and all gradients.
 *
 * `h ← f(h Wᵀ + b), linear at the end;  loss = mean l(Q(s,a) − y), l = e²/2 or Huber`
 *
 * relu'(0) = 0. An empty batch has loss 0 and gradients of 0.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005; Mnih et al., Nature 2015 (Huber).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiMlpAsync<A extends RealArray>(args: NeuralFqiMlpArgs<A> & CallOptions<NeuralFqiMlpResult<A>> & AsyncOptions): Promise<NeuralFqiMlpResult<A>> {
  return neuralFqiMlpOp.callAsync(args) as Promise<NeuralFqiMlpResult<A>>;
}

/** Operands and parameters of `neuralFqiStep` (form 'loss'). */
export interface NeuralFqiStepLossArgs<A extends RealArray = RealArray> {
  /** states. Shape [B,n[0]], float32 or float64. */
  x: Operand<A>;
  /** action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** y, a constant to the gradient. Shape [B], float32 or float64. */
  target: Operand<A>;
  /** weights of each layer, [out, in]. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `w${number}`]: Operand<A>;
  /** biases of each layer. Shape [n[i+1]], float32 or float64. */
  [key: `b${number}`]: Operand<A>;
  /** of each row in the mean; absent: 1. Shape [B], float32 or float64. */
  weight?: Operand<A>;
  /** adam: m; sgd: velocity; rprop: last gradient. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `firstW${number}`]: Operand<A>;
  /** of the biases. Shape [n[i+1]], float32 or float64. */
  [key: `firstB${number}`]: Operand<A>;
  /** adam: v; rprop: step size; sgd: kept as it is. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `secondW${number}`]: Operand<A>;
  /** of the biases. Shape [n[i+1]], float32 or float64. */
  [key: `secondB${number}`]: Operand<A>;
  /** between the layers ('relu' | 'tanh'; default 'relu'). */
  activation?: 'relu' | 'tanh';
  /** of the error at the action taken ('mse' | 'huber'; default 'mse'). */
  loss?: 'mse' | 'huber';
  /** error beyond which huber is linear (number; > 0; default 1). */
  huberDelta?: number;
  /** number of layers; 0: as given (integer; ≥ 0; default 0). */
  layers?: number;
  /** update rule ('adam' | 'rprop' | 'sgd'; default 'adam'). */
  optimizer?: 'adam' | 'rprop' | 'sgd';
  /** number of this step, for adam (integer; ≥ 1; default 1). */
  step?: number;
  /** learning rate of adam and sgd (number; ≥ 0; default 0.001). */
  lr?: number;
  /** adam: decay of the mean gradient (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** adam: decay of the mean square (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** adam: ε, outside the root (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** adam: decoupled (AdamW); sgd: times w, added to the gradient (number; ≥ 0; default 0). */
  weightDecay?: number;
  /** sgd: share of the velocity that stays (number; ≥ 0, < 1; default 0). */
  momentum?: number;
  /** sgd: look one step ahead (boolean; default false). */
  nesterov?: boolean;
  /** largest norm of all gradients together (number or null; > 0; default null). */
  maxGradNorm?: number | null;
  /** rprop: shrinks a step size (number; > 0, < 1; default 0.5). */
  etaMinus?: number;
  /** rprop: grows it (number; > 1; default 1.2). */
  etaPlus?: number;
  /** rprop: smallest step size (number; ≥ 0; default 0.000001). */
  stepMin?: number;
  /** rprop: largest step size (number; ≥ 0; default 50). */
  stepMax?: number;
}

/** Outputs of `neuralFqiStep`. */
export interface NeuralFqiStepLossResult<A extends RealArray = RealArray> {
  /** before the step. */
  loss: number;
  /** Q(s,a) − y of each row, before the step. Shape [B]. */
  tdError: Tensor<A>;
  /** weights after the step. Shape [n[i+1],n[i]]. */
  [key: `newW${number}`]: Tensor<A>;
  /** biases after the step. Shape [n[i+1]]. */
  [key: `newB${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1],n[i]]. */
  [key: `newFirstW${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1]]. */
  [key: `newFirstB${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1],n[i]]. */
  [key: `newSecondW${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1]]. */
  [key: `newSecondB${number}`]: Tensor<A>;
}

/** Operands and parameters of `neuralFqiStep` (form 'gradient'). */
export interface NeuralFqiStepGradientArgs<A extends RealArray = RealArray> {
  /** states. Shape [B,n[0]], float32 or float64. */
  x: Operand<A>;
  /** gradient of the loss at the outputs. Shape [B,A], float32 or float64. */
  gradOutputs: Operand<A>;
  /** weights of each layer, [out, in]. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `w${number}`]: Operand<A>;
  /** biases of each layer. Shape [n[i+1]], float32 or float64. */
  [key: `b${number}`]: Operand<A>;
  /** adam: m; sgd: velocity; rprop: last gradient. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `firstW${number}`]: Operand<A>;
  /** of the biases. Shape [n[i+1]], float32 or float64. */
  [key: `firstB${number}`]: Operand<A>;
  /** adam: v; rprop: step size; sgd: kept as it is. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `secondW${number}`]: Operand<A>;
  /** of the biases. Shape [n[i+1]], float32 or float64. */
  [key: `secondB${number}`]: Operand<A>;
  /** between the layers ('relu' | 'tanh'; default 'relu'). */
  activation?: 'relu' | 'tanh';
  /** number of layers; 0: as given (integer; ≥ 0; default 0). */
  layers?: number;
  /** update rule ('adam' | 'rprop' | 'sgd'; default 'adam'). */
  optimizer?: 'adam' | 'rprop' | 'sgd';
  /** number of this step, for adam (integer; ≥ 1; default 1). */
  step?: number;
  /** learning rate of adam and sgd (number; ≥ 0; default 0.001). */
  lr?: number;
  /** adam: decay of the mean gradient (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** adam: decay of the mean square (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** adam: ε, outside the root (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** adam: decoupled (AdamW); sgd: times w, added to the gradient (number; ≥ 0; default 0). */
  weightDecay?: number;
  /** sgd: share of the velocity that stays (number; ≥ 0, < 1; default 0). */
  momentum?: number;
  /** sgd: look one step ahead (boolean; default false). */
  nesterov?: boolean;
  /** largest norm of all gradients together (number or null; > 0; default null). */
  maxGradNorm?: number | null;
  /** rprop: shrinks a step size (number; > 0, < 1; default 0.5). */
  etaMinus?: number;
  /** rprop: grows it (number; > 1; default 1.2). */
  etaPlus?: number;
  /** rprop: smallest step size (number; ≥ 0; default 0.000001). */
  stepMin?: number;
  /** rprop: largest step size (number; ≥ 0; default 50). */
  stepMax?: number;
}

/** Outputs of `neuralFqiStep`. */
export interface NeuralFqiStepGradientResult<A extends RealArray = RealArray> {
  /** weights after the step. Shape [n[i+1],n[i]]. */
  [key: `newW${number}`]: Tensor<A>;
  /** biases after the step. Shape [n[i+1]]. */
  [key: `newB${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1],n[i]]. */
  [key: `newFirstW${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1]]. */
  [key: `newFirstB${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1],n[i]]. */
  [key: `newSecondW${number}`]: Tensor<A>;
  /** state after the step. Shape [n[i+1]]. */
  [key: `newSecondB${number}`]: Tensor<A>;
}

const neuralFqiStepOp: Op = /* @__PURE__ */ new Op('fitted-q', 'neural_fqi_step');

/**
 * One training step of a Q-network: forward, backward and the update, in place where the new arrays are the old ones.
 *
 * `g = gradient of mean weight·l(Q(s,a) − y), clipped to max_grad_norm;  w, state ← the rule of the optimiser (see optimizers)`
 *
 * States begin at 0, the second of rprop at its first step size. `step` counts from 1. A NaN in the batch makes parameters NaN.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005 (Rprop); Mnih et al., Nature 2015; Kingma & Ba, arXiv 1412.6980; decoupled decay: arXiv 1711.05101.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiStep<A extends RealArray>(args: NeuralFqiStepLossArgs<A> & CallOptions<NeuralFqiStepLossResult<A>>): NeuralFqiStepLossResult<A>;
/**
 * The same for any loss, whose gradient at the outputs is given: distributional heads, several depths, penalties.
 *
 * `g = gradient of Σ grad_outputs·Q(s,·), clipped to max_grad_norm;  w, state ← the rule of the optimiser (see optimizers)`
 *
 * States begin at 0, the second of rprop at its first step size. `step` counts from 1. grad_outputs is taken as it is: a mean over the batch is the caller's.
 *
 * Source: Griewank & Walther, Evaluating Derivatives (2008), ch. 3; the rules as in form 'loss'.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiStep<A extends RealArray>(args: NeuralFqiStepGradientArgs<A> & CallOptions<NeuralFqiStepGradientResult<A>>): NeuralFqiStepGradientResult<A>;
export function neuralFqiStep(args: object): unknown {
  return neuralFqiStepOp.call(args);
}

/**
 * One training step of a Q-network: forward, backward and the update, in place where the new arrays are the old ones.
 *
 * `g = gradient of mean weight·l(Q(s,a) − y), clipped to max_grad_norm;  w, state ← the rule of the optimiser (see optimizers)`
 *
 * States begin at 0, the second of rprop at its first step size. `step` counts from 1. A NaN in the batch makes parameters NaN.
 *
 * Source: Riedmiller, Neural Fitted Q Iteration, ECML 2005 (Rprop); Mnih et al., Nature 2015; Kingma & Ba, arXiv 1412.6980; decoupled decay: arXiv 1711.05101.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiStepAsync<A extends RealArray>(args: NeuralFqiStepLossArgs<A> & CallOptions<NeuralFqiStepLossResult<A>> & AsyncOptions): Promise<NeuralFqiStepLossResult<A>>;
/**
 * The same for any loss, whose gradient at the outputs is given: distributional heads, several depths, penalties.
 *
 * `g = gradient of Σ grad_outputs·Q(s,·), clipped to max_grad_norm;  w, state ← the rule of the optimiser (see optimizers)`
 *
 * States begin at 0, the second of rprop at its first step size. `step` counts from 1. grad_outputs is taken as it is: a mean over the batch is the caller's.
 *
 * Source: Griewank & Walther, Evaluating Derivatives (2008), ch. 3; the rules as in form 'loss'.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function neuralFqiStepAsync<A extends RealArray>(args: NeuralFqiStepGradientArgs<A> & CallOptions<NeuralFqiStepGradientResult<A>> & AsyncOptions): Promise<NeuralFqiStepGradientResult<A>>;
export function neuralFqiStepAsync(args: object): Promise<unknown> {
  return neuralFqiStepOp.callAsync(args);
}

/** Operands and parameters of `sqirl` (form 'loss'). */
export interface SqirlLossArgs<A extends RealArray = RealArray> {
  /** q_i(s,a) of the K heads. Shape [B,K,A], float32 or float64. */
  qValues: Operand<A>;
  /** q_i(s',a). Shape [B,K,A], float32 or float64. */
  nextQValues: Operand<A>;
  /** action taken. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** G: return of the rest of the episode. Shape [B], float32 or float64. */
  returnToGo: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [B], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** divides the loss of each depth: its running magnitude; absent: 1. Shape [K], float32 or float64. */
  lossScale?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** c (number; default 1). */
  rewardScale?: number;
  /** Huber instead of the squared error (boolean; default false). */
  huber?: boolean;
}

/** Outputs of `sqirl`. */
export interface SqirlLossResult<A extends RealArray = RealArray> {
  /** y_i. Shape [B,K]. */
  target: Tensor<A>;
  /** mean over the batch. Shape [K]. */
  lossPerDepth: Tensor<A>;
  /** their sum. */
  loss: number;
  /** gradient of the loss. Shape [B,K,A]. */
  gradQValues: Tensor<A>;
}

/** Operands and parameters of `sqirl` (form 'returns'). */
export interface SqirlReturnsArgs<A extends RealArray = RealArray> {
  /** rewards of the episode. Shape [T], float32 or float64. */
  rewards: Operand<A>;
  /** names this form ('returns'; default 'returns'). */
  op: 'returns';
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** the timestep being planned: earlier steps are not kept (integer; ≥ 0; default 0). */
  currentTimestep?: number;
}

/** Outputs of `sqirl`. */
export interface SqirlReturnsResult<A extends RealArray = RealArray> {
  /** G_t of the steps kept. Shape [T] at most. */
  returnToGo: Tensor<A>;
  /** their timesteps. Shape [T] at most. */
  storedIndex: Tensor<Int32Array>;
}

/** Operands and parameters of `sqirl` (form 'gorp'). */
export interface SqirlGorpArgs<A extends RealArray = RealArray> {
  /** m returns of each of the num_actions^k sequences. Shape [S,m], float32 or float64. */
  returns: Operand<A>;
  /** names this form ('gorp'; default 'gorp'). */
  op: 'gorp';
  /** actions of a sequence (integer; ≥ 1, ≤ 62; default 1). */
  k?: number;
  /** number of actions (integer; ≥ 1; required). */
  numActions: number;
}

/** Outputs of `sqirl`. */
export interface SqirlGorpResult<A extends RealArray = RealArray> {
  /** of each sequence. Shape [S]. */
  meanReturn: Tensor<A>;
  /** number of the best one. */
  bestSequence: number;
  /** its first action. */
  firstAction: number;
}

/** Operands and parameters of `sqirl` (form 'k_qvi'). */
export interface SqirlKQviArgs<A extends RealArray = RealArray> {
  /** where each row (s·A + a) starts. Shape [S*A+1], int32. */
  rowPtr: Operand<Int32Array>;
  /** next state of each entry. Shape [N], int32. */
  col: Operand<Int32Array>;
  /** its probability. Shape [N], float32 or float64. */
  prob: Operand<A>;
  /** r(s,a). Shape [S,A], float32 or float64. */
  rewards: Operand<A>;
  /** names this form ('k_qvi'; default 'k_qvi'). */
  op: 'k_qvi';
  /** discount γ (number; ≥ 0, ≤ 1; default 1). */
  gamma?: number;
  /** steps of an episode (integer; ≥ 1; required). */
  horizon: number;
  /** largest k (integer; ≥ 1; required). */
  kMax: number;
}

/** Outputs of `sqirl`. */
export interface SqirlKQviResult<A extends RealArray = RealArray> {
  /** Q_k at every timestep. Shape [H,S,A]. */
  [key: `qK${number}`]: Tensor<A>;
  /** return of acting greedily by Q_k. Shape [K]. */
  greedyReturn: Tensor<A>;
}

const sqirlOp: Op = /* @__PURE__ */ new Op('fitted-q', 'sqirl');

/**
 * SQIRL: a head of the network for each depth; the first is fitted to the return of random play, each later one to a backup of the head before it.
 *
 * `y_1 = c G;  y_{i+1} = c r + γ (1 − terminated) max_a q_i(s',a), c = reward_scale;  loss = Σ_i mean l(q_i(s,a) − y_i), l = e² or Huber with δ = 1`
 *
 * Targets are constants to the gradient. A terminal row never reads next_q_values. Squared errors are not halved. Act by the last head.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, The Effective Horizon Explains Deep RL Performance in Stochastic Environments, arXiv 2312.08369, in the form of its code: all depths at once.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirl<A extends RealArray>(args: SqirlLossArgs<A> & CallOptions<SqirlLossResult<A>>): SqirlLossResult<A>;
/**
 * Returns-to-go of one episode, of the steps that SQIRL keeps.
 *
 * `G_t = r_t + γ G_{t+1}, t ≥ current_timestep`
 *
 * An episode that ended before current_timestep gives nothing.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirl<A extends RealArray>(args: SqirlReturnsArgs<A> & CallOptions<SqirlReturnsResult<A>>): SqirlReturnsResult<A>;
/**
 * Greedy over random policy: the first action of the sequence that random play continued best.
 *
 * `sequence = argmax mean of its returns;  first_action = its first digit to the base num_actions`
 *
 * Sequences are counted with the first action most significant. Ties take the lowest. The number of rows must be num_actions to the power k.
 *
 * Source: Laidlaw, Russell & Dragan, Bridging RL Theory and Practice with the Effective Horizon, arXiv 2304.09853.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirl<A extends RealArray>(args: SqirlGorpArgs<A> & CallOptions<SqirlGorpResult<A>>): SqirlGorpResult<A>;
/**
 * What SQIRL tends to with unlimited data: k − 1 optimal backups of the Q-function of the uniformly random policy.
 *
 * `Q_1 = Q of the uniform policy;  Q_{k+1}[h] = r + γ P max_a Q_k[h+1];  greedy_return = value of argmax_a Q_k[h] from state 0 at h = 0`
 *
 * The horizon is finite: nothing follows the last step. Ties take the lowest action.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369 (k-QVI-solvable).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirl<A extends RealArray>(args: SqirlKQviArgs<A> & CallOptions<SqirlKQviResult<A>>): SqirlKQviResult<A>;
export function sqirl(args: object): unknown {
  return sqirlOp.call(args);
}

/**
 * SQIRL: a head of the network for each depth; the first is fitted to the return of random play, each later one to a backup of the head before it.
 *
 * `y_1 = c G;  y_{i+1} = c r + γ (1 − terminated) max_a q_i(s',a), c = reward_scale;  loss = Σ_i mean l(q_i(s,a) − y_i), l = e² or Huber with δ = 1`
 *
 * Targets are constants to the gradient. A terminal row never reads next_q_values. Squared errors are not halved. Act by the last head.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, The Effective Horizon Explains Deep RL Performance in Stochastic Environments, arXiv 2312.08369, in the form of its code: all depths at once.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirlAsync<A extends RealArray>(args: SqirlLossArgs<A> & CallOptions<SqirlLossResult<A>> & AsyncOptions): Promise<SqirlLossResult<A>>;
/**
 * Returns-to-go of one episode, of the steps that SQIRL keeps.
 *
 * `G_t = r_t + γ G_{t+1}, t ≥ current_timestep`
 *
 * An episode that ended before current_timestep gives nothing.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirlAsync<A extends RealArray>(args: SqirlReturnsArgs<A> & CallOptions<SqirlReturnsResult<A>> & AsyncOptions): Promise<SqirlReturnsResult<A>>;
/**
 * Greedy over random policy: the first action of the sequence that random play continued best.
 *
 * `sequence = argmax mean of its returns;  first_action = its first digit to the base num_actions`
 *
 * Sequences are counted with the first action most significant. Ties take the lowest. The number of rows must be num_actions to the power k.
 *
 * Source: Laidlaw, Russell & Dragan, Bridging RL Theory and Practice with the Effective Horizon, arXiv 2304.09853.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirlAsync<A extends RealArray>(args: SqirlGorpArgs<A> & CallOptions<SqirlGorpResult<A>> & AsyncOptions): Promise<SqirlGorpResult<A>>;
/**
 * What SQIRL tends to with unlimited data: k − 1 optimal backups of the Q-function of the uniformly random policy.
 *
 * `Q_1 = Q of the uniform policy;  Q_{k+1}[h] = r + γ P max_a Q_k[h+1];  greedy_return = value of argmax_a Q_k[h] from state 0 at h = 0`
 *
 * The horizon is finite: nothing follows the last step. Ties take the lowest action.
 *
 * Source: Laidlaw, Zhu, Russell & Dragan, arXiv 2312.08369 (k-QVI-solvable).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sqirlAsync<A extends RealArray>(args: SqirlKQviArgs<A> & CallOptions<SqirlKQviResult<A>> & AsyncOptions): Promise<SqirlKQviResult<A>>;
export function sqirlAsync(args: object): Promise<unknown> {
  return sqirlOp.callAsync(args);
}

/** Operands and parameters of `extraTreesPack`. */
export interface ExtraTreesPackArgs<A extends RealArray = RealArray> {
  /** attribute tested, −1 in a leaf. Shape [P], int32. */
  feature: Operand<Int32Array>;
  /** left where x < threshold. Shape [P], float32 or float64. */
  threshold: Operand<A>;
  /** right child, counted from the first node of its tree. Shape [P], int32. */
  right: Operand<Int32Array>;
  /** value of a leaf. Shape [P], float32 or float64. */
  value: Operand<A>;
  /** first node of each tree, their number. Shape [M+1], int32. */
  treeOffsets: Operand<Int32Array>;
  /** attributes of a row (integer; ≥ 0; required). */
  numFeatures: number;
}

/** Outputs of `extraTreesPack`. */
export interface ExtraTreesPackResult<A extends RealArray = RealArray> {
  /** the packed nodes, for extra_trees_predict. Shape [P,4]. */
  nodes: Tensor<Int32Array>;
}

const extraTreesPackOp: Op = /* @__PURE__ */ new Op('fitted-q', 'extra_trees_pack');

/**
 * Checks a forest that extra_trees has grown and packs it for many predictions.
 *
 * `four words a node: threshold (of a leaf: its value) as float64, the low word first; attribute; how many nodes further the right child is, 0 in a leaf`
 *
 * Nodes are in pre-order: the left child of a node is the next one. A node that tests an unknown attribute or leads out of its tree is an error.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPack<A extends RealArray>(args: ExtraTreesPackArgs<A> & CallOptions<ExtraTreesPackResult<A>>): ExtraTreesPackResult<A> {
  return extraTreesPackOp.call(args) as ExtraTreesPackResult<A>;
}

/**
 * Checks a forest that extra_trees has grown and packs it for many predictions.
 *
 * `four words a node: threshold (of a leaf: its value) as float64, the low word first; attribute; how many nodes further the right child is, 0 in a leaf`
 *
 * Nodes are in pre-order: the left child of a node is the next one. A node that tests an unknown attribute or leads out of its tree is an error.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPackAsync<A extends RealArray>(args: ExtraTreesPackArgs<A> & CallOptions<ExtraTreesPackResult<A>> & AsyncOptions): Promise<ExtraTreesPackResult<A>> {
  return extraTreesPackOp.callAsync(args) as Promise<ExtraTreesPackResult<A>>;
}

/** Operands and parameters of `extraTreesPredict` (form 'arrays'). */
export interface ExtraTreesPredictArraysArgs<A extends RealArray = RealArray> {
  /** attribute tested, −1 in a leaf. Shape [P], int32. */
  feature: Operand<Int32Array>;
  /** left where x < threshold. Shape [P], float32 or float64. */
  threshold: Operand<A>;
  /** right child, counted from the first node of its tree. Shape [P], int32. */
  right: Operand<Int32Array>;
  /** value of a leaf. Shape [P], float32 or float64. */
  value: Operand<A>;
  /** first node of each tree, their number. Shape [M+1], int32. */
  treeOffsets: Operand<Int32Array>;
  /** rows to predict. Shape [Q,D], float32 or float64. */
  xQuery: Operand<A>;
}

/** Outputs of `extraTreesPredict`. */
export interface ExtraTreesPredictArraysResult<A extends RealArray = RealArray> {
  /** of each row. Shape [Q]. */
  prediction: Tensor<A>;
}

/** Operands and parameters of `extraTreesPredict` (form 'packed'). */
export interface ExtraTreesPredictPackedArgs<A extends RealArray = RealArray> {
  /** from extra_trees_pack. Shape [P,4], int32. */
  nodes: Operand<Int32Array>;
  /** first node of each tree, their number. Shape [M+1], int32. */
  treeOffsets: Operand<Int32Array>;
  /** rows to predict. Shape [Q,D], float32 or float64. */
  xQuery: Operand<A>;
}

/** Outputs of `extraTreesPredict`. */
export interface ExtraTreesPredictPackedResult<A extends RealArray = RealArray> {
  /** of each row. Shape [Q]. */
  prediction: Tensor<A>;
}

const extraTreesPredictOp: Op = /* @__PURE__ */ new Op('fitted-q', 'extra_trees_predict');

/**
 * Predictions of a forest that extra_trees has grown.
 *
 * `mean over the trees of the value of the leaf reached; left where x < threshold`
 *
 * Nodes are in pre-order: the left child of a node is the next one. NaN goes right. Without trees the prediction is NaN; an empty tree adds nothing. Every call checks the whole forest: for many calls extra_trees_pack does it once.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPredict<A extends RealArray>(args: ExtraTreesPredictArraysArgs<A> & CallOptions<ExtraTreesPredictArraysResult<A>>): ExtraTreesPredictArraysResult<A>;
/**
 * Predictions of a forest that extra_trees_pack has checked and packed.
 *
 * `mean over the trees of the value of the leaf reached; left where x < threshold`
 *
 * The same bits as form 'arrays'. A node that tests an attribute beyond those of x_query or leads out of its tree counts as a leaf of value NaN.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPredict<A extends RealArray>(args: ExtraTreesPredictPackedArgs<A> & CallOptions<ExtraTreesPredictPackedResult<A>>): ExtraTreesPredictPackedResult<A>;
export function extraTreesPredict(args: object): unknown {
  return extraTreesPredictOp.call(args);
}

/**
 * Predictions of a forest that extra_trees has grown.
 *
 * `mean over the trees of the value of the leaf reached; left where x < threshold`
 *
 * Nodes are in pre-order: the left child of a node is the next one. NaN goes right. Without trees the prediction is NaN; an empty tree adds nothing. Every call checks the whole forest: for many calls extra_trees_pack does it once.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPredictAsync<A extends RealArray>(args: ExtraTreesPredictArraysArgs<A> & CallOptions<ExtraTreesPredictArraysResult<A>> & AsyncOptions): Promise<ExtraTreesPredictArraysResult<A>>;
/**
 * Predictions of a forest that extra_trees_pack has checked and packed.
 *
 * `mean over the trees of the value of the leaf reached; left where x < threshold`
 *
 * The same bits as form 'arrays'. A node that tests an attribute beyond those of x_query or leads out of its tree counts as a leaf of value NaN.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesPredictAsync<A extends RealArray>(args: ExtraTreesPredictPackedArgs<A> & CallOptions<ExtraTreesPredictPackedResult<A>> & AsyncOptions): Promise<ExtraTreesPredictPackedResult<A>>;
export function extraTreesPredictAsync(args: object): Promise<unknown> {
  return extraTreesPredictOp.callAsync(args);
}

/** Operands and parameters of `lstdLspi` (form 'lstdq'). */
export interface LstdLspiLstdqArgs<A extends RealArray = RealArray> {
  /** φ: features of (s, a). Shape [N,k], float32 or float64. */
  phi: Operand<A>;
  /** φ'_π: features of (s', π(s')), 0 where the episode ended. Shape [N,k], float32 or float64. */
  nextPhiPi: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state: φ'_π is not read; absent: none did. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** added to the diagonal of the system (number; ≥ 0; default 0.000001). */
  ridge?: number;
  /** names this form ('lstdq'; default 'lstdq'). */
  op: 'lstdq';
}

/** Outputs of `lstdLspi`. */
export interface LstdLspiLstdqResult<A extends RealArray = RealArray> {
  /** matrix of the system, with the ridge. Shape [k,k]. */
  A: Tensor<A>;
  /** right-hand side. Shape [k]. */
  b: Tensor<A>;
  /** weights: q = φ·w. Shape [k]. */
  w: Tensor<A>;
}

/** Operands and parameters of `lstdLspi` (form 'brm'). */
export interface LstdLspiBrmArgs<A extends RealArray = RealArray> {
  /** φ: features of (s, a). Shape [N,k], float32 or float64. */
  phi: Operand<A>;
  /** φ'_π: features of (s', π(s')), 0 where the episode ended. Shape [N,k], float32 or float64. */
  nextPhiPi: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state: φ'_π is not read; absent: none did. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** added to the diagonal of the system (number; ≥ 0; default 0.000001). */
  ridge?: number;
  /** names this form ('brm'; default 'brm'). */
  op: 'brm';
}

/** Outputs of `lstdLspi`. */
export interface LstdLspiBrmResult<A extends RealArray = RealArray> {
  /** weights: q = φ·w. Shape [k]. */
  w: Tensor<A>;
  /** ‖(Φ − γ Φ'_π) w − r‖. */
  residualNorm: number;
}

/** Operands and parameters of `lstdLspi` (form 'lspi'). */
export interface LstdLspiLspiArgs<A extends RealArray = RealArray> {
  /** φ: features of (s, a). Shape [N,k], float32 or float64. */
  phi: Operand<A>;
  /** φ'_a: features of (s', a) for every action. Shape [N,A,k], float32 or float64. */
  nextPhi: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** 1 = allowed; absent: all are. Shape [N,A], uint8 or int32, non-zero = true. */
  nextActionMask?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** added to the diagonal of the system (number; ≥ 0; default 0.000001). */
  ridge?: number;
  /** names this form ('lspi'; default 'lspi'). */
  op: 'lspi';
  /** stop below this change of the weights (number; ≥ 0; default 0.001). */
  tol?: number;
  /** LSTDQ solves at most (integer; ≥ 1; default 30). */
  maxIter?: number;
  /** every component of the first weight vector (number; default 0). */
  w0?: number;
}

/** Outputs of `lstdLspi`. */
export interface LstdLspiLspiResult<A extends RealArray = RealArray> {
  /** weights: q = φ·w. Shape [k]. */
  w: Tensor<A>;
  /** LSTDQ solves made. */
  numIterations: number;
  /** greedy action on s' for these weights, −1 where none is allowed. Shape [N]. */
  nextGreedy: Tensor<Int32Array>;
  /** 1 when the weights moved by less than tol. */
  converged: number;
}

/** Operands and parameters of `lstdLspi` (form 'lstd_lambda'). */
export interface LstdLspiLstdLambdaArgs<A extends RealArray = RealArray> {
  /** features of s. Shape [N,k], float32 or float64. */
  x: Operand<A>;
  /** features of s'. Shape [N,k], float32 or float64. */
  nextX: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended in a terminal state; absent: none did. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** added to the diagonal of the system (number; ≥ 0; default 0.000001). */
  ridge?: number;
  /** names this form ('lstd_lambda'; default 'lstd_lambda'). */
  op: 'lstd_lambda';
  /** λ, decay of the trace (number; ≥ 0, ≤ 1; default 0). */
  lambda?: number;
}

/** Outputs of `lstdLspi`. */
export interface LstdLspiLstdLambdaResult<A extends RealArray = RealArray> {
  /** matrix of the system, with the ridge. Shape [k,k]. */
  A: Tensor<A>;
  /** right-hand side. Shape [k]. */
  b: Tensor<A>;
  /** weights: v = x·w. Shape [k]. */
  w: Tensor<A>;
}

const lstdLspiOp: Op = /* @__PURE__ */ new Op('fitted-q', 'lstd_lspi');

/**
 * LSTDQ: the Q-function of a policy, by the least-squares fixed point.
 *
 * `A = Φᵀ(Φ − γ Φ'_π) + ridge·I;  b = Φᵀ r;  w = A⁻¹ b`
 *
 * One-hot features give the exact value of the empirical model. A singular system is an error that asks for more ridge.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 6; Bradtke & Barto, 1996.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspi<A extends RealArray>(args: LstdLspiLstdqArgs<A> & CallOptions<LstdLspiLstdqResult<A>>): LstdLspiLstdqResult<A>;
/**
 * Bellman residual minimisation: the weights with the smallest sampled residual.
 *
 * `min_w ‖(Φ − γ Φ'_π) w − r‖² + ridge ‖w‖², by the normal equations`
 *
 * With one sample a transition the estimate is biased where the model is stochastic. A matrix that is not positive definite is an error that asks for more ridge.
 *
 * Source: Baird, Residual Algorithms, ICML 1995; Lagoudakis & Parr, JMLR 2003, section 5.1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspi<A extends RealArray>(args: LstdLspiBrmArgs<A> & CallOptions<LstdLspiBrmResult<A>>): LstdLspiBrmResult<A>;
/**
 * Least-squares policy iteration: LSTDQ of the greedy policy until it stays.
 *
 * `π_i(s') = argmax_a φ'_a·w_i;  w_{i+1} = LSTDQ(π_i)`
 *
 * Ties take the lowest index. Stops when ‖w_{i+1} − w_i‖ < tol, when one of the last 10 weight vectors comes again, or after max_iter solves. A terminal row never reads its next features. A singular system is an error that asks for more ridge.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, figure 8.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspi<A extends RealArray>(args: LstdLspiLspiArgs<A> & CallOptions<LstdLspiLspiResult<A>>): LstdLspiLspiResult<A>;
/**
 * LSTD(λ): the state values of the policy that made the trajectory.
 *
 * `z ← γλ z + x_t;  A = Σ z (x_t − γ (1 − terminated) x_{t+1})ᵀ + ridge·I;  b = Σ z r;  w = A⁻¹ b`
 *
 * Rows are in the order of time; the trace starts anew after a terminal transition. A singular system is an error that asks for more ridge.
 *
 * Source: Boyan, Technical Update: Least-Squares Temporal Difference Learning, 2002.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspi<A extends RealArray>(args: LstdLspiLstdLambdaArgs<A> & CallOptions<LstdLspiLstdLambdaResult<A>>): LstdLspiLstdLambdaResult<A>;
export function lstdLspi(args: object): unknown {
  return lstdLspiOp.call(args);
}

/**
 * LSTDQ: the Q-function of a policy, by the least-squares fixed point.
 *
 * `A = Φᵀ(Φ − γ Φ'_π) + ridge·I;  b = Φᵀ r;  w = A⁻¹ b`
 *
 * One-hot features give the exact value of the empirical model. A singular system is an error that asks for more ridge.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, section 6; Bradtke & Barto, 1996.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspiAsync<A extends RealArray>(args: LstdLspiLstdqArgs<A> & CallOptions<LstdLspiLstdqResult<A>> & AsyncOptions): Promise<LstdLspiLstdqResult<A>>;
/**
 * Bellman residual minimisation: the weights with the smallest sampled residual.
 *
 * `min_w ‖(Φ − γ Φ'_π) w − r‖² + ridge ‖w‖², by the normal equations`
 *
 * With one sample a transition the estimate is biased where the model is stochastic. A matrix that is not positive definite is an error that asks for more ridge.
 *
 * Source: Baird, Residual Algorithms, ICML 1995; Lagoudakis & Parr, JMLR 2003, section 5.1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspiAsync<A extends RealArray>(args: LstdLspiBrmArgs<A> & CallOptions<LstdLspiBrmResult<A>> & AsyncOptions): Promise<LstdLspiBrmResult<A>>;
/**
 * Least-squares policy iteration: LSTDQ of the greedy policy until it stays.
 *
 * `π_i(s') = argmax_a φ'_a·w_i;  w_{i+1} = LSTDQ(π_i)`
 *
 * Ties take the lowest index. Stops when ‖w_{i+1} − w_i‖ < tol, when one of the last 10 weight vectors comes again, or after max_iter solves. A terminal row never reads its next features. A singular system is an error that asks for more ridge.
 *
 * Source: Lagoudakis & Parr, Least-Squares Policy Iteration, JMLR 2003, figure 8.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspiAsync<A extends RealArray>(args: LstdLspiLspiArgs<A> & CallOptions<LstdLspiLspiResult<A>> & AsyncOptions): Promise<LstdLspiLspiResult<A>>;
/**
 * LSTD(λ): the state values of the policy that made the trajectory.
 *
 * `z ← γλ z + x_t;  A = Σ z (x_t − γ (1 − terminated) x_{t+1})ᵀ + ridge·I;  b = Σ z r;  w = A⁻¹ b`
 *
 * Rows are in the order of time; the trace starts anew after a terminal transition. A singular system is an error that asks for more ridge.
 *
 * Source: Boyan, Technical Update: Least-Squares Temporal Difference Learning, 2002.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function lstdLspiAsync<A extends RealArray>(args: LstdLspiLstdLambdaArgs<A> & CallOptions<LstdLspiLstdLambdaResult<A>> & AsyncOptions): Promise<LstdLspiLstdLambdaResult<A>>;
export function lstdLspiAsync(args: object): Promise<unknown> {
  return lstdLspiOp.callAsync(args);
}

/** Operands and parameters of `kernelFqi`. */
export interface KernelFqiArgs<A extends RealArray = RealArray> {
  /** s. Shape [N,d], float32 or float64. */
  states: Operand<A>;
  /** a. Shape [N], int32. */
  actions: Operand<Int32Array>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** s'. Shape [N,d], float32 or float64. */
  nextStates: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** of each sample, at least 0, beside that of its distance; absent: 1. Shape [N], float32 or float64. */
  weight?: Operand<A>;
  /** states whose Q-values are wanted. Shape [Q,d], float32 or float64. */
  queryStates: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** how samples are weighted ('gaussian' | 'knn'; default 'gaussian'). */
  kernel?: 'gaussian' | 'knn';
  /** h of the gaussian kernel (number; > 0; default 1). */
  bandwidth?: number;
  /** neighbours of knn (integer; ≥ 1; default 1). */
  k?: number;
  /** number of actions (integer; ≥ 1; required). */
  numActions: number;
  /** accuracy of the fixed point (number; > 0; default 1e-10). */
  tol?: number;
  /** sweeps after which the iteration gives up (integer; ≥ 1; default 100000). */
  maxIterations?: number;
}

/** Outputs of `kernelFqi`. */
export interface KernelFqiResult<A extends RealArray = RealArray> {
  /** V_i. Shape [N]. */
  nextValues: Tensor<A>;
  /** Q-values of the query states. Shape [Q,A]. */
  qQuery: Tensor<A>;
  /** 1 when tol was met. */
  converged: number;
}

const kernelFqiOp: Op = /* @__PURE__ */ new Op('fitted-q', 'kernel_fqi');

/**
 * Kernel-based fitted-Q iteration: a weighted mean over the samples of an action, iterated to its fixed point.
 *
 * `Q(x,a) = Σ_{i: a_i = a} w_i(x) (r_i + γ (1 − terminated_i) V_i);  V_i = max_a Q(s'_i,a);  gaussian: w ∝ exp(−(d² − d²_min)/(2h²));  knn: 1/k for the k nearest`
 *
 * An action without samples has the value −Infinity and is never chosen. Equal distances: the sample that comes first. Fewer samples than k: all of them. Weights below 1e-17 of the largest count as 0. A sample of weight 0 is left out. The values are those of the sampled model, solved by value_iteration.
 *
 * Source: Ormoneit & Sen, Kernel-Based Reinforcement Learning, 2002; Gordon, ICML 1995 (averagers).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function kernelFqi<A extends RealArray>(args: KernelFqiArgs<A> & CallOptions<KernelFqiResult<A>>): KernelFqiResult<A> {
  return kernelFqiOp.call(args) as KernelFqiResult<A>;
}

/**
 * Kernel-based fitted-Q iteration: a weighted mean over the samples of an action, iterated to its fixed point.
 *
 * `Q(x,a) = Σ_{i: a_i = a} w_i(x) (r_i + γ (1 − terminated_i) V_i);  V_i = max_a Q(s'_i,a);  gaussian: w ∝ exp(−(d² − d²_min)/(2h²));  knn: 1/k for the k nearest`
 *
 * An action without samples has the value −Infinity and is never chosen. Equal distances: the sample that comes first. Fewer samples than k: all of them. Weights below 1e-17 of the largest count as 0. A sample of weight 0 is left out. The values are those of the sampled model, solved by value_iteration.
 *
 * Source: Ormoneit & Sen, Kernel-Based Reinforcement Learning, 2002; Gordon, ICML 1995 (averagers).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function kernelFqiAsync<A extends RealArray>(args: KernelFqiArgs<A> & CallOptions<KernelFqiResult<A>> & AsyncOptions): Promise<KernelFqiResult<A>> {
  return kernelFqiOp.callAsync(args) as Promise<KernelFqiResult<A>>;
}

/** Operands and parameters of `extraTrees` (form 'fqi'). */
export interface ExtraTreesFqiArgs<A extends RealArray = RealArray> {
  /** states with the action as one column. Shape [N,D], float32 or float64. */
  x: Operand<A>;
  /** r. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** of each row, at least 0; absent: 1. Shape [N], float32 or float64. */
  weight?: Operand<A>;
  /** next states, without the action's column. Shape [N,E], float32 or float64. */
  nextXState: Operand<A>;
  /** 1 = the episode ended in a terminal state. Shape [N], uint8 or int32, non-zero = true. */
  terminated: Operand<Uint8Array | Int32Array>;
  /** uniform numbers in [0, 1) for each tree. Shape [M,U], float32 or float64. */
  uniforms?: Operand<A>;
  /** a node of fewer rows is a leaf (2 in fitted-Q iteration, 5 in plain regression) (integer; ≥ 1; default 2). */
  nMin?: number;
  /** attributes tried at a node: a count, or 'all' (number or 'all'; ≥ 1; integer; default 'all'). */
  k?: number | 'all';
  /** in which order the uniform numbers are used ('preorder_left_first_attribute_index'; default 'preorder_left_first_attribute_index'). */
  drawOrder?: 'preorder_left_first_attribute_index';
  /** trees of the forest (integer; ≥ 1; default 50). */
  numTrees?: number;
  /** of the uniform numbers not given (integer; ≥ 0; default 0). */
  seed?: number;
  /** discount γ (number; ≥ 0, ≤ 1; required). */
  gamma: number;
  /** fits, that on r included (integer; ≥ 1; required). */
  numIterations: number;
  /** actions 0 … num_actions − 1 (integer; ≥ 1; required). */
  numActions: number;
  /** column of x that holds the action (integer; ≥ 0; required). */
  actionColumn: number;
  /** keep the trees of the first fit (boolean; default false). */
  freezeStructure?: boolean;
}

/** Outputs of `extraTrees`. */
export interface ExtraTreesFqiResult<A extends RealArray = RealArray> {
  /** y of the last fit. Shape [N]. */
  targetLast: Tensor<A>;
  /** Q(s',a) after it. Shape [N,A]. */
  nextQLast: Tensor<A>;
  /** of each attribute: by how much its tests decrease the (weighted) squared error, as a share of the tree's, averaged over the trees that split and normalised to sum 1, as scikit-learn's feature_importances_; all 0 where no tree splits. Shape [D]. */
  featureImportance?: Tensor<A>;
}

/** Operands and parameters of `extraTrees` (form 'refit'). */
export interface ExtraTreesRefitArgs<A extends RealArray = RealArray> {
  /** attribute tested, −1 in a leaf. Shape [P], int32. */
  feature: Operand<Int32Array>;
  /** left where x < threshold. Shape [P], float32 or float64. */
  threshold: Operand<A>;
  /** right child, counted from the first node of its tree. Shape [P], int32. */
  right: Operand<Int32Array>;
  /** value of a leaf. Shape [P], float32 or float64. */
  value: Operand<A>;
  /** first node of each tree, their number. Shape [M+1], int32. */
  treeOffsets: Operand<Int32Array>;
  /** attributes. Shape [N,D], float32 or float64. */
  x: Operand<A>;
  /** outputs. Shape [N], float32 or float64. */
  y: Operand<A>;
  /** of each row, at least 0; absent: 1. Shape [N], float32 or float64. */
  weight?: Operand<A>;
}

/** Outputs of `extraTrees`. */
export interface ExtraTreesRefitResult<A extends RealArray = RealArray> {
  /** of every node, inner ones included. Shape [P]. */
  newValue: Tensor<A>;
  /** of each attribute: by how much its tests decrease the (weighted) squared error, as a share of the tree's, averaged over the trees that split and normalised to sum 1, as scikit-learn's feature_importances_; all 0 where no tree splits. Shape [D]. */
  featureImportance?: Tensor<A>;
}

/** Operands and parameters of `extraTrees` (form 'tree'). */
export interface ExtraTreesTreeArgs<A extends RealArray = RealArray> {
  /** attributes. Shape [N,D], float32 or float64. */
  x: Operand<A>;
  /** outputs. Shape [N], float32 or float64. */
  y: Operand<A>;
  /** of each row, at least 0; absent: 1. Shape [N], float32 or float64. */
  weight?: Operand<A>;
  /** uniform numbers in [0, 1). Shape [U], float32 or float64. */
  uniforms: Operand<A>;
  /** rows to predict. Shape [Q,D], float32 or float64. */
  xQuery?: Operand<A>;
  /** a node of fewer rows is a leaf (2 in fitted-Q iteration, 5 in plain regression) (integer; ≥ 1; default 2). */
  nMin?: number;
  /** attributes tried at a node: a count, or 'all' (number or 'all'; ≥ 1; integer; default 'all'). */
  k?: number | 'all';
  /** in which order the uniform numbers are used ('preorder_left_first_attribute_index'; default 'preorder_left_first_attribute_index'). */
  drawOrder?: 'preorder_left_first_attribute_index';
}

/** Outputs of `extraTrees`. */
export interface ExtraTreesTreeResult<A extends RealArray = RealArray> {
  /** attribute tested, −1 in a leaf. Shape [2*N] at most. */
  feature: Tensor<Int32Array>;
  /** left where x < threshold; 0 in a leaf. Shape [2*N] at most. */
  threshold: Tensor<A>;
  /** left child, −1 in a leaf. Shape [2*N] at most. */
  left: Tensor<Int32Array>;
  /** right child, −1 in a leaf. Shape [2*N] at most. */
  right: Tensor<Int32Array>;
  /** mean output of the node's rows. Shape [2*N] at most. */
  value: Tensor<A>;
  /** rows of the node. Shape [2*N] at most. */
  count: Tensor<Int32Array>;
  /** for x_query. Shape [Q]. */
  prediction?: Tensor<A>;
  /** uniform numbers used. */
  numUniformsUsed: number;
  /** of each attribute: by how much its tests decrease the (weighted) squared error, as a share of the tree's, averaged over the trees that split and normalised to sum 1, as scikit-learn's feature_importances_; all 0 where no tree splits. Shape [D]. */
  featureImportance?: Tensor<A>;
}

/** Operands and parameters of `extraTrees` (form 'forest'). */
export interface ExtraTreesForestArgs<A extends RealArray = RealArray> {
  /** attributes. Shape [N,D], float32 or float64. */
  x: Operand<A>;
  /** outputs. Shape [N], float32 or float64. */
  y: Operand<A>;
  /** of each row, at least 0; absent: 1. Shape [N], float32 or float64. */
  weight?: Operand<A>;
  /** rows to predict. Shape [Q,D], float32 or float64. */
  xQuery?: Operand<A>;
  /** a node of fewer rows is a leaf (2 in fitted-Q iteration, 5 in plain regression) (integer; ≥ 1; default 5). */
  nMin?: number;
  /** attributes tried at a node: a count, or 'all' (number or 'all'; ≥ 1; integer; default 'all'). */
  k?: number | 'all';
  /** in which order the uniform numbers are used ('preorder_left_first_attribute_index'; default 'preorder_left_first_attribute_index'). */
  drawOrder?: 'preorder_left_first_attribute_index';
  /** trees of the forest (integer; ≥ 1; default 50). */
  numTrees?: number;
  /** of the uniform numbers (integer; ≥ 0; default 0). */
  seed?: number;
}

/** Outputs of `extraTrees`. */
export interface ExtraTreesForestResult<A extends RealArray = RealArray> {
  /** attribute tested, −1 in a leaf. Shape [2*M*N] at most. */
  feature: Tensor<Int32Array>;
  /** left where x < threshold; 0 in a leaf. Shape [2*M*N] at most. */
  threshold: Tensor<A>;
  /** left child, −1 in a leaf. Shape [2*M*N] at most. */
  left: Tensor<Int32Array>;
  /** right child, −1 in a leaf. Shape [2*M*N] at most. */
  right: Tensor<Int32Array>;
  /** mean output of the node's rows. Shape [2*M*N] at most. */
  value: Tensor<A>;
  /** rows of the node. Shape [2*M*N] at most. */
  count: Tensor<Int32Array>;
  /** first node of each tree, and their number. Shape [M+1]. */
  treeOffsets: Tensor<Int32Array>;
  /** for x_query. Shape [Q]. */
  prediction?: Tensor<A>;
  /** of each attribute: by how much its tests decrease the (weighted) squared error, as a share of the tree's, averaged over the trees that split and normalised to sum 1, as scikit-learn's feature_importances_; all 0 where no tree splits. Shape [D]. */
  featureImportance?: Tensor<A>;
}

const extraTreesOp: Op = /* @__PURE__ */ new Op('fitted-q', 'extra_trees');

/**
 * Tree-based fitted-Q iteration: the Q-function is a forest of extremely randomised trees over (s, a).
 *
 * `fit on r, then (num_iterations − 1) times: y = r + γ (1 − terminated) max_a Q(s',a), fit on y`
 *
 * freeze_structure keeps the trees of the first fit and refreshes their leaves: an averager, which converges. Given uniforms feed each tree anew in every fit; absent: drawn by seed. A terminal row never uses its next state. Weights as in form 'forest': a row of weight 0 is in no fit, but has its target and next values; where all weights are 0, Q is NaN.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005; Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTrees<A extends RealArray>(args: ExtraTreesFqiArgs<A> & CallOptions<ExtraTreesFqiResult<A>>): ExtraTreesFqiResult<A>;
/**
 * New values for the nodes of a forest whose tests stay.
 *
 * `new_value = mean of y over the rows that reach the node`
 *
 * Nodes are in pre-order: the left child of a node is the next one. NaN goes right. A node that no row (of weight above 0) reaches keeps its value. With such values fitted-Q iteration is an averager.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005 (the trees of fitted-Q iteration frozen).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTrees<A extends RealArray>(args: ExtraTreesRefitArgs<A> & CallOptions<ExtraTreesRefitResult<A>>): ExtraTreesRefitResult<A>;
/**
 * One extremely randomised regression tree from given uniform numbers.
 *
 * `for each attribute a random test x < min + u (max − min); the best by (var(TS) − |L|/|TS| var(L) − |R|/|TS| var(R))/var(TS)`
 *
 * Leaf: fewer than n_min rows, all outputs equal, no attribute that varies, or every test left a side empty. Equal scores (within 1e-12): the lower attribute. NaN goes right. Too few uniforms are an error. Weights as in form 'forest'.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTrees<A extends RealArray>(args: ExtraTreesTreeArgs<A> & CallOptions<ExtraTreesTreeResult<A>>): ExtraTreesTreeResult<A>;
/**
 * A forest of extremely randomised regression trees, drawn by seed.
 *
 * `each tree as in form 'tree'; prediction = mean over the trees`
 *
 * The numbers drawn depend on seed, tree and node alone: any number of threads grows the same forest. Children are counted from the first node of their tree. Weights enter variances and means; n_min and count are of rows. A row of weight 0 is left out.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTrees<A extends RealArray>(args: ExtraTreesForestArgs<A> & CallOptions<ExtraTreesForestResult<A>>): ExtraTreesForestResult<A>;
export function extraTrees(args: object): unknown {
  return extraTreesOp.call(args);
}

/**
 * Tree-based fitted-Q iteration: the Q-function is a forest of extremely randomised trees over (s, a).
 *
 * `fit on r, then (num_iterations − 1) times: y = r + γ (1 − terminated) max_a Q(s',a), fit on y`
 *
 * freeze_structure keeps the trees of the first fit and refreshes their leaves: an averager, which converges. Given uniforms feed each tree anew in every fit; absent: drawn by seed. A terminal row never uses its next state. Weights as in form 'forest': a row of weight 0 is in no fit, but has its target and next values; where all weights are 0, Q is NaN.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005; Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesAsync<A extends RealArray>(args: ExtraTreesFqiArgs<A> & CallOptions<ExtraTreesFqiResult<A>> & AsyncOptions): Promise<ExtraTreesFqiResult<A>>;
/**
 * New values for the nodes of a forest whose tests stay.
 *
 * `new_value = mean of y over the rows that reach the node`
 *
 * Nodes are in pre-order: the left child of a node is the next one. NaN goes right. A node that no row (of weight above 0) reaches keeps its value. With such values fitted-Q iteration is an averager.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 2005 (the trees of fitted-Q iteration frozen).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesAsync<A extends RealArray>(args: ExtraTreesRefitArgs<A> & CallOptions<ExtraTreesRefitResult<A>> & AsyncOptions): Promise<ExtraTreesRefitResult<A>>;
/**
 * One extremely randomised regression tree from given uniform numbers.
 *
 * `for each attribute a random test x < min + u (max − min); the best by (var(TS) − |L|/|TS| var(L) − |R|/|TS| var(R))/var(TS)`
 *
 * Leaf: fewer than n_min rows, all outputs equal, no attribute that varies, or every test left a side empty. Equal scores (within 1e-12): the lower attribute. NaN goes right. Too few uniforms are an error. Weights as in form 'forest'.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesAsync<A extends RealArray>(args: ExtraTreesTreeArgs<A> & CallOptions<ExtraTreesTreeResult<A>> & AsyncOptions): Promise<ExtraTreesTreeResult<A>>;
/**
 * A forest of extremely randomised regression trees, drawn by seed.
 *
 * `each tree as in form 'tree'; prediction = mean over the trees`
 *
 * The numbers drawn depend on seed, tree and node alone: any number of threads grows the same forest. Children are counted from the first node of their tree. Weights enter variances and means; n_min and count are of rows. A row of weight 0 is left out.
 *
 * Source: Geurts, Ernst & Wehenkel, Extremely Randomized Trees, 2006.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function extraTreesAsync<A extends RealArray>(args: ExtraTreesForestArgs<A> & CallOptions<ExtraTreesForestResult<A>> & AsyncOptions): Promise<ExtraTreesForestResult<A>>;
export function extraTreesAsync(args: object): Promise<unknown> {
  return extraTreesOp.callAsync(args);
}
