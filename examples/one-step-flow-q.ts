/**
 * One-step flow Q-learning on a bandit: most of the data is at the worse of two actions, and the
 * learner's one-step policy ends at the better one.
 */
import { OneStepFlowQ, type Transitions } from 'belfry/flow';

const better = 0.5;
const count = 4096;

/** Of five actions three near −0.5, one near 0.5, one anywhere; the reward falls with the distance. */
function dataSet(): Transitions {
  const actions = new Float32Array(count);
  const rewards = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const spread = Math.sin(12.9898 * i);
    const action =
      i % 5 === 0 ? better + 0.05 * spread : i % 5 === 1 ? spread : 0.05 * spread - better;
    actions[i] = action;
    rewards[i] = -((action - better) ** 2) - 0.2;
  }
  const observations = new Float32Array(count);
  return {
    observations,
    actions,
    rewards,
    nextObservations: observations,
    terminated: new Uint8Array(count).fill(1),
  };
}

const learner = new OneStepFlowQ(
  { observationSize: 1, actionSize: 1 },
  { hidden: [48, 48], embeddingSize: 8, timeWidths: [8], lr: 1e-3, eta: 1, seed: 7 },
);
const losses = await learner.train(dataSet(), { steps: 800, batchSize: 128 });

const { actions } = learner.act(new Float32Array(500));
/** Share of the policy's actions at the better mode; a quarter of the data's are there. */
export const share: number =
  actions.data.filter((action) => Math.abs(action - better) < 0.2).length / actions.size;
console.log(`critic loss ${losses?.criticLoss.toFixed(4)}`);
console.log(`${(100 * share).toFixed(1)} % of the actions are at the better mode (data: 25 %)`);
