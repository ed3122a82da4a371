/** Networks with the state of their optimiser in .safetensors files, by PyTorch's names. */
import { argumentError } from '../errors.js';
import {
  operand,
  type Parameters,
  readNetwork,
  widthsOf,
  writeNetworks,
} from '../network-files.js';
import {
  readSafetensors,
  type SafetensorsFile,
  type WriteTensor,
  writeSafetensors,
} from '../safetensors.js';
import { countOfFile, optionsOfFile, optionsOver, optionsText } from '../saved-options.js';
import { Tensor } from '../tensor.js';
import type { QNetwork, QNetworkOptions, QNetworkState } from './q-network.js';

type SavedArrays = QNetworkState['weights'];

/** A file of networks by their prefixes: `q.0.weight`, moments as `q_first.0.weight`. */
export function writeNetworkFile(
  owner: string,
  options: object,
  networks: Readonly<Record<string, SavedArrays>>,
  counts: Readonly<Record<string, number>>,
): Uint8Array {
  const tensors: Record<string, WriteTensor> = {};
  for (const [prefix, arrays] of Object.entries(networks)) {
    const parameters: Parameters = {};
    const names = new Set<string>();
    for (const [array, values, shape] of arrays) {
      const { network, part, layer } = placeOf(prefix, array);
      names.add(network);
      parameters[operand(network, layer, part)] = new Tensor(values, [...shape]);
    }
    Object.assign(tensors, writeNetworks(parameters, [...names], 'torch'));
  }
  const state = Object.entries(counts).map(([name, count]) => [name, String(count)]);
  const metadata = { learner: owner, options: optionsText(options) };
  return writeSafetensors(tensors, { ...metadata, ...Object.fromEntries(state) });
}

/** Where an array of `QNetworkState` stands in a file: 'q', 'firstW1' -> weight 1 of q_first. */
function placeOf(prefix: string, array: string) {
  const [, kind = '', letter = '', layer] = /^([a-z]*?)([wb])(\d+)$/i.exec(array) ?? [];
  const network = kind === '' ? prefix : `${prefix}_${kind}`;
  const part = letter.toLowerCase() === 'w' ? 'weight' : 'bias';
  return { network, part, layer: Number(layer) } as const;
}

/** The networks of a file, and the options to go on with. */
export class NetworkFile<O extends QNetworkOptions> {
  /** Those given, over those that the file was written with. */
  readonly options: Partial<O>;
  /** Of the network `q`: inputs, hidden layers, outputs. */
  readonly widths: readonly number[];
  readonly #file: SafetensorsFile;
  readonly #parameters: Parameters = {};
  readonly #sameOptimizer: boolean;

  /**
   * `checked` throws for options that are none.
   * @throws BelfryError BELFRY_BAD_FILE naming what is malformed, missing or of other widths
   */
  constructor(
    readonly owner: string,
    bytes: Uint8Array,
    checked: (saved: Partial<O>) => unknown,
    given: Partial<O>,
  ) {
    this.#file = readSafetensors(bytes, { name: owner });
    const saved = optionsOfFile<O>(owner, this.#file.metadata, (own) => {
      checked(own);
      return own;
    });
    if (!readNetwork(this.#parameters, this.#file, 'q', owner)) {
      throw this.#bad('q.0.weight', 'is missing', 'a weight [out, in]');
    }
    this.widths = widthsOf(this.#parameters, 'q');
    const hidden = this.widths.slice(1, -1);
    this.options = optionsOver(owner, { hidden, ...saved }, given);
    const wanted = this.options.hidden;
    if (Array.isArray(wanted) && String(wanted) !== String(hidden)) {
      throw this.#bad('q', `has hidden layers of [${hidden}]`, `[${wanted}], as option hidden has`);
    }
    this.#sameOptimizer = given.optimizer === undefined || given.optimizer === saved.optimizer;
  }

  get inputs(): number {
    return this.widths[0] as number;
  }

  get outputs(): number {
    return this.widths.at(-1) as number;
  }

  /** Whether the file has this network. @throws BelfryError when its widths are not those of `q` */
  has(prefix: string): boolean {
    if (!readNetwork(this.#parameters, this.#file, prefix, this.owner)) return false;
    const own = widthsOf(this.#parameters, prefix);
    if (String(own) === String(this.widths)) return true;
    const found = `and its layers have widths ${own}`;
    throw this.#bad(`${prefix}.0.weight`, found, `${this.widths} of q`);
  }

  /** Weights, and the optimiser's state where the file has that of this optimiser. */
  restore(network: QNetwork, prefix: string): void {
    const start = network.save();
    const weights = this.#filled(start.weights, prefix);
    const kinds = new Set(start.state.map(([array]) => placeOf(prefix, array).network));
    const kept = this.#sameOptimizer && [...kinds].every((kind) => this.has(kind));
    const state = kept ? this.#filled(start.state, prefix) : start.state;
    network.load({ weights, state, steps: kept ? this.count('optimizer_steps') : 0 });
  }

  #filled(arrays: SavedArrays, prefix: string): SavedArrays {
    return arrays.map(([array, , shape]) => {
      const { network, part, layer } = placeOf(prefix, array);
      const tensor = this.#parameters[operand(network, layer, part)] as Tensor<Float32Array>;
      return [array, tensor.data, shape];
    });
  }

  /** A count in the metadata. @throws BelfryError BELFRY_BAD_FILE when it is none */
  count(name: string, missing = 0): number {
    return countOfFile(this.owner, this.#file.metadata, name, missing);
  }

  /** State of the random numbers. @throws BelfryError BELFRY_BAD_FILE when it is none */
  random(missing: number): number {
    const state = this.count('random', missing);
    if (state < 2 ** 32) return state;
    throw this.#bad('random', `is ${state}`, 'below 2^32');
  }

  #bad(name: string, found: string, expected: string) {
    return argumentError('BELFRY_BAD_FILE', this.owner, name, found, expected);
  }
}
