/** Rows walked down trees of a forest, one at a time. */
import { integers, type Reference, type ReferenceCase, reals } from '../golden.js';
import { deep, forestArrays, packedWords, stump, type Tree, treeOffsets } from '../lib/forest.js';

/** What is not left of a threshold, NaN too, is right of it. */
function predict(tree: Tree, x: number[]): number {
  if (typeof tree === 'number') return tree;
  return predict((x[tree.attribute] as number) < tree.threshold ? tree.left : tree.right, x);
}

/** A forest as its arrays, and packed. */
function goldenCases(
  name: string,
  forest: Tree[],
  rows: number[][],
  width: number,
): ReferenceCase[] {
  const sum = (x: number[]) => forest.reduce<number>((all, tree) => all + predict(tree, x), 0);
  const predictions = rows.map((x) => sum(x) / forest.length);
  const common = {
    params: {},
    expected: { prediction: reals([rows.length], predictions) },
    atol: 1e-12,
    rtol: 1e-12,
  };
  const queries = { x_query: reals([rows.length, width], rows.flat()) };
  const words = packedWords(forest);
  const nodes = integers([words.length / 4, 4], words);
  return [
    { name, inputs: { ...forestArrays(forest), ...queries }, ...common },
    { name: `${name}, packed`, inputs: { nodes, ...treeOffsets(forest), ...queries }, ...common },
  ];
}

/** Words that no tree has: a row that comes by there has no value. */
function unsound(name: string, change: (words: number[]) => void, expected: number[]) {
  const words = packedWords([stump, 1]);
  change(words);
  return {
    name,
    inputs: {
      nodes: integers([4, 4], words),
      ...treeOffsets([stump, 1]),
      x_query: reals([2, 1], [0, 1]),
    },
    params: {},
    expected: { prediction: reals([2], expected) },
    atol: 1e-12,
    rtol: 1e-12,
  };
}

const rows = [
  [0, 0],
  [0.5, -1],
  [-0.3, -0.001],
  [0.75, 3],
  [Number.NaN, 2],
  [0.25, Number.NaN],
];

const many = Array.from({ length: 37 }, (_, i) => (i % 3 === 0 ? deep : i % 3 === 1 ? stump : i));
const feature = 2;
const right = 3;

export const reference: Reference = {
  family: 'fitted-q',
  op: 'extra_trees_predict',
  cases: [
    ...goldenCases('a stump', [stump], rows, 2),
    ...goldenCases('three trees', [deep, 1.5, stump], rows, 2),
    ...goldenCases('more trees than a warp has lanes', many, rows, 2),
    ...goldenCases('leaves alone need no attributes', [0.5, -3], [[], []], 0),
    ...goldenCases('no rows', [deep], [], 2),
    ...goldenCases('no trees', [], rows, 2),
    unsound(
      'packed, an attribute that no row has',
      (words) => {
        words[feature] = 1;
      },
      [Number.NaN, Number.NaN],
    ),
    unsound(
      'packed, out of its tree into the next',
      (words) => {
        words[right] = 3;
      },
      [Number.NaN, Number.NaN],
    ),
    unsound(
      'packed, back to where it came from',
      (words) => {
        words[4 + right] = -1;
      },
      [Number.NaN, 1.5],
    ),
  ],
};
