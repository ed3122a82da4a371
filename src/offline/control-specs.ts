/** What each control task is: its sizes, limits and time limit. */

/** Tasks whose actions are indices. */
export type DiscreteControlTask = 'mountain_car' | 'cart_pole' | 'acrobot' | 'car_on_the_hill';
/** Tasks whose actions are vectors. */
export type ContinuousControlTask = 'pendulum' | 'mountain_car_continuous' | 'multi_goal';
export type ControlTaskName = DiscreteControlTask | ContinuousControlTask;

/** How the actions of a task are kept. */
export type ActionsOf<N extends ControlTaskName> = N extends DiscreteControlTask
  ? Int32Array<ArrayBuffer>
  : Float32Array<ArrayBuffer>;

export interface ControlSpec {
  readonly stateSize: number;
  readonly observationSize: number;
  /** Numbers of an action; 0: actions are indices. */
  readonly actionSize: number;
  /** Actions there are; 0: actions are vectors. */
  readonly numActions: number;
  /** An action of 1 is this in the task's own units. */
  readonly actionLimit: number;
  /** Steps until an episode is cut. */
  readonly maxSteps: number;
}

function discrete(
  stateSize: number,
  observationSize: number,
  numActions: number,
  maxSteps: number,
) {
  return { stateSize, observationSize, actionSize: 0, numActions, actionLimit: 1, maxSteps };
}

function continuous(observationSize: number, actionSize: number, limit: number, maxSteps: number) {
  const sizes = { stateSize: 2, observationSize, actionSize, numActions: 0 };
  return { ...sizes, actionLimit: limit, maxSteps };
}

/**
 * Every task by name. Time limits are Gymnasium's for its v1 and v0 tasks, 100 steps for
 * `car_on_the_hill`, whose paper has none, and for `multi_goal` the 30 of the example in its code.
 */
export const controlSpecs: Readonly<Record<ControlTaskName, ControlSpec>> = Object.freeze({
  pendulum: continuous(3, 1, 2, 200),
  mountain_car: discrete(2, 2, 3, 200),
  mountain_car_continuous: continuous(2, 1, 1, 999),
  cart_pole: discrete(4, 4, 2, 500),
  acrobot: discrete(4, 6, 3, 500),
  car_on_the_hill: discrete(2, 2, 2, 100),
  multi_goal: continuous(2, 2, 1, 30),
});

/** Names of all control tasks. */
export const controlTaskNames: readonly ControlTaskName[] = Object.freeze(
  Object.keys(controlSpecs) as ControlTaskName[],
);
