// Written by scripts/generate.mjs from native/ops: do not edit.
import { type CallOptions, Op } from '../call.js';
import type { AsyncOptions } from '../tasks.js';
import type { ArrayLike as Operand, RealArray, Tensor } from '../tensor.js';

/** Operands and parameters of `activations`. */
export interface ActivationsArgs<A extends RealArray = RealArray> {
  /** pre-activations. Shape [N], float32 or float64. */
  x: Operand<A>;
  /** f ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; required). */
  activation: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
}

/** Outputs of `activations`. */
export interface ActivationsResult<A extends RealArray = RealArray> {
  /** f(x). Shape [N]. */
  y: Tensor<A>;
  /** f'(x). Shape [N]. */
  dy: Tensor<A>;
  /** f''(x). Shape [N]. */
  d2y: Tensor<A>;
}

const activationsOp: Op = /* @__PURE__ */ new Op('flow', 'activations');

/**
 * An activation function with its first and second derivative.
 *
 * `y = f(x), dy = f'(x), d2y = f''(x)`
 *
 * relu'(0) = 0; leaky_relu'(0) = 0.01; elu'(0) = elu''(0) = 1. No overflow at any x.
 *
 * Source: mish: arXiv 1908.08681; gelu: arXiv 1606.08415; silu: arXiv 1702.03118.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function activations<A extends RealArray>(args: ActivationsArgs<A> & CallOptions<ActivationsResult<A>>): ActivationsResult<A> {
  return activationsOp.call(args) as ActivationsResult<A>;
}

/**
 * An activation function with its first and second derivative.
 *
 * `y = f(x), dy = f'(x), d2y = f''(x)`
 *
 * relu'(0) = 0; leaky_relu'(0) = 0.01; elu'(0) = elu''(0) = 1. No overflow at any x.
 *
 * Source: mish: arXiv 1908.08681; gelu: arXiv 1606.08415; silu: arXiv 1702.03118.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function activationsAsync<A extends RealArray>(args: ActivationsArgs<A> & CallOptions<ActivationsResult<A>> & AsyncOptions): Promise<ActivationsResult<A>> {
  return activationsOp.callAsync(args) as Promise<ActivationsResult<A>>;
}

/** Operands and parameters of `layerNorm`. */
export interface LayerNormArgs<A extends RealArray = RealArray> {
  /** one row per sample. Shape [B,D], float32 or float64. */
  x: Operand<A>;
  /** gradient with respect to y; absent: no backward. Shape [B,D], float32 or float64. */
  gradY?: Operand<A>;
  /** ẋ; absent: no forward-mode derivative. Shape [B,D], float32 or float64. */
  tangentX?: Operand<A>;
  /** scale; absent: 1. Shape [D], float32 or float64. */
  gamma?: Operand<A>;
  /** shift; absent: 0. Shape [D], float32 or float64. */
  beta?: Operand<A>;
  /** ε, 1e-5 in PyTorch, 1e-6 in Flax (number; > 0; default 0.00001). */
  eps?: number;
  /** false: gamma and beta are not used (boolean; default true). */
  affine?: boolean;
}

/** Outputs of `layerNorm`. */
export interface LayerNormResult<A extends RealArray = RealArray> {
  /** normalised rows. Shape [B,D]. */
  y: Tensor<A>;
  /** gradient with respect to x. Shape [B,D]. */
  gradX?: Tensor<A>;
  /** ẏ. Shape [B,D]. */
  tangentY?: Tensor<A>;
  /** gradient with respect to gamma. Shape [D]. */
  gradGamma?: Tensor<A>;
  /** gradient with respect to beta. Shape [D]. */
  gradBeta?: Tensor<A>;
}

const layerNormOp: Op = /* @__PURE__ */ new Op('flow', 'layer_norm');

/**
 * Layer normalisation: value, backward and forward-mode derivative.
 *
 * `h = (x − μ)/√(σ² + ε), y = γ h + β;  dx = (g − mean g − h mean(g h))/σ, g = γ dy;  ẏ = γ(ẋ − mean ẋ − h mean(h ẋ))/σ`
 *
 * Population variance. A constant row gives h = 0 and a large, finite gradient.
 *
 * Source: Ba, Kiros & Hinton, arXiv 1607.06450, eq. 4.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function layerNorm<A extends RealArray>(args: LayerNormArgs<A> & CallOptions<LayerNormResult<A>>): LayerNormResult<A> {
  return layerNormOp.call(args) as LayerNormResult<A>;
}

/**
 * Layer normalisation: value, backward and forward-mode derivative.
 *
 * `h = (x − μ)/√(σ² + ε), y = γ h + β;  dx = (g − mean g − h mean(g h))/σ, g = γ dy;  ẏ = γ(ẋ − mean ẋ − h mean(h ẋ))/σ`
 *
 * Population variance. A constant row gives h = 0 and a large, finite gradient.
 *
 * Source: Ba, Kiros & Hinton, arXiv 1607.06450, eq. 4.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function layerNormAsync<A extends RealArray>(args: LayerNormArgs<A> & CallOptions<LayerNormResult<A>> & AsyncOptions): Promise<LayerNormResult<A>> {
  return layerNormOp.callAsync(args) as Promise<LayerNormResult<A>>;
}

/** Operands and parameters of `sinusoidalEmbedding`. */
export interface SinusoidalEmbeddingArgs<A extends RealArray = RealArray> {
  /** times. Shape [N], float32 or float64. */
  t: Operand<A>;
  /** size of the embedding, even (integer; ≥ 4; required). */
  dim: number;
  /** factor on the time (number; default 1). */
  scale?: number;
  /** longest period (number; > 1; default 10000). */
  maxPeriod?: number;
}

/** Outputs of `sinusoidalEmbedding`. */
export interface SinusoidalEmbeddingResult<A extends RealArray = RealArray> {
  /** embeddings. Shape [N,D]. */
  emb: Tensor<A>;
  /** derivative with respect to t. Shape [N,D]. */
  dembDt: Tensor<A>;
}

const sinusoidalEmbeddingOp: Op = /* @__PURE__ */ new Op('flow', 'sinusoidal_embedding');

/**
 * Sinusoidal embedding of a time, sines first, with its derivative.
 *
 * `ω_k = exp(−k ln(max_period)/(dim/2 − 1));  [sin(t·scale·ω), cos(t·scale·ω)]`
 *
 * dim must be even and at least 4.
 *
 * Source: Vaswani et al., arXiv 1706.03762, section 3.5, in the layout of Diffusion-QL (arXiv 2208.06193).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sinusoidalEmbedding<A extends RealArray>(args: SinusoidalEmbeddingArgs<A> & CallOptions<SinusoidalEmbeddingResult<A>>): SinusoidalEmbeddingResult<A> {
  return sinusoidalEmbeddingOp.call(args) as SinusoidalEmbeddingResult<A>;
}

/**
 * Sinusoidal embedding of a time, sines first, with its derivative.
 *
 * `ω_k = exp(−k ln(max_period)/(dim/2 − 1));  [sin(t·scale·ω), cos(t·scale·ω)]`
 *
 * dim must be even and at least 4.
 *
 * Source: Vaswani et al., arXiv 1706.03762, section 3.5, in the layout of Diffusion-QL (arXiv 2208.06193).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function sinusoidalEmbeddingAsync<A extends RealArray>(args: SinusoidalEmbeddingArgs<A> & CallOptions<SinusoidalEmbeddingResult<A>> & AsyncOptions): Promise<SinusoidalEmbeddingResult<A>> {
  return sinusoidalEmbeddingOp.callAsync(args) as Promise<SinusoidalEmbeddingResult<A>>;
}

/** Operands and parameters of `mlp`. */
export interface MlpArgs<A extends RealArray = RealArray> {
  /** inputs. Shape [B,n[0]], float32 or float64. */
  x: Operand<A>;
  /** gradient with respect to y; absent: no backward. Shape [B,n[L]], float32 or float64. */
  gradY?: Operand<A>;
  /** ẋ; absent: no forward-mode derivative. Shape [B,n[0]], float32 or float64. */
  tangentX?: Operand<A>;
  /** weights of each layer, [out, in]. Shape [n[i+1],n[i]], float32, float64, bfloat16 or float16. */
  [key: `weight${number}`]: Operand<A | Uint16Array>;
  /** biases of each layer. Shape [n[i+1]], float32 or float64. */
  [key: `bias${number}`]: Operand<A>;
  /** scale of that layer's norm. Shape [n[i+1]], float32 or float64. */
  [key: `lnGamma${number}`]: Operand<A>;
  /** shift of that layer's norm. Shape [n[i+1]], float32 or float64. */
  [key: `lnBeta${number}`]: Operand<A>;
  /** number of layers; 0: as given (integer; ≥ 0; default 0). */
  layers?: number;
  /** activation of each layer; absent: identity (list of 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; optional). */
  activations?: readonly ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf')[];
  /** layer norm before or after the activation; absent: none (list of 'none' | 'pre' | 'post'; optional). */
  norms?: readonly ('none' | 'pre' | 'post')[];
  /** ε of the layer norms (number; > 0; default 0.00001). */
  lnEps?: number;
}

/** Outputs of `mlp`. */
export interface MlpResult<A extends RealArray = RealArray> {
  /** outputs. Shape [B,n[L]]. */
  y: Tensor<A>;
  /** gradient with respect to x. Shape [B,n[0]]. */
  gradX?: Tensor<A>;
  /** ẏ. Shape [B,n[L]]. */
  tangentY?: Tensor<A>;
  /** gradient with respect to each weight. Shape [n[i+1],n[i]]. */
  [key: `gradWeight${number}`]: Tensor<A>;
  /** gradient with respect to each bias. Shape [n[i+1]]. */
  [key: `gradBias${number}`]: Tensor<A>;
  /** gradient with respect to each norm's scale. Shape [n[i+1]]. */
  [key: `gradLnGamma${number}`]: Tensor<A>;
  /** gradient with respect to each norm's shift. Shape [n[i+1]]. */
  [key: `gradLnBeta${number}`]: Tensor<A>;
}

const mlpOp: Op = /* @__PURE__ */ new Op('flow', 'mlp');

/**
 * Multi-layer perceptron: forward, backward and forward-mode derivative.
 *
 * `per layer: z = h Wᵀ + b → [norm] → f → [norm];  JVP: ż = ḣ Wᵀ, f'(z) ż`
 *
 * Absent grad_y: no gradients. Absent tangent_x: no derivative. Weights of half precision count as the same numbers in float32, on the CPU to the last bit.
 *
 * Source: Griewank & Walther, Evaluating Derivatives (2008), ch. 3; layer orders of streaming-drl (norm 'pre') and OGBench (norm 'post').
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mlp<A extends RealArray>(args: MlpArgs<A> & CallOptions<MlpResult<A>>): MlpResult<A> {
  return mlpOp.call(args) as MlpResult<A>;
}

/**
 * Multi-layer perceptron: forward, backward and forward-mode derivative.
 *
 * `per layer: z = h Wᵀ + b → [norm] → f → [norm];  JVP: ż = ḣ Wᵀ, f'(z) ż`
 *
 * Absent grad_y: no gradients. Absent tangent_x: no derivative. Weights of half precision count as the same numbers in float32, on the CPU to the last bit.
 *
 * Source: Griewank & Walther, Evaluating Derivatives (2008), ch. 3; layer orders of streaming-drl (norm 'pre') and OGBench (norm 'post').
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function mlpAsync<A extends RealArray>(args: MlpArgs<A> & CallOptions<MlpResult<A>> & AsyncOptions): Promise<MlpResult<A>> {
  return mlpOp.callAsync(args) as Promise<MlpResult<A>>;
}

/** Operands and parameters of `eulerSampler`. */
export interface EulerSamplerArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** where both chains start. Shape [B,n[L]], float32 or float64. */
  noise: Operand<A>;
  /** weights of each layer, [out, in]. Shape [n[i+1],n[i]], float32 or float64. */
  [key: `weight${number}`]: Operand<A>;
  /** biases of each layer. Shape [n[i+1]], float32 or float64. */
  [key: `bias${number}`]: Operand<A>;
  /** scale of that layer's norm. Shape [n[i+1]], float32 or float64. */
  [key: `lnGamma${number}`]: Operand<A>;
  /** shift of that layer's norm. Shape [n[i+1]], float32 or float64. */
  [key: `lnBeta${number}`]: Operand<A>;
  /** K (integer; ≥ 1; default 10). */
  steps?: number;
  /** clip the actions to [−1, 1] (boolean; default true). */
  clip?: boolean;
  /** order of the network's inputs; absent: observations, x, t (list of 'observations' | 'x' | 't'; optional). */
  inputOrder?: readonly ('observations' | 'x' | 't')[];
  /** number of layers; 0: as given (integer; ≥ 0; default 0). */
  layers?: number;
  /** activation of each layer; absent: identity (list of 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; optional). */
  activations?: readonly ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf')[];
  /** layer norm before or after the activation; absent: none (list of 'none' | 'pre' | 'post'; optional). */
  norms?: readonly ('none' | 'pre' | 'post')[];
  /** ε of the layer norms (number; > 0; default 0.00001). */
  lnEps?: number;
}

/** Outputs of `eulerSampler`. */
export interface EulerSamplerResult<A extends RealArray = RealArray> {
  /** actions, noise at t = 0 and data at t = 1. Shape [B,n[L]]. */
  actionDataAtT1: Tensor<A>;
  /** actions, data at t = 0 and noise at t = 1. Shape [B,n[L]]. */
  actionNoiseAtT1: Tensor<A>;
}

const eulerSamplerOp: Op = /* @__PURE__ */ new Op('flow', 'euler_sampler');

