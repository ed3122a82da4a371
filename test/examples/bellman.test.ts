/** The examples of family `bellman`: each reaches what its paper, or arithmetic, promises. */
import { expect, test } from 'vitest';

test('web-forms: the DQN reaches Q*, sooner with shaping', async () => {
  const { plain, shaped, greedyIsOptimal, residual, stepProbabilities } = await import(
    '../../examples/web-forms.js'
  );
  expect(plain.error).toBeLessThan(0.01);
  expect(shaped.error).toBeLessThan(0.01);
  expect(shaped.updates).toBeLessThan(plain.updates);
  expect(greedyIsOptimal).toBe(true);
  expect(residual).toBeLessThan(0.02);
  // Three fields are equally good to begin with, then two, then one; then only the button is.
  [1 / 3, 1 / 2, 1, 1].forEach((p, step) => {
    expect(stepProbabilities[step]).toBeCloseTo(p, 2);
  });
});

test('behaviour-constraint: ascent on the multiplier meets the linear programme', async () => {
  const { exact, ascent } = await import('../../examples/behaviour-constraint.js');
  expect(exact.feasible).toBe(1);
  expect(exact.cost).toBeCloseTo(0.1, 6);
  expect(exact.objective).toBeLessThan(exact.unconstrainedObjective * 0.99);
  expect(Math.abs(ascent.cost - 0.1)).toBeLessThan(1e-3);
  expect(Math.abs(ascent.objective / exact.objective - 1)).toBeLessThan(0.01);
  expect(Math.abs(ascent.price / exact.multiplier - 1)).toBeLessThan(0.1);
});

test('gui-exploration: guided exploration sees 1.3 times as many edges', async () => {
  const { guidedEdges, randomEdges, residual } = await import('../../examples/gui-exploration.js');
  expect(residual).toBeLessThan(1e-9);
  expect(guidedEdges).toBeGreaterThanOrEqual(1.3 * randomEdges);
});

test('continual-q-learning: the constant step size wins', async () => {
  const { constant, harmonic, best } = await import('../../examples/continual-q-learning.js');
  expect(constant).toBeGreaterThan(harmonic + 0.05);
  expect(best).toBeGreaterThan(constant);
});

test('mini-game: success above 95 %', async () => {
  const { success, atFirst } = await import('../../examples/mini-game.js');
  expect(success).toBeGreaterThan(0.95);
  expect(atFirst).toBeLessThan(0.2);
});

test('model-generalisation: 0.9³ by the model, 0 by replay', async () => {
  const { modelValue, plannedValue, replayValue, replayLoss } = await import(
    '../../examples/model-generalisation.js'
  );
  expect(plannedValue).toBeCloseTo(0.9 ** 3, 9);
  expect(replayLoss).toBe(0);
  expect(modelValue).toBeCloseTo(0.9 ** 3, 9);
  expect(replayValue).toBe(0);
});

test('continual-regression: the joint optimum, and a projected gradient', async () => {
  const { remembered, joint, forgetting, kept, allowed } = await import(
    '../../examples/continual-regression.js'
  );
  remembered.forEach((x, i) => {
    expect(x).toBeCloseTo(joint[i] as number, 9);
  });
  expect(kept).toBeLessThan(forgetting / 4);
  expect(Array.from(allowed)).toEqual([0, -1, 0]);
});

test('sliding-puzzle: every search is exact, Q* with fewer evaluations', async () => {
  const { results, hardest, evaluations } = await import('../../examples/sliding-puzzle.js');
  expect(hardest).toBe(21);
  for (const { exact, qstar, sharp, astar } of results) {
    expect(qstar.pathCost).toBe(exact);
    expect(astar.pathCost).toBe(exact);
    expect(sharp.pathCost).toBe(exact);
    expect(sharp.numPopped).toBeLessThanOrEqual(qstar.numPopped);
    expect(qstar.actions.data.length).toBe(exact);
  }
  expect(evaluations.qstar).toBeLessThan(evaluations.astar);
});

test('transfer-selection: better than chance, and not far from training on all', async () => {
  const { tasks, afterEach, chosenPerformance, randomPerformance, allPerformance } = await import(
    '../../examples/transfer-selection.js'
  );
  expect(new Set(tasks).size).toBe(6);
  expect(afterEach.at(-1)).toBeCloseTo(chosenPerformance, 12);
  expect(chosenPerformance).toBeGreaterThan(randomPerformance + 0.02);
  expect(chosenPerformance).toBeGreaterThan(0.9 * allPerformance);
});

test('effective-horizon: what the trap pays decides', async () => {
  const { cheap, tempting, strong, bestReturn } = await import(
    '../../examples/effective-horizon.js'
  );
  expect(bestReturn).toBe(cheap.optimalReturn);
  expect([cheap.minK, tempting.minK, strong.minK]).toEqual([1, 2, 3]);
  expect([cheap.epw, tempting.epw, strong.epw]).toEqual([3, 3, 3]);
  expect(tempting.randomReturn).toBeCloseTo(0.5 * 0.3 + 0.125, 12);
});

