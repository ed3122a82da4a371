/** Stable error codes; `docs/errors.md` explains each. The order is that of `Code` in status.h. */
export const errorCodes = [
  'OK',
  'BELFRY_INVALID_ARGUMENT',
  'BELFRY_MISSING_OPERAND',
  'BELFRY_BAD_DTYPE',
  'BELFRY_BAD_SHAPE',
  'BELFRY_BAD_VALUE',
  'BELFRY_ALIASED',
  'BELFRY_BUFFER_IN_USE',
  'BELFRY_DETACHED_BUFFER',
  'BELFRY_RESIZABLE_BUFFER',
  'BELFRY_DISPOSED',
  'BELFRY_NOT_IMPLEMENTED',
  'BELFRY_CUDA_UNAVAILABLE',
  'BELFRY_DEVICE_MISMATCH',
  'BELFRY_DEVICE_ERROR',
  'BELFRY_OUT_OF_MEMORY',
  'BELFRY_ABORTED',
  'BELFRY_BAD_FILE',
  'BELFRY_INTERNAL',
  'BELFRY_LOAD_FAILED',
] as const;

export type BelfryErrorCode = Exclude<(typeof errorCodes)[number], 'OK'>;

/** What an error is about, besides its code and message. */
export interface ErrorDetails {
  /** Name of the function or class. */
  op?: string;
  /** Operand, parameter or option at fault, as the caller wrote it. */
  argument?: string;
  /** What was expected. */
  expected?: string;
  /** What came. */
  received?: string;
  cause?: unknown;
}

/** Every error of this package. Branch on `code`, not on the message. */
export class BelfryError extends Error {
  override readonly name = 'BelfryError';
  readonly code: BelfryErrorCode;
  readonly op?: string;
  readonly argument?: string;
  readonly expected?: string;
  readonly received?: string;

  constructor(code: BelfryErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.op !== undefined) this.op = details.op;
    if (details.argument !== undefined) this.argument = details.argument;
    if (details.expected !== undefined) this.expected = details.expected;
    if (details.received !== undefined) this.received = details.received;
  }
}

/** The one builder of argument errors: `op: argument received, expected expected. hint`. */
export function argumentError(
  code: BelfryErrorCode,
  op: string,
  argument: string,
  received: string,
  expected = '',
  hint = '',
): BelfryError {
  const subject = argument === '' ? '' : `${argument} `;
  const tail = expected === '' ? '' : `, expected ${expected}`;
  const message = `${op}: ${subject}${received}${tail}.${hint === '' ? '' : ` ${hint}`}`;
  return new BelfryError(code, message, { op, argument, expected, received });
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object' && value !== null) return `an object (${Object.keys(value)})`;
  return String(value);
}

/** The option closest to a misspelt one, as a hint; '' when none is close. */
export function didYouMean(word: string, known: Iterable<string>): string {
  let best = '';
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === '' ? '' : `Did you mean "${best}"?`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
