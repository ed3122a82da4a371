/** Fitted Q: Mountain Car's published equations, transitions of a stated behaviour, a policy that drives. */
import { LinearFqi } from '../../fitted-q/linear-fqi.js';
import type { MachineLimits } from '../../native.js';
import { CAR_FQI, featuresOf } from '../car-features.js';
import { driveGreedily, valueMap, visitedCells } from '../car-policy.js';
import { type JobResult, requireNear } from '../job.js';
import { linearFqiLoop } from '../linear-fqi-loop.js';
import { collectTransitions, MOUNTAIN_CAR } from '../mountain-car.js';

const mapRows = 24;
const mapCols = 40;

export async function fittedQJob(limits: MachineLimits): Promise<JobResult> {
  const { numTransitions, gamma, ridge, numIterations } = CAR_FQI;
  const data = collectTransitions({ numTransitions });
  const { phi, nextPhi, numFeatures } = featuresOf(data);
  const numActions = MOUNTAIN_CAR.numActions;
  const fqi = new LinearFqi({ discount: gamma, ridge, iterations: numIterations });
  const started = performance.now();
  const { rmse } = await fqi.fit({
    phi: { data: phi, shape: [numTransitions, numFeatures] },
    nextPhi: { data: nextPhi, shape: [numTransitions, numActions, numFeatures] },
    rewards: data.rewards,
    terminated: data.terminated,
    truncated: data.truncated,
  });
  const seconds = (performance.now() - started) / 1000;

  const loopStarted = performance.now();
  const { rewards, terminated } = data;
  const loop = linearFqiLoop({
    phi,
    nextPhi,
    rewards,
    terminated,
    numFeatures,
    numActions,
    gamma,
    ridge,
    numIterations,
  });
  const loopSeconds = (performance.now() - loopStarted) / 1000;
  const weights = fqi.weights.data;
  loop.weights.forEach((w, i) =>
    requireNear(weights[i] as number, w, 1e-5 * Math.max(1, Math.abs(w)), `weight ${i}`),
  );

  const drive = driveGreedily(weights);
  if (drive.successRate < 0.9)
    throw new Error(
      `demo: the learned policy reaches the goal in ${drive.successRate} of its runs`,
    );
  // Each iteration reads the features of all next actions once, and phi twice.
  const bytes = 8 * numTransitions * numFeatures * numIterations * (numActions + 2);
  return {
    rows: [
      {
        job: 'fitted Q on Mountain Car',
        size: `${numTransitions} transitions, ${numFeatures} features, ${numIterations} iterations`,
        seconds,
        share: bytes / limits.readBytesPerSecond / seconds,
        limit: 'memory',
        speedup: loopSeconds / seconds,
        checked: `${Math.round(100 * drive.successRate)} % reach the goal, ${drive.meanSteps.toFixed(0)} steps on average`,
      },
    ],
    sections: [
      {
        kind: 'lines',
        title: 'Mountain Car: error of each regression against its targets',
        xLabel: 'iteration',
        yLabel: 'root mean square error',
        logY: true,
        series: [{ name: 'linear fitted Q', values: rmse.data }],
      },
      {
        kind: 'valueMap',
        title: 'Mountain Car: learned value and action where there were data',
        rows: mapRows,
        cols: mapCols,
        ...valueMap(weights, mapRows, mapCols),
        mask: visitedCells(data, mapRows, mapCols),
        actionArrows: ['←', '·', '→'],
        xLabel: 'position',
        yLabel: 'velocity',
        xDomain: [MOUNTAIN_CAR.minPosition, MOUNTAIN_CAR.maxPosition],
        yDomain: [-MOUNTAIN_CAR.maxSpeed, MOUNTAIN_CAR.maxSpeed],
      },
    ],
  };
}
