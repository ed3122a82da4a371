/** Trees as they are drawn, and as the arrays and the words that hold them. */
import { type GoldenArray, integers, reals } from '../golden.js';

/** A leaf's value, or a test of an attribute with what is left and right of it. */
export type Tree = number | { attribute: number; threshold: number; left: Tree; right: Tree };

export interface Node {
  feature: number;
  threshold: number;
  right: number;
  value: number;
}

/** Nodes in pre-order; children counted from the first node of their tree. */
export function nodesOf(tree: Tree, first = 0): Node[] {
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

/** The operands of a forest. */
export function forestArrays(forest: Tree[]): Record<string, GoldenArray> {
  const nodes = forest.flatMap((tree) => nodesOf(tree));
  const column = (name: keyof Node): number[] => nodes.map((node) => node[name]);
  return {
    feature: integers([nodes.length], column('feature')),
    threshold: reals([nodes.length], column('threshold')),
    right: integers([nodes.length], column('right')),
    value: reals([nodes.length], column('value')),
    ...treeOffsets(forest),
  };
}

export function treeOffsets(forest: Tree[]): { tree_offsets: GoldenArray } {
  const offsets = [0];
  for (const tree of forest) offsets.push((offsets.at(-1) as number) + nodesOf(tree).length);
  return { tree_offsets: integers([offsets.length], offsets) };
}

/** Four words a node: a float64, low word first, the attribute, the way to the right child. */
export function packedWords(forest: Tree[]): number[] {
  return forest.flatMap((tree) =>
    nodesOf(tree).flatMap(({ feature, threshold, right, value }, i) => {
      const isLeaf = feature < 0;
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, isLeaf ? value : threshold, true);
      const real = [view.getInt32(0, true), view.getInt32(4, true)];
      return [...real, isLeaf ? 0 : feature, isLeaf ? 0 : right - i];
    }),
  );
}

export const stump: Tree = { attribute: 0, threshold: 0.5, left: -1, right: 2 };
export const deep: Tree = {
  attribute: 1,
  threshold: 0,
  left: { attribute: 0, threshold: -0.25, left: 0.125, right: stump },
  right: { attribute: 1, threshold: 3, left: stump, right: 7.75 },
};
