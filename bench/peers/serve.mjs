// The protocol of peers.py for a program with one workload.
import { createInterface } from 'node:readline';

/**
 * @param prepare `(sizes) => { peer, run, sample }`: the peer's name, one call, its first results
 * @param packageName what `prepare` imports, and `cd bench && npm install` installs
 */
export async function serve(packageName, prepare) {
  let sizes;
  let run;
  const answer = async (request) => {
    const result = {};
    const key = JSON.stringify(request.sizes);
    if (sizes !== key || request.first) {
      const prepared = await prepare(request.sizes);
      run = prepared.run;
      sizes = key;
      Object.assign(result, { peer: prepared.peer, sample: prepared.sample });
    }
    await run();
    const started = performance.now();
    for (let i = 0; i < request.repeat; i++) await run();
    return { ...result, seconds: (performance.now() - started) / 1000 / request.repeat };
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND') return { missing: packageName };
      throw error;
    });
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
