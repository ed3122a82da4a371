// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `controlStep` (form 'pendulum'). */
export interface ControlStepPendulumArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,2], float32 or float64. */
  states: Operand<A>;
  /** action of each task, in the task's own units after `action_scale`. Shape [B,1], float32 or float64. */
  actions: Operand<A>;
  /** the task ('pendulum'; default 'pendulum'). */
  task: 'pendulum';
  /** factor of every action, before anything else (number; default 1). */
  actionScale?: number;
}

/** Outputs of `controlStep`. */
export interface ControlStepPendulumResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,2]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,3]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'mountain_car'). */
export interface ControlStepMountainCarArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,2], float32 or float64. */
  states: Operand<A>;
  /** action of each task. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** the task ('mountain_car'; default 'mountain_car'). */
  task: 'mountain_car';
}

/** Outputs of `controlStep`. */
export interface ControlStepMountainCarResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,2]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'mountain_car_continuous'). */
export interface ControlStepMountainCarContinuousArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,2], float32 or float64. */
  states: Operand<A>;
  /** action of each task, in the task's own units after `action_scale`. Shape [B,1], float32 or float64. */
  actions: Operand<A>;
  /** the task ('mountain_car_continuous'; default 'mountain_car_continuous'). */
  task: 'mountain_car_continuous';
  /** factor of every action, before anything else (number; default 1). */
  actionScale?: number;
}

/** Outputs of `controlStep`. */
export interface ControlStepMountainCarContinuousResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,2]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'cart_pole'). */
export interface ControlStepCartPoleArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,4], float32 or float64. */
  states: Operand<A>;
  /** action of each task. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** the task ('cart_pole'; default 'cart_pole'). */
  task: 'cart_pole';
}

/** Outputs of `controlStep`. */
export interface ControlStepCartPoleResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,4]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,4]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'acrobot'). */
export interface ControlStepAcrobotArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,4], float32 or float64. */
  states: Operand<A>;
  /** action of each task. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** the task ('acrobot'; default 'acrobot'). */
  task: 'acrobot';
}

/** Outputs of `controlStep`. */
export interface ControlStepAcrobotResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,4]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,6]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'car_on_the_hill'). */
export interface ControlStepCarOnTheHillArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,2], float32 or float64. */
  states: Operand<A>;
  /** action of each task. Shape [B], int32. */
  actions: Operand<Int32Array>;
  /** the task ('car_on_the_hill'; default 'car_on_the_hill'). */
  task: 'car_on_the_hill';
}

/** Outputs of `controlStep`. */
export interface ControlStepCarOnTheHillResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,2]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

/** Operands and parameters of `controlStep` (form 'multi_goal'). */
export interface ControlStepMultiGoalArgs<A extends RealArray = RealArray> {
  /** state of each task. Shape [B,2], float32 or float64. */
  states: Operand<A>;
  /** action of each task, in the task's own units after `action_scale`. Shape [B,2], float32 or float64. */
  actions: Operand<A>;
  /** the task ('multi_goal'; default 'multi_goal'). */
  task: 'multi_goal';
  /** factor of every action, before anything else (number; default 1). */
  actionScale?: number;
}

/** Outputs of `controlStep`. */
export interface ControlStepMultiGoalResult<A extends RealArray = RealArray> {
  /** state after the step; may be the array of `states`. Shape [B,2]. */
  nextStates: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
  /** reward of the step. Shape [B]. */
  rewards: Tensor<A>;
  /** 1 = the task ended; time limits are the caller's. Shape [B]. */
  terminated: Tensor<Uint8Array>;
}

const controlStepOp: Op = /* @__PURE__ */ new Op('offline', 'control_step');

