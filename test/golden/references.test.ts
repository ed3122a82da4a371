/** The golden files that references of our own make are what the references give today. */
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { reference as bellmanBackupGrid } from '../reference/bellman/bellman-backup-grid.js';
import { goldenText } from '../reference/golden.js';

test.each([bellmanBackupGrid])('$family/$op', async (reference) => {
  const path = new URL(`./${reference.family}/${reference.op}.json`, import.meta.url);
  await expect(goldenText(reference)).toMatchFileSnapshot(fileURLToPath(path));
});
