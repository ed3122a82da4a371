/** Family `preference`: preference losses. No op of it is built yet; see docs/status.md. */
export * from '../generated/preference.js';
