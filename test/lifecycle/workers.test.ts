/** Worker threads and process exit, each in a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(`scripts/${name}`, import.meta.url));

test('several workers compute at once and agree', async () => {
  const { stdout } = await run(process.execPath, [script('workers-agree.mjs')]);
  expect(stdout.trim()).toBe('8 workers agree');
});

test('workers terminated in the middle of a call leave the process whole', async () => {
  const { stdout } = await run(process.execPath, [script('workers-terminate.mjs')]);
  expect(stdout.trim()).toBe('30 workers terminated');
});

test('the process exits at once during an asynchronous call', async () => {
  const started = performance.now();
  const { stdout } = await run(process.execPath, [script('exit-during-call.mjs')]);
  expect(stdout.trim()).toBe('leaving');
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('a pending call keeps the process alive until it is done', async () => {
  const { stdout } = await run(process.execPath, [script('pending-call.mjs')]);
  expect(stdout.trim()).toBe('done');
});
