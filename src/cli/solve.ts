/** `belfry solve FILE`: an MDP from a file, solved, printed and saved. */
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { type GoalMethod, goalMethods } from '../bellman/goal-solves.js';
import type { AnyMdp } from '../bellman/mdp.js';
import { type SolveAnswer, type SolveOptions, solve } from '../bellman/solve.js';
import { solveMethods } from '../bellman/solve-methods.js';
import type { SolverProgress } from '../bellman/solver-progress.js';
import { Engine, setThreads } from '../engine.js';
import { argumentError } from '../errors.js';
import type { Device, RealArray } from '../tensor.js';
import { exitCodes } from './exit-codes.js';
import { builtinGoal, readModel } from './solve-input.js';
import { checkEnding, save, saveMap, states, summary } from './solve-output.js';

interface CommandOptions {
  criterion: NonNullable<SolveOptions['criterion']>;
  goal?: number[];
  discount?: number | number[];
  horizon?: number;
  tolerance: number;
  method: NonNullable<SolveOptions['method']> | GoalMethod;
  maxIterations?: number;
  minimize?: boolean;
  threads?: number;
  device: Device | 'auto';
  checkpoint?: string;
  checkpointEvery: number;
  resume?: boolean;
  out?: string;
  map?: string;
  show: number;
}

export function addSolveCommand(program: Command): void {
  program
    .command('solve')
    .description(
      "solve an MDP: JSON (belfry's own or Gymnasium's P), PRISM explicit files, binary files of any kind, or builtin:NAME",
    )
    .argument(
      '<file>',
      'model.json, model.mdp (or .safetensors), model.tra (with .srew .trew .lab beside it), or builtin:taxi',
    )
    .addOption(
      new Option(
        '--criterion <what>',
        'discounted sum, total, average per step, probability of a goal',
      )
        .choices(['discounted', 'total', 'average', 'reach'])
        .default('discounted'),
    )
    .option('--goal <states>', 'goal states of --criterion reach or total, as 3,7', numbers)
    .option(
      '--discount <γ>',
      'discount in [0, 1]; of a batch also one for each model, as 0.9,0.99 (default: 0.99, with a horizon 1)',
      discounts,
    )
    .option('--horizon <steps>', 'steps after which all ends', number)
    .option('--tolerance <ε>', 'certified accuracy of the values', number, 1e-6)
    .addOption(
      new Option(
        '--method <name>',
        'solver of --criterion discounted, or how the bounds of reach and total are found',
      )
        .choices(['auto', ...solveMethods, ...goalMethods])
        .default('auto'),
    )
    .option('--max-iterations <n>', 'iterations after which to give up', number)
    .option('--minimize', 'minimise cost instead of maximising reward')
    .option('--threads <n>', 'threads to use', number)
    .option('--device <device>', 'cpu, cuda or auto', 'cpu')
    .option('--checkpoint <file>', 'keep what has been computed in a file, to go on from')
    .option('--checkpoint-every <seconds>', 'seconds between checkpoints', number, 60)
    .option('--resume', 'go on from the checkpoint, where there is one')
    .option('--out <file>', 'save values and policy to a .json or .csv file, values to a .npy file')
    .option('--map <file>', 'draw the values of a board to a .svg file')
    .option('--show <n>', 'states to print', number, 10)
    .action(command);
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

function discounts(text: string): number | number[] {
  return text.includes(',') ? numbers(text) : number(text);
}

async function command(file: string, options: CommandOptions): Promise<void> {
  checkEnding('--out', options.out, ['.json', '.csv', '.npy']);
  checkEnding('--map', options.map, ['.svg']);
  if (options.threads !== undefined) setThreads(options.threads);
  const engine = new Engine({ device: options.device });
  const mdp = await readModel(file);
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const started = performance.now();
  let answer: SolveAnswer<RealArray>;
  try {
    answer = await followed(mdp, {
      ...solverOptions(file, options, engine),
      signal: interrupt.signal,
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    const next = options.checkpoint === undefined ? '' : ' --resume goes on from the checkpoint.';
    console.error(`solve: interrupted.${next}`);
    process.exitCode = exitCodes.interrupted;
    return;
  } finally {
    process.removeListener('SIGINT', onSignal).removeListener('SIGTERM', onSignal);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(summary(mdp, answer, { file, device: engine.device, seconds }));
  console.log(`\n${states(mdp, answer, options.show)}`);
  if (options.out !== undefined) save(options.out, mdp, answer);
  if (options.map !== undefined) saveMap(options.map, mdp, answer, file);
  if (!answer.converged) {
    console.error('solve: the tolerance was not reached; the values are the last ones.');
    process.exitCode = exitCodes.notConverged;
  }
}

function solverOptions(file: string, options: CommandOptions, engine: Engine): SolveOptions {
  const { criterion, discount, horizon, tolerance, method, maxIterations } = options;
  const { checkpoint, resume } = options;
  const goal =
    options.goal ?? (['reach', 'total'].includes(criterion) ? builtinGoal(file) : undefined);
  if (criterion === 'reach' && goal === undefined) {
    const expected = 'goal states, such as 3,7';
    throw argumentError('BELFRY_MISSING_OPERAND', 'solve', '--goal', 'is missing', expected);
  }
  if (resume === true && checkpoint === undefined) {
    const expected = 'the file to go on from';
    throw argumentError('BELFRY_MISSING_OPERAND', 'solve', '--checkpoint', 'is missing', expected);
  }
  return {
    criterion,
    ...(discount !== undefined && { discount }),
    ...(horizon !== undefined && { horizon }),
    tolerance,
    ...(isGoalMethod(method) ? { stop: method } : { method }),
    mode: options.minimize === true ? 'min' : 'max',
    ...(goal && { goal }),
    ...(maxIterations !== undefined && { maxIterations }),
    ...(engine.device === 'cuda' && { engine }),
    ...(checkpoint !== undefined && {
      checkpoint: {
        file: checkpoint,
        everySeconds: options.checkpointEvery,
        resume: resume === true,
      },
    }),
  };
}

function isGoalMethod(method: CommandOptions['method']): method is GoalMethod {
  return (goalMethods as readonly string[]).includes(method);
}

/** A progress bar on a terminal, nothing in a pipe. */
async function followed(mdp: AnyMdp, options: SolveOptions): Promise<SolveAnswer<RealArray>> {
  if (process.stderr.isTTY !== true) return solve(mdp, options);
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    format: 'iteration {value}, change {residual}{bound}',
  });
  bar.start(1, 0, { residual: '', bound: '' });
  try {
    const onProgress = ({ iteration, residual, bound }: SolverProgress): void =>
      bar.update(iteration, {
        residual: residual?.toExponential(2) ?? '',
        bound: bound === undefined ? '' : `, V* within ${bound.toExponential(1)}`,
      });
    return await solve(mdp, { ...options, onProgress });
  } finally {
    bar.stop();
  }
}
