// Workers are terminated while a long call runs, at different moments.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { bellman } from '../../../dist/index.js';

if (isMainThread) {
  let terminated = 0;
  for (let i = 0; i < 30; i++) {
    const worker = new Worker(new URL(import.meta.url));
    await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, i));
    await worker.terminate();
    terminated += 1;
  }
  console.log(`${terminated} workers terminated`);
} else {
  const mdp = bellman.Mdp.fromTables(bellman.problem('garnet(4000,4,6,1)'));
  const long = { discount: 1, tolerance: 1e-300, maxIterations: 1e9 };
  const pending = [1, 2, 3].map(() => new bellman.ValueIteration(mdp, long).solve());
  parentPort.postMessage('running');
  await Promise.all(pending);
}
