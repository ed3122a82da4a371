/** Planning: Gymnasium's tables and a sparse MDP of a million states, solved with certified bounds. */
import { Mdp } from '../../bellman/mdp.js';
import { cliffWalking, frozenLake, randomSparse, taxi } from '../../bellman/problems/index.js';
import { type Solution, ValueIteration } from '../../bellman/value-iteration.js';
import type { MachineLimits } from '../../native.js';
import type { Progress } from '../../tasks.js';
import { type JobResult, type JobRow, medianSeconds, requireNear } from '../job.js';
import { valueIterationLoop } from '../value-loop.js';

interface Problem {
  name: string;
  mdp: Mdp<Float64Array>;
  state: number;
  /** Published V* of that state at γ = 0.99. */
  value: number;
}

const discount = 0.99;
const tolerance = 1e-6;

export async function planningJob(
  limits: MachineLimits,
  onProgress: (what: string, progress: Progress) => void,
): Promise<JobResult> {
  const problems: Problem[] = [
    {
      name: 'FrozenLake 8x8',
      mdp: Mdp.fromTables(frozenLake({ map: '8x8' })),
      state: 0,
      value: 0.4146403618,
    },
    { name: 'Taxi-v3', mdp: Mdp.fromTables(taxi()), state: Number.NaN, value: 6.3274643149 },
    { name: 'CliffWalking', mdp: Mdp.fromTables(cliffWalking()), state: 36, value: -12.2478977001 },
  ];
  const result: JobResult = { rows: [], sections: [] };
  for (const problem of problems) {
    const solver = new ValueIteration(problem.mdp, { discount, tolerance });
    const solution = await solver.solve();
    checkPublished(problem, solution);
    const seconds = medianSeconds(30, () => solver.solveSync());
    const loop = medianSeconds(30, () =>
      valueIterationLoop(problem.mdp.tables(), discount, tolerance, problem.mdp.canEnd),
    );
    result.rows.push({
      job: `solve ${problem.name}`,
      size: `${problem.mdp.numStates} states, ${solution.iterations} sweeps`,
      seconds,
      speedup: loop / seconds,
      checked: 'published V*',
    });
    if (problem.mdp.layout !== undefined) result.sections.push(valueMapSection(problem, solution));
  }
  result.rows.push(await millionStates(limits, onProgress));
  return result;
}

/** Taxi's published figure is the mean over its 300 start states. */
function checkPublished(problem: Problem, solution: Solution<Float64Array>): void {
  if (!solution.converged) throw new Error(`demo: ${problem.name} did not converge`);
  let value = solution.values.data[problem.state] ?? 0;
  if (Number.isNaN(problem.state)) {
    const starts = taxi().startStates ?? new Int32Array();
    value = starts.reduce((sum, s) => sum + (solution.values.data[s] as number), 0) / starts.length;
  }
  requireNear(value, problem.value, 2 * tolerance, `V* of ${problem.name}`);
}

function valueMapSection(
  problem: Problem,
  solution: Solution<Float64Array>,
): JobResult['sections'][number] {
  const { rows, cols, glyphs } = problem.mdp.layout as {
    rows: number;
    cols: number;
    glyphs?: string[];
  };
  return {
    kind: 'valueMap',
    title: `${problem.name}: optimal values and policy (γ = ${discount})`,
    rows,
    cols,
    values: solution.values.data,
    policy: solution.policy.data,
    actionArrows: problem.name.startsWith('Frozen') ? ['←', '↓', '→', '↑'] : ['↑', '→', '↓', '←'],
    ...(glyphs === undefined ? {} : { glyphs }),
  };
}

async function millionStates(
  limits: MachineLimits,
  onProgress: (what: string, progress: Progress) => void,
): Promise<JobRow> {
  const mdp = Mdp.fromTables(randomSparse(1_000_000, 4, 8));
  const solver = new ValueIteration(mdp, { discount, tolerance });
  const solution = await solver.solve({
    onProgress: (progress) => onProgress('a million states', progress),
  });
  requireNear(solution.values.data[0] as number, 80.7066494, 2e-6, 'V*(0) of the sparse MDP');
  const seconds = solution.elapsedMs / 1000;
  const started = performance.now();
  const loop = valueIterationLoop(mdp.tables(), discount, tolerance, mdp.canEnd);
  const loopSeconds = (performance.now() - started) / 1000;
  requireNear(
    loop.values[999_999] as number,
    solution.values.data[999_999] as number,
    2e-6,
    'the plain loop',
  );
  const gathers = mdp.numTransitions * solution.iterations;
  return {
    job: 'solve a random sparse MDP',
    size: `10⁶ states, 32·10⁶ transitions, ${solution.iterations} sweeps`,
    seconds,
    share: gathers / limits.gathersPerSecond / seconds,
    limit: 'gathers',
    speedup: loopSeconds / seconds,
    checked: 'certified ±1e-6, plain loop',
  };
}
