/** From outcome rewards to the gradient with respect to the log-probs, for a padded batch. */
import { Tensor } from 'belfry';
import { groupAdvantage, policyLoss } from 'belfry/token';

// Two prompts, four samples each, up to three tokens.
const rewards = Float32Array.of(1, 0, 0, 1, 0, 0, 0, 1);
const groupIds = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
const mask = new Tensor(
  Uint8Array.from({ length: 24 }, (_, i) => (i % 3 < 2 || i < 12 ? 1 : 0)),
  [8, 3],
);
const oldLogProbs = new Tensor(
  Float32Array.from({ length: 24 }, (_, i) => -0.5 - 0.1 * (i % 3)),
  [8, 3],
);
const logProbs = new Tensor(
  oldLogProbs.data.map((x, i) => x + (i % 5) * 0.1 - 0.2),
  [8, 3],
);

const { advantages } = groupAdvantage({ rewards, groupIds, estimator: 'grpo' });
const result = policyLoss({
  logProbs,
  oldLogProbs,
  advantages,
  mask,
  clipLow: 0.2,
  clipHigh: 0.28,
});

export const loss: number = result.loss;
export const gradient: Tensor = result.gradLogProbs;
console.log(
  `loss ${loss.toFixed(6)}, ${(100 * result.clipFraction).toFixed(0)} % of the tokens clipped`,
);
