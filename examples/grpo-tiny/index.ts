/** Runs the training, prints the success rate, and draws it into `grpo-tiny.svg`. */
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

import { renderLines } from '../../src/demo/plots/lines.js';
import { train } from './train.js';

/** A drawing that stands alone: the report's style is not there. */
export function drawCurve(curve: readonly number[]): string {
  const drawn = renderLines({
    kind: 'lines',
    title: 'Success rate',
    xLabel: 'update',
    yLabel: 'right answers',
    series: [{ name: 'GRPO', values: curve }],
  });
  const style = '<style>.curve{fill:none;stroke-width:2}text{font:12px sans-serif}</style>';
  return drawn
    .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
    .replace('>', `>${style}`);
}

export async function main(updates: number): Promise<number[]> {
  const curve = await train({
    updates,
    onUpdate: (update, success) => {
      if (update % 10 === 0) console.log(`update ${update}: ${(100 * success).toFixed(1)} % right`);
    },
  });
  writeFileSync('grpo-tiny.svg', drawCurve(curve));
  return curve;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(Number(process.argv[2] ?? 200));
}
