import { writeFile } from 'node:fs/promises';
import { argumentError } from '../errors.js';
import { checkOptions } from '../options.js';
import type { RealArray } from '../tensor.js';
import { massTolerance } from './mdp.js';
import type { PrismTexts } from './prism.js';
import type { MdpTables } from './problems/csr-builder.js';

/** What `writePrism` takes: the tables of a generator or a reader, or an `Mdp` in either precision. */
export type PrismSource = Omit<MdpTables, 'prob' | 'rewards' | 'transitionRewards'> & {
  prob: RealArray;
  rewards: RealArray;
  transitionRewards?: RealArray;
};

export interface PrismWriteOptions {
  /**
   * 'consecutive' (default) numbers the choices of a state 0, 1, … without gaps, as PRISM wants
   * them; 'actions' keeps the number of the action, so that reading gives the same table again.
   */
  choices?: 'consecutive' | 'actions';
  /** Names of the actions, [A], or [S*A] as `readPrism` returns them. Default a0, a1, … */
  actionNames?: readonly string[];
  /** More labels, as `readPrism` returns them: the states that carry each. */
  labels?: ReadonlyMap<string, Iterable<number>>;
}

/** A row may lack this much mass by rounding before the rest goes to an end state. */
function roundingOf(prob: RealArray): number {
  return prob instanceof Float32Array ? massTolerance : 1e-9;
}

/** One line of a .tra file, and the reward of its transition. */
interface Entry {
  next: number;
  prob: number;
  reward: number;
}

/** The choices of one state that are allowed. */
interface Choice {
  state: number;
  number: number;
  /** state * A + action */
  row: number;
  entries: Entry[];
}

/**
 * The texts of PRISM explicit files (.tra, .lab, and .srew or .trew where there are rewards): the
 * counterpart of `readPrism`. One action makes a DTMC, more an MDP.
 *
 * Numbers are printed so that they are read back bit for bit. Entries of a row with the same
 * successor become one. Mass that a row lacks, and transitions that end the episode, go to one
 * added absorbing state, the last, which carries the label "end". Rewards that depend on the state
 * alone become state rewards, all others transition rewards. Labels: "init" (`startStates`),
 * "deadlock" (no action allowed), "goal", those of the model's `labels` and those of the options.
 *
 * ```ts
 * const { tra, lab } = writePrism(consensus(2, 4));
 * ```
 *
 * @throws BelfryError BELFRY_INVALID_ARGUMENT for an unknown option or a name that cannot be read back
 */
export function writePrism(mdp: PrismSource, options: PrismWriteOptions = {}): PrismTexts {
  checkOptions('writePrism', options, ['choices', 'actionNames', 'labels']);
  const choices = listChoices(mdp, options.choices ?? 'consecutive');
  const ends = choices.some(({ entries }) => entries.some(({ next }) => next === mdp.numStates));
  const numStates = mdp.numStates + Number(ends);
  if (ends) {
    const end = { next: mdp.numStates, prob: 1, reward: 0 };
    const row = mdp.numStates * mdp.numActions;
    choices.push({ state: mdp.numStates, number: 0, row, entries: [end] });
  }
  const nameOf = actionNames(mdp, options.actionNames);
  const line = entryLines(mdp, choices, numStates);
  const texts: PrismTexts = {
    tra: line('prob', ({ row }) => nameOf(row)),
    lab: labelText(numStates, labelCarriers(mdp, choices, numStates, options.labels)),
  };
  const stateRewards = rewardsOfStates(mdp, choices);
  if (stateRewards === undefined) texts.trew = line('reward');
  else if (stateRewards.size > 0) {
    const lines = [...stateRewards].map(([state, reward]) => `${state} ${reward}`);
    texts.srew = text([`${numStates} ${lines.length}`, ...lines]);
  }
  return texts;
}

/**
 * Writes `path`.tra, `path`.lab and, where the model has rewards, `path`.srew or `path`.trew.
 * @param path with or without the ending .tra
 */
export async function savePrism(
  path: string,
  mdp: PrismSource,
  options: PrismWriteOptions = {},
): Promise<void> {
  const base = path.replace(/\.tra$/, '');
  const texts = Object.entries(writePrism(mdp, options));
  await Promise.all(texts.map(([ending, content]) => writeFile(`${base}.${ending}`, content)));
}

function text(lines: string[]): string {
  return `${lines.join('\n')}\n`;
}

function listChoices(mdp: PrismSource, numbering: 'consecutive' | 'actions'): Choice[] {
  const choices: Choice[] = [];
  for (let state = 0; state < mdp.numStates; state++) {
    let count = 0;
    for (let action = 0; action < mdp.numActions; action++) {
      const row = state * mdp.numActions + action;
      if (mdp.actionMask?.[row] === 0) continue;
      const number = numbering === 'actions' ? action : count;
      choices.push({ state, number, row, entries: rowEntries(mdp, row) });
      count += 1;
    }
  }
  return choices;
}

