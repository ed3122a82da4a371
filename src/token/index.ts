/** Family `token`: advantages and policy losses of language-model RL. */
export * from '../generated/token.js';
export {
  type Aggregation,
  Algorithm,
  type BaselineOptions,
  baselineDefaults,
  type Estimator,
  type KlKind,
  type Logits,
  type LogitsLoss,
  PolicyAlgorithm,
  type PolicyOptions,
  type SampleAdvantages,
  type SurrogateOptions,
  surrogateDefaults,
} from './algorithm.js';
export type { Flags, LossBatch, Ready, Scores, Tokens } from './batch.js';
export * from './copo.js';
export * from './group-policies.js';
export * from './guided-policies.js';
export * from './nft.js';
export * from './ppo.js';
export * from './selective-policies.js';
