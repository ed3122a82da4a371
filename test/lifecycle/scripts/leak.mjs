// 100,000 calls: right ones, wrong ones, asynchronous ones. Prints memory after each round, in KiB.
import { BelfryError, Tensor, token } from '../../../dist/index.js';

// Small: arrays that wait for their collector would hide a leak of the calls.
const rewards = new Tensor(new Float32Array(256), [8, 32]);
const samples = [];
for (let round = 0; round < 16; round++) {
  for (let i = 0; i < 10_000; i++) {
    token.gae({ rewards, values: rewards });
    if (i % 16 !== 0) continue;
    try {
      token.gae({ rewards, values: rewards, gamma: 3 });
    } catch (error) {
      if (!(error instanceof BelfryError)) throw error;
    }
  }
  for (let i = 0; i < 40; i++) {
    await Promise.all(
      Array.from({ length: 20 }, () => token.gaeAsync({ rewards, values: rewards })),
    );
  }
  globalThis.gc();
  globalThis.gc();
  const { rss, external, arrayBuffers } = process.memoryUsage();
  samples.push({ rss: rss >> 10, external: external >> 10, arrayBuffers: arrayBuffers >> 10 });
}
console.log(JSON.stringify(samples));