test('inverse-multi-agent: the demonstrated policy and what it is worth', async () => {
  const { learned, recovered, firstLoss, lastLoss, bothWait } = await import(
    '../../examples/inverse-multi-agent.js'
  );
  expect(bothWait[0]).toBeCloseTo(0.8, 3);
  expect(bothWait[1]).toBeCloseTo(0.7, 3);
  expect(learned[0]).toBeCloseTo(0.8, 3);
  expect((recovered[0] as number) - (recovered[1] as number)).toBeCloseTo(Math.log(4), 2);
  expect(lastLoss).toBeLessThan(firstLoss);
});

test('contrastive-ucb: density ratios, bonuses and weights as arithmetic has them', async () => {
  const { ratios, bonuses, weights, securable } = await import('../../examples/contrastive-ucb.js');
  expect(securable.least).toBeLessThan(0);
  expect(securable.most).toBeGreaterThan(0);
  // (ad − bc)/(a + d − b − c) with the bonuses 1, 2^-½, 3^-½, 1 of a quarter's weight.
  const [b, c] = [0.25 * Math.SQRT1_2, 0.25 / Math.sqrt(3)];
  const most = (1.25 ** 2 - (b - 1) * (c - 1)) / (4.5 - b - c);
  expect(securable.most).toBeCloseTo(most, 12);
  [1.8, 0.6, 0.2, 1.4].forEach((ratio, i) => {
    expect(ratios[i]).toBeCloseTo(ratio, 3);
  });
  [1, 2, 3, 1].forEach((visits, i) => {
    expect(bonuses[i]).toBeCloseTo(1 / Math.sqrt(visits), 12);
  });
  expect(weights[0]).toBeCloseTo((3 * 1.75) / 4, 12);
  expect(weights[1]).toBeCloseTo(0.75 / 2, 12);
});

test('subgoal-corridor: sub-goals lead to the end', async () => {
  const { guided, unguided } = await import('../../examples/subgoal-corridor.js');
  expect(guided).toBeGreaterThan(1.5 * unguided);
  expect(guided).toBeGreaterThan(20);
});

test('novelty-search: novelty covers more than chance', async () => {
  const { noveltyCells, randomCells, front, crowding, emitter, signature } = await import(
    '../../examples/novelty-search.js'
  );
  expect(noveltyCells).toBeGreaterThan(1.3 * randomCells);
  const sorted = [...front].sort((a, b) => a.high - b.high);
  sorted.slice(1).forEach(({ straight }, i) => {
    expect(straight).toBeLessThanOrEqual(sorted[i]?.straight as number);
  });
  expect(crowding.filter((x) => x === Infinity).length).toBeGreaterThanOrEqual(1);
  expect(emitter.improvement).toBeCloseTo(0.4, 12);
  expect(emitter.sigma).toBeGreaterThan(0);
  expect(signature.slice(0, 2)).toEqual([0, 0]);
  expect(((signature[3] as number) - (signature[4] as number)) / 2).toBeCloseTo(1, 12);
});

test('bisimulation: duplicates are one, values within the bound', async () => {
  const { distances, excess, representation, finalLoss } = await import(
    '../../examples/bisimulation.js'
  );
  expect(distances[1]).toBe(0);
  expect(distances[2]).toBeGreaterThan(0.1);
  expect(excess).toBeLessThan(1e-6);
  expect(Math.abs((representation[0] as number) - (representation[1] as number))).toBeLessThan(
    0.02,
  );
  expect(finalLoss).toBeLessThan(1e-3);
});

test('restless-bandits: the index is nearly optimal, the search exact', async () => {
  const restless = await import('../../examples/restless-bandits.js');
  const { indexable, optimal, byIndex, always, searched, enumerated } = restless;
  expect(indexable).toBe(true);
  optimal.forEach((value, state) => {
    expect(byIndex[state]).toBeLessThanOrEqual(value + 1e-8);
    expect(byIndex[state]).toBeGreaterThan(0.99 * value);
    expect(always[state]).toBeLessThan(byIndex[state] as number);
  });
  expect(searched).toBeCloseTo(enumerated, 9);
  expect(restless.proved).toBe(true);
  expect(restless.programmed).toBeCloseTo(restless.enumeratedInWards, 8);
  expect(restless.programmed).toBeLessThan(searched);
  const { target, gradient } = restless.temporalDifference;
  const error = restless.programmed - target;
  expect(gradient).toBeCloseTo(Math.max(-1, Math.min(1, error)), 9);
});

