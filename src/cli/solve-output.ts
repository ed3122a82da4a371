/** What `belfry solve` prints and saves. */
import { writeFileSync } from 'node:fs';

import type { AnyMdp } from '../bellman/mdp.js';
import { sizeOf } from '../bellman/models/memory.js';
import type { SolveAnswer } from '../bellman/solve.js';
import { renderValueMap } from '../demo/plots/value-map.js';
import { argumentError } from '../errors.js';
import { encodeNpy } from '../npy.js';
import type { RealArray, Tensor, TypedArray } from '../tensor.js';
import { formatCount, formatSeconds, formatTable } from './table.js';

type Answer = SolveAnswer<RealArray>;

export interface SolveFacts {
  file: string;
  device: string;
  seconds: number;
}

type Cell = [name: string, value: string];

/** The table above the values. */
export function summary(
  mdp: AnyMdp,
  answer: Answer,
  { file, device, seconds }: SolveFacts,
): string {
  const { numTransitions } = sizeOf(mdp);
  const cells: Cell[] = [
    ['model', file],
    ['states', formatCount(mdp.numStates)],
    ['actions', String(mdp.numActions)],
    ...(numTransitions === undefined ? [] : [['transitions', formatCount(numTransitions)] as Cell]),
    ['kind', mdp.kind],
    ['device', device],
    ['iterations', String(answer.iterations)],
    ['time', formatSeconds(seconds)],
    ['certified ±', certified(answer)],
    ['converged', answer.converged ? 'yes' : 'no'],
  ];
  const table = formatTable(
    cells.map(([name]) => name),
    [cells.map(([, value]) => value)],
  );
  return `${answer.method}: ${answer.reason}\n${table}${gainOf(answer)}`;
}

function gainOf({ gain, gainLower, gainUpper }: Answer): string {
  if (gain === undefined) return '';
  return `\naverage reward per step ${gain}, between ${gainLower} and ${gainUpper}`;
}

function certified({ lower, upper }: Answer): string {
  if (lower === undefined || upper === undefined) return '';
  let widest = 0;
  upper.data.forEach((high, s) => {
    const low = lower.data[s] as number;
    // Infinity between infinite bounds is exact.
    if (high !== low) widest = Math.max(widest, high - low);
  });
  return Number.isFinite(widest) ? (widest / 2).toExponential(1) : 'no bound';
}

/** Names of the axes along which values lie, and where the i-th value lies on them. */
interface Places {
  axes: readonly string[];
  at(index: number): number[];
}

function placesOf(mdp: AnyMdp, { values }: Answer): Places {
  if (mdp.kind === 'batch') {
    const { stateOffsets } = mdp;
    let model = 0;
    const at = (index: number): number[] => {
      if (index < (stateOffsets[model] as number)) model = 0;
      while (index >= (stateOffsets[model + 1] as number)) model++;
      return [model, index - (stateOffsets[model] as number)];
    };
    return { axes: ['model', 'state'], at };
  }
  if (values.shape.length === 1) return { axes: ['state'], at: (index) => [index] };
  const numStates = values.shape[1] as number;
  const outer = mdp.kind === 'shared' ? 'model' : 'step';
  const at = (index: number): number[] => [Math.floor(index / numStates), index % numStates];
  return { axes: [outer, 'state'], at };
}

/** The first `count` states. */
export function states(mdp: AnyMdp, answer: Answer, count: number): string {
  const { values, lower, upper, policy } = answer;
  const { axes, at } = placesOf(mdp, answer);
  const columns = [
    { name: 'value', data: values.data, rounding: 0 },
    ...(lower === undefined ? [] : [{ name: 'at least', data: lower.data, rounding: -1 }]),
    ...(upper === undefined ? [] : [{ name: 'at most', data: upper.data, rounding: 1 }]),
  ];
  const rows = Array.from(values.data.subarray(0, count), (_, index) => {
    const place = at(index).map((number, axis) => `${axes[axis]} ${number}`);
    const cells = columns.map(({ data, rounding }) => digits(data[index] as number, rounding));
    const row = [place.join(' '), ...cells];
    return policy === undefined ? row : [...row, String(policy.data[index] ?? '')];
  });
  const more = values.data.length > count ? `\n… ${values.data.length - count} more states` : '';
  const head = [
    '',
    ...columns.map(({ name }) => name),
    ...(policy === undefined ? [] : ['action']),
  ];
  return formatTable(head, rows) + more;
}

