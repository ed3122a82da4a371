/** The examples of family `token`: each shows the number that its paper promises. */
import { expect, test } from 'vitest';

test('gui-grounding: overlap is learnt only where it is rewarded, small elements sooner by weight', async () => {
  const { hitOnly, shaped, evenly, byDifficulty } = await import('../../examples/gui-grounding.js');
  expect(hitOnly.hit).toBeGreaterThan(0.97);
  expect(shaped.hit).toBeGreaterThan(0.97);
  expect(shaped.iou).toBeGreaterThan(hitOnly.iou + 0.2);
  expect(byDifficulty.smallHits).toBeGreaterThan(evenly.smallHits + 0.2);
});

test('prompt-curriculum: prompts near one half, and three fifths of the samples', async () => {
  const { curriculum, uniform } = await import('../../examples/prompt-curriculum.js');
  // 1/4 is the most that p(1 − p) can be.
  expect(curriculum.signal).toBeGreaterThan(0.13);
  expect(uniform.signal).toBeLessThan(0.1);
  expect(curriculum.samples).toBeLessThan(0.7 * uniform.samples);
});

test('action-abstractions: the moves are found, and planning with them loses nothing', async () => {
  const { found, wanted, gap, complete, pruned, primitive } = await import(
    '../../examples/action-abstractions.js'
  );
  expect([...found.macros].sort()).toEqual([...wanted].sort());
  expect(found.crossEntropy).toBeLessThan(0.4 * found.withoutLatents);
  expect(gap).toBeLessThan(1e-12);
  // Four moves to each goal, whatever the actions.
  for (const { values } of [complete, pruned]) {
    for (const value of values) expect(value).toBeCloseTo(0.97 ** 9, 9);
  }
  for (const value of primitive.values) expect(value).toBeCloseTo(0.97 ** 11, 9);
  expect(pruned.sweeps).toBeLessThan(primitive.sweeps / 3);
});

test('dynamic-anchor: a fixed anchor stops at π_ref·exp(r/β), a moving one does not', async () => {
  const { moving, still, allowed, many, few } = await import('../../examples/dynamic-anchor.js');
  expect(Math.abs(still - allowed)).toBeLessThan(0.02);
  expect(moving).toBeGreaterThan(0.95);
  expect(many).toBeGreaterThan(few + 0.08);
});

test('sql-rewards: partial rewards lead where the result alone tells nothing', async () => {
  const { partial, executionOnly, components } = await import('../../examples/sql-rewards.js');
  expect(partial).toBeGreaterThan(0.9);
  expect(executionOnly).toBeLessThan(0.05);
  // Two identifiers in each other's place: 5 phrases in common, 13 in all.
  const gold = Int32Array.of(1, 2, 3, 4, 5);
  const swapped = Int32Array.of(2, 1, 3, 4, 5);
  expect([...components(gold, gold)]).toEqual([1, 1, 1]);
  const [executes, schema, phrases] = components(swapped, gold);
  expect([executes, schema]).toEqual([0, 1]);
  expect(phrases).toBeCloseTo(5 / 13, 12);
});

test('search-agents: judgements are learnt sooner when paid, hard search after easy search', async () => {
  const { instructed, outcomeOnly, eased, thrownIn } = await import(
    '../../examples/search-agents.js'
  );
  expect(instructed.judgements).toBeGreaterThan(outcomeOnly.judgements + 0.05);
  expect(instructed.answers).toBeGreaterThan(outcomeOnly.answers + 0.05);
  expect(eased).toBeGreaterThan(0.85);
  expect(thrownIn).toBeLessThan(0.4);
});

test('search-cost: dearer calls are made less often, and plans are the best there are', async () => {
  const { routed, planned } = await import('../../examples/search-cost.js');
  const [free, priced, dear] = routed.map(({ point }) => point);
  // The dearest model at every question: what accuracy alone asks for.
  expect(free!.accuracy).toBeGreaterThan(0.92);
  expect(priced!.cost).toBeLessThan(0.5 * free!.cost);
  expect(priced!.accuracy).toBeGreaterThan(free!.accuracy - 0.03);
  expect(dear!.cost).toBeLessThan(0.5 * priced!.cost);
  for (const { weight, point, best } of planned) {
    const worth = ({ accuracy, cost }: typeof point): number => accuracy - weight * cost;
    expect(worth(point)).toBeGreaterThan(worth(best) - 0.005);
    expect(Math.abs(point.cost - best.cost)).toBeLessThan(0.1);
  }
});

test('guided-policies: what chance never finds is learnt with help', async () => {
  const { plain, ppoAlone, guided, asking, critiqued, unshaped, rolledIn } = await import(
    '../../examples/guided-policies.js'
  );
  expect(plain).toBeLessThan(0.01);
  expect(ppoAlone).toBeLessThan(0.01);
  expect(guided).toBeGreaterThan(0.9);
  expect(asking).toBe(0);
  expect(critiqued).toBeGreaterThan(0.7);
  expect(unshaped).toBeLessThan(0.2);
  expect(rolledIn).toBeGreaterThan(0.8);
});

test('imitation-balance: μ rises, then falls; one half and either loss alone do worse', async () => {
  const { learnt, success, half, known, imitationAlone, explorationAlone } = await import(
    '../../examples/imitation-balance.js'
  );
  expect(success).toBeGreaterThan(0.9);
  expect(half).toBeLessThan(0.6);
  expect(success).toBeGreaterThan(known - 0.05);
  expect(imitationAlone).toBeLessThan(0.4);
  expect(explorationAlone).toBeLessThan(0.01);
  for (const { mu } of learnt) {
    expect(Math.max(...mu)).toBeGreaterThan(0.7);
    expect(mu.indexOf(Math.max(...mu))).toBeLessThan(mu.length / 4);
    expect(mu.at(-1)).toBeLessThan(0.15);
  }
});

test('stale-rollouts: clipping against the present policy, the age of samples costs little', async () => {
  const { fresh, late, weights } = await import('../../examples/stale-rollouts.js');
  expect(fresh.decoupled).toBeCloseTo(fresh.plain, 12);
  expect(fresh.plain).toBeGreaterThan(0.95);
  expect(late.decoupled).toBeGreaterThan(0.95);
  expect(late.plain).toBeLessThan(0.5);
  // On this toy the weights are not what makes the difference.
  expect(late.unweighted).toBeGreaterThan(0.95);
  expect(Math.abs(weights.weighed - weights.exact)).toBeLessThan(0.02);
  expect(weights.exact).toBeGreaterThan(3 * weights.sampled);
});

test('diverse-exploration: the bonus selects and keeps different answers', async () => {
  const { chosen, first, explored, greedy } = await import('../../examples/diverse-exploration.js');
  expect(chosen).toBeGreaterThan(2 * first);
  expect(explored).toBeGreaterThan(greedy + 0.25);
});

test('policy-gradient-tour: every loss teaches both turns', async () => {
  const { right } = await import('../../examples/policy-gradient-tour.js');
  // Chance is one in 36.
  expect(Object.keys(right).length).toBe(5);
  for (const share of Object.values(right)) expect(share).toBeGreaterThan(0.95);
});
