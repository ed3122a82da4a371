/** Family `token`: advantages and policy losses of language-model RL. */
export * from '../generated/token.js';
