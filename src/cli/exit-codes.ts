/** What the command line's exit codes mean. */
export const exitCodes = Object.freeze({
  ok: 0,
  failed: 1,
  noGpu: 2,
  notConverged: 3,
  usage: 64,
});