/**
 * K-step Euler sampling of a velocity network, in both time conventions.
 *
 * `data_at_t1: x ← x + v(x, i/K, s)/K;  noise_at_t1: z ← z − v(z, 1 − i/K, s)/K`
 *
 * Clipping to [−1, 1] happens after the last step only. The time is one raw input.
 *
 * Source: flow matching, arXiv 2210.02747; FQL, arXiv 2502.02538.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function eulerSampler<A extends RealArray>(args: EulerSamplerArgs<A> & CallOptions<EulerSamplerResult<A>>): EulerSamplerResult<A> {
  return eulerSamplerOp.call(args) as EulerSamplerResult<A>;
}

/**
 * K-step Euler sampling of a velocity network, in both time conventions.
 *
 * `data_at_t1: x ← x + v(x, i/K, s)/K;  noise_at_t1: z ← z − v(z, 1 − i/K, s)/K`
 *
 * Clipping to [−1, 1] happens after the last step only. The time is one raw input.
 *
 * Source: flow matching, arXiv 2210.02747; FQL, arXiv 2502.02538.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function eulerSamplerAsync<A extends RealArray>(args: EulerSamplerArgs<A> & CallOptions<EulerSamplerResult<A>> & AsyncOptions): Promise<EulerSamplerResult<A>> {
  return eulerSamplerOp.callAsync(args) as Promise<EulerSamplerResult<A>>;
}

/** Operands and parameters of `oneStepGeneration`. */
export interface OneStepGenerationArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** M candidates of standard normal noise ε per state. Shape [B,M,D], float32 or float64. */
  noise: Operand<A>;
  /** dL/d action_raw; absent: no gradients. Shape [B,M,D], float32 or float64. */
  gradActionUnclipped?: Operand<A>;
  /** velocity network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** network of e_r. Shape [r[i+1],r[i]], float32 or float64. */
  [key: `rmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [r[i+1]], float32 or float64. */
  [key: `rmlpBias${number}`]: Operand<A>;
  /** first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `critic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `critic1Bias${number}`]: Operand<A>;
  /** second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `critic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `critic2Bias${number}`]: Operand<A>;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** factor on t and r (number; default 1). */
  timeScale?: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** largest absolute action (number; > 0; default 1). */
  clip?: number;
  /** order of the critics' inputs; absent: observations, actions (list of 'observations' | 'actions'; optional). */
  criticInputOrder?: readonly ('observations' | 'actions')[];
}

/** Outputs of `oneStepGeneration`. */
export interface OneStepGenerationResult<A extends RealArray = RealArray> {
  /** ε − u, before the clip. Shape [B,M,D]. */
  actionRaw: Tensor<A>;
  /** clipped candidates. Shape [B,M,D]. */
  actions: Tensor<A>;
  /** smaller of the two critics. Shape [B,M]. */
  qMin?: Tensor<A>;
  /** candidate with the largest q_min. Shape [B]. */
  bestIndex?: Tensor<Int32Array>;
  /** that candidate. Shape [B,D]. */
  bestAction?: Tensor<A>;
  /** softmax of q_min over the candidates. Shape [B,M]. */
  softmaxSelectionProb?: Tensor<A>;
  /** gradient with respect to the trunk's last bias. Shape [D]. */
  gradTrunkLastBias?: Tensor<A>;
  /** gradient with respect to the trunk's first weight. Shape [h[1],h[0]]. */
  gradTrunkWeight0?: Tensor<A>;
}

const oneStepGenerationOp: Op = /* @__PURE__ */ new Op('flow', 'one_step_generation');

/**
 * One-step actions of an average-velocity network, with best-of-N by two critics.
 *
 * `a = clip(ε − u(ε, r=0, t=1, s), ±clip), u the trunk over [ε, e_t, e_r, s];  q = min(Q1, Q2)(s, a);  best = argmax q, lowest index on ties`
 *
 * Every layer but the last of each network uses `activation`. Without critics only the actions are returned. The time embeddings have sinusoid → small network form.
 *
 * Source: One-Step Flow Q-Learning, arXiv 2508.13904; MeanFlow, arXiv 2505.13447.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function oneStepGeneration<A extends RealArray>(args: OneStepGenerationArgs<A> & CallOptions<OneStepGenerationResult<A>>): OneStepGenerationResult<A> {
  return oneStepGenerationOp.call(args) as OneStepGenerationResult<A>;
}

/**
 * One-step actions of an average-velocity network, with best-of-N by two critics.
 *
 * `a = clip(ε − u(ε, r=0, t=1, s), ±clip), u the trunk over [ε, e_t, e_r, s];  q = min(Q1, Q2)(s, a);  best = argmax q, lowest index on ties`
 *
 * Every layer but the last of each network uses `activation`. Without critics only the actions are returned. The time embeddings have sinusoid → small network form.
 *
 * Source: One-Step Flow Q-Learning, arXiv 2508.13904; MeanFlow, arXiv 2505.13447.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function oneStepGenerationAsync<A extends RealArray>(args: OneStepGenerationArgs<A> & CallOptions<OneStepGenerationResult<A>> & AsyncOptions): Promise<OneStepGenerationResult<A>> {
  return oneStepGenerationOp.callAsync(args) as Promise<OneStepGenerationResult<A>>;
}

/** Operands and parameters of `ddimSampler`. */
export interface DdimSamplerArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** standard normal noise, where the chain starts. Shape [B,D], float32 or float64. */
  noise: Operand<A>;
  /** steps to take, ascending, counted from 0. Shape [n], int32. */
  timesteps: Operand<Int32Array>;
  /** velocity network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** noise schedule ('vp' | 'linear' | 'cosine'; default 'vp'). */
  schedule?: 'vp' | 'linear' | 'cosine';
  /** steps T of the schedule (integer; ≥ 1; default 5). */
  steps?: number;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** η, 0: no noise is added (number; ≥ 0, ≤ 0; default 0). */
  eta?: number;
  /** largest absolute x̂₀ (number; > 0; default 1). */
  maxAction?: number;
  /** order of the trunk's inputs; absent: x_t, emb_t, observations (list of 'x_t' | 'emb_t' | 'observations'; optional). */
  inputOrder?: readonly ('x_t' | 'emb_t' | 'observations')[];
}

/** Outputs of `ddimSampler`. */
export interface DdimSamplerResult<A extends RealArray = RealArray> {
  /** actions. Shape [B,D]. */
  actions: Tensor<A>;
}

const ddimSamplerOp: Op = /* @__PURE__ */ new Op('flow', 'ddim_sampler');

/**
 * Deterministic sampling of a diffusion policy through a subset of its steps.
 *
 * `x̂₀ = clip((x − √(1−ᾱ) ε_θ)/√ᾱ), ε = (x − √ᾱ x̂₀)/√(1−ᾱ);  x ← √ᾱ' x̂₀ + √(1−ᾱ') ε, ᾱ' of the timestep before, 1 before the first`
 *
 * timesteps are walked from the last to the first. None: the noise is returned.
 *
 * Source: Song et al., arXiv 2010.02502, eq. 12 with η = 0.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddimSampler<A extends RealArray>(args: DdimSamplerArgs<A> & CallOptions<DdimSamplerResult<A>>): DdimSamplerResult<A> {
  return ddimSamplerOp.call(args) as DdimSamplerResult<A>;
}

/**
 * Deterministic sampling of a diffusion policy through a subset of its steps.
 *
 * `x̂₀ = clip((x − √(1−ᾱ) ε_θ)/√ᾱ), ε = (x − √ᾱ x̂₀)/√(1−ᾱ);  x ← √ᾱ' x̂₀ + √(1−ᾱ') ε, ᾱ' of the timestep before, 1 before the first`
 *
 * timesteps are walked from the last to the first. None: the noise is returned.
 *
 * Source: Song et al., arXiv 2010.02502, eq. 12 with η = 0.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddimSamplerAsync<A extends RealArray>(args: DdimSamplerArgs<A> & CallOptions<DdimSamplerResult<A>> & AsyncOptions): Promise<DdimSamplerResult<A>> {
  return ddimSamplerOp.callAsync(args) as Promise<DdimSamplerResult<A>>;
}

/** Operands and parameters of `ddpmPolicy`. */
export interface DdpmPolicyArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** step of each row of the loss, counted from 0. Shape [B], int32. */
  tIndex: Operand<Int32Array>;
  /** noise ε of the loss. Shape [B,D], float32 or float64. */
  noiseBc: Operand<A>;
  /** noise of the sampler. Shape [K+1,B,D], float32 or float64. */
  noiseChain: Operand<A>;
  /** velocity network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** noise schedule ('vp' | 'linear' | 'cosine'; default 'vp'). */
  schedule?: 'vp' | 'linear' | 'cosine';
  /** steps T of the schedule (integer; ≥ 1; default 5). */
  steps?: number;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** largest absolute action (number; > 0; default 1). */
  maxAction?: number;
  /** order of the trunk's inputs; absent: x_t, emb_t, observations (list of 'x_t' | 'emb_t' | 'observations'; optional). */
  inputOrder?: readonly ('x_t' | 'emb_t' | 'observations')[];
  /** clip x̂₀ at every step (boolean; default true). */
  clipDenoised?: boolean;
}

/** Outputs of `ddpmPolicy`. */
export interface DdpmPolicyResult<A extends RealArray = RealArray> {
  /** end of the chain, clipped. Shape [B,D]. */
  sampledAction: Tensor<A>;
  /** gradient of the sum of sampled_action. Shape [h[1],h[0]]. */
  gradTrunkWeight0OfActionSum: Tensor<A>;
  /** mean over B and D. */
  bcLoss: number;
  /** its gradient. Shape [h[1],h[0]]. */
  gradTrunkWeight0OfBc: Tensor<A>;
  /** its gradient. Shape [p[1],p[0]]. */
  gradTmlpWeight0OfBc: Tensor<A>;
}

const ddpmPolicyOp: Op = /* @__PURE__ */ new Op('flow', 'ddpm_policy');

/**
 * A diffusion policy: its loss, its sampler, and gradients through both.
 *
 * `loss = mean (ε_θ(√ᾱ a + √(1−ᾱ) ε, t, s) − ε)²;  chain: x̂₀ = clip(√(1/ᾱ) x − √(1/ᾱ − 1) ε_θ), x ← c₀ x̂₀ + c_t x + σ noise, no noise at the last step`
 *
 * noise_chain[0] is the start, [k] the noise of the k-th step; its last entry is not read. Gradients pass a clip inside its limits only. An empty batch has loss 0.
 *
 * Source: Ho et al., arXiv 2006.11239, algorithms 1 and 2; Diffusion-QL, arXiv 2208.06193.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddpmPolicy<A extends RealArray>(args: DdpmPolicyArgs<A> & CallOptions<DdpmPolicyResult<A>>): DdpmPolicyResult<A> {
  return ddpmPolicyOp.call(args) as DdpmPolicyResult<A>;
}

/**
 * A diffusion policy: its loss, its sampler, and gradients through both.
 *
 * `loss = mean (ε_θ(√ᾱ a + √(1−ᾱ) ε, t, s) − ε)²;  chain: x̂₀ = clip(√(1/ᾱ) x − √(1/ᾱ − 1) ε_θ), x ← c₀ x̂₀ + c_t x + σ noise, no noise at the last step`
 *
 * noise_chain[0] is the start, [k] the noise of the k-th step; its last entry is not read. Gradients pass a clip inside its limits only. An empty batch has loss 0.
 *
 * Source: Ho et al., arXiv 2006.11239, algorithms 1 and 2; Diffusion-QL, arXiv 2208.06193.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddpmPolicyAsync<A extends RealArray>(args: DdpmPolicyArgs<A> & CallOptions<DdpmPolicyResult<A>> & AsyncOptions): Promise<DdpmPolicyResult<A>> {
  return ddpmPolicyOp.callAsync(args) as Promise<DdpmPolicyResult<A>>;
}

/** Operands and parameters of `meanflowTimeSampling`. */
export interface MeanflowTimeSamplingArgs<A extends RealArray = RealArray> {
  /** standard normal draws n₁. Shape [B], float32 or float64. */
  normal1: Operand<A>;
  /** standard normal draws n₂. Shape [B], float32 or float64. */
  normal2: Operand<A>;
  /** uniform draws in [0, 1); absent: no r_bernoulli. Shape [B], float32 or float64. */
  u?: Operand<A>;
  /** mean of the logits (number; default -0.4). */
  mean?: number;
  /** their standard deviation (number; ≥ 0; default 1). */
  std?: number;
  /** uniform: times Φ(n), mean and std are not used ('logit_normal' | 'uniform'; default 'logit_normal'). */
  draws?: 'logit_normal' | 'uniform';
  /** share of rows with r = t (number; ≥ 0, ≤ 1; default 0.5). */
  flowRatio?: number;
}

/** Outputs of `meanflowTimeSampling`. */
export interface MeanflowTimeSamplingResult<A extends RealArray = RealArray> {
  /** later time. Shape [B]. */
  t: Tensor<A>;
  /** earlier time, equal to t at random. Shape [B]. */
  rBernoulli?: Tensor<A>;
  /** earlier time, equal to t in the first rows. Shape [B]. */
  rPrefix: Tensor<A>;
}

const meanflowTimeSamplingOp: Op = /* @__PURE__ */ new Op('flow', 'meanflow_time_sampling');

