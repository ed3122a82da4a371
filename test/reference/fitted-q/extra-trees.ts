/** Importance of features from the rows of every node, and means of rows in trees that stay. */
import { integers, type Reference, type ReferenceCase, reals } from '../golden.js';
import { generator } from '../lib/arrays.js';
import { deep, forestArrays, nodesOf, stump, type Tree } from '../lib/forest.js';

interface Rows {
  x: number[][];
  y: number[];
  weight: number[];
}

const add = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
const pick = ({ x, y, weight }: Rows, keep: (row: number) => boolean): Rows => {
  const rows = [...y.keys()].filter(keep);
  const of = <V>(values: V[]) => rows.map((row) => values[row] as V);
  return { x: of(x), y: of(y), weight: of(weight) };
};
const meanOf = ({ y, weight }: Rows): number =>
  add(y.map((value, i) => value * (weight[i] as number))) / add(weight);

/** Σ w (y − mean)². */
function squaredError(rows: Rows): number {
  const mean = rows.y.length === 0 ? 0 : meanOf(rows);
  return add(rows.y.map((value, i) => (rows.weight[i] as number) * (value - mean) ** 2));
}

/** Pre-order, left first: every attribute that varies draws a test, and the best one wins. */
function grow(rows: Rows, nMin: number, draw: () => number): Tree {
  const isLeaf = rows.y.length < nMin || new Set(rows.y).size === 1;
  let best: { attribute: number; threshold: number; score: number } | undefined;
  const width = isLeaf ? 0 : (rows.x[0] as number[]).length;
  for (let attribute = 0; attribute < width; attribute++) {
    const values = rows.x.map((row) => row[attribute] as number);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    if (low === high) continue;
    const threshold = low + draw() * (high - low);
    const [left, right] = parts(rows, attribute, threshold);
    if (left.y.length === 0 || right.y.length === 0) continue;
    const score = 1 - (squaredError(left) + squaredError(right)) / squaredError(rows);
    if (best !== undefined && score <= best.score + 1e-12) continue;
    best = { attribute, threshold, score };
  }
  if (best === undefined) return meanOf(rows);
  const [left, right] = parts(rows, best.attribute, best.threshold);
  const { attribute, threshold } = best;
  return { attribute, threshold, left: grow(left, nMin, draw), right: grow(right, nMin, draw) };
}

function parts(rows: Rows, attribute: number, threshold: number): [Rows, Rows] {
  const goesLeft = (row: number) => ((rows.x[row] as number[])[attribute] as number) < threshold;
  return [pick(rows, goesLeft), pick(rows, (row) => !goesLeft(row))];
}

/** Adds to each attribute by how much the squared error is less on both sides of its tests. */
function addDecreases(tree: Tree, rows: Rows, to: number[]): void {
  if (typeof tree === 'number') return;
  const [left, right] = parts(rows, tree.attribute, tree.threshold);
  const decrease = squaredError(rows) - squaredError(left) - squaredError(right);
  to[tree.attribute] = (to[tree.attribute] as number) + decrease;
  addDecreases(tree.left, left, to);
  addDecreases(tree.right, right, to);
}

const shares = (values: number[]): number[] => {
  const sum = add(values);
  return sum === 0 ? values : values.map((value) => value / sum);
};

/** As scikit-learn does: shares of a tree, averaged over those that split, as shares again. */
function importanceOf(forest: Tree[], rows: Rows, width: number): number[] {
  const all = new Array<number>(width).fill(0);
  const split = forest.filter((tree) => typeof tree !== 'number');
  for (const tree of split) {
    const own = new Array<number>(width).fill(0);
    addDecreases(tree, rows, own);
    shares(own).forEach((share, i) => {
      all[i] = (all[i] as number) + share / split.length;
    });
  }
  return shares(all);
}

/** Means of the nodes in pre-order; one without rows keeps its value. */
function means(tree: Tree, rows: Rows): number[] {
  const old = typeof tree === 'number' ? tree : 0;
  const own = rows.y.length > 0 ? meanOf(rows) : old;
  if (typeof tree === 'number') return [own];
  const [left, right] = parts(rows, tree.attribute, tree.threshold);
  return [own, ...means(tree.left, left), ...means(tree.right, right)];
}

function sample(seed: number, count: number, width: number, weights?: number[]): Rows {
  const { fill } = generator(seed);
  const data = fill([count, width], -1, 1).data;
  const x = Array.from({ length: count }, (_, i) => data.slice(i * width, (i + 1) * width));
  // Of few binary digits: tests that part two rows alike tie in float32, too.
  const y = x.map(([a = 0, b = 0]) => Math.round(64 * (Math.sin(3 * a) + 0.25 * b)) / 64);
  return { x, y, weight: weights ?? y.map(() => 1) };
}

const operands = ({ x, y, weight }: Rows, width: number, weighted: boolean) => ({
  x: reals([y.length, width], x.flat()),
  y: reals([y.length], y),
  ...(weighted ? { weight: reals([y.length], weight) } : {}),
});

const exact = { atol: 1e-11, rtol: 1e-11 };

function grownCase(name: string, rows: Rows, width: number, nMin: number, weighted: boolean) {
  const uniforms = generator(7).fill([400], 0, 0.999).data;
  let used = 0;
  const kept = pick(rows, (row) => (rows.weight[row] as number) > 0);
  const tree = grow(kept, nMin, () => uniforms[used++] as number);
  const values = means(tree, kept);
  return {
    name,
    inputs: { ...operands(rows, width, weighted), uniforms: reals([400], uniforms) },
    params: { n_min: nMin, outputs: ['feature', 'value', 'featureImportance'] },
    expected: {
      feature: integers(
        [values.length],
        nodesOf(tree).map(({ feature }) => feature),
      ),
      value: reals([values.length], values),
      feature_importance: reals([width], importanceOf([tree], kept, width)),
    },
    ...exact,
  };
}

function refitCase(name: string, forest: Tree[], rows: Rows, weighted: boolean): ReferenceCase {
  const kept = pick(rows, (row) => (rows.weight[row] as number) > 0);
  const values = forest.flatMap((tree) => means(tree, kept));
  return {
    name,
    inputs: { ...forestArrays(forest), ...operands(rows, 2, weighted) },
    params: { outputs: ['newValue', 'featureImportance'] },
    expected: {
      new_value: reals([values.length], values),
      feature_importance: reals([2], importanceOf(forest, kept, 2)),
    },
    ...exact,
  };
}

const weights = (count: number) => Array.from({ length: count }, (_, i) => (i % 4) / 2);
const none: Rows = { x: [], y: [], weight: [] };

export const reference: Reference = {
  folder: 'forms/fitted-q',
  family: 'fitted-q',
  op: 'extra_trees',
  cases: [
    grownCase('importance, a tree down to single rows', sample(1, 24, 3), 3, 2, false),
    grownCase('importance, leaves of several rows', sample(2, 40, 2), 2, 6, false),
    grownCase('importance, weights', sample(3, 30, 3, weights(30)), 3, 3, true),
    grownCase('importance, a leaf alone', { ...sample(4, 5, 2), y: [1, 1, 1, 1, 1] }, 2, 2, false),
    refitCase('refit, three trees', [deep, 1.5, stump], sample(5, 50, 2), false),
    refitCase('refit, weights', [stump, deep], sample(6, 21, 2, weights(21)), true),
    refitCase('refit, leaves that no row reaches', [deep], sample(8, 3, 2), false),
    refitCase('refit, no rows', [deep, stump], none, false),
    refitCase('refit, leaves alone', [0.5, -3], sample(9, 4, 2), false),
  ],
};
