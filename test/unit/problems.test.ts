import { describe, expect, it } from 'vitest';
import {
  CsrBuilder,
  cliffWalking,
  consensus,
  foldTerminations,
  forest,
  frozenLake,
  garnet,
  gridWorld,
  gridWorld3d,
  haddadMonmege,
  herman,
  howardTaxicab,
  inventory,
  israeliJalfon,
  knuthYao,
  type MdpTables,
  machineReplacement,
  pendulumGrid,
  poissonDemand,
  problem,
  problemNames,
  putermanTwoState,
  randomDeterministic,
  randomSparse,
  riverSwim,
  sisEpidemic,
  tandemQueue,
  taxi,
  taxiState,
} from '../../src/bellman/problems/index.js';
import { hash, uniform } from '../../src/demo/generator.js';

/** Q of one state and action, straight from the definition. */
function backup(mdp: MdpTables, values: Float64Array, row: number, gamma: number): number {
  let q = mdp.transitionRewards ? 0 : mdp.rewards[row]!;
  for (let e = mdp.rowPtr[row]!; e < mdp.rowPtr[row + 1]!; e++) {
    const next = mdp.continues?.[e] === 0 ? 0 : gamma * values[mdp.col[e]!]!;
    q += mdp.prob[e]! * ((mdp.transitionRewards?.[e] ?? 0) + next);
  }
  return q;
}

