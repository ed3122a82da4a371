/** What the command line's exit codes mean. */
export const exitCodes: Readonly<
  Record<'ok' | 'failed' | 'noGpu' | 'notConverged' | 'usage', number>
> = Object.freeze({
  ok: 0,
  failed: 1,
  noGpu: 2,
  notConverged: 3,
  usage: 64,
});