/**
 * One step of a batch of control tasks.
 *
 * `r = −(wrap(θ)² + 0.1 θ̇² + 0.001 u²), u clipped to ±2;  θ̇' = clip(θ̇ + (15 sin θ + 3u) 0.05, ±8);  θ' = θ + 0.05 θ̇'`
 *
 * States are (θ, θ̇), observations (cos θ, sin θ, θ̇). Never terminates. NaN in an action is NaN in the state and the reward of its row.
 *
 * Source: Gymnasium, Pendulum-v1 (g = 10, m = l = 1).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepPendulumArgs<A> & CallOptions<ControlStepPendulumResult<A>>): ControlStepPendulumResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `v' = clip(v + 0.001 (a − 1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at the left wall v' ≥ 0;  r = −1`
 *
 * States and observations are (position p, velocity v); actions push left, not at all, right. Terminates where p' ≥ 0.5 and v' ≥ 0.
 *
 * Source: Moore 1990; Gymnasium, MountainCar-v0.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepMountainCarArgs<A> & CallOptions<ControlStepMountainCarResult<A>>): ControlStepMountainCarResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `v' = clip(v + 0.0015 clip(a, ±1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at the left wall v' ≥ 0;  r = 100 at the goal, less 0.1 a²`
 *
 * States and observations are (position p, velocity v). Terminates where p' ≥ 0.45 and v' ≥ 0. The reward takes the action before it is clipped, as Gymnasium does; it also rounds the state to float32 after every step, which is not done here. NaN in an action is NaN in the state and the reward of its row.
 *
 * Source: Moore 1990; Gymnasium, MountainCarContinuous-v0.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepMountainCarContinuousArgs<A> & CallOptions<ControlStepMountainCarContinuousResult<A>>): ControlStepMountainCarContinuousResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `f = ±10;  t = (f + 0.05 θ̇² sin θ)/1.1;  θ̈ = (9.8 sin θ − t cos θ)/(0.5 (4/3 − 0.1 cos² θ/1.1));  ẍ = t − 0.05 θ̈ cos θ/1.1;  Euler steps of 0.02;  r = 1`
 *
 * States and observations are (x, ẋ, θ, θ̇); action 0 pushes left, 1 right. Terminates where |x'| > 2.4 or |θ'| > 12°. A step from a state that is beyond already has reward 0.
 *
 * Source: Barto, Sutton & Anderson 1983; Gymnasium, CartPole-v1 (Euler).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepCartPoleArgs<A> & CallOptions<ControlStepCartPoleResult<A>>): ControlStepCartPoleResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `the equations of motion of the book, torque a − 1, one Runge-Kutta step of order 4 and 0.2 s; then angles wrapped to ±π, velocities clipped to ±4π and ±9π;  r = −1, 0 at the goal`
 *
 * States are (θ₁, θ₂, θ̇₁, θ̇₂), observations (cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂). Terminates where −cos θ₁ − cos(θ₁ + θ₂) > 1.
 *
 * Source: Sutton & Barto, Reinforcement Learning, first edition, 1998, section 11.3; Gymnasium, Acrobot-v1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepAcrobotArgs<A> & CallOptions<ControlStepAcrobotResult<A>>): ControlStepAcrobotResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `H(p) = p² + p for p < 0, p/√(1 + 5p²) otherwise;  ṗ = s;  ṡ = (u − 9.81 H' − s² H' H'')/(1 + H'²), u = ±4;  100 Euler steps of 0.001 s;  r = −1 where p' < −1 or |s'| > 3, 1 where p' > 1, else 0`
 *
 * States and observations are (position p, speed s); action 0 is u = −4, 1 is u = 4. Terminates where |p'| > 1 or |s'| > 3.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 6, 2005, section 5.3 and appendix C.2 (there with γ = 0.95).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepCarOnTheHillArgs<A> & CallOptions<ControlStepCarOnTheHillResult<A>>): ControlStepCarOnTheHillResult<A>;
/**
 * One step of a batch of control tasks.
 *
 * `x' = clip(x + clip(a, ±1), ±7);  d² = least squared distance of x' to (±5, 0), (0, ±5);  r = −30 |clip(a)|² − d², and 10 more where d < 1`
 *
 * States and observations are the position, actions a velocity. Terminates where d < 1. NaN in an action is NaN in its coordinate and in the reward.
 *
 * Source: Haarnoja et al., Reinforcement Learning with Deep Energy-Based Policies, arXiv 1702.08165; the numbers are those of its code (haarnoja/softqlearning, environments/multigoal.py).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStep<A extends RealArray>(args: ControlStepMultiGoalArgs<A> & CallOptions<ControlStepMultiGoalResult<A>>): ControlStepMultiGoalResult<A>;
export function controlStep(args: object): unknown {
  return controlStepOp.call(args);
}

/**
 * One step of a batch of control tasks.
 *
 * `r = −(wrap(θ)² + 0.1 θ̇² + 0.001 u²), u clipped to ±2;  θ̇' = clip(θ̇ + (15 sin θ + 3u) 0.05, ±8);  θ' = θ + 0.05 θ̇'`
 *
 * States are (θ, θ̇), observations (cos θ, sin θ, θ̇). Never terminates. NaN in an action is NaN in the state and the reward of its row.
 *
 * Source: Gymnasium, Pendulum-v1 (g = 10, m = l = 1).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepPendulumArgs<A> & CallOptions<ControlStepPendulumResult<A>> & AsyncOptions): Promise<ControlStepPendulumResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `v' = clip(v + 0.001 (a − 1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at the left wall v' ≥ 0;  r = −1`
 *
 * States and observations are (position p, velocity v); actions push left, not at all, right. Terminates where p' ≥ 0.5 and v' ≥ 0.
 *
 * Source: Moore 1990; Gymnasium, MountainCar-v0.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepMountainCarArgs<A> & CallOptions<ControlStepMountainCarResult<A>> & AsyncOptions): Promise<ControlStepMountainCarResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `v' = clip(v + 0.0015 clip(a, ±1) − 0.0025 cos 3p, ±0.07);  p' = clip(p + v', −1.2, 0.6); at the left wall v' ≥ 0;  r = 100 at the goal, less 0.1 a²`
 *
 * States and observations are (position p, velocity v). Terminates where p' ≥ 0.45 and v' ≥ 0. The reward takes the action before it is clipped, as Gymnasium does; it also rounds the state to float32 after every step, which is not done here. NaN in an action is NaN in the state and the reward of its row.
 *
 * Source: Moore 1990; Gymnasium, MountainCarContinuous-v0.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepMountainCarContinuousArgs<A> & CallOptions<ControlStepMountainCarContinuousResult<A>> & AsyncOptions): Promise<ControlStepMountainCarContinuousResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `f = ±10;  t = (f + 0.05 θ̇² sin θ)/1.1;  θ̈ = (9.8 sin θ − t cos θ)/(0.5 (4/3 − 0.1 cos² θ/1.1));  ẍ = t − 0.05 θ̈ cos θ/1.1;  Euler steps of 0.02;  r = 1`
 *
 * States and observations are (x, ẋ, θ, θ̇); action 0 pushes left, 1 right. Terminates where |x'| > 2.4 or |θ'| > 12°. A step from a state that is beyond already has reward 0.
 *
 * Source: Barto, Sutton & Anderson 1983; Gymnasium, CartPole-v1 (Euler).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepCartPoleArgs<A> & CallOptions<ControlStepCartPoleResult<A>> & AsyncOptions): Promise<ControlStepCartPoleResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `the equations of motion of the book, torque a − 1, one Runge-Kutta step of order 4 and 0.2 s; then angles wrapped to ±π, velocities clipped to ±4π and ±9π;  r = −1, 0 at the goal`
 *
 * States are (θ₁, θ₂, θ̇₁, θ̇₂), observations (cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ̇₁, θ̇₂). Terminates where −cos θ₁ − cos(θ₁ + θ₂) > 1.
 *
 * Source: Sutton & Barto, Reinforcement Learning, first edition, 1998, section 11.3; Gymnasium, Acrobot-v1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepAcrobotArgs<A> & CallOptions<ControlStepAcrobotResult<A>> & AsyncOptions): Promise<ControlStepAcrobotResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `H(p) = p² + p for p < 0, p/√(1 + 5p²) otherwise;  ṗ = s;  ṡ = (u − 9.81 H' − s² H' H'')/(1 + H'²), u = ±4;  100 Euler steps of 0.001 s;  r = −1 where p' < −1 or |s'| > 3, 1 where p' > 1, else 0`
 *
 * States and observations are (position p, speed s); action 0 is u = −4, 1 is u = 4. Terminates where |p'| > 1 or |s'| > 3.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 6, 2005, section 5.3 and appendix C.2 (there with γ = 0.95).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepCarOnTheHillArgs<A> & CallOptions<ControlStepCarOnTheHillResult<A>> & AsyncOptions): Promise<ControlStepCarOnTheHillResult<A>>;
/**
 * One step of a batch of control tasks.
 *
 * `x' = clip(x + clip(a, ±1), ±7);  d² = least squared distance of x' to (±5, 0), (0, ±5);  r = −30 |clip(a)|² − d², and 10 more where d < 1`
 *
 * States and observations are the position, actions a velocity. Terminates where d < 1. NaN in an action is NaN in its coordinate and in the reward.
 *
 * Source: Haarnoja et al., Reinforcement Learning with Deep Energy-Based Policies, arXiv 1702.08165; the numbers are those of its code (haarnoja/softqlearning, environments/multigoal.py).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlStepAsync<A extends RealArray>(args: ControlStepMultiGoalArgs<A> & CallOptions<ControlStepMultiGoalResult<A>> & AsyncOptions): Promise<ControlStepMultiGoalResult<A>>;
export function controlStepAsync(args: object): Promise<unknown> {
  return controlStepOp.callAsync(args);
}

/** Operands and parameters of `controlReset` (form 'pendulum'). */
export interface ControlResetPendulumArgs<A extends RealArray = RealArray> {
  /** the task ('pendulum'; default 'pendulum'). */
  task: 'pendulum';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetPendulumResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,2]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,3]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'mountain_car'). */
