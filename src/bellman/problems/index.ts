import { cliffWalking } from './cliff-walking.js';
import { consensus } from './consensus.js';
import { badOption, type MdpTables } from './csr-builder.js';
import { pendulumGrid, sisEpidemic } from './dynamics.js';
import { forest, putermanTwoState, riverSwim } from './forest.js';
import { frozenLake } from './frozen-lake.js';
import { garnet, randomDeterministic, randomSparse } from './garnet.js';
import { gridWorld } from './grid-world.js';
import { gridWorld3d } from './grid-world-3d.js';
import { inventory, machineReplacement, poissonDemand, tandemQueue } from './operations.js';
import { herman, israeliJalfon } from './rings.js';
import { haddadMonmege, howardTaxicab, knuthYao } from './small-models.js';
import { taxi } from './taxi.js';

export { type CliffWalkingOptions, cliffWalking } from './cliff-walking.js';
export { consensus } from './consensus.js';
export { CsrBuilder, foldTerminations, type GridLayout, type MdpTables } from './csr-builder.js';
export {
  type PendulumOptions,
  pendulumGrid,
  type SisEpidemicOptions,
  sisEpidemic,
} from './dynamics.js';
export { type ForestOptions, forest, putermanTwoState, riverSwim } from './forest.js';
export { FROZEN_LAKE_MAPS, type FrozenLakeOptions, frozenLake } from './frozen-lake.js';
export { type GarnetOptions, garnet, randomDeterministic, randomSparse } from './garnet.js';
export { type GridWorldOptions, gridWorld } from './grid-world.js';
export { type GridWorld3dOptions, gridWorld3d } from './grid-world-3d.js';
export {
  type InventoryOptions,
  inventory,
  type MachineReplacementOptions,
  machineReplacement,
  poissonDemand,
  type TandemQueueOptions,
  tandemQueue,
} from './operations.js';
export { herman, israeliJalfon } from './rings.js';
export { haddadMonmege, howardTaxicab, knuthYao } from './small-models.js';
export { taxi, taxiState } from './taxi.js';

interface NamedProblem {
  /** Names of the numbers in brackets; those with a default may be left out. */
  parameters: readonly string[];
  required: number;
  make: (...numbers: number[]) => MdpTables;
}

const PROBLEMS: Readonly<Record<string, NamedProblem>> = {
  frozenlake4x4: fixed(() => frozenLake({ map: '4x4' })),
  frozenlake4x4_deterministic: fixed(() => frozenLake({ map: '4x4', slippery: false })),
  frozenlake8x8: fixed(() => frozenLake({ map: '8x8' })),
  frozenlake8x8_deterministic: fixed(() => frozenLake({ map: '8x8', slippery: false })),
  cliffwalking: fixed(() => cliffWalking()),
  cliffwalking_slippery: fixed(() => cliffWalking({ slippery: true })),
  taxi: fixed(taxi),
  puterman_2state: fixed(putermanTwoState),
  howard_taxicab: fixed(howardTaxicab),
  knuth_yao: fixed(knuthYao),
  haddad_monmege: { parameters: ['n', 'p'], required: 0, make: haddadMonmege },
  herman: { parameters: ['size'], required: 0, make: herman },
  israeli_jalfon: { parameters: ['size'], required: 0, make: israeliJalfon },
  consensus: { parameters: ['numProcesses', 'bound'], required: 0, make: consensus },
  forest: {
    parameters: ['numStates', 'waitReward', 'cutReward', 'fireProbability'],
    required: 0,
    make: (numStates = 3, waitReward = 4, cutReward = 2, fireProbability = 0.1) =>
      forest({ numStates, waitReward, cutReward, fireProbability }),
  },
  riverswim: { parameters: ['numStates'], required: 0, make: riverSwim },
  garnet: {
    parameters: ['numStates', 'numActions', 'branching', 'seed'],
    required: 3,
    make: (numStates = 0, numActions = 0, branching = 0, seed = 0) =>
      garnet({ numStates, numActions, branching, seed }),
  },
  random_sparse: {
    parameters: ['numStates', 'numActions', 'branching'],
    required: 1,
    make: (numStates = 0, numActions = 4, branching = 8) =>
      randomSparse(numStates, numActions, branching),
  },
  grid: {
    parameters: ['rows', 'cols', 'slip'],
    required: 2,
    make: (rows = 0, cols = 0, slip = 0) => gridWorld({ rows, cols, slip }),
  },
  grid3d: {
    parameters: ['layers', 'rows', 'cols', 'slip'],
    required: 3,
    make: (layers = 0, rows = 0, cols = 0, slip = 0) => gridWorld3d({ layers, rows, cols, slip }),
  },
  random_deterministic: {
    parameters: ['numStates', 'numActions', 'seed'],
    required: 1,
    make: (numStates = 0, numActions = 4, seed = 0) =>
      randomDeterministic(numStates, numActions, seed),
  },
  inventory: {
    parameters: ['capacity', 'meanDemand'],
    required: 0,
    make: (capacity = 3, mean) =>
      inventory(
        mean === undefined ? { capacity } : { capacity, demand: poissonDemand(mean, capacity) },
      ),
  },
  machine_replacement: {
    parameters: ['numStates', 'wear', 'replacementCost'],
    required: 0,
    make: (numStates = 10, wear = 0.5, replacementCost = 10) =>
      machineReplacement({ numStates, wear, replacementCost }),
  },
  tandem_queue: {
    parameters: ['first', 'second', 'arrivalRate'],
    required: 0,
    make: (first = 10, second = 10, arrivalRate = 0.4) =>
      tandemQueue({ capacities: [first, second], arrivalRate }),
  },
  sis_epidemic: {
    parameters: ['population'],
    required: 0,
    make: (population = 50) => sisEpidemic({ population }),
  },
  pendulum: {
    parameters: ['numAngles', 'numSpeeds', 'numTorques'],
    required: 0,
    make: (numAngles = 51, numSpeeds = 41, numTorques = 5) =>
      pendulumGrid({ numAngles, numSpeeds, numTorques }),
  },
};

/** The names `problem` understands, each with its parameters, e.g. `riverswim(numStates)`. */
export function problemNames(): string[] {
  return Object.entries(PROBLEMS).map(([name, { parameters }]) =>
    parameters.length === 0 ? name : `${name}(${parameters.join(',')})`,
  );
}

/**
 * Makes a built-in problem by name: `taxi`, `forest(3,4,2,0.1)`, `garnet(1000,4,8,7)`.
 * @throws BelfryError `BELFRY_BAD_VALUE` for an unknown name or a wrong number of numbers.
 */
export function problem(name: string): MdpTables {
  const match = /^([a-z0-9_]+)(?:\(([^()]*)\))?$/.exec(name.trim());
  const entry = match && Object.hasOwn(PROBLEMS, match[1]!) ? PROBLEMS[match[1]!] : undefined;
  if (!match || !entry) {
    throw badOption('problem', 'name', `one of ${problemNames().join(', ')}`, name);
  }
  const inner = match[2]?.trim() ?? '';
  const words = inner === '' ? [] : inner.split(',').map((word) => word.trim());
  const numbers = words.map(Number);
  const tooFew = numbers.length < entry.required;
  const tooMany = numbers.length > entry.parameters.length;
  if (tooFew || tooMany || words.includes('') || !numbers.every(Number.isFinite)) {
    const list = entry.parameters.join(', ') || 'none';
    throw badOption('problem', 'name', `${match[1]} with the numbers: ${list}`, name);
  }
  return entry.make(...numbers);
}

function fixed(make: () => MdpTables): NamedProblem {
  return { parameters: [], required: 0, make };
}
