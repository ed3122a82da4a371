/** Exact fractions, for references that float64 answers and their bounds are held against. */
export class Fraction {
  readonly num: bigint;
  readonly den: bigint;

  constructor(num: bigint, den = 1n) {
    const common = divisor(num < 0n ? -num : num, den < 0n ? -den : den) || 1n;
    const sign = den < 0n ? -1n : 1n;
    this.num = (sign * num) / common;
    this.den = (sign * den) / common;
  }

  /** The number that a float64 is, to its last bit. */
  static of(x: number): Fraction {
    let den = 1n;
    let scaled = x;
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      den *= 2n;
    }
    return new Fraction(BigInt(scaled), den);
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.num * other.den + other.num * this.den, this.den * other.den);
  }
  minus(other: Fraction): Fraction {
    return new Fraction(this.num * other.den - other.num * this.den, this.den * other.den);
  }
  times(other: Fraction): Fraction {
    return new Fraction(this.num * other.num, this.den * other.den);
  }
  over(other: Fraction): Fraction {
    return new Fraction(this.num * other.den, this.den * other.num);
  }
  isZero(): boolean {
    return this.num === 0n;
  }
  atMost(other: Fraction): boolean {
    return this.num * other.den <= other.num * this.den;
  }
  toNumber(): number {
    return Number((this.num * 2n ** 80n) / this.den) / 2 ** 80;
  }
}

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisor(b, a % b);
}

/** x of x = P x + b, by elimination. I − P must have an inverse. Both are overwritten. */
export function fixedPoint(moves: Fraction[][], b: Fraction[]): Fraction[] {
  const n = b.length;
  const one = new Fraction(1n);
  const rows = moves.map((row, i) => [
    ...row.map((p, j) => (i === j ? one : new Fraction(0n)).minus(p)),
    b[i]!,
  ]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.findIndex((row, i) => i >= k && !row[k]!.isZero());
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    const scaled = rows[k]!.map((x) => x.over(rows[k]![k]!));
    rows[k] = scaled;
    rows.forEach((row, i) => {
      const factor = row[k]!;
      if (i !== k && !factor.isZero())
        rows[i] = row.map((x, j) => x.minus(factor.times(scaled[j]!)));
    });
  }
  return rows.map((row) => row[n]!);
}
