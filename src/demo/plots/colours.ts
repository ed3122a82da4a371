import { interpolateViridis, schemeTableau10 } from 'd3-scale-chromatic';

/** Colour of a share in [0, 1], readable by people who see colours differently. */
export function sequential(share: number): string {
  return interpolateViridis(Math.min(Math.max(share, 0), 1));
}

/** Black or white, whichever reads better on `sequential(share)`. */
export function inkOn(share: number): string {
  return share > 0.55 ? '#111' : '#fff';
}

/** Colour of the i-th group; they repeat after ten. */
export function categorical(index: number): string {
  return schemeTableau10[index % schemeTableau10.length]!;
}

/** Blue for positive, orange-red for negative, see-through near 0: works on light and dark. */
export function diverging(share: number): string {
  const strength = Math.min(Math.abs(share), 1);
  const channel = share < 0 ? '213, 94, 0' : '0, 114, 178';
  return `rgba(${channel}, ${(0.8 * strength).toFixed(3)})`;
}
