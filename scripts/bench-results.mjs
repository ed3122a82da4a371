// Writes bench/results/README.md from the JSON files beside it. Run `npm run docs` after adding one.
// With --check it only says whether the page is current.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/tree.mjs';

const folder = join(root, 'bench', 'results');
const page = join(folder, 'README.md');

const head = `# Results

Written by \`scripts/bench-results.mjs\` from the JSON files in this folder; ../README.md says how they
are made. "Of limit" is the share of what the machine itself reached in the same run; the ratios are
medians over paired runs, the other side's time divided by belfry's. Above 1 belfry is faster.
`;

function seconds(value) {
  const [scale, unit] = [
    [1, 's'],
    [1e-3, 'ms'],
    [1e-6, 'µs'],
    [1e-9, 'ns'],
  ].find(([least, name]) => value >= least || name === 'ns');
  return `${(value / scale).toPrecision(3)} ${unit}`;
}

const times = (value) => (value === undefined ? '' : `${value.toPrecision(3)} x`);
const giga = (value) => (value / 1e9).toPrecision(3);
const line = (cells) => `| ${cells.join(' | ')} |`;

function rowLine(row) {
  const peers = (row.peers ?? []).map(
    ({ peer, speedup, seconds: { median } }) => `${times(speedup)} ${peer} (${seconds(median)})`,
  );
  return line([
    `${row.family}/${row.op}`,
    row.name,
    seconds(row.seconds.median),
    `${seconds(row.seconds.p10)} – ${seconds(row.seconds.p90)}`,
    row.share > 0 ? `${(100 * row.share).toFixed(0)} % ${row.limit}` : '',
    times(row.speedup),
    peers.join('<br>'),
  ]);
}

function machineText({ machine, limits }) {
  const threads = machine.threads === 1 ? '1 thread' : `${machine.threads} threads`;
  return `## ${machine.cpu}, ${machine.instructions}, ${threads}

belfry ${machine.belfry} (${machine.commit}), Node ${machine.node}, ${machine.os}, compiler ${machine.compiler}, ${machine.date.slice(0, 10)}; load average ${machine.loadAverage.join(' before, ')} after. Limits measured in the run: copy ${giga(limits.copyBytesPerSecond)} GB/s, read ${giga(limits.readBytesPerSecond)} GB/s, ${(limits.gathersPerSecond / 1e6).toFixed(0)} M gathers/s, FMA ${giga(limits.fmaF32PerSecond)} GFLOP/s float32 and ${giga(limits.fmaF64PerSecond)} float64.
`;
}

const header = ['op', 'size', 'median', 'p10 – p90', 'of limit', 'plain loop', 'peers'];

function section(file) {
  const result = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const table = [line(header), line(header.map(() => '---')), ...result.rows.map(rowLine)];
  return `${machineText(result)}\n${table.join('\n')}\n`;
}

function render() {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const sections = files.sort().map(section);
  return [head, ...(sections.length > 0 ? sections : ['None yet for this version.\n'])].join('\n');
}

const text = render();
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  process.stdout.write('bench/results/README.md is not what its JSON files say: npm run docs\n');
  process.exit(1);
}
