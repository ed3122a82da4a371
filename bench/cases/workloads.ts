/** The fixed workloads every kernel is judged on, beside the plain loop and the peers doing the same. */
import type { Workload } from '../harness.js';
import { bellmanWorkloads } from './bellman.js';
import { fittedQWorkloads } from './fitted-q.js';
import { flowWorkloads } from './flow.js';
import { tokenWorkloads } from './token.js';

export const workloads: readonly Workload[] = [
  ...bellmanWorkloads,
  ...fittedQWorkloads,
  ...tokenWorkloads,
  ...flowWorkloads,
];
