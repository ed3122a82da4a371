import { badOption, CsrBuilder, type MdpTables, requireInteger } from './csr-builder.js';

/** What a process does next. */
const FLIP = 0;
const WRITE = 1;
const CHECK = 2;
const FINISHED = 3;

interface Process {
  pc: number;
  coin: number;
}

/** A state of the protocol: the shared counter and the processes. */
interface State {
  counter: number;
  processes: readonly Process[];
}

/**
 * Randomised consensus by a shared coin (Aspnes and Herlihy 1990; PRISM and QVBS `consensus`):
 * `numProcesses` processes flip coins, add them to a shared counter, and decide tails or heads when
 * it is far enough to one side. The scheduler picks who moves, action = process; every move costs 1.
 * Labels: `finished`, `allHeads` and `agree` of the finished states. State 0 is the initial one.
 */
export function consensus(numProcesses = 2, bound = 2): MdpTables {
  requireInteger('consensus', 'numProcesses', numProcesses, 1, 8);
  requireInteger('consensus', 'bound', bound, 1, 1024);
  const states = new StateSpace(numProcesses, bound);
  const moves: { from: number; action: number; to: number[] }[] = [];
  for (let s = 0; s < states.count; s++) {
    const state = states.at(s);
    for (let action = 0; action < numProcesses; action++) {
      if (state.processes[action]!.pc === FINISHED) continue;
      const to = successors(state, action, bound).map((next) => states.number(next));
      moves.push({ from: s, action, to });
    }
  }
  const builder = new CsrBuilder(states.count, numProcesses);
  const allowed = new Uint8Array(states.count * numProcesses);
  for (const { from, action, to } of moves) {
    for (const next of to) builder.add(from, action, next, 1 / to.length);
    builder.addReward(from, action, 1);
    allowed[from * numProcesses + action] = 1;
  }
  const labels = labelsOf(states);
  for (let s = 0; s < states.count; s++) {
    if (labels.finished![s] === 1) {
      builder.add(s, 0, s, 1);
      allowed[s * numProcesses] = 1;
    }
    for (let action = 0; action < numProcesses; action++) {
      if (allowed[s * numProcesses + action] === 0) builder.forbid(s, action);
    }
  }
  return { ...builder.build(), startStates: Int32Array.of(0), labels };
}

/** The states met so far, numbered in the order in which they were met. */
class StateSpace {
  readonly #states: State[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(numProcesses: number, bound: number) {
    const processes = Array.from({ length: numProcesses }, () => ({ pc: FLIP, coin: 0 }));
    this.number({ counter: (bound + 1) * numProcesses, processes });
  }

  get count(): number {
    return this.#states.length;
  }

  at(number: number): State {
    return this.#states[number]!;
  }

  number(state: State): number {
    const key = `${state.counter}:${state.processes.map(({ pc, coin }) => pc * 2 + coin).join('')}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.count >= 4_000_000) {
      throw badOption(
        'consensus',
        'numProcesses',
        'at most 4,000,000 states',
        state.processes.length,
      );
    }
    this.#numbers.set(key, this.count);
    return this.#states.push(state) - 1;
  }
}

/** Equally likely successors when process `i` moves. */
function successors(state: State, i: number, bound: number): State[] {
  const numProcesses = state.processes.length;
  const { pc, coin } = state.processes[i]!;
  const { counter } = state;
  const moved = (process: Process, value = counter): State => ({
    counter: value,
    processes: state.processes.map((other, k) => (k === i ? process : other)),
  });
  if (pc === FLIP) return [0, 1].map((flipped) => moved({ pc: WRITE, coin: flipped }));
  if (pc === WRITE) return [moved({ pc: CHECK, coin: 0 }, counter + (coin === 1 ? 1 : -1))];
  const right = 2 * (bound + 1) * numProcesses - numProcesses;
  if (counter <= numProcesses) return [moved({ pc: FINISHED, coin: 0 })];
  if (counter >= right) return [moved({ pc: FINISHED, coin: 1 })];
  return [moved({ pc: FLIP, coin: 0 })];
}

function labelsOf(states: StateSpace): Record<string, Uint8Array> {
  const finished = new Uint8Array(states.count);
  const allHeads = new Uint8Array(states.count);
  const agree = new Uint8Array(states.count);
  for (let s = 0; s < states.count; s++) {
    const { processes } = states.at(s);
    if (processes.some(({ pc }) => pc !== FINISHED)) continue;
    const heads = processes.filter(({ coin }) => coin === 1).length;
    finished[s] = 1;
    allHeads[s] = heads === processes.length ? 1 : 0;
    agree[s] = heads === 0 || heads === processes.length ? 1 : 0;
  }
  return { finished, allHeads, agree };
}
