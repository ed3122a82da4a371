// Runs in a folder where the packed package is installed (scripts/pack-test.mjs), as CommonJS.
const assert = require('node:assert/strict');
const belfry = require('belfry');
const { gae } = require('belfry/token');
const { checkGae } = require('./check-gae.cjs');

checkGae(gae);
checkGae(belfry.token.gae);

const { exports } = require('belfry/package.json');
for (const path of Object.keys(exports).filter((path) => !path.endsWith('.json'))) {
  const module = require(path.replace('.', 'belfry'));
  assert.ok(Object.keys(module).length > 0, `${path} exports nothing`);
}
