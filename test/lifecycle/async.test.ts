/** Asynchronous calls: buffers, abort, progress, errors. */
import { alloc, BelfryError, bellman, Tensor, token } from 'belfry';
import { describe, expect, test } from 'vitest';

const { gae, gaeAsync } = token;
const slow = bellman.Mdp.fromTables(bellman.problem('grid(120,120,0.1)'));
/** Never ends and always pays: with γ = 1 its values grow for ever. */
const endless = bellman.Mdp.fromTables(bellman.problem('garnet(4000,4,6,1)'));

function batch(rows: number, length: number) {
  const fill = (seed: number): Float32Array =>
    Float32Array.from({ length: rows * length }, (_, i) => Math.sin(i * seed));
  return {
    rewards: new Tensor(fill(1.1), [rows, length]),
    values: new Tensor(fill(0.7), [rows, length]),
  };
}

describe('asynchronous calls', () => {
  test('many at once give what the synchronous call gives', async () => {
    const batches = Array.from({ length: 24 }, (_, i) => batch(3 + i, 50));
    const results = await Promise.all(batches.map((args) => gaeAsync(args)));
    results.forEach((result, i) => expect(result).toEqual(gae(batches[i] as (typeof batches)[0])));
  });

  test('an operand may be transferred while the call runs', async () => {
    const args = batch(64, 512);
    const expected = gae(args);
    const pending = gaeAsync(args);
    structuredClone(args.rewards.data, { transfer: [args.rewards.data.buffer as ArrayBuffer] });
    expect(await pending).toEqual(expected);
  });

  test('an output that was transferred meanwhile is an error, not a crash', async () => {
    const args = batch(64, 512);
    const out = { advantages: new Float32Array(64 * 512) };
    const pending = gaeAsync({ ...args, out });
    structuredClone(out.advantages, { transfer: [out.advantages.buffer] });
    await expect(pending).rejects.toMatchObject({ code: 'BELFRY_DETACHED_BUFFER' });
  });

  test('shared memory is used in place, and not twice at once', async () => {
    const args = batch(256, 256);
    const shared = alloc('float32', 256 * 256);
    const first = gaeAsync({ ...args, out: { advantages: shared } });
    await expect(gaeAsync({ ...args, out: { advantages: shared } })).rejects.toMatchObject({
      code: 'BELFRY_BUFFER_IN_USE',
    });
    await first;
    expect(shared).toEqual(gae(args).advantages.data);
    await gaeAsync({ ...args, out: { advantages: shared } });
  });

  test('a wrong argument rejects', async () => {
    const pending = gaeAsync({ ...batch(2, 3), gamma: 2 });
    await expect(pending).rejects.toMatchObject({
      code: 'BELFRY_INVALID_ARGUMENT',
      argument: 'gamma',
    });
  });

  test('the event loop runs meanwhile', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await new bellman.ValueIteration(slow, { discount: 0.9999, tolerance: 1e-9 }).solve();
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });
});

describe('abort and progress', () => {
  const long = { discount: 1, tolerance: 1e-300, maxIterations: 1e9 };

  test('a signal stops the work and is what rejects', async () => {
    const solver = new bellman.ValueIteration(endless, long);
    const controller = new AbortController();
    const pending = solver.solve({ signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const asked = performance.now();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(performance.now() - asked).toBeLessThan(2000);
    await expect(
      new bellman.ValueIteration(slow, { discount: 0.9 }).solve(),
    ).resolves.toMatchObject({ converged: true });
  });

  test('a signal that has fired already stops at once', async () => {
    const pending = new bellman.ValueIteration(endless, long).solve({
      signal: AbortSignal.abort(new Error('before')),
    });
    await expect(pending).rejects.toThrow('before');
  });

  test('progress comes, and an exception in it stops the work', async () => {
    let reports = 0;
    const pending = new bellman.ValueIteration(endless, long).solve({
      onProgress: ({ iteration, elapsedMs }) => {
        reports += 1;
        expect(iteration).toBeGreaterThan(0);
        expect(elapsedMs).toBeGreaterThan(0);
        if (reports === 2) throw new RangeError('mine');
      },
    });
    await expect(pending).rejects.toThrow(new RangeError('mine'));
    expect(reports).toBe(2);
  });

  test('a signal that is none is refused', async () => {
    const signal = {} as AbortSignal;
    await expect(gaeAsync({ ...batch(1, 1), signal })).rejects.toBeInstanceOf(BelfryError);
  });
});