/**
 * Pairs of times r ≤ t for training an average velocity.
 *
 * `t, r = max, min of σ(std n₁ + mean), σ(std n₂ + mean);  r = t in a share of the rows`
 *
 * r_bernoulli sets r = t where u < flow_ratio, r_prefix in the first ⌊flow_ratio·B⌋ rows.
 *
 * Source: MeanFlow, arXiv 2505.13447, section 4.3; One-Step Flow Q-Learning, arXiv 2508.13904 (share ½).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowTimeSampling<A extends RealArray>(args: MeanflowTimeSamplingArgs<A> & CallOptions<MeanflowTimeSamplingResult<A>>): MeanflowTimeSamplingResult<A> {
  return meanflowTimeSamplingOp.call(args) as MeanflowTimeSamplingResult<A>;
}

/**
 * Pairs of times r ≤ t for training an average velocity.
 *
 * `t, r = max, min of σ(std n₁ + mean), σ(std n₂ + mean);  r = t in a share of the rows`
 *
 * r_bernoulli sets r = t where u < flow_ratio, r_prefix in the first ⌊flow_ratio·B⌋ rows.
 *
 * Source: MeanFlow, arXiv 2505.13447, section 4.3; One-Step Flow Q-Learning, arXiv 2508.13904 (share ½).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowTimeSamplingAsync<A extends RealArray>(args: MeanflowTimeSamplingArgs<A> & CallOptions<MeanflowTimeSamplingResult<A>> & AsyncOptions): Promise<MeanflowTimeSamplingResult<A>> {
  return meanflowTimeSamplingOp.callAsync(args) as Promise<MeanflowTimeSamplingResult<A>>;
}

/** Operands and parameters of `meanflowGaussianOracle`. */
export interface MeanflowGaussianOracleArgs<A extends RealArray = RealArray> {
  /** points at time t. Shape [N], float32 or float64. */
  z: Operand<A>;
  /** later times. Shape [N], float32 or float64. */
  t: Operand<A>;
  /** earlier times. Shape [N], float32 or float64. */
  r: Operand<A>;
  /** points at time 1. Shape [N], float32 or float64. */
  noise: Operand<A>;
  /** mean m of the data (number; default 0). */
  mean?: number;
  /** their standard deviation σ (number; ≥ 0; default 1). */
  sigma?: number;
}

/** Outputs of `meanflowGaussianOracle`. */
export interface MeanflowGaussianOracleResult<A extends RealArray = RealArray> {
  /** instantaneous velocity v at (z, t). Shape [N]. */
  velocity: Tensor<A>;
  /** average velocity from r to t. Shape [N]. */
  u: Tensor<A>;
  /** its total derivative along the path, r fixed. Shape [N]. */
  dudt: Tensor<A>;
  /** noise − u(noise, r = 0, t = 1). Shape [N]. */
  oneStepAction: Tensor<A>;
  /** where the path through z is at time r. Shape [N]. */
  zR: Tensor<A>;
}

const meanflowGaussianOracleOp: Op = /* @__PURE__ */ new Op('flow', 'meanflow_gaussian_oracle');

/**
 * The exact average velocity between Gaussian data and noise, to test against.
 *
 * `S(t) = √(t² + (1−t)²σ²);  v = (t − (1−t)σ²)/S² (z − (1−t)m) − m;  z_r = (1−r)m + S(r)/S(t) (z − (1−t)m);  u = (z − z_r)/(t − r);  du/dt = (v − u)/(t − r)`
 *
 * r = t: u = v and du/dt = ½ σ²/S⁴ (z − (1−t)m), without a loss of digits near it. σ = 0: u = (z − m)/t. Where S(t) = 0 there is no velocity: NaN.
 *
 * Source: in closed form for data N(m, σ²) and the linear path of MeanFlow, arXiv 2505.13447.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowGaussianOracle<A extends RealArray>(args: MeanflowGaussianOracleArgs<A> & CallOptions<MeanflowGaussianOracleResult<A>>): MeanflowGaussianOracleResult<A> {
  return meanflowGaussianOracleOp.call(args) as MeanflowGaussianOracleResult<A>;
}

/**
 * The exact average velocity between Gaussian data and noise, to test against.
 *
 * `S(t) = √(t² + (1−t)²σ²);  v = (t − (1−t)σ²)/S² (z − (1−t)m) − m;  z_r = (1−r)m + S(r)/S(t) (z − (1−t)m);  u = (z − z_r)/(t − r);  du/dt = (v − u)/(t − r)`
 *
 * r = t: u = v and du/dt = ½ σ²/S⁴ (z − (1−t)m), without a loss of digits near it. σ = 0: u = (z − m)/t. Where S(t) = 0 there is no velocity: NaN.
 *
 * Source: in closed form for data N(m, σ²) and the linear path of MeanFlow, arXiv 2505.13447.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowGaussianOracleAsync<A extends RealArray>(args: MeanflowGaussianOracleArgs<A> & CallOptions<MeanflowGaussianOracleResult<A>> & AsyncOptions): Promise<MeanflowGaussianOracleResult<A>> {
  return meanflowGaussianOracleOp.callAsync(args) as Promise<MeanflowGaussianOracleResult<A>>;
}

/** Operands and parameters of `edmPreconditioning`. */
export interface EdmPreconditioningArgs<A extends RealArray = RealArray> {
  /** noisy data. Shape [B,D], float32 or float64. */
  x: Operand<A>;
  /** output F of the network. Shape [B,D], float32 or float64. */
  networkOutput: Operand<A>;
  /** noise level σ. Shape [B], float32 or float64. */
  sigma: Operand<A>;
  /** clean data; absent: no loss. Shape [B,D], float32 or float64. */
  target?: Operand<A>;
  /** standard deviation σ_d (number; > 0; default 0.5). */
  sigmaData?: number;
}

/** Outputs of `edmPreconditioning`. */
export interface EdmPreconditioningResult<A extends RealArray = RealArray> {
  /** factor of x. Shape [B]. */
  cSkip: Tensor<A>;
  /** factor of F. Shape [B]. */
  cOut: Tensor<A>;
  /** factor of the network's input. Shape [B]. */
  cIn: Tensor<A>;
  /** what the network is told of σ. Shape [B]. */
  cNoise: Tensor<A>;
  /** D. Shape [B,D]. */
  denoised: Tensor<A>;
  /** weight w of the loss. Shape [B]. */
  weight: Tensor<A>;
  /** mean over B and D. */
  loss?: number;
  /** its gradient. Shape [B,D]. */
  gradNetworkOutput?: Tensor<A>;
}

const edmPreconditioningOp: Op = /* @__PURE__ */ new Op('flow', 'edm_preconditioning');

/**
 * Preconditioning of a denoiser for every noise level, and its weighted loss.
 *
 * `D = c_skip x + c_out F;  c_skip = σ_d²/(σ² + σ_d²), c_out = σσ_d/√(σ² + σ_d²), c_in = 1/√(σ² + σ_d²), c_noise = ¼ log σ;  loss = mean w (D − target)², w = (σ² + σ_d²)/(σσ_d)²`
 *
 * σ = 0: D = x, an infinite weight and a c_noise of −∞. An empty batch has loss 0.
 *
 * Source: Karras et al., arXiv 2206.00364, table 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function edmPreconditioning<A extends RealArray>(args: EdmPreconditioningArgs<A> & CallOptions<EdmPreconditioningResult<A>>): EdmPreconditioningResult<A> {
  return edmPreconditioningOp.call(args) as EdmPreconditioningResult<A>;
}

/**
 * Preconditioning of a denoiser for every noise level, and its weighted loss.
 *
 * `D = c_skip x + c_out F;  c_skip = σ_d²/(σ² + σ_d²), c_out = σσ_d/√(σ² + σ_d²), c_in = 1/√(σ² + σ_d²), c_noise = ¼ log σ;  loss = mean w (D − target)², w = (σ² + σ_d²)/(σσ_d)²`
 *
 * σ = 0: D = x, an infinite weight and a c_noise of −∞. An empty batch has loss 0.
 *
 * Source: Karras et al., arXiv 2206.00364, table 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function edmPreconditioningAsync<A extends RealArray>(args: EdmPreconditioningArgs<A> & CallOptions<EdmPreconditioningResult<A>> & AsyncOptions): Promise<EdmPreconditioningResult<A>> {
  return edmPreconditioningOp.callAsync(args) as Promise<EdmPreconditioningResult<A>>;
}

/** Operands and parameters of `flowMatchingLoss`. */
export interface FlowMatchingLossArgs<A extends RealArray = RealArray> {
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** standard normal noise ε. Shape [B,D], float32 or float64. */
  noise: Operand<A>;
  /** times in [0, 1]. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** velocity that the network predicts at x_t. Shape [B,D], float32 or float64. */
  pred: Operand<A>;
  /** which end of the path is the data ('data_at_t1' | 'noise_at_t1'; required). */
  convention: 'data_at_t1' | 'noise_at_t1';
  /** mean over B and D ('mean_all'; default 'mean_all'). */
  reduction?: 'mean_all';
}

/** Outputs of `flowMatchingLoss`. */
export interface FlowMatchingLossResult<A extends RealArray = RealArray> {
  /** the point at time t. Shape [B,D]. */
  xT: Tensor<A>;
  /** the velocity to be predicted. Shape [B,D]. */
  velocity: Tensor<A>;
  /** mean over B and D. */
  loss: number;
  /** gradient of `loss`. Shape [B,D]. */
  gradPred: Tensor<A>;
  /** mean over B of the sum over D. */
  lossSumDims: number;
}

const flowMatchingLossOp: Op = /* @__PURE__ */ new Op('flow', 'flow_matching_loss');

/**
 * Flow matching on the straight path between noise and actions.
 *
 * `data_at_t1: x_t = (1−t) ε + t a, v = a − ε;  noise_at_t1: x_t = (1−t) a + t ε, v = ε − a;  loss = mean (pred − v)²`
 *
 * An empty batch has loss 0.
 *
 * Source: Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003; FQL, arXiv 2502.02538.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function flowMatchingLoss<A extends RealArray>(args: FlowMatchingLossArgs<A> & CallOptions<FlowMatchingLossResult<A>>): FlowMatchingLossResult<A> {
  return flowMatchingLossOp.call(args) as FlowMatchingLossResult<A>;
}

/**
 * Flow matching on the straight path between noise and actions.
 *
 * `data_at_t1: x_t = (1−t) ε + t a, v = a − ε;  noise_at_t1: x_t = (1−t) a + t ε, v = ε − a;  loss = mean (pred − v)²`
 *
 * An empty batch has loss 0.
 *
 * Source: Lipman et al., arXiv 2210.02747; Liu et al., arXiv 2209.03003; FQL, arXiv 2502.02538.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function flowMatchingLossAsync<A extends RealArray>(args: FlowMatchingLossArgs<A> & CallOptions<FlowMatchingLossResult<A>> & AsyncOptions): Promise<FlowMatchingLossResult<A>> {
  return flowMatchingLossOp.callAsync(args) as Promise<FlowMatchingLossResult<A>>;
}

/** Operands and parameters of `meanflowLoss`. */
export interface MeanflowLossArgs<A extends RealArray = RealArray> {
  /** average velocity that the network predicts. Shape [B,D], float32 or float64. */
  u: Operand<A>;
  /** its derivative along (v, 0, 1). Shape [B,D], float32 or float64. */
  dudt: Operand<A>;
  /** conditional velocity v. Shape [B,D], float32 or float64. */
  velocity: Operand<A>;
  /** later times. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** earlier times. Shape [B], float32 or float64. */
  r: Operand<A>;
  /** exponent of the weight; 0: none (number; default 0). */
  p?: number;
  /** what is added to e in the weight (number; ≥ 0; default 0). */
  c?: number;
  /** e over the action dimensions ('sum' | 'mean'; default 'sum'). */
  reduce?: 'sum' | 'mean';
}

/** Outputs of `meanflowLoss`. */
export interface MeanflowLossResult<A extends RealArray = RealArray> {
  /** the target. Shape [B,D]. */
  uTarget: Tensor<A>;
  /** e. Shape [B]. */
  perSample: Tensor<A>;
  /** w. Shape [B]. */
  weight: Tensor<A>;
  /** mean of w e. */
  loss: number;
  /** its gradient, target and weight held. Shape [B,D]. */
  gradU: Tensor<A>;
}

const meanflowLossOp: Op = /* @__PURE__ */ new Op('flow', 'meanflow_loss');

/**
 * The average-velocity objective, with a stopped target and adaptive weights.
 *
 * `u_target = sg(v − clip(t − r, 0, 1) du/dt);  e = ‖u − u_target‖², w = sg(1/(e + c)^p);  loss = mean_b w e`
 *
 * r = t: the target is v to the bit, du/dt is not read. e + c = 0 with p > 0: weight 0. A NaN stays in its row's gradient. An empty batch has loss 0.
 *
 * Source: MeanFlow, arXiv 2505.13447, eq. 9 to 11 and section 4.3.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowLoss<A extends RealArray>(args: MeanflowLossArgs<A> & CallOptions<MeanflowLossResult<A>>): MeanflowLossResult<A> {
  return meanflowLossOp.call(args) as MeanflowLossResult<A>;
}

/**
 * The average-velocity objective, with a stopped target and adaptive weights.
 *
 * `u_target = sg(v − clip(t − r, 0, 1) du/dt);  e = ‖u − u_target‖², w = sg(1/(e + c)^p);  loss = mean_b w e`
 *
 * r = t: the target is v to the bit, du/dt is not read. e + c = 0 with p > 0: weight 0. A NaN stays in its row's gradient. An empty batch has loss 0.
 *
 * Source: MeanFlow, arXiv 2505.13447, eq. 9 to 11 and section 4.3.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowLossAsync<A extends RealArray>(args: MeanflowLossArgs<A> & CallOptions<MeanflowLossResult<A>> & AsyncOptions): Promise<MeanflowLossResult<A>> {
  return meanflowLossOp.callAsync(args) as Promise<MeanflowLossResult<A>>;
}

/** Operands and parameters of `shortcutTarget`. */
export interface ShortcutTargetArgs<A extends RealArray = RealArray> {
  /** points. Shape [B,D], float32 or float64. */
  x: Operand<A>;
  /** velocity at x with step h. Shape [B,D], float32 or float64. */
  vFirst: Operand<A>;
  /** velocity at x_mid with step h; absent: no target. Shape [B,D], float32 or float64. */
  vSecond?: Operand<A>;
  /** h, half of the step to be learnt. Shape [B], float32 or float64. */
  halfStep: Operand<A>;
}

