// Compiled against the installed package (scripts/pack-test.mjs); never run.
import { type flow, fittedQ, type offline } from 'belfry';
import { gae } from 'belfry/token';

const batch = { data: new Float32Array(10), shape: [2, 5] };
const { advantages } = gae({ rewards: batch, values: batch, gamma: 1, lambda: 0.95 });
export const first: number | undefined = advantages.data[0];
// @ts-expect-error an unknown option is an error
gae({ rewards: batch, values: batch, gama: 1 });

// Types of the modules as objects.
const one = { states: [0], actions: [0], rewards: [0], nextStates: [0], terminated: [0] };
export const chunk: fittedQ.TransitionChunk = one;
const sizes: fittedQ.TransitionDatasetOptions = { stateSize: 1, numActions: 1, capacity: 1 };
export const data: fittedQ.TransitionDataset = new fittedQ.TransitionDataset(sizes);
export type Others = [offline.OfflineDataset, flow.Transitions, flow.FlowPolicy];
// @ts-expect-error a chunk has rewards
export const wrong: fittedQ.TransitionChunk = { ...one, rewards: undefined };