export interface ControlResetMountainCarArgs<A extends RealArray = RealArray> {
  /** the task ('mountain_car'; default 'mountain_car'). */
  task: 'mountain_car';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetMountainCarResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,2]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'mountain_car_continuous'). */
export interface ControlResetMountainCarContinuousArgs<A extends RealArray = RealArray> {
  /** the task ('mountain_car_continuous'; default 'mountain_car_continuous'). */
  task: 'mountain_car_continuous';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetMountainCarContinuousResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,2]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'cart_pole'). */
export interface ControlResetCartPoleArgs<A extends RealArray = RealArray> {
  /** the task ('cart_pole'; default 'cart_pole'). */
  task: 'cart_pole';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetCartPoleResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,4]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,4]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'acrobot'). */
export interface ControlResetAcrobotArgs<A extends RealArray = RealArray> {
  /** the task ('acrobot'; default 'acrobot'). */
  task: 'acrobot';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetAcrobotResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,4]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,6]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'car_on_the_hill'). */
export interface ControlResetCarOnTheHillArgs<A extends RealArray = RealArray> {
  /** the task ('car_on_the_hill'; default 'car_on_the_hill'). */
  task: 'car_on_the_hill';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetCarOnTheHillResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,2]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
}

/** Operands and parameters of `controlReset` (form 'multi_goal'). */
export interface ControlResetMultiGoalArgs<A extends RealArray = RealArray> {
  /** the task ('multi_goal'; default 'multi_goal'). */
  task: 'multi_goal';
  /** starts to make (integer; ≥ 0; required). */
  count: number;
  /** random stream (integer; ≥ 0; default 0). */
  seed?: number;
  /** number of the first start (integer; ≥ 0; default 0). */
  firstIndex?: number;
}

