import { readFile } from 'node:fs/promises';
import { PrismLines } from './prism-lines.js';
import type { MdpTables } from './problems/csr-builder.js';

/**
 * Reader of PRISM explicit model files (PRISM manual, appendix "Explicit Model Files"):
 *
 *   .tra   DTMC: "states transitions", then "state next probability"
 *          MDP:  "states choices transitions", then "state choice next probability [action]"
 *   .srew  "states entries", then "state reward"
 *   .trew  as .tra, with rewards in place of probabilities
 *   .lab   0="init" 1="deadlock" ..., then "state: label label ..."
 *
 * The files are untrusted: sizes are checked against what the file really holds before anything
 * is allocated. A row with mass below one ends the episode with the missing probability.
 */

export interface PrismTexts {
  tra: string;
  srew?: string;
  trew?: string;
  lab?: string;
}

export interface PrismModel {
  kind: 'dtmc' | 'mdp';
  /** A DTMC is an MDP with one action; a reward is state reward + expected transition reward. */
  mdp: MdpTables;
  /** The states that carry each label, ascending. */
  labels: Map<string, Int32Array>;
  /** [S*A] names of the actions in the .tra file, '' where there is none. */
  actionNames: string[];
}

interface Header {
  kind: 'dtmc' | 'mdp';
  numStates: number;
  numChoices: number;
  numEntries: number;
}

/** The body of a .tra or .trew file, one element an entry. */
interface Entries {
  state: Int32Array;
  choice: Int32Array;
  next: Int32Array;
  value: Float64Array;
  line: Int32Array;
  action: string[];
}

const MAX_COUNT = 2 ** 31 - 1;
/** A table of more rows than this must have a transition for every 256 of them. */
const FREE_ROWS = 2 ** 22;
const ROWS_PER_TRANSITION = 256;
/** Probabilities are printed with few digits, so a row may sum to a little more than one. */
const MASS_TOLERANCE = 1e-6;

/**
 * Builds an MDP from the texts of PRISM explicit files.
 * @param texts `tra` is required, the others are optional
 * @param name base name for error messages, default 'model'
 * @throws BelfryError `BELFRY_BAD_FILE` with file and line
 */
export function readPrism(texts: PrismTexts, name = 'model'): PrismModel {
  const lines = new PrismLines(`${name}.tra`, texts.tra);
  const header = readHeader(lines);
  const entries = readEntries(lines, header, 'a probability');
  const numActions = 1 + entries.choice.reduce((most, choice) => Math.max(most, choice), 0);
  checkSize(lines, header, numActions);
  const { chosen, actionNames } = checkRows(lines, header, entries, numActions);
  const mdp = buildTables(header.numStates, numActions, entries);
  if (chosen.includes(0)) mdp.actionMask = chosen;
  if (texts.srew !== undefined) addStateRewards(`${name}.srew`, texts.srew, mdp);
  if (texts.trew !== undefined) addTransitionRewards(`${name}.trew`, texts.trew, mdp, header);
  const labels =
    texts.lab === undefined
      ? new Map<string, Int32Array>()
      : readLabels(`${name}.lab`, texts.lab, mdp.numStates);
  const start = labels.get('init');
  if (start && start.length > 0) mdp.startStates = start;
  return { kind: header.kind, mdp, labels, actionNames };
}

/**
 * Reads `path`.tra and, where they exist, `path`.srew, `path`.trew and `path`.lab.
 * @param path with or without the ending .tra
 */
