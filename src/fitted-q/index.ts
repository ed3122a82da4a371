/** Family `fitted-q`: fitted-Q iteration. */
export * from '../generated/fitted-q.js';
export { type FeatureTransitions, LinearFqi, type LinearFqiOptions } from './linear-fqi.js';
