/** The words of forests, node by node. */
import { integers, type Reference, type ReferenceCase } from '../golden.js';
import { deep, forestArrays, packedWords, stump, type Tree } from '../lib/forest.js';

function goldenCase(name: string, forest: Tree[], width: number): ReferenceCase {
  const words = packedWords(forest);
  return {
    name,
    inputs: forestArrays(forest),
    params: { num_features: width },
    expected: { nodes: integers([words.length / 4, 4], words) },
    atol: 0,
    rtol: 0,
  };
}

export const reference: Reference = {
  family: 'fitted-q',
  op: 'extra_trees_pack',
  cases: [
    goldenCase('a stump', [stump], 1),
    goldenCase('three trees', [deep, 1.5, stump], 2),
    goldenCase('leaves alone need no attributes', [0.5, -3], 0),
    goldenCase('no trees', [], 2),
  ],
};
