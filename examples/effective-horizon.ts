/**
 * How hard is it to explore? (arXiv 2312.08369.) A trap pays a little at once; the long way pays 1
 * after three right moves. Whether acting greedily on the random policy's values is enough, or
 * how many steps must be looked ahead, depends on how much the trap pays.
 */
import { type EffectiveHorizonDeterministicResult, effectiveHorizon } from 'belfry/bellman';

const end = 4;
function trap(reward: number): EffectiveHorizonDeterministicResult {
  // States 0 … 2 are the way, 3 is not used after the trap; action 1 goes on, action 0 leaves.
  const nextStates = Int32Array.of(end, 1, end, 2, end, end, end, end, end, end);
  const rewards = Float64Array.of(reward, 0, 0, 0, 0, 1, 0, 0, 0, 0);
  return effectiveHorizon({
    nextStates: { data: nextStates, shape: [5, 2] },
    rewards: { data: rewards, shape: [5, 2] },
    horizon: 3,
  });
}

// The random policy reaches the end with 1/4 once it has made the first move.
export const cheap: EffectiveHorizonDeterministicResult = trap(0.2);
export const tempting: EffectiveHorizonDeterministicResult = trap(0.3);
export const strong: EffectiveHorizonDeterministicResult = trap(0.6);
for (const [name, { minK, epw, effectiveHorizonBound, randomReturn }] of Object.entries({
  cheap,
  tempting,
  strong,
})) {
  console.log(
    `${name}: k = ${minK}, planning window ${epw}, effective horizon at most ` +
      `${effectiveHorizonBound.toFixed(2)}, random return ${randomReturn}`,
  );
}