export async function loadPrism(path: string): Promise<PrismModel> {
  const base = path.replace(/\.tra$/, '');
  const texts: PrismTexts = { tra: await readFile(`${base}.tra`, 'utf8') };
  for (const ending of ['srew', 'trew', 'lab'] as const) {
    const text = await readIfPresent(`${base}.${ending}`);
    if (text !== undefined) texts[ending] = text;
  }
  return readPrism(texts, base);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readHeader(lines: PrismLines): Header {
  const words = lines.next();
  if (words?.length !== 2 && words?.length !== 3) {
    throw lines.fail('"states transitions" or "states choices transitions"', words?.join(' '));
  }
  const numStates = lines.integer(words[0], 'the number of states', MAX_COUNT);
  const numEntries = lines.integer(words.at(-1), 'the number of transitions', MAX_COUNT);
  const mdp = words.length === 3;
  const numChoices = mdp ? lines.integer(words[1], 'the number of choices', MAX_COUNT) : numStates;
  return { kind: mdp ? 'mdp' : 'dtmc', numStates, numChoices, numEntries };
}

function readEntries(lines: PrismLines, header: Header, what: string): Entries {
  const { kind, numStates, numChoices, numEntries } = header;
  if (numEntries > lines.remaining) {
    throw lines.fail(`at most ${lines.remaining} entries, the lines left`, String(numEntries));
  }
  const mdp = kind === 'mdp';
  const layout = mdp ? `state choice next ${what}` : `state next ${what}`;
  const entries: Entries = {
    state: new Int32Array(numEntries),
    choice: new Int32Array(numEntries),
    next: new Int32Array(numEntries),
    value: new Float64Array(numEntries),
    line: new Int32Array(numEntries),
    action: new Array<string>(numEntries).fill(''),
  };
  for (let i = 0; i < numEntries; i++) {
    const words = lines.next();
    const numbers = mdp ? 4 : 3;
    if (!words || words.length < numbers || words.length > numbers + 1) {
      throw lines.fail(`"${layout}", entry ${i + 1} of ${numEntries}`, words?.join(' '));
    }
    entries.state[i] = lines.integer(words[0], 'a state', numStates);
    if (mdp) entries.choice[i] = lines.integer(words[1], 'a choice', numChoices);
    entries.next[i] = lines.integer(words[numbers - 2], 'a next state', numStates);
    entries.value[i] = lines.real(words[numbers - 1], what);
    entries.line[i] = lines.number;
    entries.action[i] = words[numbers] ?? '';
  }
  lines.end(numEntries);
  return entries;
}

/** A small file must not make us allocate a huge [S, A] table. */
function checkSize(lines: PrismLines, header: Header, numActions: number): void {
  const numRows = header.numStates * numActions;
  const allowed = Math.max(FREE_ROWS, ROWS_PER_TRANSITION * header.numEntries);
  if (numRows > Math.min(allowed, MAX_COUNT - 1)) {
    const found = `${header.numStates} states x ${numActions} choices`;
    throw lines.fail(`at most ${allowed} for ${header.numEntries} transitions`, found, 1);
  }
}

function checkRows(
  lines: PrismLines,
  header: Header,
  entries: Entries,
  numActions: number,
): { chosen: Uint8Array; actionNames: string[] } {
  const numRows = header.numStates * numActions;
  const chosen = new Uint8Array(numRows);
  const mass = new Float64Array(numRows);
  const actionNames = new Array<string>(numRows).fill('');
  for (let i = 0; i < entries.value.length; i++) {
    const row = entries.state[i]! * numActions + entries.choice[i]!;
    const probability = entries.value[i]!;
    const sum = mass[row]! + probability;
    if (probability < 0 || sum > 1 + MASS_TOLERANCE) {
      const where = `state ${entries.state[i]} choice ${entries.choice[i]}`;
      const found = probability < 0 ? `probability ${probability}` : `a mass of ${sum}`;
      throw lines.fail('a mass in [0, 1]', `${found} in ${where}`, entries.line[i]);
    }
    mass[row] = sum;
    chosen[row] = 1;
    actionNames[row] = entries.action[i]!;
  }
  const numChosen = chosen.reduce((sum, flag) => sum + flag, 0);
  if (header.kind === 'mdp' && numChosen !== header.numChoices) {
    throw lines.fail(`${header.numChoices} choices, as line 1 says`, `${numChosen} choices`);
  }
  return { chosen, actionNames };
}

/** Sorts the entries by row, stably, and leaves out those with probability 0. */
function buildTables(numStates: number, numActions: number, entries: Entries): MdpTables {
  const numRows = numStates * numActions;
  const rowPtr = new Int32Array(numRows + 1);
  const rowOf = (i: number): number => entries.state[i]! * numActions + entries.choice[i]!;
  const stored = [...entries.value.keys()].filter((i) => entries.value[i]! > 0);
  for (const i of stored) rowPtr[rowOf(i) + 1]!++;
  for (let r = 0; r < numRows; r++) rowPtr[r + 1] = rowPtr[r + 1]! + rowPtr[r]!;
  const free = rowPtr.slice();
  const col = new Int32Array(stored.length);
  const prob = new Float64Array(stored.length);
  for (const i of stored) {
    const e = free[rowOf(i)]!++;
    col[e] = entries.next[i]!;
    prob[e] = entries.value[i]!;
  }
  return { numStates, numActions, rowPtr, col, prob, rewards: new Float64Array(numRows) };
}

function addStateRewards(file: string, text: string, mdp: MdpTables): void {
  const lines = new PrismLines(file, text);
  const header = readHeader(lines);
  if (header.numStates !== mdp.numStates) {
    throw lines.fail(`${mdp.numStates} states, as the .tra file has`, `${header.numStates}`);
  }
  for (let i = 0; i < header.numEntries; i++) {
    const words = lines.next();
    if (words?.length !== 2) {
      throw lines.fail(`"state reward", entry ${i + 1} of ${header.numEntries}`, words?.join(' '));
    }
    const state = lines.integer(words[0], 'a state', mdp.numStates);
    const reward = lines.real(words[1], 'a reward');
    const first = state * mdp.numActions;
    for (let row = first; row < first + mdp.numActions; row++) {
      if (mdp.actionMask?.[row] !== 0) mdp.rewards[row] = reward;
    }
  }
  lines.end(header.numEntries);
}

/** Called after the state rewards: a transition's reward includes the reward of its state. */
function addTransitionRewards(file: string, text: string, mdp: MdpTables, tra: Header): void {
  const lines = new PrismLines(file, text);
  const header = readHeader(lines);
  if (header.numStates !== tra.numStates || header.kind !== tra.kind) {
    const expected = `${tra.numStates} states of a ${tra.kind}, as the .tra file has`;
    throw lines.fail(expected, `${header.numStates} states of a ${header.kind}`);
  }
  const entries = readEntries(lines, header, 'a reward');
  const transitionRewards = new Float64Array(mdp.col.length);
  forEachEntry(mdp, (row, e) => (transitionRewards[e] = mdp.rewards[row]!));
  for (let i = 0; i < entries.value.length; i++) {
    const choice = entries.choice[i]!;
    const row = entries.state[i]! * mdp.numActions + choice;
    let found = false;
    const end = choice < mdp.numActions ? mdp.rowPtr[row + 1]! : 0;
    for (let e = mdp.rowPtr[row]!; e < end; e++) {
      if (mdp.col[e] !== entries.next[i]) continue;
      transitionRewards[e] = transitionRewards[e]! + entries.value[i]!;
      mdp.rewards[row] = mdp.rewards[row]! + mdp.prob[e]! * entries.value[i]!;
      found = true;
    }
    if (!found) {
      const transition = `${entries.state[i]} ${choice} ${entries.next[i]}`;
      throw lines.fail('a transition of the .tra file', transition, entries.line[i]);
    }
  }
  mdp.transitionRewards = transitionRewards;
}

function forEachEntry(mdp: MdpTables, visit: (row: number, entry: number) => void): void {
  for (let row = 0; row < mdp.rewards.length; row++) {
    for (let e = mdp.rowPtr[row]!; e < mdp.rowPtr[row + 1]!; e++) visit(row, e);
  }
}

function readLabels(file: string, text: string, numStates: number): Map<string, Int32Array> {
  const lines = new PrismLines(file, text);
  const names: string[] = [];
  for (const word of lines.next() ?? []) {
    const match = /^(\d+)="([^"]*)"$/.exec(word);
    if (!match || Number(match[1]) !== names.length) {
      throw lines.fail(`${names.length}="name"`, word);
    }
    names.push(match[2]!);
  }
  const states = new Map(names.map((name) => [name, new Set<number>()]));
  for (let words = lines.next(); words; words = lines.next()) {
    const [head, ...numbers] = words.join(' ').split(/\s*:\s*|\s+/);
    if (!words.join(' ').includes(':')) throw lines.fail('"state: label ..."', words.join(' '));
    const state = lines.integer(head, 'a state', numStates);
    for (const number of numbers.filter((word) => word !== '')) {
      states.get(names[lines.integer(number, 'a label', names.length)]!)!.add(state);
    }
  }
  return new Map(
    [...states].map(([name, set]) => [name, Int32Array.from(set).sort((a, b) => a - b)]),
  );
}
