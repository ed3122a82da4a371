/** What the command line's exit codes mean. */
export const exitCodes: Readonly<
  Record<'ok' | 'failed' | 'noGpu' | 'notConverged' | 'usage' | 'interrupted', number>
> = Object.freeze({
  ok: 0,
  failed: 1,
  noGpu: 2,
  notConverged: 3,
  usage: 64,
  // 128 + SIGINT, as shells have it.
  interrupted: 130,
});
