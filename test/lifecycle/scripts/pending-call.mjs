// Nothing else keeps this process alive than the call itself.
import { bellman } from '../../../dist/index.js';

const mdp = bellman.Mdp.fromTables(bellman.problem('grid(100,100,0.1)'));
new bellman.ValueIteration(mdp, { discount: 0.999, tolerance: 1e-8 })
  .solve()
  .then(() => console.log('done'));
