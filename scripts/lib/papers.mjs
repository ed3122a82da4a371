// docs/papers.md from docs/papers.json and the ops there are: a paper's state is looked up, not typed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { camelCase } from './names.mjs';
import { root } from './tree.mjs';

const head = `<!-- Written by scripts/generate.mjs from docs/papers.json and native/ops: do not edit. -->
# Papers

The papers that asked for this engine, and the computation each needs from it. An op in bold is built and passes its golden cases (\`test/golden/<family>/<op>.json\`); a plain one is not built yet. "kernel": the paper has a computation of its own; "composition": it is made of other ops; "outside": a survey with nothing of its own to compute; "reconstructed": the formula was rebuilt from the paper's text, without its code.

`;

/** The test files that import an example, by the example's path. */
function testsOfExamples() {
  const folder = join(root, 'test/examples');
  const tests = new Map();
  for (const file of readdirSync(folder).sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, path] of text.matchAll(/'\.\.\/\.\.\/(examples\/[^']+)\.js'/g)) {
      tests.set(`${path}.ts`, `test/examples/${file}`);
    }
  }
  return tests;
}

function opText(op, built) {
  const [family, name] = op.split('/');
  const text = `\`${camelCase(name)}\``;
  return built.has(op)
    ? `[**${text}**](reference/${family}.md#${camelCase(name).toLowerCase()})`
    : text;
}

function state(paper, built) {
  const missing = paper.ops.filter((op) => !built.has(op)).length;
  if (paper.kind === 'outside') return 'survey';
  if (missing === paper.ops.length) return 'not built';
  if (missing > 0) return `${paper.ops.length - missing} of ${paper.ops.length} ops`;
  if (paper.note !== undefined) return paper.note;
  return paper.example === undefined ? 'ops built, example missing' : 'served';
}

function row(paper, built, tests) {
  const ops = [
    ...paper.ops.map((op) => opText(op, built)),
    ...(paper.classes ?? []).map((name) => `\`${name}\``),
  ];
  const link = (path) => (path === undefined ? '—' : `[${path}](../${path})`);
  const test = link(tests.get(paper.example));
  return `| ${paper.number} | ${paper.title} | ${paper.kind} | ${ops.join(', ')} | ${link(paper.example)} | ${test} | ${state(paper, built)} |\n`;
}

export function papersPage(papers, ops) {
  const built = new Set(ops.map((op) => `${op.family}/${op.name}`));
  for (const { number, example } of papers) {
    if (example !== undefined && !existsSync(join(root, example)))
      throw new Error(`docs/papers.json: paper ${number} names ${example}, which does not exist`);
  }
  const tests = testsOfExamples();
  for (const { number, example } of papers) {
    if (example !== undefined && !tests.has(example))
      throw new Error(`docs/papers.json: paper ${number}: no test imports ${example}`);
  }
  const counts = papers.filter((paper) => paper.ops.every((op) => built.has(op))).length;
  return `${head}${counts} of ${papers.length} papers have every op they name.\n\n| # | paper | kind | ops and classes | example | its test | state |\n|---|---|---|---|---|---|---|\n${papers
    .map((paper) => row(paper, built, tests))
    .join('')}`;
}
