/**
 * A one-step flow policy trained on a GPU where there is one, and the same training on the CPU: the
 * same seeds draw the same batches and noise, so that the two differ by rounding only.
 */
import { Engine } from 'belfry';
import { NoiseSource, OneStepFlowQ, type Transitions } from 'belfry/flow';

const sizes = { observationSize: 4, actionSize: 2 };
const steps = 20;

/** The reward is the first observation times the first action. */
function dataSet(count: number): Transitions {
  const noise = new NoiseSource(1);
  const observations = noise.fillNormal(new Float32Array(4 * count));
  const actions = Float32Array.from({ length: 2 * count }, () => 2 * noise.uniform() - 1);
  const rewards = actions
    .filter((_, i) => i % 2 === 0)
    .map((action, row) => action * (observations[4 * row] as number));
  const terminated = new Uint8Array(count).fill(1);
  return { observations, actions, rewards, nextObservations: observations, terminated };
}

const data = dataSet(512);
const seen = data.observations.subarray(0, 4 * 16);
const options = { hidden: [32, 32], embeddingSize: 8, timeWidths: [8], seed: 7 };

/** Actions after the training, of the same noise for both. */
async function train(engine: Engine): Promise<Float32Array> {
  const learner = new OneStepFlowQ(sizes, { ...options, engine });
  const started = performance.now();
  const losses = await learner.train(data, { steps, batchSize: 64 });
  const milliseconds = ((performance.now() - started) / steps).toFixed(2);
  console.log(`${engine.device}: ${milliseconds} ms a step, loss ${losses?.criticLoss.toFixed(4)}`);
  const { actions } = learner.act(seen);
  learner.dispose();
  return actions.data;
}

const engine = new Engine({ device: 'auto' });
const { device, detail } = engine.diagnostics();
console.log(device === 'cuda' ? engine.diagnostics().devices[0]?.name : `no GPU: ${detail}`);
export const chosen: 'cpu' | 'cuda' = device;

const [found, wanted] = [await train(engine), await train(new Engine())];
/** Between the actions of the two. */
export const largestDifference: number = found.reduce(
  (most, action, i) => Math.max(most, Math.abs(action - (wanted[i] as number))),
  0,
);
console.log(`largest difference of two actions: ${largestDifference.toExponential(1)}`);
