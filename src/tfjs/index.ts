/**
 * `belfry/tfjs`: losses of this package as TensorFlow.js functions with their gradients.
 *
 * TensorFlow.js is an optional peer dependency, loaded on first use: `@tensorflow/tfjs`, or
 * `@tensorflow/tfjs-core` where only that is installed.
 */
import { createRequire } from 'node:module';
import type * as core from '@tensorflow/tfjs-core';

import { argumentError, BelfryError } from '../errors.js';
import { Tensor } from '../tensor.js';

/** The part of TensorFlow.js that is used here. */
export type TensorFlow = Pick<typeof core, 'customGrad' | 'mul' | 'scalar' | 'tensor'>;

const packages = ['@tensorflow/tfjs', '@tensorflow/tfjs-core'];
let loaded: TensorFlow | undefined;

/** @throws BelfryError BELFRY_LOAD_FAILED when TensorFlow.js is not installed */
function tensorFlow(): TensorFlow {
  loaded ??= load();
  return loaded;
}

function load(): TensorFlow {
  const require = createRequire(import.meta.url);
  // A package that is there but lacks one of its own is broken: that error goes to the caller.
  const name = packages.find((candidate) => isInstalled(require, candidate));
  if (name !== undefined) return require(name) as TensorFlow;
  throw new BelfryError(
    'BELFRY_LOAD_FAILED',
    'belfry/tfjs: TensorFlow.js is not installed. Run: npm install @tensorflow/tfjs',
    { op: 'belfry/tfjs' },
  );
}

function isInstalled(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Elements and shape of a TensorFlow.js tensor, as float32. Waits for the backend. */
export function fromTf(tensor: core.Tensor): Tensor<Float32Array> {
  return new Tensor(Float32Array.from(tensor.dataSync()), tensor.shape);
}

/** A float32 TensorFlow.js tensor with these elements. */
export function toTf(tensor: Tensor<Float32Array> | Tensor<Float64Array>): core.Tensor {
  return tensorFlow().tensor(Float32Array.from(tensor.data), [...tensor.shape], 'float32');
}

/** What a loss of this package returns: a number, and its gradient under the name K. */
export type LossWithGradient<K extends string> = { readonly loss: number } & Readonly<
  Record<Exclude<K, 'loss'>, Tensor<Float32Array>>
>;

/**
 * Makes a differentiable TensorFlow.js function of one tensor from a loss of this package.
 *
 * ```ts
 * const grpo = new Grpo({ klCoef: 0 });
 * const loss = tfLoss((logProbs) => grpo.loss({ logProbs, oldLogProbs, mask, advantages }));
 * const { grads } = tf.variableGrads(() => loss(model.logProbs(tokens)));
 * ```
 *
 * The gradient is the closed form of the op: TensorFlow.js chains it to what comes before. There is
 * no second derivative.
 *
 * @param compute from the tensor to the loss and its gradient, both in one call
 * @param gradient which output is ∂loss/∂tensor: 'gradLogProbs' (default), 'gradLogits', 'gradValues' …
 * @throws BelfryError BELFRY_LOAD_FAILED, at the first call, when TensorFlow.js is not installed
 */
export function tfLoss<K extends string>(
  compute: (input: Tensor<Float32Array>) => LossWithGradient<NoInfer<K>>,
  gradient: K,
): (input: core.Tensor) => core.Scalar;
export function tfLoss(
  compute: (input: Tensor<Float32Array>) => LossWithGradient<'gradLogProbs'>,
): (input: core.Tensor) => core.Scalar;
export function tfLoss(
  compute: (input: Tensor<Float32Array>) => { readonly loss: number },
  gradient = 'gradLogProbs',
): (input: core.Tensor) => core.Scalar {
  return (input) => {
    const tf = tensorFlow();
    const op = tf.customGrad((x, save) => {
      const result = compute(fromTf(x as core.Tensor));
      (save as core.GradSaveFunc)([toTf(gradientOf(result, gradient))]);
      return {
        value: tf.scalar(result.loss),
        gradFunc: (dy: core.Tensor, saved: core.Tensor[]) => tf.mul(saved[0]!, dy),
      };
    });
    return op(input) as core.Scalar;
  };
}

function gradientOf(result: object, name: string): Tensor<Float32Array> {
  const value = (result as Readonly<Record<string, unknown>>)[name];
  if (value instanceof Tensor) return value;
  const names = Object.keys(result).filter((key) => key.startsWith('grad'));
  const received = `${name} is no output of the loss`;
  throw argumentError('BELFRY_INVALID_ARGUMENT', 'tfLoss', 'gradient', received, names.join(', '));
}
