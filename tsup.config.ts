import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  target: 'node20',
  shims: true,
  splitting: true,
  sourcemap: false,
  treeshake: true,
  external: ['node-gyp-build'],
};

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
    },
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
  },
  {
    // The command line and the tools of the repository: libraries bundled, not installed.
    ...shared,
    entry: { cli: 'src/cli.ts', conformance: 'src/tools/conformance.ts' },
    format: ['esm'],
    noExternal: [/./],
    external: ['node-gyp-build'],
  },
]);

export default config;
