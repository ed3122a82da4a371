/** Where `belfry solve` takes its model from. */
import { readFileSync } from 'node:fs';

import { type AnyMdp, Mdp } from '../bellman/mdp.js';
import { loadMdp } from '../bellman/mdp-file.js';
import { readMdpJson } from '../bellman/mdp-json.js';
import { loadPrism } from '../bellman/prism.js';
import { problem } from '../bellman/problems/index.js';
import { BelfryError } from '../errors.js';

const builtinPrefix = 'builtin:';

/** @throws BelfryError BELFRY_BAD_FILE, or what its reader throws */
export async function readModel(file: string): Promise<AnyMdp> {
  if (file.startsWith(builtinPrefix)) {
    return Mdp.fromTables(problem(file.slice(builtinPrefix.length)));
  }
  try {
    if (file.endsWith('.json')) {
      return Mdp.fromTables(readMdpJson(readFileSync(file, 'utf8'), file));
    }
    if (/\.(mdp|safetensors)$/.test(file)) return await loadMdp(file);
    return Mdp.fromTables((await loadPrism(file)).mdp);
  } catch (cause) {
    if (cause instanceof BelfryError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'does not exist' : String(cause);
    const details = { op: 'solve', argument: file, cause };
    throw new BelfryError('BELFRY_BAD_FILE', `solve: ${file} ${reason}.`, details);
  }
}

/** The goal that belongs to a built-in problem. */
export function builtinGoal(file: string): number[] | undefined {
  if (!file.startsWith(builtinPrefix)) return undefined;
  const { goal } = problem(file.slice(builtinPrefix.length));
  return goal && [...goal];
}
