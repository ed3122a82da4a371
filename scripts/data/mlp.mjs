/**
 * Small multilayer perceptrons in plain float64 JavaScript: forward, forward-mode derivative (JVP),
 * backward, Adam. Weights are W[out, in] row by row, y = x W' + b, an activation between layers.
 * Batches are flat arrays of `rows` rows, a multiple of 4 where gradients are wanted.
 */

/** mish(x) = x tanh(softplus x) of every element and its derivative, from one exponential. */
export function mish(pre) {
  const value = new Float64Array(pre.length);
  const slope = new Float64Array(pre.length);
  for (let i = 0; i < pre.length; i++) {
    const x = pre[i];
    // Beyond 20 both are the identity to rounding, and exp(x)^2 would overflow later.
    const w = Math.exp(Math.min(x, 20));
    const t = (w * (w + 2)) / (w * (w + 2) + 2);
    value[i] = x * t;
    slope[i] = t + (x * (1 - t * t) * w) / (1 + w);
  }
  return { value, slope };
}

export function tanh(pre) {
  const value = pre.map(Math.tanh);
  return { value, slope: value.map((y) => 1 - y * y) };
}

/** Layers for `sizes`, weights and biases uniform in +-1/sqrt(inputs). */
export function makeMlp(sizes, activation, random) {
  const layers = [];
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [numIn, numOut] = [sizes[l], sizes[l + 1]];
    const limit = 1 / Math.sqrt(numIn);
    const draw = () => (2 * random.uniform() - 1) * limit;
    const weight = Float64Array.from({ length: numIn * numOut }, draw);
    const bias = Float64Array.from({ length: numOut }, draw);
    const gradWeight = new Float64Array(weight.length);
    const gradBias = new Float64Array(numOut);
    layers.push({ numIn, numOut, weight, bias, gradWeight, gradBias });
  }
  return { layers, activation };
}

/** out[r, o] = sum_i x[r, i] W[o, i] (+ bias); four rows at a time read W once for four. */
function affine(layer, x, rows, withBias) {
  const { numIn, numOut, weight, bias } = layer;
  const out = new Float64Array(rows * numOut);
  const blocked = rows - (rows % 4);
  for (let r = 0; r < blocked; r += 4) {
    const x0 = r * numIn;
    for (let o = 0; o < numOut; o++) {
      let a = withBias ? bias[o] : 0;
      let b = a;
      let c = a;
      let d = a;
      for (let i = 0; i < numIn; i++) {
        const value = weight[o * numIn + i];
        a += x[x0 + i] * value;
        b += x[x0 + numIn + i] * value;
        c += x[x0 + 2 * numIn + i] * value;
        d += x[x0 + 3 * numIn + i] * value;
      }
      const at = r * numOut + o;
      out[at] = a;
      out[at + numOut] = b;
      out[at + 2 * numOut] = c;
      out[at + 3 * numOut] = d;
    }
  }
  for (let r = blocked; r < rows; r++) {
    for (let o = 0; o < numOut; o++) {
      let sum = withBias ? bias[o] : 0;
      for (let i = 0; i < numIn; i++) sum += x[r * numIn + i] * weight[o * numIn + i];
      out[r * numOut + o] = sum;
    }
  }
  return out;
}

/** Forward pass; `tape` holds what `backward` and `tangent` need. */
export function forward(mlp, x, rows) {
  const tape = [];
  let input = x;
  mlp.layers.forEach((layer, l) => {
    const pre = affine(layer, input, rows, true);
    const last = l === mlp.layers.length - 1;
    const { value, slope } = last ? { value: pre } : mlp.activation(pre);
    tape.push({ input, slope });
    input = value;
  });
  return { out: input, tape };
}

/** Derivative of the output along `dx`, for the rows from `firstRow` of the taped pass. */
export function tangent(mlp, tape, dx, rows, firstRow) {
  let dot = dx;
  mlp.layers.forEach((layer, l) => {
    dot = affine(layer, dot, rows, false);
    const { slope } = tape[l];
    if (!slope) return;
    const first = firstRow * layer.numOut;
    for (let i = 0; i < dot.length; i++) dot[i] *= slope[first + i];
  });
  return dot;
}

/** Adds to the gradients of the weights and returns the gradient of the input. */
export function backward(mlp, tape, gradOut, rows) {
  let grad = gradOut;
  for (let l = mlp.layers.length - 1; l >= 0; l--) {
    const layer = mlp.layers[l];
    const { input, slope } = tape[l];
    if (slope) for (let i = 0; i < grad.length; i++) grad[i] *= slope[i];
    grad = backwardAffine(layer, input, grad, rows);
  }
  return grad;
}

/** gradWeight += grad' input and gradInput = grad W, four rows at a time. */
function backwardAffine(layer, input, grad, rows) {
  const { numIn, numOut, weight, gradWeight, gradBias } = layer;
  const gradInput = new Float64Array(rows * numIn);
  for (let r = 0; r < rows; r += 4) {
    const x0 = r * numIn;
    const g0 = r * numOut;
    for (let o = 0; o < numOut; o++) {
      const a = grad[g0 + o];
      const b = grad[g0 + numOut + o];
      const c = grad[g0 + 2 * numOut + o];
      const d = grad[g0 + 3 * numOut + o];
      gradBias[o] += a + b + c + d;
      for (let i = 0; i < numIn; i++) {
        const w = weight[o * numIn + i];
        const at = x0 + i;
        gradWeight[o * numIn + i] +=
          a * input[at] +
          b * input[at + numIn] +
          c * input[at + 2 * numIn] +
          d * input[at + 3 * numIn];
        gradInput[at] += a * w;
        gradInput[at + numIn] += b * w;
        gradInput[at + 2 * numIn] += c * w;
        gradInput[at + 3 * numIn] += d * w;
      }
    }
  }
  return gradInput;
}

/** Adam over several networks, gradients set to zero after each step. */
export class Adam {
  #pairs = [];
  #step = 0;

  constructor(mlps, { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}) {
    Object.assign(this, { beta1, beta2, epsilon });
    for (const layer of mlps.flatMap((mlp) => mlp.layers)) {
      this.#watch(layer.weight, layer.gradWeight);
      this.#watch(layer.bias, layer.gradBias);
    }
  }

  #watch(value, grad) {
    const moments = () => new Float64Array(value.length);
    this.#pairs.push({ value, grad, m: moments(), v: moments() });
  }

  step(learningRate) {
    const { beta1, beta2, epsilon } = this;
    this.#step++;
    const scale1 = 1 / (1 - beta1 ** this.#step);
    const scale2 = 1 / (1 - beta2 ** this.#step);
    for (const { value, grad, m, v } of this.#pairs) {
      for (let i = 0; i < value.length; i++) {
        const g = grad[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        value[i] -= (learningRate * m[i] * scale1) / (Math.sqrt(v[i] * scale2) + epsilon);
        grad[i] = 0;
      }
    }
  }
}

/** Rounds every weight to float32, as a file will hold it. */
export function roundToFloat32(mlp) {
  for (const { weight, bias } of mlp.layers) {
    weight.set(weight.map(Math.fround));
    bias.set(bias.map(Math.fround));
  }
}
