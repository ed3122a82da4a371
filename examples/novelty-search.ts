/**
 * Exploring without a reward (arXiv 2203.01027): a three-joint arm whose genomes are kept for the
 * novelty of where the hand ends, and the book-keeping once a reward is found.
 */
import {
  crowdingDistance,
  emitterBookkeeping,
  nondominatedSort,
  noveltyKnn,
  pathSignature,
} from 'belfry/bellman';

import { normal, seeded } from './lib/random.js';

type Genome = [number, number, number];
const size = 20;

function hand(genome: Genome): [number, number] {
  let [x, y, angle] = [0, 0, 0];
  for (const turn of genome) {
    angle += turn;
    x += Math.cos(angle) / 3;
    y += Math.sin(angle) / 3;
  }
  return [x, y];
}
const cellOf = (genome: Genome): string =>
  hand(genome)
    .map((z) => Math.floor(10 * z))
    .join();

/** Cells of the plane reached in forty generations, and the last population. */
function evolve(byNovelty: boolean): { cells: number; population: Genome[] } {
  const random = seeded(43);
  const mutate = (genome: Genome): Genome => genome.map((x) => x + 0.15 * normal(random)) as Genome;
  let population: Genome[] = Array.from({ length: size }, () => mutate([0, 0, 0]));
  const archive: Genome[] = [];
  const cells = new Set<string>();
  for (let generation = 0; generation < 40; generation++) {
    const all = [...population, ...population.map(mutate), ...population.map(mutate)];
    for (const genome of all) cells.add(cellOf(genome));
    const points = (genomes: Genome[]) => ({
      data: Float64Array.from(genomes.flatMap(hand)),
      shape: [genomes.length, 2],
    });
    const { novelty } = noveltyKnn({ bd: points(all), reference: points([...all, ...archive]) });
    const ranked = all
      .map((genome, i) => ({ genome, key: byNovelty ? novelty.data[i]! : random() }))
      .sort((a, b) => b.key - a.key)
      .map(({ genome }) => genome);
    archive.push(...ranked.slice(0, 5));
    population = ranked.slice(0, size);
  }
  return { cells: cells.size, population };
}

const novel = evolve(true);
export const noveltyCells: number = novel.cells;
export const randomCells: number = evolve(false).cells;

// Trade off two wishes: the hand high up, and the arm hardly bent.
const high = Float64Array.from(novel.population, (genome) => hand(genome)[1]);
const straight = Float64Array.from(novel.population, (genome) => -Math.hypot(...genome));
const { rank } = nondominatedSort({ objective1: high, objective2: straight });
const order = Int32Array.from(rank.data.keys()).filter((i) => rank.data[i] === 0);
export const front: { high: number; straight: number }[] = Array.from(order, (i) => ({
  high: high[i]!,
  straight: straight[i]!,
}));
export const crowding: number[] = Array.from(
  crowdingDistance({ objective1: high, objective2: straight, front: order, convention: 'standard' })
    .distance.data,
);

export const emitter: { improvement: number; sigma: number } = emitterBookkeeping({
  rewardHistory: { data: Float64Array.of(0, 0, 0, 0.2, 0.4, 0.6), shape: [6, 1] },
  genomes: { data: Float64Array.from(novel.population.flat()), shape: [size, 3] },
  index: 0,
});

/** Signature of a path, to compare behaviours by: a closed loop encloses an area of one. */
const loop = { data: Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1, 0, 0), shape: [5, 2] };
export const signature: number[] = Array.from(
  pathSignature({ path: loop, depth: 2 }).signature.data,
);
console.log(
  `${noveltyCells} cells by novelty, ${randomCells} by chance; ${front.length} on the front; ` +
    `area of the loop ${(signature[3]! - signature[4]!) / 2}`,
);
