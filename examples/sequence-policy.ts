/**
 * Acting rarely (arXiv 2410.08979): a policy that emits a sequence of actions from one look at the
 * state, against one that holds its action. Scores over all decision frequencies, averaged.
 */
import { frequencyAveragedScore, sequenceRlLosses } from 'belfry/bellman';

// A mass drifts towards the origin: the critics like the action −s/2, which halves the state.
const steps = 4;
const batch = 8;
const starts = Float64Array.from({ length: batch }, (_, b) => (b - 3.5) / 2);
const gains = new Float64Array(steps); // action t of the sequence is gain · first state
const zeros = new Float64Array(batch);
const losses: number[] = [];

for (let update = 0; update < 300; update++) {
  const q = new Float64Array(batch * steps);
  const slope = new Float64Array(batch * steps);
  starts.forEach((start, b) => {
    let state = start;
    for (let t = 0; t < steps; t++) {
      const error = gains[t]! * start + 0.5 * state;
      q[b * steps + t] = -(error ** 2);
      slope[b * steps + t] = -2 * error * start;
      state += gains[t]! * start; // the model's next state, without gradient
    }
  });
  const sequences = { data: q, shape: [batch, steps] };
  const { actorLoss, gradQ1, gradQ2 } = sequenceRlLosses({
    q1: sequences,
    q2: sequences,
    logProbs: { data: new Float64Array(batch * steps), shape: [batch, steps] },
    nextQ1: zeros,
    nextQ2: zeros,
    nextLogProbs: zeros,
    rewards: zeros,
    notDone: zeros,
    curQ1: zeros,
    curQ2: zeros,
  });
  losses.push(actorLoss);
  slope.forEach((dq, i) => {
    gains[i % steps]! -= 0.2 * (gradQ1.data[i]! + gradQ2.data[i]!) * dq;
  });
}

/** Return of eight steps when the state is looked at every `every` steps. */
function score(every: number, hold: boolean): number {
  let [state, seen, sum] = [1, 1, 0];
  for (let t = 0; t < 8; t++) {
    if (t % every === 0) seen = state;
    state += (hold ? gains[0]! : gains[t % every]!) * seen;
    sum -= state ** 2;
  }
  return sum;
}
const average = (hold: boolean): number =>
  frequencyAveragedScore({
    frequency: Float64Array.of(1 / 4, 1 / 2, 1),
    score: Float64Array.of(score(4, hold), score(2, hold), score(1, hold)),
  }).fas;

export const learnedGains: number[] = Array.from(gains);
export const firstLoss: number = losses[0]!;
export const lastLoss: number = losses.at(-1)!;
export const sequence: number = average(false);
export const held: number = average(true);
console.log(
  `gains ${learnedGains.map((x) => x.toFixed(3)).join(', ')}; frequency-averaged score ` +
    `${sequence.toFixed(3)} by sequences, ${held.toFixed(3)} by holding`,
);