/** Outputs of `shortcutTarget`. */
export interface ShortcutTargetResult<A extends RealArray = RealArray> {
  /** where the first half ends. Shape [B,D]. */
  xMid: Tensor<A>;
  /** velocity of the double step. Shape [B,D]. */
  target?: Tensor<A>;
}

const shortcutTargetOp: Op = /* @__PURE__ */ new Op('flow', 'shortcut_target');

/**
 * Target of a shortcut model: one double step is the mean of two single ones.
 *
 * `x_mid = x + h v_first;  target = ½ (v_first + v_second)`
 *
 * v_second is the network's velocity at x_mid: call once for x_mid, then for target.
 *
 * Source: Frans et al., arXiv 2410.12557, eq. 4.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shortcutTarget<A extends RealArray>(args: ShortcutTargetArgs<A> & CallOptions<ShortcutTargetResult<A>>): ShortcutTargetResult<A> {
  return shortcutTargetOp.call(args) as ShortcutTargetResult<A>;
}

/**
 * Target of a shortcut model: one double step is the mean of two single ones.
 *
 * `x_mid = x + h v_first;  target = ½ (v_first + v_second)`
 *
 * v_second is the network's velocity at x_mid: call once for x_mid, then for target.
 *
 * Source: Frans et al., arXiv 2410.12557, eq. 4.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function shortcutTargetAsync<A extends RealArray>(args: ShortcutTargetArgs<A> & CallOptions<ShortcutTargetResult<A>> & AsyncOptions): Promise<ShortcutTargetResult<A>> {
  return shortcutTargetOp.callAsync(args) as Promise<ShortcutTargetResult<A>>;
}

/** Operands and parameters of `meanflowResidualQl`. */
export interface MeanflowResidualQlArgs<A extends RealArray = RealArray> {
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** standard normal noise ε. Shape [B,D], float32 or float64. */
  noise: Operand<A>;
  /** times in [0, 1]. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** action that the network predicts at (z, t). Shape [B,D], float32 or float64. */
  g: Operand<A>;
  /** its derivative along (v, 1). Shape [B,D], float32 or float64. */
  dgdt: Operand<A>;
  /** γ of the weight (number; default 0.8). */
  adaptiveGamma?: number;
  /** c of the weight (number; ≥ 0; default 0.0001). */
  adaptiveC?: number;
  /** largest absolute target (number; > 0; default 5). */
  targetClip?: number;
}

/** Outputs of `meanflowResidualQl`. */
export interface MeanflowResidualQlResult<A extends RealArray = RealArray> {
  /** z. Shape [B,D]. */
  xT: Tensor<A>;
  /** the target. Shape [B,D]. */
  gTarget: Tensor<A>;
  /** mean of w e. */
  loss: number;
  /** w. Shape [B]. */
  weight: Tensor<A>;
  /** gradient of `loss`, target and weight held. Shape [B,D]. */
  gradG: Tensor<A>;
  /** how far g leaves [−1, 1]. */
  boundLoss: number;
}

const meanflowResidualQlOp: Op = /* @__PURE__ */ new Op('flow', 'meanflow_residual_ql');