/** The entries of a row, one for each successor; what ends the episode leads to state S. */
function rowEntries(mdp: PrismSource, row: number): Entry[] {
  const merged = new Map<number, Entry>();
  const reward = (e: number): number => mdp.transitionRewards?.[e] ?? mdp.rewards[row]!;
  const add = (next: number, prob: number, paid: number): void => {
    const known = merged.get(next);
    if (known === undefined) {
      merged.set(next, { next, prob, reward: paid });
      return;
    }
    if (known.reward !== paid) {
      known.reward = (known.prob * known.reward + prob * paid) / (known.prob + prob);
    }
    known.prob += prob;
  };
  let missing = 1;
  for (let e = mdp.rowPtr[row]!; e < mdp.rowPtr[row + 1]!; e++) {
    missing -= mdp.prob[e]!;
    const next = mdp.continues?.[e] === 0 ? mdp.numStates : mdp.col[e]!;
    if (mdp.prob[e]! > 0) add(next, mdp.prob[e]!, reward(e));
  }
  if (missing > roundingOf(mdp.prob)) {
    add(mdp.numStates, missing, mdp.transitionRewards ? 0 : mdp.rewards[row]!);
  }
  return [...merged.values()];
}

/** The text of a .tra or .trew file; transitions without reward are left out of the latter. */
function entryLines(
  mdp: PrismSource,
  choices: readonly Choice[],
  numStates: number,
): (what: 'prob' | 'reward', nameOf?: (choice: Choice) => string) => string {
  const chain = mdp.numActions === 1;
  return (what, nameOf) => {
    const lines = choices.flatMap((choice) => {
      const { state, number, entries } = choice;
      const name = chain || nameOf === undefined ? '' : nameOf(choice);
      const tail = name === '' ? '' : ` ${name}`;
      return entries
        .filter((entry) => what === 'prob' || entry.reward !== 0)
        .map((entry) => {
          const from = chain ? `${state}` : `${state} ${number}`;
          return `${from} ${entry.next} ${entry[what]}${tail}`;
        });
    });
    const sizes = chain ? [numStates, lines.length] : [numStates, choices.length, lines.length];
    return text([sizes.join(' '), ...lines]);
  };
}

/** The name of a row's action; the added end state has none. */
function actionNames(
  { numStates, numActions }: PrismSource,
  names: readonly string[] | undefined,
): (row: number) => string {
  const rows = numStates * numActions;
  if (names === undefined) return (row) => (row < rows ? `a${row % numActions}` : '');
  if (names.length !== numActions && names.length !== rows) {
    const expected = `${numActions} or ${rows}`;
    throw badNames('actionNames', `has ${names.length} elements`, expected);
  }
  const bad = names.find((name) => /\s/.test(name));
  if (bad !== undefined)
    throw badNames('actionNames', `holds ${JSON.stringify(bad)}`, 'words without spaces');
  return (row) => (row < rows ? names[names.length === rows ? row : row % numActions]! : '');
}

function badNames(argument: string, received: string, expected: string): Error {
  return argumentError('BELFRY_INVALID_ARGUMENT', 'writePrism', argument, received, expected);
}

/** State rewards other than 0, or undefined where rewards differ between the actions of a state. */
function rewardsOfStates(
  mdp: PrismSource,
  choices: readonly Choice[],
): Map<number, number> | undefined {
  const rewards = new Map<number, number>();
  for (const { state, entries } of choices) {
    for (const { reward } of entries) {
      if ((rewards.get(state) ?? reward) !== reward) return undefined;
      rewards.set(state, reward);
    }
  }
  return new Map([...rewards].filter(([state, r]) => state < mdp.numStates && r !== 0));
}

/** The states that carry each label. */
function labelCarriers(
  mdp: PrismSource,
  choices: readonly Choice[],
  numStates: number,
  more: ReadonlyMap<string, Iterable<number>> | undefined,
): Map<string, Iterable<number>> {
  const moving = new Set(choices.map(({ state }) => state));
  const all = Array.from({ length: numStates }, (_, state) => state);
  const carriers = new Map<string, Iterable<number>>([
    ['init', mdp.startStates ?? []],
    ['deadlock', all.filter((state) => !moving.has(state))],
  ]);
  if (mdp.goal) carriers.set('goal', mdp.goal);
  for (const [name, flags] of Object.entries(mdp.labels ?? {})) {
    const carry = all.filter((state) => flags[state] === 1);
    carriers.set(name, carry);
  }
  if (numStates > mdp.numStates) carriers.set('end', [mdp.numStates]);
  for (const [name, states] of more ?? []) carriers.set(name, states);
  return carriers;
}

function labelText(numStates: number, carriers: ReadonlyMap<string, Iterable<number>>): string {
  const numbers: number[][] = Array.from({ length: numStates }, () => []);
  const names = [...carriers.keys()];
  const bad = names.find((name) => /["\s]/.test(name));
  if (bad !== undefined) {
    throw badNames('labels', `holds ${JSON.stringify(bad)}`, 'words without spaces or quotes');
  }
  [...carriers].forEach(([name, states], label) => {
    for (const state of states) {
      const list = numbers[state];
      if (!list) throw badNames('labels', `${name} holds ${state}`, `a state in [0, ${numStates})`);
      list.push(label);
    }
  });
  const lines = numbers.flatMap((list, state) =>
    list.length > 0 ? [`${state}: ${list.join(' ')}`] : [],
  );
  return text([names.map((name, label) => `${label}="${name}"`).join(' '), ...lines]);
}
