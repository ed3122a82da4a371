/** Loads a flow policy from a safetensors file and acts: best of eight candidates by its critics. */
import { readFileSync } from 'node:fs';

import type { Tensor } from 'belfry';
import { FlowPolicy } from 'belfry/flow';

const policy = FlowPolicy.fromSafetensors(
  readFileSync(new URL('data/velocity.safetensors', import.meta.url)),
);
const observations = Float32Array.of(-0.5, 0.1, -0.9, -0.3);
const noise = Float32Array.from(
  { length: 2 * 8 * policy.actionSize },
  (_, i) => Math.sin(7.3 * i) * 1.4,
);

const { actions, qMin } = policy.act(observations, { noise });
export const chosen: Tensor = actions;
export const scores: Tensor | undefined = qMin;
console.log(`actions ${Array.from(actions.data, (a) => a.toFixed(3)).join(', ')}`);