/** Outputs of `controlReset`. */
export interface ControlResetMultiGoalResult<A extends RealArray = RealArray> {
  /** first state of each episode. Shape [B,2]. */
  states: Tensor<A>;
  /** what is seen of it. Shape [B,2]. */
  observations: Tensor<A>;
}

const controlResetOp: Op = /* @__PURE__ */ new Op('offline', 'control_reset');

/**
 * First states of episodes of a control task.
 *
 * `θ uniform in [−π, π), θ̇ in [−1, 1)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Gymnasium, Pendulum-v1 (g = 10, m = l = 1).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetPendulumArgs<A> & CallOptions<ControlResetPendulumResult<A>>): ControlResetPendulumResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `position uniform in [−0.6, −0.4), velocity 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Moore 1990; Gymnasium, MountainCar-v0.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetMountainCarArgs<A> & CallOptions<ControlResetMountainCarResult<A>>): ControlResetMountainCarResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `position uniform in [−0.6, −0.4), velocity 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Moore 1990; Gymnasium, MountainCarContinuous-v0.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetMountainCarContinuousArgs<A> & CallOptions<ControlResetMountainCarContinuousResult<A>>): ControlResetMountainCarContinuousResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `all four uniform in [−0.05, 0.05)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Barto, Sutton & Anderson 1983; Gymnasium, CartPole-v1 (Euler).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetCartPoleArgs<A> & CallOptions<ControlResetCartPoleResult<A>>): ControlResetCartPoleResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `all four uniform in [−0.1, 0.1)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Sutton & Barto, Reinforcement Learning, first edition, 1998, section 11.3; Gymnasium, Acrobot-v1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetAcrobotArgs<A> & CallOptions<ControlResetAcrobotResult<A>>): ControlResetAcrobotResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `p = −0.5, s = 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 6, 2005, section 5.3 and appendix C.2 (there with γ = 0.95).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetCarOnTheHillArgs<A> & CallOptions<ControlResetCarOnTheHillResult<A>>): ControlResetCarOnTheHillResult<A>;
/**
 * First states of episodes of a control task.
 *
 * `both coordinates normal, mean 0, deviation 0.1`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Haarnoja et al., Reinforcement Learning with Deep Energy-Based Policies, arXiv 1702.08165; the numbers are those of its code (haarnoja/softqlearning, environments/multigoal.py).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlReset<A extends RealArray>(args: ControlResetMultiGoalArgs<A> & CallOptions<ControlResetMultiGoalResult<A>>): ControlResetMultiGoalResult<A>;
export function controlReset(args: object): unknown {
  return controlResetOp.call(args);
}

/**
 * First states of episodes of a control task.
 *
 * `θ uniform in [−π, π), θ̇ in [−1, 1)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Gymnasium, Pendulum-v1 (g = 10, m = l = 1).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetPendulumArgs<A> & CallOptions<ControlResetPendulumResult<A>> & AsyncOptions): Promise<ControlResetPendulumResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `position uniform in [−0.6, −0.4), velocity 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Moore 1990; Gymnasium, MountainCar-v0.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetMountainCarArgs<A> & CallOptions<ControlResetMountainCarResult<A>> & AsyncOptions): Promise<ControlResetMountainCarResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `position uniform in [−0.6, −0.4), velocity 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Moore 1990; Gymnasium, MountainCarContinuous-v0.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetMountainCarContinuousArgs<A> & CallOptions<ControlResetMountainCarContinuousResult<A>> & AsyncOptions): Promise<ControlResetMountainCarContinuousResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `all four uniform in [−0.05, 0.05)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Barto, Sutton & Anderson 1983; Gymnasium, CartPole-v1 (Euler).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetCartPoleArgs<A> & CallOptions<ControlResetCartPoleResult<A>> & AsyncOptions): Promise<ControlResetCartPoleResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `all four uniform in [−0.1, 0.1)`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Sutton & Barto, Reinforcement Learning, first edition, 1998, section 11.3; Gymnasium, Acrobot-v1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetAcrobotArgs<A> & CallOptions<ControlResetAcrobotResult<A>> & AsyncOptions): Promise<ControlResetAcrobotResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `p = −0.5, s = 0`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Ernst, Geurts & Wehenkel, Tree-Based Batch Mode Reinforcement Learning, JMLR 6, 2005, section 5.3 and appendix C.2 (there with γ = 0.95).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetCarOnTheHillArgs<A> & CallOptions<ControlResetCarOnTheHillResult<A>> & AsyncOptions): Promise<ControlResetCarOnTheHillResult<A>>;
/**
 * First states of episodes of a control task.
 *
 * `both coordinates normal, mean 0, deviation 0.1`
 *
 * Start number i of a seed is the same in every call, whatever `count`: Philox 4x32-10 of (i, seed), 32 random bits a number. Float64, on the host.
 *
 * Source: Haarnoja et al., Reinforcement Learning with Deep Energy-Based Policies, arXiv 1702.08165; the numbers are those of its code (haarnoja/softqlearning, environments/multigoal.py).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function controlResetAsync<A extends RealArray>(args: ControlResetMultiGoalArgs<A> & CallOptions<ControlResetMultiGoalResult<A>> & AsyncOptions): Promise<ControlResetMultiGoalResult<A>>;
export function controlResetAsync(args: object): Promise<unknown> {
  return controlResetOp.callAsync(args);
}
