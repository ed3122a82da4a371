/** Log-probabilities and entropies of a layer of bfloat16, a word at a time, differentiated. */
import {
  bfloat16s,
  float32s,
  integers,
  type Reference,
  type ReferenceCase,
  reals,
} from '../golden.js';
import { eightBits, generator } from '../lib/arrays.js';
import { add, apply, differentiate, minus, sum, Traced, tanh, times } from '../lib/traced.js';

interface Shape {
  rows: number;
  words: number;
  size: number;
}

interface Options {
  temperature: number;
  ignore_index: number;
  softcap: number | null;
}

/** ln Σ eˣ, a number whose slopes are the probabilities. */
function logSumExp(x: readonly Traced[]): Traced {
  const top = Math.max(...x.map(({ value }) => value));
  const total = sum(x.map((one) => exponential(minus(one, top))));
  return add(top, apply(total, Math.log(total.value), 1 / total.value));
}
const exponential = (x: Traced): Traced => apply(x, Math.exp(x.value), Math.exp(x.value));

/** x·W + b of each word, capped and divided by the temperature. */
function logitsOf(hidden: Traced[], weight: Traced[][], bias: Traced[], options: Options) {
  const { softcap, temperature } = options;
  return weight.map((row, v) => {
    const x = add(sum(row.map((w, h) => times(w, hidden[h] as Traced))), bias[v] as Traced);
    const capped = softcap === null ? x : times(softcap, tanh(times(1 / softcap, x)));
    return times(1 / temperature, capped);
  });
}

const tracedRows = (data: readonly number[], width: number): Traced[][] =>
  Array.from({ length: data.length / width }, (_, i) =>
    data.slice(i * width, (i + 1) * width).map((x) => new Traced(x)),
  );
const slopes = (of: Traced[][]): number[] => of.flat().map(({ slope }) => slope);

function goldenCase(
  name: string,
  seed: number,
  { rows, words, size }: Shape,
  options: Options,
): ReferenceCase {
  const { fill, below } = generator(seed);
  const halves = (shape: number[]): number[] => fill(shape, -1, 1).data.map(eightBits);
  const [x, w] = [halves([rows, size]), halves([words, size])];
  const [b, g, h] = [fill([words], -1, 1), fill([rows], -1, 1), fill([rows], -1, 1)];
  const labels = below(rows, words);
  labels[1] = options.ignore_index;

  const [hidden, weight, bias] = [
    tracedRows(x, size),
    tracedRows(w, size),
    tracedRows(b.data, words),
  ];
  const results = hidden.map((row, i) => {
    const label = labels[i] as number;
    if (label === options.ignore_index) return [new Traced(0), new Traced(0)] as const;
    const logits = logitsOf(row, weight, bias[0] as Traced[], options);
    const logs = logits.map((logit) => minus(logit, logSumExp(logits)));
    const entropy = times(-1, sum(logs.map((log) => times(exponential(log), log))));
    return [logs[label] as Traced, entropy] as const;
  });
  const terms = results.flatMap(([logProb, entropy], i) => [
    times(g.data[i] as number, logProb),
    times(h.data[i] as number, entropy),
  ]);
  differentiate(sum(terms));
  return {
    name,
    inputs: {
      hidden: bfloat16s([rows, size], x),
      weight: bfloat16s([words, size], w),
      bias: float32s([words], b.data),
      labels: integers([rows], labels),
      grad_log_probs: float32s([rows], g.data),
      grad_entropy: float32s([rows], h.data),
    },
    params: { ...options },
    expected: {
      log_probs: reals(
        [rows],
        results.map(([logProb]) => logProb.value),
      ),
      entropy: reals(
        [rows],
        results.map(([, entropy]) => entropy.value),
      ),
      grad_hidden: reals([rows, size], slopes(hidden)),
      grad_weight: reals([words, size], slopes(weight)),
      grad_bias: reals([words], slopes(bias)),
    },
    atol: 3e-5,
    rtol: 3e-4,
  };
}

const usual: Options = { temperature: 1, ignore_index: -100, softcap: null };

export const reference: Reference = {
  folder: 'forms/token',
  family: 'token',
  op: 'fused_linear_logprob',
  cases: [
    goldenCase('bfloat16, sizes of no tile', 1, { rows: 5, words: 19, size: 9 }, usual),
    goldenCase('bfloat16, sizes of tiles', 2, { rows: 16, words: 32, size: 16 }, usual),
    goldenCase(
      'bfloat16, soft cap',
      3,
      { rows: 3, words: 70, size: 12 },
      { temperature: 0.8, ignore_index: -1, softcap: 3 },
    ),
  ],
};
