// Runs in a folder where the packed package is installed (scripts/pack-test.mjs), as CommonJS.
const assert = require('node:assert/strict');
const belfry = require('belfry');
const { gae } = require('belfry/token');
const { checkGae } = require('./check-gae.cjs');

checkGae(gae);
checkGae(belfry.token.gae);

const manifest = require('belfry/package.json');
for (const path of Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'))) {
  const module = require(path.replace('.', 'belfry'));
  assert.equal(module.default, undefined, `${path} has a default export`);
}