/** Eight digits; of a bound none that is on the wrong side (−1: no larger, 1: no smaller). */
function digits(x: number, rounding: number): string {
  const nearest = x.toPrecision(8);
  if (rounding * (Number(nearest) - x) >= 0) return nearest;
  const lastPlace = 10 ** (Math.floor(Math.log10(Math.abs(x))) - 7);
  return (x + (rounding * lastPlace) / 2).toPrecision(8);
}

/** @throws BelfryError BELFRY_INVALID_ARGUMENT unless the name has one of the endings */
export function checkEnding(option: string, path: string | undefined, endings: string[]): void {
  if (path === undefined || endings.some((ending) => path.endsWith(ending))) return;
  const expected = `a file that ends in ${endings.join(' or ')}`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', option, `is ${path}`, expected);
}

/** .npy: the values; .csv: a line per state; .json: everything. */
export function save(path: string, mdp: AnyMdp, answer: Answer): void {
  const { values } = answer;
  if (path.endsWith('.npy')) writeFileSync(path, encodeNpy(values.data, values.shape));
  else writeFileSync(path, path.endsWith('.csv') ? csvOf(mdp, answer) : jsonOf(answer));
}

function csvOf(mdp: AnyMdp, answer: Answer): string {
  const { values, policy } = answer;
  const { axes, at } = placesOf(mdp, answer);
  const lines = Array.from(values.data, (value, index) => {
    const cells = [...at(index), value];
    return (policy ? [...cells, policy.data[index] ?? ''] : cells).join(',');
  });
  const head = [...axes, 'value', ...(policy ? ['action'] : [])].join(',');
  return `${[head, ...lines].join('\n')}\n`;
}

function jsonOf(answer: Answer): string {
  const { values, policy, lower, upper } = answer;
  const { converged, iterations, method, reason, gain, gainLower, gainUpper } = answer;
  const lists = Object.fromEntries(
    Object.entries({ values, lower, upper, policy }).map(([name, tensor]) => [
      name,
      tensor && nested(tensor),
    ]),
  );
  const facts = { converged, iterations, method, reason, gain, gainLower, gainUpper };
  return `${JSON.stringify({ ...facts, ...lists })}\n`;
}

/** A list of numbers, or of the rows of a matrix. */
function nested({ data, shape }: Tensor<TypedArray>): unknown[] {
  const numbers = [...(data as RealArray)];
  if (shape.length === 1) return numbers;
  const [rows, length] = shape as [number, number];
  return Array.from({ length: rows }, (_, r) => numbers.slice(r * length, (r + 1) * length));
}

/** More cells than this make a drawing that no viewer opens. */
const mostCells = 40_000;
const style =
  'svg{font:12px system-ui,sans-serif;background:#fff}text{fill:#1b1f24}.cell{stroke:#fff}' +
  '.blocked{fill:#f4f6f8;stroke:#fff}.axis{stroke:#59636e}';

/**
 * A picture of the values of a board, with the actions of a grid.
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for a model that is no board, or too large a one
 */
export function saveMap(path: string, mdp: AnyMdp, answer: Answer, title: string): void {
  const layout = mdp.kind === 'sparse' ? mdp.layout : undefined;
  const cells = layout === undefined ? 0 : layout.rows * layout.cols;
  if (layout === undefined || cells > mostCells || cells > answer.values.data.length) {
    const received = layout === undefined ? 'asks for a map' : `asks for ${cells} cells`;
    const expected = `a model whose states lie on a board of at most ${mostCells} cells`;
    throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', '--map', received, expected);
  }
  const drawing = renderValueMap({
    kind: 'valueMap',
    title,
    rows: layout.rows,
    cols: layout.cols,
    values: answer.values.data.subarray(0, cells),
    ...(answer.policy && { policy: answer.policy.data }),
    ...(layout.glyphs && { glyphs: layout.glyphs }),
    ...(mdp.numActions === 4 && { actionArrows: arrows(title) }),
  });
  const open = `<svg xmlns="http://www.w3.org/2000/svg"`;
  const styled = drawing.replace('<svg', open).replace('>', `><style>${style}</style>`);
  writeFileSync(path, `${styled}\n`);
}

/** Names of the four moves: each family of boards numbers them in its own way. */
function arrows(file: string): string[] {
  if (file.includes('frozenlake')) return ['←', '↓', '→', '↑'];
  if (file.includes('cliff')) return ['↑', '→', '↓', '←'];
  return ['↑', '↓', '←', '→'];
}
