// Eight workers run the same calls at once; every result must have the same bits.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

import { token } from '../../../dist/index.js';

function compute() {
  const fill = (k) => Float32Array.from({ length: 64 * 300 }, (_, i) => Math.sin(i * k));
  let bits = 0;
  for (let round = 0; round < 50; round++) {
    const { advantages } = token.gae({
      rewards: { data: fill(1.3 + round), shape: [64, 300] },
      values: { data: fill(0.4), shape: [64, 300] },
    });
    for (const word of new Uint32Array(advantages.data.buffer))
      bits = (Math.imul(bits, 31) + word) | 0;
  }
  return bits;
}

if (isMainThread) {
  const workers = Array.from({ length: 8 }, () => new Worker(new URL(import.meta.url)));
  const answers = await Promise.all(
    workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))),
  );
  console.log(
    answers.every((bits) => bits === compute()) ? '8 workers agree' : `differ: ${answers}`,
  );
} else {
  parentPort.postMessage(compute());
}
