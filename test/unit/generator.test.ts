import { describe, expect, it } from 'vitest';
import {
  hash,
  mix,
  normal,
  uniform,
  uniformArray,
  uniformFloat32,
  uniformInt,
} from '../../src/demo/generator.js';

describe('generator', () => {
  it('has the published check values', () => {
    expect([0, 1, 2].map((i) => uniform(3, i).toFixed(8))).toEqual([
      '0.10578142',
      '0.61334075',
      '0.31877614',
    ]);
    expect([0, 1, 2].map((i) => uniformFloat32(7, i).toFixed(8))).toEqual([
      '0.47162029',
      '0.10345861',
      '0.69391900',
    ]);
  });

  it('mixes 32-bit integers as MurmurHash3 does', () => {
    expect(mix(0)).toBe(0);
    expect(mix(1)).toBe(0x514e28b7);
    expect(mix(0xffffffff)).toBe(mix(-1));
  });

  it('takes indices modulo 2^32 and seeds modulo 2^32', () => {
    expect(hash(5, 2 ** 32 + 9)).toBe(hash(5, 9));
    expect(hash(2 ** 32 + 5, 9)).toBe(hash(5, 9));
    expect(hash(5, 9)).not.toBe(hash(6, 9));
  });

  it('fills arrays element by element and stays in range', () => {
    const values = uniformArray(11, 1000, -2, 3);
    for (let i = 0; i < values.length; i++) {
      expect(values[i]).toBe(uniformFloat32(11, i, -2, 3));
      expect(values[i]! >= -2 && values[i]! <= 3).toBe(true);
      const k = uniformInt(12, i, 7);
      expect(Number.isInteger(k) && k >= 0 && k < 7).toBe(true);
    }
  });

  it('draws normals with mean 0 and variance 1', () => {
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const x = normal(13, i);
      sum += x;
      squares += x * x;
    }
    // Five standard errors.
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });
});
