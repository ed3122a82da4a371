/** Family `fitted-q`: fitted-Q iteration. */
export * from '../generated/fitted-q.js';