/** Synchronous sweeps from 0, `sweeps` of them or until nothing moves by more than 1e-14. */
function solve(mdp: MdpTables, gamma: number, sweeps = 1_000_000): Float64Array {
  let values = new Float64Array(mdp.numStates);
  for (let i = 0; i < sweeps; i++) {
    const next = new Float64Array(mdp.numStates);
    let change = 0;
    for (let s = 0; s < mdp.numStates; s++) {
      let best = -Infinity;
      for (let a = 0; a < mdp.numActions; a++) {
        const row = s * mdp.numActions + a;
        if (mdp.actionMask?.[row] === 0) continue;
        best = Math.max(best, backup(mdp, values, row, gamma));
      }
      next[s] = best;
      change = Math.max(change, Math.abs(best - values[s]!));
    }
    values = next;
    if (change < 1e-14) break;
  }
  return values;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function expectWellFormed(mdp: MdpTables): void {
  const numRows = mdp.numStates * mdp.numActions;
  expect(mdp.rowPtr.length).toBe(numRows + 1);
  expect(mdp.rewards.length).toBe(numRows);
  expect(mdp.rowPtr[0]).toBe(0);
  expect(mdp.rowPtr[numRows]).toBe(mdp.col.length);
  expect(mdp.prob.length).toBe(mdp.col.length);
  expect(mdp.col.every((s) => s >= 0 && s < mdp.numStates)).toBe(true);
  expect(mdp.prob.every((p) => p > 0 && p <= 1)).toBe(true);
  for (let row = 0; row < numRows; row++) {
    const mass = sum(mdp.prob.subarray(mdp.rowPtr[row]!, mdp.rowPtr[row + 1]!));
    expect(mass).toBeLessThan(1 + 1e-12);
  }
}

describe('FrozenLake', () => {
  it('keeps three entries a move and one for a finished state', () => {
    const lake = frozenLake();
    expectWellFormed(lake);
    expect(lake.col.length).toBe(11 * 4 * 3 + 5 * 4);
    expect(lake.startStates).toEqual(Int32Array.of(0));
    expect(lake.layout?.glyphs?.join('')).toBe('SFFFFHFHFFFHHFFG');
  });

  it('has the published values', () => {
    const slippery = frozenLake();
    const values = solve(slippery, 0.99);
    expect(values[0]).toBeCloseTo(0.542025932, 10);
    expect([...values].map((v) => Number(v.toFixed(3)))).toEqual([
      0.542, 0.499, 0.471, 0.457, 0.558, 0, 0.358, 0, 0.592, 0.643, 0.615, 0, 0, 0.742, 0.863, 0,
    ]);
    expect(solve(slippery, 1)[0]).toBeCloseTo(14 / 17, 10);
    expect(solve(slippery, 0.9)[0]).toBeCloseTo(0.0688909049, 10);
    expect(solve(slippery, 1, 100)[0]).toBeCloseTo(0.7441902878, 10);
    expect(solve(frozenLake({ slippery: false }), 0.99)[0]).toBeCloseTo(0.99 ** 5, 12);
  });

  it('has the published values on the 8x8 map', () => {
    const lake = frozenLake({ map: '8x8' });
    expect(solve(lake, 0.99)[0]).toBeCloseTo(0.4146403618, 10);
    expect(solve(lake, 1, 200)[0]).toBeCloseTo(0.9132201502, 10);
  });

  it('refuses a broken map', () => {
    expect(() => frozenLake({ map: ['SF', 'G'] })).toThrow(/map/);
    expect(() => frozenLake({ map: ['SX'] })).toThrow(/map/);
    expect(() => frozenLake({ map: [] })).toThrow(/map/);
  });
});

describe('CliffWalking', () => {
  it('has the published values', () => {
    const cliff = cliffWalking();
    expectWellFormed(cliff);
    const values = solve(cliff, 1);
    expect(values[36]).toBe(-13);
    expect(values[47]).toBe(-1);
    expect(sum(values)).toBe(-357);
    expect(solve(cliff, 0.99)[36]).toBeCloseTo(-12.2478977001, 10);
  });

  it('has the published value when slippery', () => {
    expect(solve(cliffWalking({ slippery: true }), 1)[36]).toBeCloseTo(-64.70917591, 8);
  });
});

describe('Taxi', () => {
  it('has the published values', () => {
    const mdp = taxi();
    expectWellFormed(mdp);
    const starts = [...mdp.startStates!];
    expect(starts.length).toBe(300);
    const values = solve(mdp, 1);
    expect(sum(values)).toBe(5365);
    const atStarts = starts.map((s) => values[s]!);
    expect(sum(atStarts) / 300).toBeCloseTo(7.93, 12);
    expect(Math.min(...atStarts)).toBe(3);
    expect(Math.max(...atStarts)).toBe(15);
    const discounted = solve(mdp, 0.99);
    expect(sum(starts.map((s) => discounted[s]!)) / 300).toBeCloseTo(6.3274643149, 9);
  });

  it('numbers its states as documented', () => {
    expect(taxiState({ row: 0, col: 0, passenger: 0, destination: 0 })).toBe(0);
    expect(taxiState({ row: 4, col: 4, passenger: 4, destination: 3 })).toBe(499);
    expect(solve(taxi(), 1)[328]).toBe(11);
  });
});

describe('forest, two-state, RiverSwim', () => {
  it('have the published values', () => {
    const values = solve(forest(), 0.9);
    expect(values[0]).toBeCloseTo(26.244, 9);
    expect(values[1]).toBeCloseTo(29.484, 9);
    expect(values[2]).toBeCloseTo(33.484, 9);
    const puterman = solve(putermanTwoState(), 0.95);
    expect(puterman[0]).toBeCloseTo(-60 / 7, 9);
    expect(puterman[1]).toBeCloseTo(-20, 9);
    expect(solve(riverSwim(), 0.95)[0]).toBeCloseTo(4.66930016, 8);
  });

  it('are well formed', () => {
    for (const mdp of [forest({ numStates: 10 }), putermanTwoState(), riverSwim(9)]) {
      expectWellFormed(mdp);
      expect(mdp.continues).toBeUndefined();
    }
    expect(putermanTwoState().actionMask).toEqual(Uint8Array.of(1, 1, 1, 0));
  });
});

describe('rings, the die, the chain, the taxicab', () => {
  it('are well formed and have the published sizes', () => {
    for (const [size, transitions] of [
      [3, 28],
      [5, 244],
      [7, 2188],
    ] as const) {
      const ring = herman(size);
      expectWellFormed(ring);
      expect(ring.col.length).toBe(transitions);
    }
    expect([...herman(3).col.subarray(8, 10)]).toEqual([2, 6]);
    expect([...herman(3).goal!]).toEqual([1, 2, 3, 4, 5, 6]);
    expectWellFormed(israeliJalfon(3));
    expect(israeliJalfon(3).numStates).toBe(7);
    for (const mdp of [knuthYao(), haddadMonmege(5), howardTaxicab()]) expectWellFormed(mdp);
    expect(howardTaxicab().actionMask).toEqual(Uint8Array.of(1, 1, 1, 1, 1, 0, 1, 1, 1));
    expect(() => herman(4)).toThrow(/odd/);
  });
});

describe('consensus', () => {
  it('has the published sizes', () => {
    const mdp = consensus(2, 2);
    expectWellFormed(mdp);
    expect(mdp.numStates).toBe(272);
    expect(sum(mdp.actionMask!)).toBe(400);
    expect(mdp.col.length).toBe(492);
    expect(consensus(2, 4).numStates).toBe(528);
    expect(consensus(4, 2).numStates).toBe(22656);
    const { finished, allHeads, agree } = mdp.labels!;
    for (let s = 0; s < mdp.numStates; s++) {
      expect(allHeads![s]!).toBeLessThanOrEqual(agree![s]!);
      expect(agree![s]!).toBeLessThanOrEqual(finished![s]!);
    }
  });
});

describe('foldTerminations', () => {
  it('leaves the values as they are', () => {
    for (const mdp of [frozenLake(), cliffWalking({ slippery: true }), taxi(), riverSwim()]) {
      const folded = foldTerminations(mdp);
      expectWellFormed(folded);
      expect(folded.continues).toBeUndefined();
      expect(folded.transitionRewards).toBeUndefined();
      const want = solve(mdp, 0.95);
      const got = solve(folded, 0.95);
      for (let s = 0; s < mdp.numStates; s++) expect(got[s]).toBeCloseTo(want[s]!, 10);
    }
  });
});

describe('CsrBuilder', () => {
  it('sorts rows but keeps the order inside a row', () => {
    const builder = new CsrBuilder(2, 1);
    builder.add(1, 0, 0, 1);
    builder.add(0, 0, 1, 0.25, 8);
    builder.add(0, 0, 0, 0.5, 2);
    const mdp = builder.build();
    expect([...mdp.rowPtr]).toEqual([0, 2, 3]);
    expect([...mdp.col]).toEqual([1, 0, 0]);
    expect([...mdp.rewards]).toEqual([3, 0]);
    expect([...mdp.transitionRewards!]).toEqual([8, 2, 0]);
  });
});

describe('random problems', () => {
  it('garnet rows have distinct successors and mass one, and depend on the seed', () => {
    const options = { numStates: 30, numActions: 3, branching: 5, seed: 4 };
    const mdp = garnet(options);
    expectWellFormed(mdp);
    for (let row = 0; row < 90; row++) {
      const slice = [mdp.rowPtr[row]!, mdp.rowPtr[row + 1]!] as const;
      expect(new Set(mdp.col.subarray(...slice)).size).toBe(5);
      expect(sum(mdp.prob.subarray(...slice))).toBeCloseTo(1, 12);
    }
    expect(garnet(options)).toEqual(mdp);
    expect(garnet({ ...options, seed: 5 }).col).not.toEqual(mdp.col);
    expect(() => garnet({ ...options, branching: 31 })).toThrow(/branching/);
  });

  it('garnet successors are spread evenly', () => {
    const mdp = garnet({ numStates: 10, numActions: 2, branching: 10 });
    expect([...mdp.col.subarray(0, 10)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const wide = garnet({ numStates: 200, numActions: 10, branching: 4 });
    // Mean of 8000 draws from 0..199: standard error 0.65.
    expect(Math.abs(sum(wide.col) / wide.col.length - 99.5)).toBeLessThan(4);
  });

  it('randomSparse follows its formula', () => {
    const mdp = randomSparse(800);
    expectWellFormed(mdp);
    expect(mdp.col.length).toBe(800 * 4 * 8);
    const row = 123;
    const weights = Array.from({ length: 8 }, (_, k) => 1 + (hash(2, row * 8 + k) >>> 8));
    for (let k = 0; k < 8; k++) {
      const entry = row * 8 + k;
      expect(mdp.col[entry]).toBe(k * 100 + Math.floor(hash(1, entry) * (100 / 2 ** 32)));
      expect(mdp.prob[entry]).toBe(weights[k]! / sum(weights));
    }
    expect(mdp.rewards[row]).toBe(uniform(3, row));
  });
});

describe('gridWorld', () => {
  it('has the closed-form values without slip', () => {
    const mdp = gridWorld({ rows: 7, cols: 5 });
    expectWellFormed(mdp);
    const values = solve(mdp, 0.99);
    for (let s = 0; s < 35; s++) {
      const distance = 6 - Math.floor(s / 5) + (4 - (s % 5));
      expect(values[s]).toBeCloseTo(-100 * (1 - 0.99 ** distance), 10);
    }
  });

  it('goes round walls and slips sideways', () => {
    const maze = gridWorld({ rows: 2, cols: 3, walls: [1], goals: [2] });
    expect(solve(maze, 1)[0]).toBe(-4);
    const slippery = gridWorld({ rows: 3, cols: 3, slip: 0.2 });
    expectWellFormed(slippery);
    expect([...slippery.prob.subarray(0, 3)]).toEqual([0.8, 0.1, 0.1]);
    expect(() => gridWorld({ rows: 2, cols: 2, goals: [0], walls: [0] })).toThrow(/walls/);
  });
});

describe('inventory', () => {
  it("has the rewards and probabilities of Puterman's table", () => {
    const mdp = inventory();
    // Section 3.2.2: r(stock, order), and no order above the capacity.
    const allowed = [...mdp.rewards].map((r, row) => (mdp.actionMask![row] === 1 ? r : null));
    expect(allowed).toEqual([
      ...[0, -1, -2, -5],
      ...[5, 0, -3, null],
      ...[6, -1, null, null],
      ...[5, null, null, null],
    ]);
    const row = (r: number) => [...mdp.prob.subarray(mdp.rowPtr[r]!, mdp.rowPtr[r + 1]!)];
    expect(row(0)).toEqual([1]);
    expect(row(1)).toEqual([0.25, 0.75]);
    expect(row(2)).toEqual([0.25, 0.5, 0.25]);
    expectWellFormed(mdp);
  });

  it('takes a Poisson demand, whose tail sells out', () => {
    const demand = poissonDemand(2.5, 20);
    expect(sum(demand)).toBeCloseTo(1, 14);
    expect(demand[3]).toBeCloseTo((Math.exp(-2.5) * 2.5 ** 3) / 6, 14);
    expectWellFormed(inventory({ capacity: 20, demand }));
    expect(() => inventory({ demand: [0.5, 0.2] })).toThrow(/demand/);
    expect(() => poissonDemand(-1, 3)).toThrow(/mean/);
  });
});

describe('machineReplacement', () => {
  it('replaces from some condition on, at the value of its closed form', () => {
    const mdp = machineReplacement({ numStates: 8, wear: 1, replacementCost: 3 });
    const values = solve(mdp, 0.9);
    // Always worse by one: keep in 0 .. n − 1, replace in n; V(0) = −(Σ 0.9^t t + 3 · 0.9^n) / (1 − 0.9^n)
    // with the new machine's first period being the replacement's.
    const cost = (n: number) => {
      let total = 3 * 0.9 ** n;
      for (let t = 1; t < n; t++) total += 0.9 ** t * t;
      return total / (1 - 0.9 ** n);
    };
    const best = Math.min(...[2, 3, 4, 5, 6, 7].map(cost));
    expect(values[0]).toBeCloseTo(-best, 10);
    expect(() => machineReplacement({ wear: 2 })).toThrow(/wear/);
    expectWellFormed(mdp);
  });
});

describe('tandemQueue', () => {
  it('has transitions of uniformised rates', () => {
    const mdp = tandemQueue({ capacities: [2, 1], speeds: [0, 1] });
    expectWellFormed(mdp);
    expect(mdp.numStates).toBe(6);
    // One waiting at each station, speed 1: the second is full and blocks.
    const row = (1 * 2 + 1) * 2 + 1;
    const entries = Array.from(mdp.col.subarray(mdp.rowPtr[row]!, mdp.rowPtr[row + 1]!));
    expect(entries).toEqual([5, 2, 3]);
    expect(mdp.rewards[row]).toBeCloseTo(-(2 + 1) / 2, 14);
    const values = solve(mdp, 0.9);
    expect(values[5]!).toBeLessThan(values[0]!);
    expect(() => tandemQueue({ speeds: [] })).toThrow(/speeds/);
    expect(() => tandemQueue({ arrivalRate: -1 })).toThrow(/arrivalRate/);
    expect(() => tandemQueue({ arrivalRate: 0, speeds: [0], serviceRate: 0 })).toThrow(/rate/);
  });
});

describe('sisEpidemic', () => {
  it('moves by two binomial numbers', () => {
    const mdp = sisEpidemic({ population: 6, contactRates: [1.5], measureCosts: [0] });
    expectWellFormed(mdp);
    // Nobody is infected by nobody.
    expect([...mdp.col.subarray(0, mdp.rowPtr[1]!)]).toEqual([0]);
    const caught = 1 - Math.exp(-1.5 / 3);
    for (let next = 0, at = mdp.rowPtr[2]!; next <= 6; next++, at++) {
      let p = 0;
      for (let still = 0; still <= 2; still++)
        p += choose(2, still, 0.7) * choose(4, next - still, caught);
      expect(mdp.prob[at]).toBeCloseTo(p, 13);
    }
    expect(() => sisEpidemic({ contactRates: [1], measureCosts: [] })).toThrow(/measureCosts/);
    expect(() => sisEpidemic({ recovery: 2 })).toThrow(/recovery/);
    expectWellFormed(sisEpidemic({ population: 300 }));
  });

  function choose(n: number, k: number, p: number): number {
    if (k < 0 || k > n) return 0;
    let ways = 1;
    for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1);
    return ways * p ** k * (1 - p) ** (n - k);
  }
});

describe('pendulumGrid', () => {
  it('is best upright and at rest, and mirrors', () => {
    const mdp = pendulumGrid({ numAngles: 21, numSpeeds: 21, numTorques: 3 });
    expectWellFormed(mdp);
    const values = solve(mdp, 0.95);
    const best = values.indexOf(Math.max(...values));
    expect(best).toBe(10); // angle 0, speed 0
    for (const [angle, speed] of [
      [3, 4],
      [9, 15],
    ] as const) {
      const mirrored = (21 - angle) * 21 + (20 - speed);
      expect(values[angle * 21 + speed]).toBeCloseTo(values[mirrored]!, 9);
    }
  });
});

describe('gridWorld3d', () => {
  it('has the closed-form values without slip, and a quarter of the slip to each side', () => {
    const mdp = gridWorld3d({ layers: 3, rows: 4, cols: 2 });
    const values = solve(mdp, 1);
    for (let s = 0; s < 24; s++) {
      const [layer, row, col] = [Math.floor(s / 8), Math.floor(s / 2) % 4, s % 2];
      expect(values[s]).toBe(-(2 - layer + (3 - row) + (1 - col)) || 0);
    }
    const slippery = gridWorld3d({ layers: 3, rows: 3, cols: 3, slip: 0.2, goals: [0] });
    expectWellFormed(slippery);
    const first = slippery.rowPtr[13 * 6]!; // the middle, along the layers
    expect([...slippery.col.subarray(first, first + 5)]).toEqual([4, 10, 16, 12, 14]);
    expect([...slippery.prob.subarray(first, first + 5)]).toEqual([0.8, 0.05, 0.05, 0.05, 0.05]);
    expect(() => gridWorld3d({ layers: 1, rows: 1, cols: 1, goals: [1] })).toThrow(/goals/);
    expect(() => gridWorld3d({ layers: 0, rows: 1, cols: 1 })).toThrow(/layers/);
  });
});

describe('randomDeterministic', () => {
  it('is one certain successor a row, and depends on the seed', () => {
    const mdp = randomDeterministic(50, 3, 1);
    expectWellFormed(mdp);
    expect(mdp.prob.every((p) => p === 1)).toBe(true);
    expect(mdp.col.length).toBe(150);
    expect(randomDeterministic(50, 3, 2).col).not.toEqual(mdp.col);
    expect(new Set(mdp.col).size).toBeGreaterThan(35);
  });
});

describe('problem by name', () => {
  it('makes every listed problem', () => {
    const numbers: Record<string, string> = {
      garnet: '(20,2,3)',
      random_sparse: '(64)',
      grid: '(3,4)',
      grid3d: '(2,3,4,0.2)',
      random_deterministic: '(30)',
      pendulum: '(11,9)',
    };
    for (const listed of problemNames()) {
      const name = listed.replace(/\(.*/, '');
      expectWellFormed(problem(name + (numbers[name] ?? '')));
    }
    expect(problem('forest(3,4,2,0.1)')).toEqual(forest());
    expect(problem(' garnet(20, 2, 3, 9) ').numStates).toBe(20);
  });

  it('refuses what it does not know', () => {
    const bad = ['toString', 'taxi(1)', 'garnet(1)', 'garnet(4,2,x)', 'riverswim(,)', 'a b', ''];
    for (const name of bad) expect(() => problem(name)).toThrow(/problem: name/);
  });
});
