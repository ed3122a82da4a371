/** Rows walked down trees of a forest, one at a time. */
import { integers, type Reference, type ReferenceCase, reals } from '../golden.js';

/** A leaf's value, or a test of an attribute with what is left and right of it. */
type Tree = number | { attribute: number; threshold: number; left: Tree; right: Tree };

interface Node {
  feature: number;
  threshold: number;
  right: number;
  value: number;
}

/** Nodes in pre-order; children counted from the first node of their tree. */
function nodesOf(tree: Tree, first = 0): Node[] {
  if (typeof tree === 'number') return [{ feature: -1, threshold: 0, right: -1, value: tree }];
  const left = nodesOf(tree.left, first + 1);
  const right = first + 1 + left.length;
  const { attribute, threshold } = tree;
  return [
    { feature: attribute, threshold, right, value: 0 },
    ...left,
    ...nodesOf(tree.right, right),
  ];
}

/** What is not left of a threshold, NaN too, is right of it. */
function predict(tree: Tree, x: number[]): number {
  if (typeof tree === 'number') return tree;
  return predict((x[tree.attribute] as number) < tree.threshold ? tree.left : tree.right, x);
}

function goldenCase(name: string, forest: Tree[], rows: number[][], width: number): ReferenceCase {
  const trees = forest.map((tree) => nodesOf(tree));
  const nodes = trees.flat();
  const ends = trees.map((_, i) => trees.slice(0, i + 1).flat().length);
  const predictions = rows.map(
    (x) => forest.reduce<number>((sum, tree) => sum + predict(tree, x), 0) / forest.length,
  );
  const column = (name: keyof Node): number[] => nodes.map((node) => node[name]);
  return {
    name,
    inputs: {
      feature: integers([nodes.length], column('feature')),
      threshold: reals([nodes.length], column('threshold')),
      right: integers([nodes.length], column('right')),
      value: reals([nodes.length], column('value')),
      tree_offsets: integers([trees.length + 1], [0, ...ends]),
      x_query: reals([rows.length, width], rows.flat()),
    },
    params: {},
    expected: { prediction: reals([rows.length], predictions) },
    atol: 1e-12,
    rtol: 1e-12,
  };
}

const stump: Tree = { attribute: 0, threshold: 0.5, left: -1, right: 2 };
const deep: Tree = {
  attribute: 1,
  threshold: 0,
  left: { attribute: 0, threshold: -0.25, left: 0.125, right: stump },
  right: { attribute: 1, threshold: 3, left: stump, right: 7.75 },
};
const rows = [
  [0, 0],
  [0.5, -1],
  [-0.3, -0.001],
  [0.75, 3],
  [Number.NaN, 2],
  [0.25, Number.NaN],
];

export const reference: Reference = {
  family: 'fitted-q',
  op: 'extra_trees_predict',
  cases: [
    goldenCase('a stump', [stump], rows, 2),
    goldenCase('three trees', [deep, 1.5, stump], rows, 2),
    goldenCase('no rows', [deep], [], 2),
    goldenCase('no trees', [], rows, 2),
  ],
};
