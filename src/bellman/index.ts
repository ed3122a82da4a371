/** Family `bellman`: backups and solvers of Markov decision processes. */
export * from '../generated/bellman.js';
