/** `belfry solve --criterion average|reach`: the questions that are not discounted sums. */
import { writeFileSync } from 'node:fs';

import type { Mdp } from '../bellman/mdp.js';
import { type SolveAnswer, solve } from '../bellman/solve.js';
import { argumentError } from '../errors.js';
import { exitCodes } from './exit-codes.js';
import { formatTable } from './table.js';

export interface CriterionOptions {
  criterion: 'average' | 'reach';
  tolerance: number;
  minimize?: boolean;
  goal?: readonly number[];
  out?: string;
  show: number;
}

export async function solveCriterion(mdp: Mdp, options: CriterionOptions): Promise<void> {
  const { criterion, tolerance, goal, minimize } = options;
  if (criterion === 'reach' && goal === undefined) {
    throw argumentError(
      'BELFRY_MISSING_OPERAND',
      'solve',
      '--goal',
      'is missing',
      'goal states, such as 3,7',
    );
  }
  const mode = minimize === true ? 'min' : 'max';
  const answer = await solve(mdp, { criterion, tolerance, mode, ...(goal && { goal }) });
  console.log(`${answer.method}: ${answer.why}`);
  console.log(`converged ${answer.converged ? 'yes' : 'no'}, ${answer.iterations} sweeps`);
  if (answer.gain !== undefined) console.log(`average reward per step ${answer.gain}`);
  console.log(`\n${states(answer, options.show)}`);
  if (options.out !== undefined) save(options.out, answer);
  if (!answer.converged) {
    console.error('solve: the tolerance was not reached; the values are the last ones.');
    process.exitCode = exitCodes.notConverged;
  }
}

function states(
  { values, policy }: SolveAnswer<Float32Array | Float64Array>,
  show: number,
): string {
  const rows = Array.from(values.data.subarray(0, show), (value, s) => {
    const row = [`state ${s}`, value.toPrecision(8)];
    return policy === undefined ? row : [...row, String(policy.data[s])];
  });
  const more = values.data.length > show ? `\n… ${values.data.length - show} more states` : '';
  return formatTable(policy === undefined ? ['', 'value'] : ['', 'value', 'action'], rows) + more;
}

function save(path: string, answer: SolveAnswer<Float32Array | Float64Array>): void {
  const { converged, iterations, method, gain } = answer;
  const values = [...answer.values.data];
  const policy = answer.policy && [...answer.policy.data];
  if (path.endsWith('.csv')) {
    const lines = values.map((value, s) => [s, value, ...(policy ? [policy[s]] : [])].join(','));
    writeFileSync(path, `${policy ? 'state,value,action' : 'state,value'}\n${lines.join('\n')}\n`);
    return;
  }
  writeFileSync(
    path,
    `${JSON.stringify({ converged, iterations, method, gain, values, policy })}\n`,
  );
}
