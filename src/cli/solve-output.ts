/** What `belfry solve` prints and saves. */
import { writeFileSync } from 'node:fs';

import type { Mdp } from '../bellman/mdp.js';
import type { SolveAnswer } from '../bellman/solve.js';
import { renderValueMap } from '../demo/plots/value-map.js';
import { argumentError } from '../errors.js';
import { encodeNpy } from '../npy.js';
import type { RealArray } from '../tensor.js';
import { formatCount, formatSeconds, formatTable } from './table.js';

type Answer = SolveAnswer<RealArray>;

export interface SolveFacts {
  file: string;
  device: string;
  seconds: number;
}

/** The table above the values. */
export function summary(mdp: Mdp, answer: Answer, { file, device, seconds }: SolveFacts): string {
  const cells: [string, string][] = [
    ['model', file],
    ['states', formatCount(mdp.numStates)],
    ['actions', String(mdp.numActions)],
    ['transitions', formatCount(mdp.numTransitions)],
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
  const gain = answer.gain === undefined ? '' : `\naverage reward per step ${answer.gain}`;
  return `${answer.method}: ${answer.reason}\n${table}${gain}`;
}

function certified({ lower, upper }: Answer): string {
  if (lower === undefined || upper === undefined) return '';
  let widest = 0;
  upper.data.forEach((high, s) => {
    widest = Math.max(widest, high - (lower.data[s] as number));
  });
  return Number.isFinite(widest) ? (widest / 2).toExponential(1) : 'no bound';
}

/** The first `count` states. */
export function states({ values, policy }: Answer, count: number): string {
  const rows = Array.from(values.data.subarray(0, count), (value, s) => {
    const row = [`state ${s}`, value.toPrecision(8)];
    return policy === undefined ? row : [...row, String(policy.data[s])];
  });
  const more = values.data.length > count ? `\n… ${values.data.length - count} more states` : '';
  return formatTable(policy === undefined ? ['', 'value'] : ['', 'value', 'action'], rows) + more;
}

/** @throws BelfryError BELFRY_INVALID_ARGUMENT unless the name has one of the endings */
export function checkEnding(option: string, path: string | undefined, endings: string[]): void {
  if (path === undefined || endings.some((ending) => path.endsWith(ending))) return;
  const expected = `a file that ends in ${endings.join(' or ')}`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', 'solve', option, `is ${path}`, expected);
}

/** .npy: the values; .csv: a line per state; .json: everything. */
export function save(path: string, answer: Answer): void {
  const { values, policy, lower, upper } = answer;
  if (path.endsWith('.npy')) {
    writeFileSync(path, encodeNpy(values.data));
    return;
  }
  if (path.endsWith('.csv')) {
    const head = policy ? 'state,value,action' : 'state,value';
    const lines = Array.from(values.data, (value, s) =>
      policy ? `${s},${value},${policy.data[s]}` : `${s},${value}`,
    );
    writeFileSync(path, `${[head, ...lines].join('\n')}\n`);
    return;
  }
  const { converged, iterations, method, reason, gain } = answer;
  const arrays = { values, lower, upper, policy };
  const lists = Object.fromEntries(
    Object.entries(arrays).map(([name, tensor]) => [name, tensor && [...tensor.data]]),
  );
  const text = JSON.stringify({ converged, iterations, method, reason, gain, ...lists });
  writeFileSync(path, `${text}\n`);
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
export function saveMap(path: string, mdp: Mdp, answer: Answer, title: string): void {
  const { layout } = mdp;
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
