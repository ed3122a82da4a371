import { argumentError, show } from '../errors.js';
import {
  bellmanBackupBatched,
  bellmanBackupBatchedAsync,
  bellmanBackupDeterministic,
  bellmanBackupDeterministicAsync,
  bellmanBackupVCsr,
  bellmanBackupVCsrAsync,
  bellmanBackupVDense,
  bellmanBackupVDenseAsync,
} from '../generated/bellman.js';
import type { AsyncOptions } from '../tasks.js';
import { alloc, type RealArray, Tensor, type TypedArray } from '../tensor.js';
import { type Call, callOf } from './calls.js';
import type { AnyMdp } from './mdp.js';
import type { MdpBatch } from './models/batch.js';
import type { TimedMdp } from './models/timed.js';

/** The kinds that one backup fits; a time-dependent model has one for each of its `steps`. */
export type BackupMdp<A extends RealArray = RealArray> = Exclude<AnyMdp<A>, TimedMdp<A>>;

export interface BackupOptions<A extends RealArray> {
  /** V: [S], of a batch one model after the other; [B, S] where reward functions share a model. */
  values: A | Tensor<A>;
  /** Discount γ in [0, 1]; for a batch also a list, one for each model. */
  discount: number | ArrayLike<number>;
  /** Maximise reward (default) or minimise cost. */
  mode?: 'max' | 'min';
}

export interface BackupAnswer<A extends RealArray> {
  /** V', as `values`. */
  values: Tensor<A>;
  /** Greedy action of every state, −1 where none is allowed. */
  policy: Tensor<Int32Array>;
}

/**
 * One Bellman optimality backup, by the op of the model's kind: `bellmanBackupVCsr`,
 * `bellmanBackupVDense`, `bellmanBackupDeterministic` or `bellmanBackupBatched`, on the GPU after
 * `to('cuda')`. The results are in host memory.
 *
 * ```ts
 * const { values, policy } = bellmanBackup(mdp, { values: new Float64Array(S), discount: 0.9 });
 * ```
 *
 * @throws BelfryError as the op
 */
export function bellmanBackup<A extends RealArray>(
  mdp: BackupMdp<A>,
  options: BackupOptions<A>,
): BackupAnswer<A> {
  return backupCall(mdp, options).sync();
}

/** As `bellmanBackup`, on the engine's own threads. */
export function bellmanBackupAsync<A extends RealArray>(
  mdp: BackupMdp<A>,
  options: BackupOptions<A>,
  run: AsyncOptions = {},
): Promise<BackupAnswer<A>> {
  return backupCall(mdp, options).async(run);
}

/** @internal the call of a backup; `operands` are the model's, where they lie elsewhere. */
export function backupCall<A extends RealArray>(
  mdp: BackupMdp<A>,
  options: BackupOptions<A>,
  operands: object = mdp.operands(),
): Call<BackupAnswer<A>> {
  const { values, discount, mode = 'max' } = options;
  const shaped =
    mdp.kind === 'shared' && ArrayBuffer.isView(values)
      ? { data: values, shape: [mdp.numModels, mdp.numStates] }
      : values;
  const args = {
    ...operands,
    values: shaped,
    gamma: mdp.kind === 'batch' ? discounts(mdp, discount) : discount,
    mode,
    outputs: ['values', 'policy'],
    ...(mdp.engine && { engine: mdp.engine }),
  };
  return callOf<BackupAnswer<A>>(...opOf(mdp.kind), args);
}

type AnyOp = (args: never) => unknown;

function opOf(kind: BackupMdp['kind']): [AnyOp, AnyOp] {
  switch (kind) {
    case 'sparse':
      return [bellmanBackupVCsr, bellmanBackupVCsrAsync];
    case 'dense':
      return [bellmanBackupVDense, bellmanBackupVDenseAsync];
    case 'deterministic':
      return [bellmanBackupDeterministic, bellmanBackupDeterministicAsync];
    default:
      return [bellmanBackupBatched, bellmanBackupBatchedAsync];
  }
}

/** [B] the discount of each model, in the precision of the batch. */
function discounts<A extends RealArray>(mdp: MdpBatch<A>, discount: number | ArrayLike<number>): A {
  const make = mdp.rewards.constructor as new (values: ArrayLike<number> | number) => A;
  if (typeof discount === 'number') return new make(mdp.numModels).fill(discount) as A;
  if (discount.length === mdp.numModels) return new make(discount);
  const expected = `a number or ${mdp.numModels} of them`;
  const received = `is ${show(discount)}`;
  throw argumentError('BELFRY_BAD_SHAPE', 'bellmanBackup', 'discount', received, expected);
}

/** @internal the operands in shared memory: asynchronous calls then read them without a copy. */
export function inSharedMemory<O extends object>(operands: O): O {
  const entries = Object.entries(operands).map(([name, value]) => {
    if (!(value instanceof Tensor) || value.device !== 'cpu') return [name, value];
    const tensor = value as Tensor<TypedArray>;
    if ((tensor.data.buffer as unknown) instanceof SharedArrayBuffer) return [name, tensor];
    const copy = alloc(tensor.dtype as 'float64', tensor.size) as TypedArray;
    copy.set(tensor.data as never);
    return [name, new Tensor(copy, tensor.shape)];
  });
  return Object.fromEntries(entries) as O;
}
