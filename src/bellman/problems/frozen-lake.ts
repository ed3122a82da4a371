import { badOption, CsrBuilder, type MdpTables } from './csr-builder.js';

export const FROZEN_LAKE_MAPS: Readonly<Record<'4x4' | '8x8', readonly string[]>> = {
  '4x4': ['SFFF', 'FHFH', 'FFFH', 'HFFG'],
  '8x8': [
    'SFFFFFFF',
    'FFFFFFFF',
    'FFFHFFFF',
    'FFFFFHFF',
    'FFFHFFFF',
    'FHHFFFHF',
    'FHFFHFHF',
    'FFFHFFFG',
  ],
};

export interface FrozenLakeOptions {
  /** A named map or rows of S (start), F (ice), H (hole), G (goal). Default '4x4'. */
  map?: '4x4' | '8x8' | readonly string[];
  /** The ice turns a move left or right of the wanted one, one third each. Default true. */
  slippery?: boolean;
}

/** Row and column change of the actions left, down, right, up. */
const MOVES = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;

/**
 * FrozenLake as published by Gymnasium (toy_text): cross the ice to the goal for reward 1; holes
 * and the goal end the episode. Actions 0 left, 1 down, 2 right, 3 up; walls clamp.
 */
export function frozenLake(options: FrozenLakeOptions = {}): MdpTables {
  const rows = readMap(options.map ?? '4x4');
  const slippery = options.slippery ?? true;
  const numRows = rows.length;
  const numCols = rows[0]!.length;
  const glyphs = rows.flatMap((row) => [...row]);
  const builder = new CsrBuilder(glyphs.length, MOVES.length);
  for (let state = 0; state < glyphs.length; state++) {
    for (let action = 0; action < MOVES.length; action++) {
      if (isEnd(glyphs[state]!)) {
        builder.add(state, action, state, 1, 0, true);
        continue;
      }
      const directions = slippery ? [action + 3, action, action + 1] : [action];
      for (const direction of directions) {
        const next = step(state, direction % 4, numRows, numCols);
        const glyph = glyphs[next]!;
        const reward = glyph === 'G' ? 1 : 0;
        builder.add(state, action, next, 1 / directions.length, reward, isEnd(glyph));
      }
    }
  }
  return {
    ...builder.build(),
    startStates: Int32Array.from(glyphs.keys()).filter((s) => glyphs[s] === 'S'),
    layout: { rows: numRows, cols: numCols, glyphs },
  };
}

function readMap(map: '4x4' | '8x8' | readonly string[]): readonly string[] {
  const rows = typeof map === 'string' ? FROZEN_LAKE_MAPS[map] : map;
  const width = rows?.[0]?.length ?? 0;
  if (!rows || width === 0 || rows.some((row) => row.length !== width || /[^SFHG]/.test(row))) {
    throw badOption('frozenLake', 'map', "'4x4', '8x8' or equally long rows of S, F, H, G", map);
  }
  return rows;
}

function isEnd(glyph: string): boolean {
  return glyph === 'H' || glyph === 'G';
}

function step(state: number, direction: number, numRows: number, numCols: number): number {
  const [dr, dc] = MOVES[direction]!;
  const row = Math.min(Math.max(Math.floor(state / numCols) + dr, 0), numRows - 1);
  const col = Math.min(Math.max((state % numCols) + dc, 0), numCols - 1);
  return row * numCols + col;
}