test('sequence-policy: a sequence bears acting rarely', async () => {
  const { learnedGains, firstLoss, lastLoss, sequence, held } = await import(
    '../../examples/sequence-policy.js'
  );
  [0.5, 0.25, 0.125, 0.0625].forEach((gain, t) => {
    expect(learnedGains[t]).toBeCloseTo(-gain, 4);
  });
  expect(lastLoss).toBeLessThan(firstLoss);
  expect(sequence).toBeGreaterThan(held + 0.01);
});

test('perceptual-reward: the steps are found, and progress is rewarded', async () => {
  const { found, best, progress } = await import('../../examples/perceptual-reward.js');
  expect(found).toEqual([0, 12, 21, 30]);
  expect(best).toEqual([0, 1, 2]);
  expect(progress[2]).toBeGreaterThan(progress[1] as number);
  expect(progress[2]).toBeGreaterThan(progress[0] as number);
});

test('video-representation: the encoder drops the noise', async () => {
  const { shareBefore, shareAfter, firstLoss, lastLoss } = await import(
    '../../examples/video-representation.js'
  );
  expect(lastLoss).toBeLessThan(0.7 * firstLoss);
  expect(shareAfter).toBeGreaterThan(0.9);
  expect(shareAfter).toBeGreaterThan(shareBefore);
});

test('regret-preferences: no regret on the best way, and the weights are found', async () => {
  const { regrets, learned, wanted, floor, reached } = await import(
    '../../examples/regret-preferences.js'
  );
  expect(regrets[0]).toBeCloseTo(0, 9);
  expect(regrets[1]).toBeGreaterThan(0.01);
  learned.forEach((x, i) => {
    expect(x).toBeCloseTo(wanted[i] as number, 3);
  });
  expect(reached).toBeCloseTo(floor, 6);
});

test('regret-preferences: clips without the goal give it away by regret alone', async () => {
  const { fromRegret, fromReturns, personsWeights, best, leastLoss } = await import(
    '../../examples/regret-preferences.js'
  );
  // Every clip has as many steps as its partner, and none ends: returns tell of mud alone.
  const [step, mud, hole, goal] = fromReturns.weights as unknown as [
    number,
    number,
    number,
    number,
  ];
  expect(Math.abs(step)).toBeLessThan(1e-12);
  expect([hole, goal]).toEqual([0, 0]);
  expect(mud).toBeLessThan(-0.5);
  expect(fromReturns.worth).toBeLessThan(0);

  expect(fromRegret.weights[0]).toBeCloseTo(personsWeights[0]!, 1);
  expect(fromRegret.weights[1]).toBeCloseTo(personsWeights[1]!, 1);
  expect(fromRegret.weights[2]).toBeLessThan(-0.3);
  expect(fromRegret.weights[3]).toBeGreaterThan(0.3);
  expect(best).toBeGreaterThan(1.9);
  expect(fromRegret.worth).toBeGreaterThan(0.75 * best);

  expect(fromRegret.loss).toBeGreaterThanOrEqual(leastLoss);
  expect(fromRegret.loss - leastLoss).toBeLessThan(0.01 * (fromReturns.loss - leastLoss));
});

test('quantal-adversary: from a harmless adversary to the robust value', async () => {
  const { robust, payoffs, converged, shapley, cold, divergence, largestStep, reached } =
    await import('../../examples/quantal-adversary.js');
  expect(converged).toBe(true);
  payoffs.slice(1).forEach((x, i) => {
    expect(x).toBeLessThanOrEqual((payoffs[i] as number) + 1e-9);
  });
  expect(payoffs[0]).toBeGreaterThan(robust + 0.5);
  expect(payoffs.at(-1)).toBeCloseTo(robust, 2);
  shapley.forEach((v, s) => {
    expect(Math.abs((cold[s] as number) - v)).toBeLessThan(0.02);
  });
  expect(divergence).toBeLessThan(1e-3);
  expect(largestStep).toBeLessThan(0.05);
  expect(reached[0]).toBeCloseTo(2, 1);
});

test('eight-puzzle: a hardest board takes 31 moves', async () => {
  const { moves, last, evaluated, batches } = await import('../../examples/eight-puzzle.js');
  expect(moves).toBe(31);
  expect(last).toBe('123456780');
  expect(batches).toBeLessThan(evaluated / 10);
});

test('grid-route: a shortest way, around the field', async () => {
  const { route, cost, solved } = await import('../../examples/grid-route.js');
  expect(solved).toBe(true);
  // By Dijkstra's algorithm: 20 at least, and 6 more around the wall and the field.
  expect(cost).toBe(26);
  expect(route).toHaveLength(27);
  const inField = (cell: number): boolean =>
    cell >= 16 && cell < 64 && [13, 14].includes(cell % 16);
  expect(route.some(inField)).toBe(false);
});
