import { argumentError, didYouMean, show } from './errors.js';

/** Strict options: an unknown key is an error that names the closest known one. */
export function checkOptions(op: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    const found = `is ${show(options)}`;
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, 'options', found, 'an object');
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known);
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, key, 'is not an option', '', hint);
  }
}

/** The options over their defaults; one that is undefined is as good as left out. */
export function withDefaults<D extends object, O extends object>(defaults: D, options: O): D & O {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) } as D & O;
}

/** What an option must be: a test and the words for it. */
export type OptionRule = readonly [fits: (value: unknown) => boolean, expected: string];

/** @throws BelfryError BELFRY_INVALID_ARGUMENT naming the first option that breaks its rule */
export function checkRules(
  op: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined || rule[0](value)) continue;
    throw argumentError('BELFRY_INVALID_ARGUMENT', op, name, `is ${show(value)}`, rule[1]);
  }
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
const isWhole = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;

const widest = 65_536;
const areWidths = (value: unknown): boolean =>
  Array.isArray(value) && value.every((width) => isWhole(width, 1) && width <= widest);

type RuleName =
  | 'number'
  | 'positive'
  | 'notNegative'
  | 'share'
  | 'count'
  | 'countOrNone'
  | 'flag'
  | 'limitOrNull'
  | 'widths'
  | 'call'
  | 'signal';

/** One of these words. */
export function oneOf(words: readonly string[]): OptionRule {
  const quoted = words.map((word) => `'${word}'`);
  return [(x) => words.includes(x as string), `one of ${quoted.join(', ')}`];
}

/** Rules that several classes share. */
export const rules: Readonly<Record<RuleName, OptionRule>> = {
  number: [isNumber, 'a number'],
  positive: [(x) => isNumber(x) && x > 0, 'a number above 0'],
  notNegative: [(x) => isNumber(x) && x >= 0, 'a number of at least 0'],
  share: [(x) => isNumber(x) && x >= 0 && x <= 1, 'in [0, 1]'],
  count: [(x) => isWhole(x, 1), 'an integer of at least 1'],
  countOrNone: [(x) => isWhole(x, 0), 'an integer of at least 0'],
  flag: [(x) => typeof x === 'boolean', 'true or false'],
  limitOrNull: [(x) => x === null || (isNumber(x) && x > 0), 'null or more than 0'],
  widths: [areWidths, `a list of widths, each an integer in [1, ${widest}]`],
  call: [(x) => typeof x === 'function', 'a function'],
  signal: [(x) => x instanceof AbortSignal, 'an AbortSignal'],
};
