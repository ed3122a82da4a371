// Compiled against the installed package (scripts/pack-test.mjs); never run.
import { gae } from 'belfry/token';

const batch = { data: new Float32Array(10), shape: [2, 5] };
const { advantages } = gae({ rewards: batch, values: batch, gamma: 1, lambda: 0.95 });
export const first: number | undefined = advantages.data[0];
// @ts-expect-error an unknown option is an error
gae({ rewards: batch, values: batch, gama: 1 });
