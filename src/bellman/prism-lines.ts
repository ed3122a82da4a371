import { BelfryError } from '../errors.js';

const REAL = '[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?';
const REAL_OR_FRACTION = new RegExp(`^(${REAL})(?:/(\\d+))?$`);

/** The lines of one text file, with errors that name file and line. */
export class PrismLines {
  readonly #lines: string[];
  #number = 0;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.#lines = text.split('\n');
  }

  /** Number of the line read last, from 1. */
  get number(): number {
    return this.#number;
  }

  /** Lines still to come: no header can truly announce more entries than that. */
  get remaining(): number {
    return this.#lines.length - this.#number;
  }

  /** The words of the next line that is neither empty nor a # comment; undefined at the end. */
  next(): string[] | undefined {
    while (this.#number < this.#lines.length) {
      const line = this.#lines[this.#number++]!.trim();
      if (line !== '' && !line.startsWith('#')) return line.split(/\s+/);
    }
    return undefined;
  }

  /** Throws unless nothing but empty lines and comments is left. */
  end(numEntries: number): void {
    const extra = this.next();
    if (extra) throw this.fail(`the end after ${numEntries} entries`, extra.join(' '));
  }

  integer(word: string | undefined, what: string, limit: number): number {
    const value = word !== undefined && /^\d+$/.test(word) ? Number(word) : NaN;
    if (value < limit) return value;
    throw this.fail(`${what}, an integer in [0, ${limit - 1}]`, word);
  }

  /** A finite decimal number, or a fraction as exact exports write it (1/6). */
  real(word: string | undefined, what: string): number {
    const match = REAL_OR_FRACTION.exec(word ?? '');
    const value = match ? Number(match[1]) / Number(match[2] ?? 1) : NaN;
    if (Number.isFinite(value)) return value;
    throw this.fail(`${what}, a finite number`, word);
  }

  /** The error "file:line: found X, expected Y." */
  fail(expected: string, found: string | undefined, line: number = this.#number): BelfryError {
    const text = found === undefined ? 'the end of the file' : found;
    const received = text.length > 60 ? `${text.slice(0, 60)}...` : text;
    return new BelfryError(
      'BELFRY_BAD_FILE',
      `${this.file}:${line}: found ${received}, expected ${expected}.`,
      { op: 'readPrism', argument: this.file, expected, received },
    );
  }
}
