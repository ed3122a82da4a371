/**
 * The gradients of the network's three layers. `@tensorflow/tfjs` brings those of every operation;
 * this example needs the core and the CPU backend alone, a sixth of the size.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The sum over the rows that were broadcast, if any were. */
function unbroadcast(dy: tf.Tensor, shape: number[]): tf.Tensor {
  return dy.shape.length > shape.length ? tf.sum(dy, 0) : dy;
}

tf.registerGradient({
  kernelName: 'Add',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => ({
    a: () => unbroadcast(dy as tf.Tensor, a!.shape),
    b: () => unbroadcast(dy as tf.Tensor, b!.shape),
  }),
});

tf.registerGradient({
  kernelName: 'BatchMatMul',
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => ({
    a: () => tf.matMul(dy as tf.Tensor, b!, false, true),
    b: () => tf.matMul(a!, dy as tf.Tensor, true, false),
  }),
});

tf.registerGradient({
  kernelName: 'Relu',
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.step(y!)) }),
});

tf.registerGradient({
  kernelName: 'Reshape',
  inputsToSave: ['x'],
  gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as tf.Tensor, x!.shape) }),
});
