/** The safest short way across a map: walls, a costly field beside them, and a goal. */
import { valueIterationGrid } from 'belfry/bellman';

const map = [
  '..........#.....',
  '.######...#..~~.',
  '.#....#...#..~~.',
  '.#.##.#......~~.',
  '.#.#..#...####..',
  '...#......#....G',
];
const shape = [map.length, map[0]!.length];
const cells = [...map.join('')];
const flags = (letter: string) => ({
  data: Uint8Array.from(cells, (cell) => (cell === letter ? 1 : 0)),
  shape,
});

const { vStar, policyStar, converged, iterations } = valueIterationGrid<Float64Array>({
  terminal: flags('G'),
  blocked: flags('#'),
  // Arriving in the field costs 5 more.
  cellRewards: { data: Float64Array.from(cells, (cell) => (cell === '~' ? -5 : 0)), shape },
  gamma: 1,
});

const width = shape[1]!;
const offsets = [-width, width, -1, 1];
/** Cells from the corner to the goal. */
export const route: number[] = [0];
while (cells[route.at(-1)!] !== 'G') {
  route.push(route.at(-1)! + offsets[policyStar.data[route.at(-1)!]!]!);
}
export const cost: number = -vStar.data[0]!;
export const solved: boolean = converged === 1;

const drawn = cells.map((cell, at) => (cell === '.' && route.includes(at) ? '*' : cell)).join('');
for (let row = 0; row < shape[0]!; row++) console.log(drawn.slice(row * width, (row + 1) * width));
console.log(`cost ${cost}, ${iterations} sweeps`);
