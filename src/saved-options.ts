/** Class and options of a learner in the metadata of its .safetensors file. */
import { argumentError, BelfryError, show } from './errors.js';
import { checkOptions, withDefaults } from './options.js';

type Metadata = Readonly<Record<string, string>>;

/**
 * The options that are plain values, for the metadata of a file; without the seed, in whose place it
 * has the state of the random numbers.
 */
export function optionsText(options: object): string {
  const isPlain = (value: unknown): boolean =>
    value === null || typeof value !== 'object' || Array.isArray(value);
  const kept = Object.entries(options).filter(([name, value]) => name !== 'seed' && isPlain(value));
  return JSON.stringify(Object.fromEntries(kept));
}

/**
 * What `checked` makes of the options that a file was written with; none where it names none.
 * @throws BelfryError BELFRY_BAD_FILE when another class wrote the file, or `checked` refuses them
 */
export function optionsOfFile<D extends object>(
  owner: string,
  { learner = owner, options: text = '{}' }: Metadata,
  checked: (saved: Partial<D>) => Partial<D>,
): Partial<D> {
  const fail = (name: string, found: string, expected: string) =>
    argumentError('BELFRY_BAD_FILE', owner, name, found, expected);
  if (learner !== owner) throw fail('learner', `is ${show(learner)}`, `a file of ${owner}`);
  try {
    const parsed = JSON.parse(text) as Partial<D>;
    if (Array.isArray(parsed)) throw new Error('a list');
    return checked(parsed);
  } catch (error) {
    const reason = error instanceof BelfryError ? error.message : 'no JSON of an object';
    throw fail('options', `cannot be read (${reason})`, `the options of ${owner}`);
  }
}

/** The options of a file with those given over them. @throws BelfryError where these are no object */
export function optionsOver<S extends object, G extends object>(
  owner: string,
  saved: S,
  given: G,
): S & G {
  checkOptions(owner, given, Object.keys(given ?? {}));
  return withDefaults(saved, given);
}

/**
 * A count in the metadata.
 * @throws BelfryError BELFRY_BAD_FILE naming it
 */
export function countOfFile(owner: string, metadata: Metadata, name: string, missing = 0): number {
  const text = metadata[name] ?? String(missing);
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw argumentError('BELFRY_BAD_FILE', owner, name, `is ${show(text)}`, 'a count');
}
