import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));
const families = ['bellman', 'fitted-q', 'token', 'preference', 'offline', 'flow', 'tfjs'];

const alias = {
  ...Object.fromEntries(
    families.map((family) => [`belfry/${family}`, source(`${family}/index.ts`)]),
  ),
  belfry: source('index.ts'),
};

/** Those of test/device need one, real or emulated: BELFRY_CUDA_PATH names the plug-in that has it. */
const folders = process.env['BELFRY_CUDA_PATH'] === undefined ? '!(device)' : '*';

const config: ReturnType<typeof defineConfig> = defineConfig({
  resolve: { alias },
  test: {
    testTimeout: 60_000,
    setupFiles: [fileURLToPath(new URL('test/setup.ts', import.meta.url))],
    // By default one processor is left to the user: half of a machine with two.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'main thread',
          // No `exclude` here: it would take the place of the command line's.
          include: [`test/${folders}/**/*.test.ts`],
          pool: 'forks',
          execArgv: ['--expose-gc'],
        },
      },
      {
        // The same add-on in worker threads: being loadable from several is part of the contract.
        extends: true,
        test: { name: 'worker thread', include: ['test/golden/*.test.ts'], pool: 'threads' },
      },
    ],
  },
});

export default config;
