// Runs in a folder where the packed package is installed (scripts/pack-test.mjs), as an ES module.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { gae } from 'belfry/token';
import { checkGae } from './check-gae.cjs';

checkGae(gae);

const { exports } = createRequire(import.meta.url)('belfry/package.json');
for (const path of Object.keys(exports).filter((path) => !path.endsWith('.json'))) {
  const module = await import(path.replace('.', 'belfry'));
  assert.equal(module.default, undefined, `${path} has a default export`);
}
