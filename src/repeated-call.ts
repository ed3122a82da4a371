/** A call that is made again with the same arrays, of which only the elements have changed. */
import { isTypedArray } from 'node:util/types';

import { native, nativeState } from './native.js';
import type { DeviceHandle, TypedArray } from './tensor.js';

/** The arrays a call made, in order. */
export type MadeArrays = readonly (TypedArray | DeviceHandle)[] | undefined;

// Not `array.length`: a subclass may say what it likes, and memory is read by what this says.
const typedArrayLength = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as (this: unknown) => number;

/** Keeps its arrays alive, so that the add-on may remember where their memory lies. */
export class RepeatedCall {
  readonly #index: number;
  readonly #words: Float64Array;
  readonly #arrays: readonly unknown[];
  /** Of the arrays; none where one lies on a GPU. */
  readonly #lengths: readonly number[];
  /** What the add-on calls its last run; 0: it has not run. */
  #number = 0;

  /** @param words what a CallWriter wrote; copied */
  constructor(index: number, words: Float64Array, arrays: readonly unknown[]) {
    this.#index = index;
    this.#words = words.slice();
    this.#arrays = arrays;
    this.#lengths = arrays.every((array) => isTypedArray(array))
      ? arrays.map((array) => typedArrayLength.call(array))
      : [];
  }

  /** Whether all arrays lie in host memory and no buffer was transferred. */
  get isIntact(): boolean {
    const lengths = this.#lengths;
    const arrays = this.#arrays;
    if (lengths.length !== arrays.length) return false;
    for (let i = 0; i < lengths.length; i++) {
      if (typedArrayLength.call(arrays[i]) !== lengths[i]) return false;
    }
    return true;
  }

  /** For a call that has just been found intact: the add-on does not look at its arrays again. */
  run(): MadeArrays {
    if (this.#number !== 0) {
      const made = native().repeat(this.#index, this.#number);
      if (made !== false) return made;
    }
    return this.runAnew();
  }

  /** With all checks. */
  runAnew(): MadeArrays {
    const { control } = nativeState();
    control.set(this.#words);
    const made = native().run(this.#index, ...this.#arrays);
    this.#number = control[1] as number;
    return made;
  }
}
