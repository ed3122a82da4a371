/** Family `offline`: offline and streaming control. No op of it is built yet; see docs/status.md. */
export * from '../generated/offline.js';
