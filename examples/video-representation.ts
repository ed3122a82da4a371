/**
 * Representations from videos (arXiv 2403.13765): a linear encoder learns, from pairs of frames
 * in sequence, to keep what stays the same and to drop noise that is new in every frame.
 */
import { temporalContrastiveLoss } from 'belfry/bellman';

import { normal, seeded } from './lib/random.js';

const batch = 32;
const inputs = 6; // the first three follow the scene, the others are noise
const d = 3;
const random = seeded(61);
const film = Array.from({ length: batch }, () => {
  const scene = [normal(random), normal(random), normal(random)];
  const frame = (): number[] => [...scene, normal(random), normal(random), normal(random)];
  return [frame(), frame()] as const;
});
const encoder = Float64Array.from({ length: inputs * d }, () => 0.5 * normal(random));

function encode(frames: readonly number[][]): { data: Float64Array; shape: number[] } {
  const data = new Float64Array(batch * d);
  frames.forEach((frame, b) => {
    frame.forEach((x, i) => {
      for (let k = 0; k < d; k++) data[b * d + k]! += x * encoder[i * d + k]!;
    });
  });
  return { data, shape: [batch, d] };
}
/** Share of the encoder's weight that looks at the scene. */
const onScene = (): number => {
  const squares = encoder.map((w) => w * w);
  const sum = (part: Float64Array): number => part.reduce((total, x) => total + x, 0);
  return sum(squares.subarray(0, 3 * d)) / sum(squares);
};

const first = film.map(([frame]) => frame);
const second = film.map(([, frame]) => frame);
const losses: number[] = [];
export const shareBefore: number = onScene();
for (let step = 0; step < 300; step++) {
  const { loss, gradZ1, gradZ2 } = temporalContrastiveLoss({
    z1: encode(first),
    z2: encode(second),
    temperature: 0.2,
  });
  losses.push(loss);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < d; k++) {
        const at = b * d + k;
        encoder[i * d + k]! -=
          0.3 * (gradZ1.data[at]! * first[b]![i]! + gradZ2.data[at]! * second[b]![i]!);
      }
    }
  }
}
export const shareAfter: number = onScene();
export const firstLoss: number = losses[0]!;
export const lastLoss: number = losses.at(-1)!;
console.log(
  `loss ${firstLoss.toFixed(3)} → ${lastLoss.toFixed(3)}; share of the scene ` +
    `${shareBefore.toFixed(2)} → ${shareAfter.toFixed(2)}`,
);
