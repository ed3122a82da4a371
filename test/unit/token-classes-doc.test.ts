/** docs/token-classes.md names every option of every class, with the default that the code has. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as token from 'belfry/token';
import { expect, test } from 'vitest';

const page = fileURLToPath(new URL('../../docs/token-classes.md', import.meta.url));
const sections = readFileSync(page, 'utf8').split('\n## ').slice(1);
const shared: object = { ...token.surrogateDefaults, ...token.baselineDefaults };

type Defaults = Readonly<Record<string, unknown>>;

/** `Grpo` to `grpoDefaults`; the one class with a longer name has a shorter constant. */
function defaultsOf(name: string): Defaults {
  const short = name === 'NegativeAwareFineTuning' ? 'Nft' : name;
  const constant = `${short[0]?.toLowerCase()}${short.slice(1)}Defaults`;
  return (token as unknown as Record<string, Defaults>)[constant] as Defaults;
}

/** Options of a section's tables, with the text of their default. */
function documented(section: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of section.split('\n').filter((text) => text.startsWith('| `'))) {
    const [names = '', cell = ''] = line.slice(2).split(' | ');
    const options = names.split(', ').map((name) => name.replaceAll('`', ''));
    const defaults = options.length > 1 ? cell.split(', ') : [cell];
    options.forEach((option, i) => {
      found.set(option, defaults[i] as string);
    });
  }
  return found;
}

/** The value that a cell says, without a remark in brackets. */
const readCell = (cell: string): unknown =>
  new Function(`return (${cell.replace(/ \(\w+\)$/, '')});`)();

const classes = sections.flatMap((section) => {
  const name = /^`(\w+)`/.exec(section)?.[1];
  return name === undefined ? [] : [{ name, section }];
});

test('there is a section for each class', () => {
  const exported = Object.keys(token).filter((name) => /^[A-Z]/.test(name));
  const bases = ['Algorithm', 'PolicyAlgorithm'];
  expect(classes.map(({ name }) => name).sort()).toEqual(
    exported.filter((name) => !bases.includes(name)).sort(),
  );
});

test.each(classes)('$name', ({ name, section }) => {
  const defaults = defaultsOf(name);
  const said = documented(section);
  for (const option of Object.keys(defaults)) {
    // An option of its own, or a shared one with another value, has a row.
    const common = (shared as Defaults)[option];
    const own = !(option in shared) || common !== defaults[option];
    if (own && !said.has(option)) expect(section).toContain(`\`${option}: '${defaults[option]}'\``);
  }
  for (const [option, cell] of said) {
    expect(Object.keys(defaults)).toContain(option);
    expect(readCell(cell), option).toEqual(defaults[option]);
  }
});

test('options that several classes share', () => {
  const said = documented(sections[0] as string);
  for (const [option, value] of Object.entries(shared)) {
    expect(said.has(option), option).toBe(true);
    const cell = said.get(option) as string;
    if (cell !== 'by class') expect(readCell(cell), option).toEqual(value);
  }
});
