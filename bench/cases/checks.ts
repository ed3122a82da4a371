/** Comparisons of results; a failure names what was compared. */
type Reals = Float32Array | Float64Array;

export function near(got: number, want: number, tolerance: number, what: string): void {
  if (!(Math.abs(got - want) <= tolerance)) throw new Error(`${what}: got ${got}, want ${want}`);
}

export function sameArrays(got: Reals, want: Reals, tolerance: number, what: string): void {
  for (let i = 0; i < want.length; i++)
    near(got[i] as number, want[i] as number, tolerance, `${what}[${i}]`);
}
