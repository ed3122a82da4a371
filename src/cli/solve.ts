/** `belfry solve FILE`: an MDP from a file, solved, printed and saved. */
import { readFileSync, writeFileSync } from 'node:fs';

import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { Mdp } from '../bellman/mdp.js';
import { readMdpJson } from '../bellman/mdp-json.js';
import { loadPrism } from '../bellman/prism.js';
import { problem } from '../bellman/problems/index.js';
import { type Solution, ValueIteration } from '../bellman/value-iteration.js';
import { Engine, setThreads } from '../engine.js';
import { argumentError, BelfryError } from '../errors.js';
import type { Device } from '../tensor.js';
import { exitCodes } from './exit-codes.js';
import { solveCriterion } from './solve-criterion.js';
import { formatCount, formatSeconds, formatTable } from './table.js';

interface SolveOptions {
  criterion: 'discounted' | 'average' | 'reach';
  goal?: number[];
  discount: number;
  tolerance: number;
  maxIterations: number;
  minimize?: boolean;
  threads?: number;
  device: Device | 'auto';
  out?: string;
  show: number;
}

export function addSolveCommand(program: Command): void {
  program
    .command('solve')
    .description(
      "solve an MDP: JSON (belfry's own or Gymnasium's P), PRISM explicit files, or builtin:NAME",
    )
    .argument('<file>', 'model.json, model.tra (with .srew .trew .lab beside it), or builtin:taxi')
    .addOption(
      new Option('--criterion <what>', 'discounted sum, average per step, probability of a goal')
        .choices(['discounted', 'average', 'reach'])
        .default('discounted'),
    )
    .option('--goal <states>', 'goal states of --criterion reach, as 3,7', numbers)
    .option('--discount <γ>', 'discount in [0, 1]', number, 0.99)
    .option('--tolerance <ε>', 'certified accuracy of the values', number, 1e-6)
    .option('--max-iterations <n>', 'sweeps after which to give up', number, 100_000)
    .option('--minimize', 'minimise cost instead of maximising reward')
    .option('--threads <n>', 'threads to use', number)
    .option('--device <device>', 'cpu, cuda or auto', 'cpu')
    .option('--out <file>', 'save values and policy to a .json or .csv file')
    .option('--show <n>', 'states to print', number, 10)
    .action(solve);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new InvalidArgumentError('expected a number.');
  return value;
}

function numbers(text: string): number[] {
  return text.split(',').map(number);
}

async function readModel(file: string): Promise<Mdp<Float64Array>> {
  if (file.startsWith('builtin:')) return Mdp.fromTables(problem(file.slice('builtin:'.length)));
  try {
    if (file.endsWith('.json'))
      return Mdp.fromTables(readMdpJson(readFileSync(file, 'utf8'), file));
    return Mdp.fromTables((await loadPrism(file)).mdp);
  } catch (cause) {
    if (cause instanceof BelfryError) throw cause;
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : String(cause);
    throw new BelfryError('BELFRY_BAD_FILE', `solve: ${file} ${reason}.`, {
      op: 'solve',
      argument: file,
      cause,
    });
  }
}

async function solve(file: string, options: SolveOptions): Promise<void> {
  if (options.threads !== undefined) setThreads(options.threads);
  const engine = new Engine({ device: options.device });
  if (options.out !== undefined && !/\.(json|csv)$/.test(options.out)) {
    throw argumentError(
      'BELFRY_INVALID_ARGUMENT',
      'solve',
      '--out',
      `is ${options.out}`,
      'a .json or .csv file',
    );
  }
  const mdp = await readModel(file);
  const { criterion } = options;
  if (criterion !== 'discounted') {
    const goal = options.goal ?? builtinGoal(file);
    await solveCriterion(mdp, { ...options, criterion, ...(goal && { goal }) });
    return;
  }
  const { discount, tolerance, maxIterations } = options;
  const mode = options.minimize === true ? 'min' : 'max';
  const solver = new ValueIteration(mdp, { discount, tolerance, maxIterations, mode, engine });
  const solution = await followed(solver);
  console.log(summary(file, mdp, solution, engine));
  console.log(`\n${states(mdp, solution, options.show)}`);
  if (options.out !== undefined) save(options.out, solution);
  if (!solution.converged) {
    console.error('solve: the tolerance was not reached; the values are the last ones.');
    process.exitCode = exitCodes.notConverged;
  }
}

/** The goal that belongs to a built-in problem. */
function builtinGoal(file: string): number[] | undefined {
  if (!file.startsWith('builtin:')) return undefined;
  const { goal } = problem(file.slice('builtin:'.length));
  return goal && [...goal];
}

/** A progress bar on a terminal, nothing in a pipe. */
async function followed(solver: ValueIteration<Float64Array>): Promise<Solution<Float64Array>> {
  if (process.stderr.isTTY !== true) return solver.solve();
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    format: 'sweep {value}, change {residual}',
  });
  bar.start(solver.options.maxIterations, 0, { residual: '' });
  try {
    return await solver.solve({
      onProgress: ({ iteration, residual }) =>
        bar.update(iteration, { residual: residual?.toExponential(2) ?? '' }),
    });
  } finally {
    bar.stop();
  }
}

function summary(file: string, mdp: Mdp, solution: Solution<Float64Array>, engine: Engine): string {
  const gap = solution.upper.data.reduce(
    (most, high, s) => Math.max(most, high - (solution.lower.data[s] ?? high)),
    0,
  );
  return formatTable(
    [
      'model',
      'states',
      'actions',
      'transitions',
      'device',
      'sweeps',
      'time',
      'certified ±',
      'converged',
    ],
    [
      [
        file,
        formatCount(mdp.numStates),
        String(mdp.numActions),
        formatCount(mdp.numTransitions),
        engine.device,
        String(solution.iterations),
        formatSeconds(solution.elapsedMs / 1000),
        Number.isFinite(gap) ? (gap / 2).toExponential(1) : 'no bound',
        solution.converged ? 'yes' : 'no',
      ],
    ],
  );
}

function states(mdp: Mdp, solution: Solution<Float64Array>, count: number): string {
  const rows = [];
  for (let s = 0; s < Math.min(count, mdp.numStates); s++) {
    rows.push([
      `state ${s}`,
      (solution.values.data[s] as number).toPrecision(8),
      String(solution.policy.data[s]),
    ]);
  }
  const more = mdp.numStates > count ? `\n… ${mdp.numStates - count} more states` : '';
  return formatTable(['', 'value', 'action'], rows) + more;
}

function save(path: string, solution: Solution<Float64Array>): void {
  const values = [...solution.values.data];
  const policy = [...solution.policy.data];
  if (path.endsWith('.csv')) {
    const lines = values.map((value, s) => `${s},${value},${policy[s]}`);
    writeFileSync(path, `state,value,action\n${lines.join('\n')}\n`);
    return;
  }
  const { converged, iterations } = solution;
  const lower = [...solution.lower.data];
  const upper = [...solution.upper.data];
  writeFileSync(
    path,
    `${JSON.stringify({ converged, iterations, values, lower, upper, policy })}\n`,
  );
}
