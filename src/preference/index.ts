/** Family `preference`: models of what people prefer, and the values that regret is measured with. */
export * from '../generated/preference.js';
