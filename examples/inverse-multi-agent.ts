/**
 * What does an agent want that is seen acting with others? (arXiv 2503.04679.) One critic over
 * joint actions is fitted to demonstrations; it gives the demonstrated policy and a reward.
 */
import { Mamql, mamql } from 'belfry/bellman';

const numActions = 2; // wait, go
const others = [0.7, 0.3]; // how the other agent acts
const wanted = [0.8, 0.2]; // how often the demonstrator does each
const rows = 10;
const actions = Int32Array.from({ length: rows }, (_, row) => (row < wanted[0]! * rows ? 0 : 1));
const terminated = new Uint8Array(rows).fill(1);
const otherPolicy = {
  data: Float64Array.from({ length: rows * 2 }, (_, i) => others[i % 2]!),
  shape: [rows, 2],
};
const shape = [rows, numActions, 2];
const q = new Float64Array(numActions * 2);

const losses: number[] = [];
let policy: number[] = [];
let rewards: number[] = [];
for (let step = 0; step < 2000; step++) {
  const qJoint = { data: Float64Array.from({ length: rows * 4 }, (_, i) => q[i % 4]!), shape };
  const result = mamql({
    qJoint,
    nextQJoint: { data: new Float64Array(rows * 4), shape },
    otherPolicy,
    nextOtherPolicy: otherPolicy,
    actions,
    terminated,
    alpha: 1e6, // hardly regularised: the policy matches the demonstrations
  });
  result.gradQJoint.data.forEach((slope, i) => {
    q[i % 4]! -= slope;
  });
  losses.push(result.loss);
  policy = Array.from(result.policy.data.slice(0, numActions));
  rewards = [result.rewards.data[0]!, result.rewards.data[rows - 1]!];
}

// The same for both at once, from what each was seen to do: each answers what the other learns.
const agents = new Mamql({ numStates: 1, numActions: [2, 2], alpha: 1e6 });
const batch = {
  states: new Int32Array(rows),
  nextStates: new Int32Array(rows),
  actions: [actions, Int32Array.from({ length: rows }, (_, row) => (row % 10 < 7 ? 0 : 1))],
  terminated,
};
for (let step = 0; step < 2000; step++) agents.step(batch);
/** How often each agent waits. */
export const bothWait: number[] = [0, 1].map((agent) => agents.policy(agent).data[0]!);

export const learned: number[] = policy;
/** Recovered rewards of waiting and of going. */
export const recovered: number[] = rewards;
export const firstLoss: number = losses[0]!;
export const lastLoss: number = losses.at(-1)!;
console.log(
  `policy ${learned.map((p) => p.toFixed(3)).join(', ')}; ` +
    `reward of waiting over going ${(recovered[0]! - recovered[1]!).toFixed(3)} = ln 4; ` +
    `both at once wait ${bothWait.map((p) => p.toFixed(3)).join(' and ')}`,
);
