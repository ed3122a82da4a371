/**
 * belfry: the compute engine for reinforcement learning in TypeScript.
 *
 * The six families are namespaces here and modules of their own (`belfry/token`, ...).
 */
export * as bellman from './bellman/index.js';
export type { CallOptions } from './call.js';
export {
  type Diagnostics,
  devices,
  Engine,
  type EngineOptions,
  type MatmulPrecision,
  matmulPrecision,
  setMatmulPrecision,
  setThreads,
} from './engine.js';
export { BelfryError, type BelfryErrorCode } from './errors.js';
export * as fittedQ from './fitted-q/index.js';
export * as flow from './flow/index.js';
export type { DeviceFacts } from './native.js';
export * as offline from './offline/index.js';
export * as preference from './preference/index.js';
export { readSafetensors, writeSafetensors } from './safetensors.js';
export type { AsyncOptions, Progress } from './tasks.js';
export {
  type ArrayLike,
  alloc,
  type Device,
  type DType,
  type RealArray,
  Tensor,
  type TypedArray,
} from './tensor.js';
export * as token from './token/index.js';