/**
 * Flow loss of a residual MeanFlow policy, which predicts the action itself.
 *
 * `z = (1−t) a + t ε, v = ε − a;  g_target = clip(z + (t − 1) v − t dg/dt);  e = mean_d (g − g_target)², w = clip((e + c)^(γ−1), 1e-6, 1e6);  loss = mean w e;  bound = mean (g − 1)⁺ + mean (−1 − g)⁺`
 *
 * t = 0: dg/dt is not read. loss and grad_g leave the bound loss out. An empty batch has loss 0.
 *
 * Source: MeanFlowQL, arXiv 2511.13035.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowResidualQl<A extends RealArray>(args: MeanflowResidualQlArgs<A> & CallOptions<MeanflowResidualQlResult<A>>): MeanflowResidualQlResult<A> {
  return meanflowResidualQlOp.call(args) as MeanflowResidualQlResult<A>;
}

/**
 * Flow loss of a residual MeanFlow policy, which predicts the action itself.
 *
 * `z = (1−t) a + t ε, v = ε − a;  g_target = clip(z + (t − 1) v − t dg/dt);  e = mean_d (g − g_target)², w = clip((e + c)^(γ−1), 1e-6, 1e6);  loss = mean w e;  bound = mean (g − 1)⁺ + mean (−1 − g)⁺`
 *
 * t = 0: dg/dt is not read. loss and grad_g leave the bound loss out. An empty batch has loss 0.
 *
 * Source: MeanFlowQL, arXiv 2511.13035.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowResidualQlAsync<A extends RealArray>(args: MeanflowResidualQlArgs<A> & CallOptions<MeanflowResidualQlResult<A>> & AsyncOptions): Promise<MeanflowResidualQlResult<A>> {
  return meanflowResidualQlOp.callAsync(args) as Promise<MeanflowResidualQlResult<A>>;
}

/** Operands and parameters of `optimizerStep` (form 'update'). */
export interface OptimizerStepUpdateArgs<A extends RealArray = RealArray> {
  /** parameters, any shape. Shape any, float32 or float64. */
  w: Operand<A>;
  /** their gradient. Shape as `w`, float32 or float64. */
  grad: Operand<A>;
  /** adam: m; sgd: velocity; rprop: last gradient. Shape as `w`, float32 or float64. */
  first: Operand<A>;
  /** adam: v; rprop: step size; sgd: not needed. Shape as `w`, float32 or float64. */
  second?: Operand<A>;
  /** target network or moving average that follows w. Shape as `w`, float32 or float64. */
  average?: Operand<A>;
  /** update rule ('adam' | 'rprop' | 'sgd'; default 'adam'). */
  optimizer?: 'adam' | 'rprop' | 'sgd';
  /** number of this step, for adam (integer; ≥ 1; default 1). */
  step?: number;
  /** learning rate of adam and sgd (number; ≥ 0; default 0.001). */
  lr?: number;
  /** adam: decay of the mean gradient (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** adam: decay of the mean square (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** adam: ε, outside the root (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** adam: decoupled (AdamW); sgd: times w, added to the gradient (number; ≥ 0; default 0). */
  weightDecay?: number;
  /** sgd: share of the velocity that stays (number; ≥ 0, < 1; default 0). */
  momentum?: number;
  /** sgd: look one step ahead (boolean; default false). */
  nesterov?: boolean;
  /** largest norm of all gradients together (number or null; > 0; default null). */
  maxGradNorm?: number | null;
  /** rprop: shrinks a step size (number; > 0, < 1; default 0.5). */
  etaMinus?: number;
  /** rprop: grows it (number; > 1; default 1.2). */
  etaPlus?: number;
  /** rprop: smallest step size (number; ≥ 0; default 0.000001). */
  stepMin?: number;
  /** rprop: largest step size (number; ≥ 0; default 50). */
  stepMax?: number;
  /** share τ of the new w in the average (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
}

/** Outputs of `optimizerStep`. */
export interface OptimizerStepUpdateResult<A extends RealArray = RealArray> {
  /** parameters after the step. Shape as `w`. */
  newW: Tensor<A>;
  /** state after the step. Shape as `w`. */
  newFirst: Tensor<A>;
  /** state after the step. Shape as `w`. */
  newSecond?: Tensor<A>;
  /** the average after the step. Shape as `w`. */
  newAverage?: Tensor<A>;
  /** norm of the gradient before the clip. */
  totalNorm: number;
}

/** Operands and parameters of `optimizerStep` (form 'adam'). */
export interface OptimizerStepAdamArgs<A extends RealArray = RealArray> {
  /** parameters. Shape [N,M] or [N] or [N,M,P], float32 or float64. */
  w: Operand<A>;
  /** gradients of K steps. Shape [K,N,M] or [K,N] or [K,N,M,P], float32 or float64. */
  grad: Operand<A>;
  /** learning rate (number; default 0.001). */
  lr?: number;
  /** decay of m (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** decay of v (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε (number; ≥ 0; default 1e-8). */
  eps?: number;
  /** wd of AdamW (number; ≥ 0; default 0). */
  weightDecay?: number;
}

/** Outputs of `optimizerStep`. */
export interface OptimizerStepAdamResult<A extends RealArray = RealArray> {
  /** parameters after each step of Adam. Shape as `grad`. */
  adam: Tensor<A>;
  /** m after the last step. Shape as `w`. */
  adamM: Tensor<A>;
  /** v after the last step. Shape as `w`. */
  adamV: Tensor<A>;
  /** parameters after each step of AdamW. Shape as `grad`. */
  adamw: Tensor<A>;
}

/** Operands and parameters of `optimizerStep` (form 'polyak'). */
export interface OptimizerStepPolyakArgs<A extends RealArray = RealArray> {
  /** parameters that follow, any shape. Shape any, float32 or float64. */
  target: Operand<A>;
  /** parameters to follow. Shape as `target`, float32 or float64. */
  source: Operand<A>;
  /** τ (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
}

/** Outputs of `optimizerStep`. */
export interface OptimizerStepPolyakResult<A extends RealArray = RealArray> {
  /** the average. Shape as `target`. */
  newTarget: Tensor<A>;
}

/** Operands and parameters of `optimizerStep` (form 'clip'). */
export interface OptimizerStepClipArgs<A extends RealArray = RealArray> {
  /** gradients, any shape. Shape any, float32 or float64. */
  g1: Operand<A>;
  /** more gradients of the same optimiser, any shape. Shape any, float32 or float64. */
  g2?: Operand<A>;
  /** largest norm (number; > 0; default 1). */
  maxNorm?: number;
  /** ε (number; ≥ 0; default 0.000001). */
  eps?: number;
}

/** Outputs of `optimizerStep`. */
export interface OptimizerStepClipResult<A extends RealArray = RealArray> {
  /** the norm before clipping. */
  totalNorm: number;
  /** clipped gradients. Shape as `g1`. */
  g1Clipped: Tensor<A>;
  /** clipped gradients. Shape as `g2`. */
  g2Clipped?: Tensor<A>;
}

/** Operands and parameters of `optimizerStep` (form 'schedule'). */
export interface OptimizerStepScheduleArgs<A extends RealArray = RealArray> {
  /** steps k. Shape [N], int32. */
  step: Operand<Int32Array>;
  /** lr at step 0 (number; default 0.0003). */
  baseLr?: number;
  /** T (integer; ≥ 1; required). */
  tMax: number;
  /** lr at step t_max (number; default 0). */
  etaMin?: number;
}

/** Outputs of `optimizerStep`. */
export interface OptimizerStepScheduleResult<A extends RealArray = RealArray> {
  /** learning rates. Shape [N]. */
  lr: Tensor<A>;
}

const optimizerStepOp: Op = /* @__PURE__ */ new Op('flow', 'optimizer_step');

/**
 * One step of an optimiser on a buffer of parameters, with the clip of its gradient and the average that follows, in one pass; in place where the new arrays are the old ones.
 *
 * `g ← grad min(1, max_grad_norm/(‖grad‖₂ + 1e-6));  w, state ← the rule of the optimiser;  average ← τ w + (1 − τ) average`
 *
 * first and second begin at 0, the second of rprop at its first step size. `step` counts from 1. A NaN in the gradient makes its parameter NaN, with max_grad_norm all of them.
 *
 * Source: Kingma & Ba, arXiv 1412.6980, algorithm 1 (adam); Loshchilov & Hutter, arXiv 1711.05101, algorithm 2 (weight_decay of adam); Riedmiller & Braun, ICNN 1993 (rprop); Sutskever et al., ICML 2013 (momentum; here the learning rate stands outside the velocity).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStep<A extends RealArray>(args: OptimizerStepUpdateArgs<A> & CallOptions<OptimizerStepUpdateResult<A>>): OptimizerStepUpdateResult<A>;
/**
 * Consecutive steps of Adam and AdamW from zero moments.
 *
 * `m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − lr m̂/(√v̂ + ε), m̂ = m/(1 − β₁^k), v̂ = v/(1 − β₂^k);  AdamW: w ← (1 − lr wd) w first`
 *
 * weight_decay acts in adamw alone. A zero gradient from the first step moves nothing.
 *
 * Source: Kingma & Ba, arXiv 1412.6980, algorithm 1; Loshchilov & Hutter, arXiv 1711.05101, algorithm 2.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStep<A extends RealArray>(args: OptimizerStepAdamArgs<A> & CallOptions<OptimizerStepAdamResult<A>>): OptimizerStepAdamResult<A>;
/**
 * A target network follows by Polyak averaging.
 *
 * `target ← τ source + (1 − τ) target`
 *
 * `out: { newTarget }` may be the operand itself: in place.
 *
 * Source: Lillicrap et al., arXiv 1509.02971, algorithm 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStep<A extends RealArray>(args: OptimizerStepPolyakArgs<A> & CallOptions<OptimizerStepPolyakResult<A>>): OptimizerStepPolyakResult<A>;
/**
 * Clips gradients by their common Euclidean norm.
 *
 * `g ← g min(1, max_norm/(‖g‖₂ + ε))`
 *
 * Both arrays count in one norm. A NaN makes everything NaN.
 *
 * Source: Pascanu et al., arXiv 1211.5063, algorithm 1.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStep<A extends RealArray>(args: OptimizerStepClipArgs<A> & CallOptions<OptimizerStepClipResult<A>>): OptimizerStepClipResult<A>;
/**
 * A learning rate that falls along half a cosine.
 *
 * `lr_k = η_min + ½ (lr − η_min)(1 + cos(πk/T))`
 *
 * Beyond t_max the cosine goes on.
 *
 * Source: Loshchilov & Hutter, arXiv 1608.03983, eq. 5, one period.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStep<A extends RealArray>(args: OptimizerStepScheduleArgs<A> & CallOptions<OptimizerStepScheduleResult<A>>): OptimizerStepScheduleResult<A>;
export function optimizerStep(args: object): unknown {
  return optimizerStepOp.call(args);
}

/**
 * One step of an optimiser on a buffer of parameters, with the clip of its gradient and the average that follows, in one pass; in place where the new arrays are the old ones.
 *
 * `g ← grad min(1, max_grad_norm/(‖grad‖₂ + 1e-6));  w, state ← the rule of the optimiser;  average ← τ w + (1 − τ) average`
 *
 * first and second begin at 0, the second of rprop at its first step size. `step` counts from 1. A NaN in the gradient makes its parameter NaN, with max_grad_norm all of them.
 *
 * Source: Kingma & Ba, arXiv 1412.6980, algorithm 1 (adam); Loshchilov & Hutter, arXiv 1711.05101, algorithm 2 (weight_decay of adam); Riedmiller & Braun, ICNN 1993 (rprop); Sutskever et al., ICML 2013 (momentum; here the learning rate stands outside the velocity).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStepAsync<A extends RealArray>(args: OptimizerStepUpdateArgs<A> & CallOptions<OptimizerStepUpdateResult<A>> & AsyncOptions): Promise<OptimizerStepUpdateResult<A>>;
/**
 * Consecutive steps of Adam and AdamW from zero moments.
 *
 * `m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  w ← w − lr m̂/(√v̂ + ε), m̂ = m/(1 − β₁^k), v̂ = v/(1 − β₂^k);  AdamW: w ← (1 − lr wd) w first`
 *
 * weight_decay acts in adamw alone. A zero gradient from the first step moves nothing.
 *
 * Source: Kingma & Ba, arXiv 1412.6980, algorithm 1; Loshchilov & Hutter, arXiv 1711.05101, algorithm 2.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStepAsync<A extends RealArray>(args: OptimizerStepAdamArgs<A> & CallOptions<OptimizerStepAdamResult<A>> & AsyncOptions): Promise<OptimizerStepAdamResult<A>>;
/**
 * A target network follows by Polyak averaging.
 *
 * `target ← τ source + (1 − τ) target`
 *
 * `out: { newTarget }` may be the operand itself: in place.
 *
 * Source: Lillicrap et al., arXiv 1509.02971, algorithm 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStepAsync<A extends RealArray>(args: OptimizerStepPolyakArgs<A> & CallOptions<OptimizerStepPolyakResult<A>> & AsyncOptions): Promise<OptimizerStepPolyakResult<A>>;
/**
 * Clips gradients by their common Euclidean norm.
 *
 * `g ← g min(1, max_norm/(‖g‖₂ + ε))`
 *
 * Both arrays count in one norm. A NaN makes everything NaN.
 *
 * Source: Pascanu et al., arXiv 1211.5063, algorithm 1.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStepAsync<A extends RealArray>(args: OptimizerStepClipArgs<A> & CallOptions<OptimizerStepClipResult<A>> & AsyncOptions): Promise<OptimizerStepClipResult<A>>;
/**
 * A learning rate that falls along half a cosine.
 *
 * `lr_k = η_min + ½ (lr − η_min)(1 + cos(πk/T))`
 *
 * Beyond t_max the cosine goes on.
 *
 * Source: Loshchilov & Hutter, arXiv 1608.03983, eq. 5, one period.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function optimizerStepAsync<A extends RealArray>(args: OptimizerStepScheduleArgs<A> & CallOptions<OptimizerStepScheduleResult<A>> & AsyncOptions): Promise<OptimizerStepScheduleResult<A>>;
export function optimizerStepAsync(args: object): Promise<unknown> {
  return optimizerStepOp.callAsync(args);
}

/** Operands and parameters of `diffusionQlLosses`. */
export interface DiffusionQlLossesArgs<A extends RealArray = RealArray> {
  /** first target critic at R next actions. Shape [B,R], float32 or float64. */
  targetQ1: Operand<A>;
  /** second target critic. Shape [B,R], float32 or float64. */
  targetQ2: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** first critic at (s, a). Shape [B], float32 or float64. */
  q1: Operand<A>;
  /** second critic. Shape [B], float32 or float64. */
  q2: Operand<A>;
  /** first critic at the policy's action. Shape [B], float32 or float64. */
  q1New: Operand<A>;
  /** second critic. Shape [B], float32 or float64. */
  q2New: Operand<A>;
  /** smaller critic at N candidates; absent: no choice. Shape [N], float32 or float64. */
  candidateQMin?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** weight η of the Q loss (number; default 1). */
  eta?: number;
  /** behaviour cloning loss (number; default 0). */
  bcLoss?: number;
}

/** Outputs of `diffusionQlLosses`. */
export interface DiffusionQlLossesResult<A extends RealArray = RealArray> {
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** sum of the two mean squares. */
  criticLoss: number;
  /** gradient of critic_loss. Shape [B]. */
  gradQ1: Tensor<A>;
  /** gradient of critic_loss. Shape [B]. */
  gradQ2: Tensor<A>;
  /** −mean Q1/mean|Q2|. */
  qLossA: number;
  /** −mean Q2/mean|Q1|. */
  qLossB: number;
  /** bc + η q_loss_a. */
  actorLossA: number;
  /** bc + η q_loss_b. */
  actorLossB: number;
  /** gradient of actor_loss_a. Shape [B]. */
  gradQ1New: Tensor<A>;
  /** gradient of actor_loss_b. Shape [B]. */
  gradQ2New: Tensor<A>;
  /** softmax of candidate_q_min. Shape [N]. */
  selectionProb?: Tensor<A>;
  /** the best candidate, −1 when there is none. */
  argmax?: number;
}

const diffusionQlLossesOp: Op = /* @__PURE__ */ new Op('flow', 'diffusion_ql_losses');

/**
 * Critic and actor losses of Diffusion-QL, and its choice among candidates.
 *
 * `y = r + γ (1 − terminated) min_i max_R Q̄_i;  critic = mean (Q1 − y)² + mean (Q2 − y)²;  actor_a = bc + η (−mean Q1/sg(mean|Q2|)), actor_b the other way round`
 *
 * Where terminated or γ = 0 the next values are never read; a NaN among them is. mean|Q| = 0: the Q loss and its gradient are 0. argmax: lowest index of equal ones, never a NaN beside a number. An empty batch has loss 0.
 *
 * Source: Diffusion-QL, arXiv 2208.06193, in the form of its code (max-Q backup, the scale of the other critic).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function diffusionQlLosses<A extends RealArray>(args: DiffusionQlLossesArgs<A> & CallOptions<DiffusionQlLossesResult<A>>): DiffusionQlLossesResult<A> {
  return diffusionQlLossesOp.call(args) as DiffusionQlLossesResult<A>;
}

/**
 * Critic and actor losses of Diffusion-QL, and its choice among candidates.
 *
 * `y = r + γ (1 − terminated) min_i max_R Q̄_i;  critic = mean (Q1 − y)² + mean (Q2 − y)²;  actor_a = bc + η (−mean Q1/sg(mean|Q2|)), actor_b the other way round`
 *
 * Where terminated or γ = 0 the next values are never read; a NaN among them is. mean|Q| = 0: the Q loss and its gradient are 0. argmax: lowest index of equal ones, never a NaN beside a number. An empty batch has loss 0.
 *
 * Source: Diffusion-QL, arXiv 2208.06193, in the form of its code (max-Q backup, the scale of the other critic).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function diffusionQlLossesAsync<A extends RealArray>(args: DiffusionQlLossesArgs<A> & CallOptions<DiffusionQlLossesResult<A>> & AsyncOptions): Promise<DiffusionQlLossesResult<A>> {
  return diffusionQlLossesOp.callAsync(args) as Promise<DiffusionQlLossesResult<A>>;
}

/** Operands and parameters of `fqlLosses`. */
export interface FqlLossesArgs<A extends RealArray = RealArray> {
  /** target critics at the next action. Shape [E,B], float32 or float64. */
  nextQValues: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** 1 − terminated, a factor. Shape [B], float32 or float64. */
  mask: Operand<A>;
  /** critics at (s, a). Shape [E,B], float32 or float64. */
  qValues: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** standard normal noise ε. Shape [B,D], float32 or float64. */
  noise: Operand<A>;
  /** times in [0, 1]. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** behaviour velocity v̂ at x_t. Shape [B,D], float32 or float64. */
  predVelocity: Operand<A>;
  /** one-step policy μ(s, z). Shape [B,D], float32 or float64. */
  onestepAction: Operand<A>;
  /** behaviour flow integrated from the same z. Shape [B,D], float32 or float64. */
  flowActionUnclipped: Operand<A>;
  /** critics at clip μ. Shape [E,B], float32 or float64. */
  qPolicy: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** over the target critics ('mean' | 'min'; default 'mean'). */
  qAgg?: 'mean' | 'min';
  /** weight α of the distillation (number; default 10). */
  alpha?: number;
  /** λ by the size of Q (boolean; default false). */
  normalizeQLoss?: boolean;
}

/** Outputs of `fqlLosses`. */
export interface FqlLossesResult<A extends RealArray = RealArray> {
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** mean over critics and batch. */
  criticLoss: number;
  /** its gradient. Shape [E,B]. */
  gradQValues: Tensor<A>;
  /** (1 − t) ε + t a. Shape [B,D]. */
  xT: Tensor<A>;
  /** flow matching loss, mean over B and D. */
  bcFlowLoss: number;
  /** its gradient. Shape [B,D]. */
  gradPredVelocity: Tensor<A>;
  /** mean over B and D, without α. */
  distillLoss: number;
  /** gradient of α times that. Shape [B,D]. */
  gradOnestepDistill: Tensor<A>;
  /** −λ mean Q. */
  qLoss: number;
  /** flow + α distillation + Q loss. */
  actorLoss: number;
  /** gradient of q_loss. Shape [E,B]. */
  gradQPolicy: Tensor<A>;
  /** 1 where |μ| ≤ 1: the clip lets ∂Q/∂a by. Shape [B,D]. */
  qGradPasses: Tensor<Uint8Array>;
}

const fqlLossesOp: Op = /* @__PURE__ */ new Op('flow', 'fql_losses');

/**
 * Losses of flow Q-learning: critics, behaviour flow, distilled one-step policy.
 *
 * `y = r + γ mask agg_e Q̄_e;  critic = mean_{e,b} (Q − y)²;  actor = mean (v̂ − (a − ε))² + α mean (μ − sg clip(flow))² − λ mean_{e,b} Q(s, clip μ), λ = 1 or 1/sg(mean_b |mean_e Q|)`
 *
 * Where γ mask = 0 the next values are never read. The student is distilled unclipped. A normaliser of 0: the Q loss and its gradient are 0. An empty batch has loss 0.
 *
 * Source: FQL, arXiv 2502.02538, eq. 1, 5, 7 and 9.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqlLosses<A extends RealArray>(args: FqlLossesArgs<A> & CallOptions<FqlLossesResult<A>>): FqlLossesResult<A> {
  return fqlLossesOp.call(args) as FqlLossesResult<A>;
}

/**
 * Losses of flow Q-learning: critics, behaviour flow, distilled one-step policy.
 *
 * `y = r + γ mask agg_e Q̄_e;  critic = mean_{e,b} (Q − y)²;  actor = mean (v̂ − (a − ε))² + α mean (μ − sg clip(flow))² − λ mean_{e,b} Q(s, clip μ), λ = 1 or 1/sg(mean_b |mean_e Q|)`
 *
 * Where γ mask = 0 the next values are never read. The student is distilled unclipped. A normaliser of 0: the Q loss and its gradient are 0. An empty batch has loss 0.
 *
 * Source: FQL, arXiv 2502.02538, eq. 1, 5, 7 and 9.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqlLossesAsync<A extends RealArray>(args: FqlLossesArgs<A> & CallOptions<FqlLossesResult<A>> & AsyncOptions): Promise<FqlLossesResult<A>> {
  return fqlLossesOp.callAsync(args) as Promise<FqlLossesResult<A>>;
}

/** Operands and parameters of `meanflowNetwork`. */
export interface MeanflowNetworkArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** standard normal noise ε. Shape [B,D], float32 or float64. */
  noise: Operand<A>;
  /** later times. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** earlier times. Shape [B], float32 or float64. */
  r: Operand<A>;
  /** velocity network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** network of e_r. Shape [r[i+1],r[i]], float32 or float64. */
  [key: `rmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [r[i+1]], float32 or float64. */
  [key: `rmlpBias${number}`]: Operand<A>;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** factor on t and r (number; default 1). */
  timeScale?: number;
  /** exponent of the adaptive weight; 0: none (number; default 0). */
  p?: number;
  /** what is added to the error in the weight (number; ≥ 0; default 0.01). */
  c?: number;
  /** order of the trunk's inputs; absent: x_t, emb_t, emb_r, observations (list of 'x_t' | 'emb_t' | 'observations' | 'emb_r'; optional). */
  inputOrder?: readonly ('x_t' | 'emb_t' | 'observations' | 'emb_r')[];
  /** error over the action dimensions ('sum' | 'mean'; default 'sum'). */
  reduce?: 'sum' | 'mean';
}

/** Outputs of `meanflowNetwork`. */
export interface MeanflowNetworkResult<A extends RealArray = RealArray> {
  /** the point at time t. Shape [B,D]. */
  xT: Tensor<A>;
  /** conditional velocity v. Shape [B,D]. */
  velocity: Tensor<A>;
  /** average velocity. Shape [B,D]. */
  u: Tensor<A>;
  /** its derivative along the path. Shape [B,D]. */
  dudt: Tensor<A>;
  /** v − clip(t − r, 0, 1) du/dt. Shape [B,D]. */
  uTarget: Tensor<A>;
  /** mean over the batch. */
  loss: number;
  /** gradient with respect to the velocity network. Shape [h[i+1],h[i]]. */
  [key: `gradTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `gradTrunkBias${number}`]: Tensor<A>;
  /** gradient with respect to the network of e_t. Shape [p[i+1],p[i]]. */
  [key: `gradTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `gradTmlpBias${number}`]: Tensor<A>;
  /** gradient with respect to the network of e_r. Shape [r[i+1],r[i]]. */
  [key: `gradRmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [r[i+1]]. */
  [key: `gradRmlpBias${number}`]: Tensor<A>;
}

const meanflowNetworkOp: Op = /* @__PURE__ */ new Op('flow', 'meanflow_network');

/**
 * The average-velocity objective of a network, with its gradients.
 *
 * `x_t = (1−t) a + t ε, v = ε − a;  u = trunk(x_t, e_t, e_r, s), du/dt its derivative along (v, ṫ = 1, ṙ = 0);  loss of meanflow_loss, gradients through u alone`
 *
 * r = t: du/dt does not enter the loss; it is computed where it is wanted. An empty batch has loss 0.
 *
 * Source: MeanFlow, arXiv 2505.13447; One-Step Flow Q-Learning, arXiv 2508.13904 (layout of the times reconstructed).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowNetwork<A extends RealArray>(args: MeanflowNetworkArgs<A> & CallOptions<MeanflowNetworkResult<A>>): MeanflowNetworkResult<A> {
  return meanflowNetworkOp.call(args) as MeanflowNetworkResult<A>;
}

/**
 * The average-velocity objective of a network, with its gradients.
 *
 * `x_t = (1−t) a + t ε, v = ε − a;  u = trunk(x_t, e_t, e_r, s), du/dt its derivative along (v, ṫ = 1, ṙ = 0);  loss of meanflow_loss, gradients through u alone`
 *
 * r = t: du/dt does not enter the loss; it is computed where it is wanted. An empty batch has loss 0.
 *
 * Source: MeanFlow, arXiv 2505.13447; One-Step Flow Q-Learning, arXiv 2508.13904 (layout of the times reconstructed).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanflowNetworkAsync<A extends RealArray>(args: MeanflowNetworkArgs<A> & CallOptions<MeanflowNetworkResult<A>> & AsyncOptions): Promise<MeanflowNetworkResult<A>> {
  return meanflowNetworkOp.callAsync(args) as Promise<MeanflowNetworkResult<A>>;
}

/** Operands and parameters of `ofqlTrainStep`. */
export interface OfqlTrainStepArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** next states s'. Shape [B,S], float32 or float64. */
  nextObservations: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** M draws of noise ε' for each next state. Shape [B,M,D], float32 or float64. */
  nextNoise: Operand<A>;
  /** noise of the average-velocity objective. Shape [B,D], float32 or float64. */
  noiseBc: Operand<A>;
  /** noise ε of the policy's actions. Shape [B,D], float32 or float64. */
  noisePolicy: Operand<A>;
  /** later times. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** earlier times. Shape [B], float32 or float64. */
  r: Operand<A>;
  /** policy network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** network of e_r. Shape [r[i+1],r[i]], float32 or float64. */
  [key: `rmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [r[i+1]], float32 or float64. */
  [key: `rmlpBias${number}`]: Operand<A>;
  /** average of the policy network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `emaTrunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `emaTrunkBias${number}`]: Operand<A>;
  /** average of the network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `emaTmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `emaTmlpBias${number}`]: Operand<A>;
  /** average of the network of e_r. Shape [r[i+1],r[i]], float32 or float64. */
  [key: `emaRmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [r[i+1]], float32 or float64. */
  [key: `emaRmlpBias${number}`]: Operand<A>;
  /** first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `critic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `critic1Bias${number}`]: Operand<A>;
  /** target of the first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `targetCritic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `targetCritic1Bias${number}`]: Operand<A>;
  /** second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `critic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `critic2Bias${number}`]: Operand<A>;
  /** target of the second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `targetCritic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `targetCritic2Bias${number}`]: Operand<A>;
  /** Adam's m and v of trunk, tmlp, rmlp: weight and bias of each layer in turn. Shape [2,Np], float32 or float64. */
  policyMoments?: Operand<A>;
  /** Adam's m and v of both critics. Shape [2,Nc], float32 or float64. */
  criticMoments?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** share of the critics in their targets (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
  /** decay of the average (number; ≥ 0, ≤ 1; default 0.995). */
  emaDecay?: number;
  /** weight η of the Q loss (number; default 1). */
  eta?: number;
  /** critic of the Q loss; the other one is its normaliser (integer; ≥ 1, ≤ 2; default 1). */
  qLossCritic?: number;
  /** learning rate (number; default 0.0003). */
  lr?: number;
  /** decay of m (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** decay of v (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε of Adam (number; ≥ 0; default 1e-8). */
  adamEps?: number;
  /** largest gradient norm, of both critics and of the policy; null: no limit (number or null; > 0; default null). */
  gradClip?: number | null;
  /** number of this step, from 1 (integer; ≥ 1; default 1). */
  step?: number;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** factor on t and r (number; default 1). */
  timeScale?: number;
  /** exponent of the adaptive weight; 0: none (number; default 0). */
  p?: number;
  /** what is added to the error in the weight (number; ≥ 0; default 0.01). */
  c?: number;
  /** error over the action dimensions ('sum' | 'mean'; default 'sum'). */
  reduce?: 'sum' | 'mean';
  /** number of draws M; 0: as next_noise has them (integer; ≥ 0; default 0). */
  maxQBackup?: number;
  /** clip ã to [−1, 1] (boolean; default true). */
  clipInTraining?: boolean;
}

/** Outputs of `ofqlTrainStep`. */
export interface OfqlTrainStepResult<A extends RealArray = RealArray> {
  /** a', the draws of a state together. Shape [B*M,D]. */
  nextActions: Tensor<A>;
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** loss of both critics. */
  criticLoss: number;
  /** norm of its gradient, before the clip. */
  criticGradNorm: number;
  /** target of the average velocity. Shape [B,D]. */
  uTarget: Tensor<A>;
  /** average-velocity objective. */
  bcLoss: number;
  /** ã. Shape [B,D]. */
  policyAction: Tensor<A>;
  /** what climbs the critics. */
  qLoss: number;
  /** the policy's losses together. */
  actorLoss: number;
  /** norm of its gradient, before the clip. */
  actorGradNorm: number;
  /** the policy network after the step. Shape [h[i+1],h[i]]. */
  [key: `newTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `newTrunkBias${number}`]: Tensor<A>;
  /** the network of e_t after the step. Shape [p[i+1],p[i]]. */
  [key: `newTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newTmlpBias${number}`]: Tensor<A>;
  /** the network of e_r after the step. Shape [r[i+1],r[i]]. */
  [key: `newRmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [r[i+1]]. */
  [key: `newRmlpBias${number}`]: Tensor<A>;
  /** the first critic after the step. Shape [c[i+1],c[i]]. */
  [key: `newCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newCritic1Bias${number}`]: Tensor<A>;
  /** the second critic after the step. Shape [d[i+1],d[i]]. */
  [key: `newCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newCritic2Bias${number}`]: Tensor<A>;
  /** the target of the first critic, which follows. Shape [c[i+1],c[i]]. */
  [key: `newTargetCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newTargetCritic1Bias${number}`]: Tensor<A>;
  /** the target of the second critic, which follows. Shape [d[i+1],d[i]]. */
  [key: `newTargetCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newTargetCritic2Bias${number}`]: Tensor<A>;
  /** the average of the policy network. Shape [h[i+1],h[i]]. */
  [key: `newEmaTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `newEmaTrunkBias${number}`]: Tensor<A>;
  /** the average of the network of e_t. Shape [p[i+1],p[i]]. */
  [key: `newEmaTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newEmaTmlpBias${number}`]: Tensor<A>;
  /** the average of the network of e_r. Shape [r[i+1],r[i]]. */
  [key: `newEmaRmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [r[i+1]]. */
  [key: `newEmaRmlpBias${number}`]: Tensor<A>;
  /** m and v after the step. Shape [2,Np]. */
  newPolicyMoments?: Tensor<A>;
  /** m and v after the step. Shape [2,Nc]. */
  newCriticMoments?: Tensor<A>;
}

const ofqlTrainStepOp: Op = /* @__PURE__ */ new Op('flow', 'ofql_train_step');

/**
 * One training step of one-step flow Q-learning: critics, policy, targets.
 *
 * `a' = clip(ε' − ū(ε', 0, 1, s')), y = r + γ (1 − terminated) min_i max_M Q̄_i(s', a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: L_meanflow − η mean Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = clip(ε − u(ε, 0, 1, s));  each a clipped norm and Adam;  targets by τ, average by its decay`
 *
 * Critics first: the policy sees the new ones. Without moments this is the first step of Adam. Targets follow in every call; leave their outputs out where they should not. `out` may be the operands themselves: in place. mean|Q| = 0: the Q loss and its gradient are 0.
 *
 * Source: One-Step Flow Q-Learning, arXiv 2508.13904, on the loop of Diffusion-QL, arXiv 2208.06193; layout of the times reconstructed.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ofqlTrainStep<A extends RealArray>(args: OfqlTrainStepArgs<A> & CallOptions<OfqlTrainStepResult<A>>): OfqlTrainStepResult<A> {
  return ofqlTrainStepOp.call(args) as OfqlTrainStepResult<A>;
}

/**
 * One training step of one-step flow Q-learning: critics, policy, targets.
 *
 * `a' = clip(ε' − ū(ε', 0, 1, s')), y = r + γ (1 − terminated) min_i max_M Q̄_i(s', a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: L_meanflow − η mean Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = clip(ε − u(ε, 0, 1, s));  each a clipped norm and Adam;  targets by τ, average by its decay`
 *
 * Critics first: the policy sees the new ones. Without moments this is the first step of Adam. Targets follow in every call; leave their outputs out where they should not. `out` may be the operands themselves: in place. mean|Q| = 0: the Q loss and its gradient are 0.
 *
 * Source: One-Step Flow Q-Learning, arXiv 2508.13904, on the loop of Diffusion-QL, arXiv 2208.06193; layout of the times reconstructed.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ofqlTrainStepAsync<A extends RealArray>(args: OfqlTrainStepArgs<A> & CallOptions<OfqlTrainStepResult<A>> & AsyncOptions): Promise<OfqlTrainStepResult<A>> {
  return ofqlTrainStepOp.callAsync(args) as Promise<OfqlTrainStepResult<A>>;
}

/** Operands and parameters of `diffusionQlTrainStep`. */
export interface DiffusionQlTrainStepArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** next states s'. Shape [B,S], float32 or float64. */
  nextObservations: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** noise of M chains for each next state: entry 0 their start, entry k that of step k; the last step takes none. Shape [K,B,M,D], float32 or float64. */
  nextNoise: Operand<A>;
  /** step of each row of the behaviour loss, from 0. Shape [B], int32. */
  tIndex: Operand<Int32Array>;
  /** noise ε of the behaviour loss. Shape [B,D], float32 or float64. */
  noiseBc: Operand<A>;
  /** noise of the policy's chain, likewise. Shape [K,B,D], float32 or float64. */
  noisePolicy: Operand<A>;
  /** policy network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** average of the policy network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `emaTrunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `emaTrunkBias${number}`]: Operand<A>;
  /** average of the network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `emaTmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `emaTmlpBias${number}`]: Operand<A>;
  /** first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `critic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `critic1Bias${number}`]: Operand<A>;
  /** target of the first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `targetCritic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `targetCritic1Bias${number}`]: Operand<A>;
  /** second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `critic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `critic2Bias${number}`]: Operand<A>;
  /** target of the second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `targetCritic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `targetCritic2Bias${number}`]: Operand<A>;
  /** Adam's m and v of trunk, tmlp: weight and bias of each layer. Shape [2,Np], float32 or float64. */
  policyMoments?: Operand<A>;
  /** Adam's m and v of both critics. Shape [2,Nc], float32 or float64. */
  criticMoments?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** share of the critics in their targets (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
  /** decay of the average (number; ≥ 0, ≤ 1; default 0.995). */
  emaDecay?: number;
  /** weight η of the Q loss (number; default 1). */
  eta?: number;
  /** critic of the Q loss; the other one is its normaliser (integer; ≥ 1, ≤ 2; default 1). */
  qLossCritic?: number;
  /** learning rate (number; default 0.0003). */
  lr?: number;
  /** decay of m (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** decay of v (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε of Adam (number; ≥ 0; default 1e-8). */
  adamEps?: number;
  /** largest gradient norm, of both critics and of the policy; null: no limit (number or null; > 0; default null). */
  gradClip?: number | null;
  /** number of this step, from 1 (integer; ≥ 1; default 1). */
  step?: number;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** noise schedule ('vp' | 'linear' | 'cosine'; default 'vp'). */
  schedule?: 'vp' | 'linear' | 'cosine';
  /** steps K of the schedule (integer; ≥ 1; default 5). */
  steps?: number;
  /** largest absolute action (number; > 0; default 1). */
  maxAction?: number;
  /** clip x̂₀ at every step (boolean; default true). */
  clipDenoised?: boolean;
  /** number of draws M; 0: as next_noise has them (integer; ≥ 0; default 0). */
  maxQBackup?: number;
}

/** Outputs of `diffusionQlTrainStep`. */
export interface DiffusionQlTrainStepResult<A extends RealArray = RealArray> {
  /** a', the draws of a state together. Shape [B*M,D]. */
  nextActions: Tensor<A>;
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** loss of both critics. */
  criticLoss: number;
  /** norm of its gradient, before the clip. */
  criticGradNorm: number;
  /** behaviour loss, mean over B and D. */
  bcLoss: number;
  /** ã. Shape [B,D]. */
  policyAction: Tensor<A>;
  /** what climbs the critics. */
  qLoss: number;
  /** the policy's losses together. */
  actorLoss: number;
  /** norm of its gradient, before the clip. */
  actorGradNorm: number;
  /** the policy network after the step. Shape [h[i+1],h[i]]. */
  [key: `newTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `newTrunkBias${number}`]: Tensor<A>;
  /** the network of e_t after the step. Shape [p[i+1],p[i]]. */
  [key: `newTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newTmlpBias${number}`]: Tensor<A>;
  /** the first critic after the step. Shape [c[i+1],c[i]]. */
  [key: `newCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newCritic1Bias${number}`]: Tensor<A>;
  /** the second critic after the step. Shape [d[i+1],d[i]]. */
  [key: `newCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newCritic2Bias${number}`]: Tensor<A>;
  /** the target of the first critic, which follows. Shape [c[i+1],c[i]]. */
  [key: `newTargetCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newTargetCritic1Bias${number}`]: Tensor<A>;
  /** the target of the second critic, which follows. Shape [d[i+1],d[i]]. */
  [key: `newTargetCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newTargetCritic2Bias${number}`]: Tensor<A>;
  /** the average of the policy network. Shape [h[i+1],h[i]]. */
  [key: `newEmaTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `newEmaTrunkBias${number}`]: Tensor<A>;
  /** the average of the network of e_t. Shape [p[i+1],p[i]]. */
  [key: `newEmaTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newEmaTmlpBias${number}`]: Tensor<A>;
  /** m and v after the step. Shape [2,Np]. */
  newPolicyMoments?: Tensor<A>;
  /** m and v after the step. Shape [2,Nc]. */
  newCriticMoments?: Tensor<A>;
}

const diffusionQlTrainStepOp: Op = /* @__PURE__ */ new Op('flow', 'diffusion_ql_train_step');

/**
 * One training step of diffusion Q-learning: critics, policy, targets.
 *
 * `a' = chain of the averaged policy at s', y = r + γ (1 − terminated) min_i max_M Q̄_i(s', a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: mean (ε_θ(√ᾱ a + √(1−ᾱ) ε, t, s) − ε)² − η mean Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = chain of the policy at s, with gradients through all K steps;  each a clipped norm and Adam;  targets by τ, average by its decay`
 *
 * Critics first: the policy sees the new ones. Without moments this is the first step of Adam. Targets follow in every call; leave their outputs out where they should not. `out` may be the operands themselves: in place. mean|Q| = 0: the Q loss and its gradient are 0. A gradient passes a clip inside its limits only.
 *
 * Source: Diffusion-QL, arXiv 2208.06193, in the form of its code.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function diffusionQlTrainStep<A extends RealArray>(args: DiffusionQlTrainStepArgs<A> & CallOptions<DiffusionQlTrainStepResult<A>>): DiffusionQlTrainStepResult<A> {
  return diffusionQlTrainStepOp.call(args) as DiffusionQlTrainStepResult<A>;
}

/**
 * One training step of diffusion Q-learning: critics, policy, targets.
 *
 * `a' = chain of the averaged policy at s', y = r + γ (1 − terminated) min_i max_M Q̄_i(s', a');  critics: mean (Q1 − y)² + mean (Q2 − y)²;  policy: mean (ε_θ(√ᾱ a + √(1−ᾱ) ε, t, s) − ε)² − η mean Q_i(s, ã)/sg(mean|Q_j(s, ã)|), ã = chain of the policy at s, with gradients through all K steps;  each a clipped norm and Adam;  targets by τ, average by its decay`
 *
 * Critics first: the policy sees the new ones. Without moments this is the first step of Adam. Targets follow in every call; leave their outputs out where they should not. `out` may be the operands themselves: in place. mean|Q| = 0: the Q loss and its gradient are 0. A gradient passes a clip inside its limits only.
 *
 * Source: Diffusion-QL, arXiv 2208.06193, in the form of its code.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function diffusionQlTrainStepAsync<A extends RealArray>(args: DiffusionQlTrainStepArgs<A> & CallOptions<DiffusionQlTrainStepResult<A>> & AsyncOptions): Promise<DiffusionQlTrainStepResult<A>> {
  return diffusionQlTrainStepOp.callAsync(args) as Promise<DiffusionQlTrainStepResult<A>>;
}

/** Operands and parameters of `meanFlowQTrainStep`. */
export interface MeanFlowQTrainStepArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** next states s'. Shape [B,S], float32 or float64. */
  nextObservations: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** M draws of noise ε' for each next state. Shape [B,M,D], float32 or float64. */
  nextNoise: Operand<A>;
  /** noise of the flow objective. Shape [B,D], float32 or float64. */
  noiseBc: Operand<A>;
  /** noise ε of the policy's actions. Shape [B,D], float32 or float64. */
  noisePolicy: Operand<A>;
  /** times of the flow objective, in [0, 1]. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** policy network. Shape [h[i+1],h[i]], float32 or float64. */
  [key: `trunkWeight${number}`]: Operand<A>;
  /** its biases. Shape [h[i+1]], float32 or float64. */
  [key: `trunkBias${number}`]: Operand<A>;
  /** network of e_t. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `tmlpWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `tmlpBias${number}`]: Operand<A>;
  /** first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `critic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `critic1Bias${number}`]: Operand<A>;
  /** target of the first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `targetCritic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `targetCritic1Bias${number}`]: Operand<A>;
  /** second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `critic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `critic2Bias${number}`]: Operand<A>;
  /** target of the second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `targetCritic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `targetCritic2Bias${number}`]: Operand<A>;
  /** Adam's m and v of trunk, tmlp: weight and bias of each layer. Shape [2,Np], float32 or float64. */
  policyMoments?: Operand<A>;
  /** Adam's m and v of both critics. Shape [2,Nc], float32 or float64. */
  criticMoments?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** share of the critics in their targets (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
  /** weight α of the flow objective (number; default 10). */
  alpha?: number;
  /** weight of the bound loss (number; default 1). */
  boundWeight?: number;
  /** learning rate (number; default 0.0003). */
  lr?: number;
  /** decay of m (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** decay of v (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε of Adam (number; ≥ 0; default 1e-8). */
  adamEps?: number;
  /** largest gradient norm, of both critics and of the policy; null: no limit (number or null; > 0; default null). */
  gradClip?: number | null;
  /** number of this step, from 1 (integer; ≥ 1; default 1). */
  step?: number;
  /** size of each time embedding, even (integer; ≥ 4; required). */
  embDim: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'mish'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** factor on t (number; default 1). */
  timeScale?: number;
  /** γ of the weight (number; default 0.8). */
  adaptiveGamma?: number;
  /** c of the weight (number; ≥ 0; default 0.0001). */
  adaptiveC?: number;
  /** largest absolute target (number; > 0; default 5). */
  targetClip?: number;
  /** over the target critics ('mean' | 'min'; default 'min'). */
  qAgg?: 'mean' | 'min';
  /** divide by mean |mean_i Q_i| (boolean; default true). */
  normalizeQLoss?: boolean;
  /** number of draws M; 0: as next_noise has them (integer; ≥ 0; default 0). */
  maxQBackup?: number;
}

/** Outputs of `meanFlowQTrainStep`. */
export interface MeanFlowQTrainStepResult<A extends RealArray = RealArray> {
  /** a', the draws of a state together. Shape [B*M,D]. */
  nextActions: Tensor<A>;
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** loss of both critics. */
  criticLoss: number;
  /** norm of its gradient, before the clip. */
  criticGradNorm: number;
  /** target of the flow objective. Shape [B,D]. */
  gTarget: Tensor<A>;
  /** flow objective, without α. */
  flowLoss: number;
  /** how far g(ε, 1, s) leaves [−1, 1]. */
  boundLoss: number;
  /** ã. Shape [B,D]. */
  policyAction: Tensor<A>;
  /** what climbs the critics. */
  qLoss: number;
  /** the policy's losses together. */
  actorLoss: number;
  /** norm of its gradient, before the clip. */
  actorGradNorm: number;
  /** the policy network after the step. Shape [h[i+1],h[i]]. */
  [key: `newTrunkWeight${number}`]: Tensor<A>;
  /** its biases. Shape [h[i+1]]. */
  [key: `newTrunkBias${number}`]: Tensor<A>;
  /** the network of e_t after the step. Shape [p[i+1],p[i]]. */
  [key: `newTmlpWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newTmlpBias${number}`]: Tensor<A>;
  /** the first critic after the step. Shape [c[i+1],c[i]]. */
  [key: `newCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newCritic1Bias${number}`]: Tensor<A>;
  /** the second critic after the step. Shape [d[i+1],d[i]]. */
  [key: `newCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newCritic2Bias${number}`]: Tensor<A>;
  /** the target of the first critic, which follows. Shape [c[i+1],c[i]]. */
  [key: `newTargetCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newTargetCritic1Bias${number}`]: Tensor<A>;
  /** the target of the second critic, which follows. Shape [d[i+1],d[i]]. */
  [key: `newTargetCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newTargetCritic2Bias${number}`]: Tensor<A>;
  /** m and v after the step. Shape [2,Np]. */
  newPolicyMoments?: Tensor<A>;
  /** m and v after the step. Shape [2,Nc]. */
  newCriticMoments?: Tensor<A>;
}

const meanFlowQTrainStepOp: Op = /* @__PURE__ */ new Op('flow', 'mean_flow_q_train_step');

/**
 * One training step of residual MeanFlow Q-learning: critics, policy, targets.
 *
 * `a' = the one of M draws clip(g(ε', 1, s')) that mean_i Q̄_i likes best, y = r + γ (1 − terminated) agg_i Q̄_i(s', a');  critics: mean_{i,b} (Q_i − y)²;  policy: α flow + bound − λ mean_{i,b} Q_i(s, clip g(ε, 1, s)), flow and bound those of meanflow_residual_ql, bound at g(ε, 1, s), λ = 1/sg(mean_b |mean_i Q_i|);  Adam;  targets by τ`
 *
 * One loss for all: the policy sees the critics as they were. Without moments this is the first step of Adam. A normaliser of 0: the Q loss and its gradient are 0. `out` may be the operands themselves: in place.
 *
 * Source: MeanFlowQL, arXiv 2511.13035.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanFlowQTrainStep<A extends RealArray>(args: MeanFlowQTrainStepArgs<A> & CallOptions<MeanFlowQTrainStepResult<A>>): MeanFlowQTrainStepResult<A> {
  return meanFlowQTrainStepOp.call(args) as MeanFlowQTrainStepResult<A>;
}

/**
 * One training step of residual MeanFlow Q-learning: critics, policy, targets.
 *
 * `a' = the one of M draws clip(g(ε', 1, s')) that mean_i Q̄_i likes best, y = r + γ (1 − terminated) agg_i Q̄_i(s', a');  critics: mean_{i,b} (Q_i − y)²;  policy: α flow + bound − λ mean_{i,b} Q_i(s, clip g(ε, 1, s)), flow and bound those of meanflow_residual_ql, bound at g(ε, 1, s), λ = 1/sg(mean_b |mean_i Q_i|);  Adam;  targets by τ`
 *
 * One loss for all: the policy sees the critics as they were. Without moments this is the first step of Adam. A normaliser of 0: the Q loss and its gradient are 0. `out` may be the operands themselves: in place.
 *
 * Source: MeanFlowQL, arXiv 2511.13035.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function meanFlowQTrainStepAsync<A extends RealArray>(args: MeanFlowQTrainStepArgs<A> & CallOptions<MeanFlowQTrainStepResult<A>> & AsyncOptions): Promise<MeanFlowQTrainStepResult<A>> {
  return meanFlowQTrainStepOp.callAsync(args) as Promise<MeanFlowQTrainStepResult<A>>;
}

/** Operands and parameters of `fqlTrainStep`. */
export interface FqlTrainStepArgs<A extends RealArray = RealArray> {
  /** states s. Shape [B,S], float32 or float64. */
  observations: Operand<A>;
  /** data a. Shape [B,D], float32 or float64. */
  actions: Operand<A>;
  /** r. Shape [B], float32 or float64. */
  rewards: Operand<A>;
  /** next states s'. Shape [B,S], float32 or float64. */
  nextObservations: Operand<A>;
  /** 1 = the episode ended; absent: none did. Shape [B], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
  /** noise z' of the next actions. Shape [B,D], float32 or float64. */
  nextNoise: Operand<A>;
  /** noise ε of the behaviour flow's loss. Shape [B,D], float32 or float64. */
  noiseBc: Operand<A>;
  /** noise z of the policy and its teacher. Shape [B,D], float32 or float64. */
  noisePolicy: Operand<A>;
  /** times in [0, 1]. Shape [B], float32 or float64. */
  t: Operand<A>;
  /** behaviour velocity over [s, x, t], the time as it is. Shape [f[i+1],f[i]], float32 or float64. */
  [key: `flowWeight${number}`]: Operand<A>;
  /** its biases. Shape [f[i+1]], float32 or float64. */
  [key: `flowBias${number}`]: Operand<A>;
  /** one-step policy μ over [s, z]. Shape [p[i+1],p[i]], float32 or float64. */
  [key: `policyWeight${number}`]: Operand<A>;
  /** its biases. Shape [p[i+1]], float32 or float64. */
  [key: `policyBias${number}`]: Operand<A>;
  /** first critic over [s, a]. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `critic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `critic1Bias${number}`]: Operand<A>;
  /** target of the first critic. Shape [c[i+1],c[i]], float32 or float64. */
  [key: `targetCritic1Weight${number}`]: Operand<A>;
  /** its biases. Shape [c[i+1]], float32 or float64. */
  [key: `targetCritic1Bias${number}`]: Operand<A>;
  /** second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `critic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `critic2Bias${number}`]: Operand<A>;
  /** target of the second critic. Shape [d[i+1],d[i]], float32 or float64. */
  [key: `targetCritic2Weight${number}`]: Operand<A>;
  /** its biases. Shape [d[i+1]], float32 or float64. */
  [key: `targetCritic2Bias${number}`]: Operand<A>;
  /** scale, then shift of the first critic's norms, its hidden layers end to end. Shape [2,Hc], float32 or float64; required when layerNorm is 'true'. */
  critic1Norm?: Operand<A>;
  /** those of its target. Shape [2,Hc], float32 or float64; required when layerNorm is 'true'. */
  targetCritic1Norm?: Operand<A>;
  /** those of the second critic. Shape [2,Hd], float32 or float64; required when layerNorm is 'true'. */
  critic2Norm?: Operand<A>;
  /** those of its target. Shape [2,Hd], float32 or float64; required when layerNorm is 'true'. */
  targetCritic2Norm?: Operand<A>;
  /** Adam's m and v of flow, policy, critic1, critic2: weight and bias of each layer. Shape [2,N], float32 or float64. */
  moments?: Operand<A>;
  /** Adam's m and v of critic1_norm and critic2_norm. Shape [2,Nn], float32 or float64. */
  normMoments?: Operand<A>;
  /** discount γ (number; ≥ 0, ≤ 1; default 0.99). */
  gamma?: number;
  /** share of the critics in their targets (number; ≥ 0, ≤ 1; default 0.005). */
  tau?: number;
  /** weight α of the distillation (number; default 10). */
  alpha?: number;
  /** learning rate (number; default 0.0003). */
  lr?: number;
  /** decay of m (number; ≥ 0, < 1; default 0.9). */
  beta1?: number;
  /** decay of v (number; ≥ 0, < 1; default 0.999). */
  beta2?: number;
  /** ε of Adam (number; ≥ 0; default 1e-8). */
  adamEps?: number;
  /** number of this step, from 1 (integer; ≥ 1; default 1). */
  step?: number;
  /** Euler steps K of the behaviour flow (integer; ≥ 1; default 10). */
  flowSteps?: number;
  /** activation of all hidden layers ('identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf'; default 'gelu_tanh'). */
  activation?: 'identity' | 'relu' | 'leaky_relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'silu' | 'mish' | 'gelu_tanh' | 'gelu_erf';
  /** the critics' hidden layers are normalised after their activation (boolean; default true). */
  layerNorm?: boolean;
  /** ε of these norms (number; > 0; default 0.000001). */
  lnEps?: number;
  /** over the target critics ('mean' | 'min'; default 'mean'). */
  qAgg?: 'mean' | 'min';
  /** λ by the size of Q (boolean; default false). */
  normalizeQLoss?: boolean;
}

/** Outputs of `fqlTrainStep`. */
export interface FqlTrainStepResult<A extends RealArray = RealArray> {
  /** clip μ(s', z'). Shape [B,D]. */
  nextActions: Tensor<A>;
  /** y. Shape [B]. */
  target: Tensor<A>;
  /** mean over critics and batch. */
  criticLoss: number;
  /** flow matching loss, mean over B and D. */
  bcFlowLoss: number;
  /** clip flow_K(s, z), the teacher. Shape [B,D]. */
  flowAction: Tensor<A>;
  /** μ(s, z), unclipped. Shape [B,D]. */
  policyAction: Tensor<A>;
  /** mean over B and D, without α. */
  distillLoss: number;
  /** −λ mean Q. */
  qLoss: number;
  /** flow + α distillation + Q loss. */
  actorLoss: number;
  /** the behaviour velocity after the step. Shape [f[i+1],f[i]]. */
  [key: `newFlowWeight${number}`]: Tensor<A>;
  /** its biases. Shape [f[i+1]]. */
  [key: `newFlowBias${number}`]: Tensor<A>;
  /** the one-step policy after the step. Shape [p[i+1],p[i]]. */
  [key: `newPolicyWeight${number}`]: Tensor<A>;
  /** its biases. Shape [p[i+1]]. */
  [key: `newPolicyBias${number}`]: Tensor<A>;
  /** the first critic after the step. Shape [c[i+1],c[i]]. */
  [key: `newCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newCritic1Bias${number}`]: Tensor<A>;
  /** the target of the first critic, which follows. Shape [c[i+1],c[i]]. */
  [key: `newTargetCritic1Weight${number}`]: Tensor<A>;
  /** its biases. Shape [c[i+1]]. */
  [key: `newTargetCritic1Bias${number}`]: Tensor<A>;
  /** the second critic after the step. Shape [d[i+1],d[i]]. */
  [key: `newCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newCritic2Bias${number}`]: Tensor<A>;
  /** the target of the second critic, which follows. Shape [d[i+1],d[i]]. */
  [key: `newTargetCritic2Weight${number}`]: Tensor<A>;
  /** its biases. Shape [d[i+1]]. */
  [key: `newTargetCritic2Bias${number}`]: Tensor<A>;
  /** critic1_norm after the step. Shape [2,Hc]. */
  newCritic1Norm?: Tensor<A>;
  /** which follows. Shape [2,Hc]. */
  newTargetCritic1Norm?: Tensor<A>;
  /** critic2_norm after the step. Shape [2,Hd]. */
  newCritic2Norm?: Tensor<A>;
  /** which follows. Shape [2,Hd]. */
  newTargetCritic2Norm?: Tensor<A>;
  /** m and v after the step. Shape [2,N]. */
  newMoments?: Tensor<A>;
  /** m and v of the norms. Shape [2,Nn]. */
  newNormMoments?: Tensor<A>;
}

const fqlTrainStepOp: Op = /* @__PURE__ */ new Op('flow', 'fql_train_step');

/**
 * One training step of flow Q-learning: critics, behaviour flow, one-step policy.
 *
 * `y = r + γ (1 − terminated) agg_e Q̄_e(s', clip μ(s', z'));  loss = mean_{e,b} (Q − y)² + mean (v(s, x_t, t) − (a − ε))² + α mean (μ(s, z) − sg clip flow_K(s, z))² − λ mean_{e,b} Q_e(s, clip μ(s, z)), x_t = (1−t) ε + t a, λ = 1 or 1/sg(mean_b |mean_e Q|);  one Adam for all, the critics held in the last term;  targets by τ`
 *
 * All gradients are taken before anything changes. Targets follow the critics after the step. The student is distilled unclipped. Without moments this is the first step of Adam. mean|Q| = 0 with normalize_q_loss: the Q loss and its gradient are 0. `out` may be the operands themselves: in place.
 *
 * Source: FQL, arXiv 2502.02538, algorithm 1 and section 3.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqlTrainStep<A extends RealArray>(args: FqlTrainStepArgs<A> & CallOptions<FqlTrainStepResult<A>>): FqlTrainStepResult<A> {
  return fqlTrainStepOp.call(args) as FqlTrainStepResult<A>;
}

/**
 * One training step of flow Q-learning: critics, behaviour flow, one-step policy.
 *
 * `y = r + γ (1 − terminated) agg_e Q̄_e(s', clip μ(s', z'));  loss = mean_{e,b} (Q − y)² + mean (v(s, x_t, t) − (a − ε))² + α mean (μ(s, z) − sg clip flow_K(s, z))² − λ mean_{e,b} Q_e(s, clip μ(s, z)), x_t = (1−t) ε + t a, λ = 1 or 1/sg(mean_b |mean_e Q|);  one Adam for all, the critics held in the last term;  targets by τ`
 *
 * All gradients are taken before anything changes. Targets follow the critics after the step. The student is distilled unclipped. Without moments this is the first step of Adam. mean|Q| = 0 with normalize_q_loss: the Q loss and its gradient are 0. `out` may be the operands themselves: in place.
 *
 * Source: FQL, arXiv 2502.02538, algorithm 1 and section 3.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function fqlTrainStepAsync<A extends RealArray>(args: FqlTrainStepArgs<A> & CallOptions<FqlTrainStepResult<A>> & AsyncOptions): Promise<FqlTrainStepResult<A>> {
  return fqlTrainStepOp.callAsync(args) as Promise<FqlTrainStepResult<A>>;
}

/** Operands and parameters of `ddpmSchedule`. */
export interface DdpmScheduleArgs<A extends RealArray = RealArray> {
  /** which β ('vp' | 'linear' | 'cosine'; default 'vp'). */
  schedule?: 'vp' | 'linear' | 'cosine';
  /** number of steps T (integer; ≥ 1; default 5). */
  steps?: number;
}

/** Outputs of `ddpmSchedule`. */
export interface DdpmScheduleResult<A extends RealArray = RealArray> {
  /** β_t. Shape [K]. */
  beta: Tensor<A>;
  /** ᾱ_t. Shape [K]. */
  alphaBar: Tensor<A>;
  /** √(1/ᾱ_t). Shape [K]. */
  sqrtRecipAb: Tensor<A>;
  /** √(1/ᾱ_t − 1). Shape [K]. */
  sqrtRecipm1Ab: Tensor<A>;
  /** factor of x_0 in the posterior mean. Shape [K]. */
  postMeanX0: Tensor<A>;
  /** factor of x_t in the posterior mean. Shape [K]. */
  postMeanXt: Tensor<A>;
  /** log of the posterior variance. Shape [K]. */
  postLogVar: Tensor<A>;
}

const ddpmScheduleOp: Op = /* @__PURE__ */ new Op('flow', 'ddpm_schedule');

/**
 * The noise schedule of a diffusion policy and the coefficients of its posterior.
 *
 * `ᾱ_t = Π (1 − β);  vp: β_t = 1 − exp(−0.1/T − ½ 9.9 (2t − 1)/T²);  linear: 1e-4 … 2e-2;  cosine: ᾱ ∝ cos²(½π (t/T + s)/(1 + s)), s = 0.008, β ≤ 0.999`
 *
 * Entry i is t = i + 1; ᾱ_0 = 1. The variance of the last step, 0, has logarithm log 1e-20.
 *
 * Source: Ho et al., arXiv 2006.11239, eq. 7; Nichol & Dhariwal, arXiv 2102.09672 (cosine); Diffusion-QL, arXiv 2208.06193 (vp).
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddpmSchedule<A extends RealArray>(args: DdpmScheduleArgs<A> & CallOptions<DdpmScheduleResult<A>>): DdpmScheduleResult<A> {
  return ddpmScheduleOp.call(args) as DdpmScheduleResult<A>;
}

/**
 * The noise schedule of a diffusion policy and the coefficients of its posterior.
 *
 * `ᾱ_t = Π (1 − β);  vp: β_t = 1 − exp(−0.1/T − ½ 9.9 (2t − 1)/T²);  linear: 1e-4 … 2e-2;  cosine: ᾱ ∝ cos²(½π (t/T + s)/(1 + s)), s = 0.008, β ≤ 0.999`
 *
 * Entry i is t = i + 1; ᾱ_0 = 1. The variance of the last step, 0, has logarithm log 1e-20.
 *
 * Source: Ho et al., arXiv 2006.11239, eq. 7; Nichol & Dhariwal, arXiv 2102.09672 (cosine); Diffusion-QL, arXiv 2208.06193 (vp).
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function ddpmScheduleAsync<A extends RealArray>(args: DdpmScheduleArgs<A> & CallOptions<DdpmScheduleResult<A>> & AsyncOptions): Promise<DdpmScheduleResult<A>> {
  return ddpmScheduleOp.callAsync(args) as Promise<DdpmScheduleResult<A>>;
}

/** Operands and parameters of `rewardTuning`. */
export interface RewardTuningArgs<A extends RealArray = RealArray> {
  /** rewards in the order of the data set. Shape [N], float32 or float64. */
  rewards: Operand<A>;
  /** 1 = the episode ended here; absent: none did. Shape [N], uint8 or int32, non-zero = true. */
  terminated?: Operand<Uint8Array | Int32Array>;
}

/** Outputs of `rewardTuning`. */
export interface RewardTuningResult<A extends RealArray = RealArray> {
  /** standardised. Shape [N]. */
  normalize: Tensor<A>;
  /** shifted by −1. Shape [N]. */
  iqlAntmaze: Tensor<A>;
  /** scaled by the range of returns. Shape [N]. */
  iqlLocomotion: Tensor<A>;
  /** centred at 0.5, times 4. Shape [N]. */
  cqlAntmaze: Tensor<A>;
  /** centred at 0.25, times 2. Shape [N]. */
  antmaze: Tensor<A>;
}

const rewardTuningOp: Op = /* @__PURE__ */ new Op('flow', 'reward_tuning');

/**
 * The reward transforms of offline benchmarks, over a whole data set.
 *
 * `normalize: (r − mean)/std;  iql_antmaze: r − 1;  iql_locomotion: 1000 r/(max − min return);  cql_antmaze: 4 (r − 0.5);  antmaze: 2 (r − 0.25)`
 *
 * std with n − 1. An episode ends where terminated, or after 1,000 steps; an unfinished tail is none. Rewards without spread normalise to 0; returns without spread, or none, leave rewards as they are.
 *
 * Source: the code of Diffusion-QL (arXiv 2208.06193), utils/data_sampler.py; IQL, arXiv 2110.06169.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardTuning<A extends RealArray>(args: RewardTuningArgs<A> & CallOptions<RewardTuningResult<A>>): RewardTuningResult<A> {
  return rewardTuningOp.call(args) as RewardTuningResult<A>;
}

/**
 * The reward transforms of offline benchmarks, over a whole data set.
 *
 * `normalize: (r − mean)/std;  iql_antmaze: r − 1;  iql_locomotion: 1000 r/(max − min return);  cql_antmaze: 4 (r − 0.5);  antmaze: 2 (r − 0.25)`
 *
 * std with n − 1. An episode ends where terminated, or after 1,000 steps; an unfinished tail is none. Rewards without spread normalise to 0; returns without spread, or none, leave rewards as they are.
 *
 * Source: the code of Diffusion-QL (arXiv 2208.06193), utils/data_sampler.py; IQL, arXiv 2110.06169.
 *
 * Runs on the engine's own threads; `signal` stops it. A wrong argument rejects.
 *
 * @throws BelfryError when an argument is wrong; nothing is then written
 */
export function rewardTuningAsync<A extends RealArray>(args: RewardTuningArgs<A> & CallOptions<RewardTuningResult<A>> & AsyncOptions): Promise<RewardTuningResult<A>> {
  return rewardTuningOp.callAsync(args) as Promise<RewardTuningResult<A>>;
}
