import { allocated } from '../memory.js';
import type { ControlPolicy, PolicyContext } from './control-policy.js';
import type { ControlStepResult, ControlTask } from './control-task.js';

/** What a policy did: rows [count, steps], each row's steps one behind the other. */
export interface Rollout<A extends Float32Array | Int32Array = Float32Array | Int32Array> {
  count: number;
  steps: number;
  observationSize: number;
  /** [count, steps, observationSize] before the step. */
  observations: Float32Array;
  /** [count, steps, actionSize], or [count, steps] indices. */
  actions: A;
  /** [count, steps] */
  rewards: Float32Array;
  /** [count, steps, observationSize] what the step led to, the end of an episode included. */
  nextObservations: Float32Array;
  /** [count, steps] */
  terminated: Uint8Array;
  /** [count, steps] */
  truncated: Uint8Array;
}

/** Runs `policy` for `steps` steps of every row, each made by `advance`, which leaves its actions in `taken`. */
export function recordRollout<A extends Float32Array | Int32Array>(
  task: ControlTask,
  policy: ControlPolicy,
  steps: number,
  context: PolicyContext,
  taken: ArrayLike<number>,
  advance: (actions: ArrayLike<number>) => ControlStepResult,
): Rollout<A> {
  const { count, observationSize } = task;
  const rows = count * steps;
  const actions = task.emptyActions();
  const width = actions.length / count;
  const make = (): Rollout<Float32Array | Int32Array> => ({
    count,
    steps,
    observationSize,
    observations: new Float32Array(rows * observationSize),
    actions: new (actions instanceof Int32Array ? Int32Array : Float32Array)(rows * width),
    rewards: new Float32Array(rows),
    nextObservations: new Float32Array(rows * observationSize),
    terminated: new Uint8Array(rows),
    truncated: new Uint8Array(rows),
  });
  const rollout = allocated('ControlTask.rollout', 'steps', steps, make);
  for (let t = 0; t < steps; t++) {
    scatter(task.observations, rollout.observations, t, steps, count);
    const step = advance(policy(task.observations, actions, context) ?? actions);
    scatter(taken, rollout.actions, t, steps, count);
    scatter(step.rewards, rollout.rewards, t, steps, count);
    scatter(step.finalObservations, rollout.nextObservations, t, steps, count);
    scatter(step.terminated, rollout.terminated, t, steps, count);
    scatter(step.truncated, rollout.truncated, t, steps, count);
  }
  return rollout as Rollout<A>;
}

/** Step `t` of every row [count, width] to its place in [count, steps, width]. */
function scatter(
  from: ArrayLike<number>,
  to: Float32Array | Int32Array | Uint8Array,
  t: number,
  steps: number,
  count: number,
): void {
  const width = from.length / count;
  for (let row = 0; row < count; row++) {
    const source = row * width;
    const target = (row * steps + t) * width;
    for (let i = 0; i < width; i++) to[target + i] = from[source + i]!;
  }
}
