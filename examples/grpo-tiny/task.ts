/** The task: "a+b=" with one-digit a and b; the answer is one or two digits and a full stop. */

export const vocabulary = '0123456789.';
export const stop = 10;
/** Longest answer: "18." */
export const maxTokens = 3;

export interface Prompt {
  a: number;
  b: number;
  /** The right answer in tokens. */
  answer: readonly number[];
}

export const prompts: readonly Prompt[] = Array.from({ length: 100 }, (_, i) => {
  const [a, b] = [Math.floor(i / 10), i % 10];
  return { a, b, answer: [...String(a + b)].map(Number).concat(stop) };
});

/** 1 for the right answer; else half the share of its characters that stand at their place. */
export function reward({ answer }: Prompt, tokens: readonly number[]): number {
  const right = answer.filter((token, t) => tokens[t] === token).length;
  return right === answer.length && tokens.length === right ? 1 : (0.5 * right) / answer.length;
}

export function text(tokens: readonly number[]): string {
  return tokens.map((token) => vocabulary[token]).join('');
}
