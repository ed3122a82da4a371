import { CsrBuilder, type MdpTables } from './csr-builder.js';

const SIZE = 5;
const IN_TAXI = 4;
/** Row and column of the depots R, G, Y, B. */
const DEPOTS = [
  [0, 0],
  [0, 4],
  [4, 0],
  [4, 3],
] as const;
/** Walls stand east of these cells. */
const WALL_EAST_OF = new Set(['0,1', '1,1', '3,0', '4,0', '3,2', '4,2']);

interface TaxiState {
  row: number;
  col: number;
  /** 0..3 = waiting at that depot, 4 = in the taxi */
  passenger: number;
  destination: number;
}

/** Number of a state: ((row * 5 + col) * 5 + passenger) * 4 + destination. */
export function taxiState(state: TaxiState): number {
  return ((state.row * SIZE + state.col) * 5 + state.passenger) * 4 + state.destination;
}

/**
 * Taxi as published by Gymnasium (Taxi-v3; Dietterich 2000): 500 states, actions 0 south, 1 north,
 * 2 east, 3 west, 4 pick up, 5 drop off. Every step costs 1, an illegal pick-up or drop-off 10; the
 * right drop-off pays 20 and ends the episode. A drop-off at another depot leaves the passenger there.
 */
export function taxi(): MdpTables {
  const builder = new CsrBuilder(SIZE * SIZE * 5 * 4, 6);
  const starts: number[] = [];
  for (const state of allStates()) {
    const from = taxiState(state);
    const waiting = state.passenger !== IN_TAXI;
    if (waiting && state.passenger !== state.destination) starts.push(from);
    for (let action = 0; action < 6; action++) {
      const { next, reward, ends } = outcome(state, action);
      builder.add(from, action, taxiState(next), 1, reward, ends);
    }
  }
  return { ...builder.build(), startStates: Int32Array.from(starts) };
}

function* allStates(): Generator<TaxiState> {
  for (let row = 0; row < SIZE; row++) {
    for (let col = 0; col < SIZE; col++) {
      for (let passenger = 0; passenger <= IN_TAXI; passenger++) {
        for (let destination = 0; destination < DEPOTS.length; destination++) {
          yield { row, col, passenger, destination };
        }
      }
    }
  }
}

interface Outcome {
  next: TaxiState;
  reward: number;
  ends: boolean;
}

function outcome(state: TaxiState, action: number): Outcome {
  if (action === 4) return pickUp(state);
  if (action === 5) return dropOff(state);
  return { next: drive(state, action), reward: -1, ends: false };
}

function drive(state: TaxiState, action: number): TaxiState {
  const { row, col } = state;
  if (action === 0) return { ...state, row: Math.min(row + 1, SIZE - 1) };
  if (action === 1) return { ...state, row: Math.max(row - 1, 0) };
  const wallCol = action === 2 ? col : col - 1;
  if (WALL_EAST_OF.has(`${row},${wallCol}`)) return state;
  const target = action === 2 ? col + 1 : col - 1;
  return { ...state, col: Math.min(Math.max(target, 0), SIZE - 1) };
}

function depotAt(row: number, col: number): number {
  return DEPOTS.findIndex(([r, c]) => r === row && c === col);
}

function pickUp(state: TaxiState): Outcome {
  const here = depotAt(state.row, state.col);
  if (here < 0 || here !== state.passenger) return { next: state, reward: -10, ends: false };
  return { next: { ...state, passenger: IN_TAXI }, reward: -1, ends: false };
}

function dropOff(state: TaxiState): Outcome {
  const here = depotAt(state.row, state.col);
  if (here < 0 || state.passenger !== IN_TAXI) return { next: state, reward: -10, ends: false };
  const arrived = here === state.destination;
  return { next: { ...state, passenger: here }, reward: arrived ? 20 : -1, ends: arrived };
}
