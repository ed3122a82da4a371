import { foldTerminations } from './csr-builder.js';
import { problem } from './index.js';

/**
 * A built-in problem as arguments of an op. `takes` tells which names the op knows; where it knows
 * no `continues`, transitions that end the episode lose their mass instead.
 */
export function problemOperands(
  name: string,
): (takes: (key: string) => boolean) => Record<string, unknown> {
  const tables = problem(name);
  return (takes) => {
    const { labels, startStates, ...rest } = takes('continues') ? tables : foldTerminations(tables);
    const byRow = (data: object | undefined): object | undefined =>
      data && { data, shape: [rest.numStates, rest.numActions] };
    const all: Record<string, unknown> = {
      ...rest,
      ...labels,
      rewards: byRow(rest.rewards),
      actionMask: byRow(rest.actionMask),
      initialState: startStates?.[0],
    };
    return Object.fromEntries(
      Object.entries(all).filter(([key, value]) => value !== undefined && takes(key)),
    );
  };
}
