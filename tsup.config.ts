import { rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';

import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  target: 'node20',
  shims: true,
  splitting: true,
  sourcemap: false,
  treeshake: true,
  external: ['node-gyp-build'],
};

// Both builds below write there at the same time, so neither may clean.
rmSync('dist', { recursive: true, force: true });

const config: ReturnType<typeof defineConfig> = defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      bellman: 'src/bellman/index.ts',
      'fitted-q': 'src/fitted-q/index.ts',
      token: 'src/token/index.ts',
      preference: 'src/preference/index.ts',
      offline: 'src/offline/index.ts',
      flow: 'src/flow/index.ts',
      tfjs: 'src/tfjs/index.ts',
    },
    format: ['esm', 'cjs'],
    // Tensor declares Symbol.dispose, which the libraries of a user's target may lack.
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
  },
  {
    // The command line and the tools of the repository: libraries bundled, not installed.
    ...shared,
    entry: { cli: 'src/cli.ts', conformance: 'src/tools/conformance.ts' },
    format: ['esm'],
    noExternal: [/./],
    // Bundled CommonJS libraries ask for Node's modules by require.
    banner: {
      js: "import { createRequire as banner } from 'node:module'; const require = banner(import.meta.url);",
    },
    external: ['node-gyp-build'],
    // What the demo reads, so that it runs in an installed package.
    onSuccess: async () => cp('examples/data', 'dist/data', { recursive: true }),
  },
]);

export default config;
