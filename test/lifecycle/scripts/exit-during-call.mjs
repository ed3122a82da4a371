// process.exit while calls run on the engine's threads.
import { bellman } from '../../../dist/index.js';

const mdp = bellman.Mdp.fromTables(bellman.problem('garnet(4000,4,6,1)'));
const long = { discount: 1, tolerance: 1e-300, maxIterations: 1e9 };
for (let i = 0; i < 6; i++) new bellman.ValueIteration(mdp, long).solve();
setTimeout(() => {
  console.log('leaving');
  process.exit(0);
}, 100);
