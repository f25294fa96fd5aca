import { fraction } from '../check/fraction.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { show } from '../check/show.js';
import type { Dtype, Numbers } from '../types.js';
import { checkLength, draws, type Methods } from './draws.js';
import { fusedMultiplyAdd } from './fusedMultiplyAdd.js';
import { log } from './log.js';
import { mt19937 } from './mt19937.js';
import type { Random } from './random.js';
import { sineCosine } from './sineCosine.js';
import { torchNormals } from './torchNormals.js';
import type { Words } from './words.js';

/** The settings of torch besides the seed. */
export interface TorchRandomOptions {
  /** The dtype of draws where a call does not say: torch's default dtype. `float32` by default. */
  readonly dtype?: Dtype | undefined;
}

/** torch's CPU generator: a `Random` that also draws whole tensors, as torch does. */
export interface TorchRandom extends Random {
  /** Returns the next 32 random bits as a number in 0 … 2^32 - 1. */
  word(): number;
  /** Returns an integer in 0 … 2^63 - 1: torch's `torch.empty((), dtype=torch.int64).random_()`. */
  int64(): bigint;
  /** Returns n numbers in [0, 1), of 24 random bits or, for float64, of 53: `torch.rand`. */
  rand(n: number, dtype?: Dtype): Numbers;
  /** Returns n standard normal deviates: `torch.randn`. */
  randn(n: number, dtype?: Dtype): Numbers;
  /** Fills an array with normal deviates with a mean (0) and a standard deviation (1): `tensor.normal_`. */
  normals(data: Numbers, mean?: number, deviation?: number): void;
  /**
   * Returns 1 with probability p, otherwise 0: an element of `torch.bernoulli(probabilities)`; `tensor.bernoulli_(p)`,
   * with one p for all, draws in another way. A RangeError unless 0 <= p <= 1.
   */
  bernoulli(p: number): number;
  /** Returns the order in which the next epoch of a `DataLoader(shuffle=True)` takes its n items. */
  dataLoaderOrder(n: number): number[];
}

const TO_21 = 2097152;
const TO_24 = 16777216;
const TO_32 = 4294967296;
const TO_53 = 9007199254740992;

const checkDtype = oneOf('float32', 'float64');

/** From this many numbers on, torch draws normal deviates in blocks. */
const BLOCKS_FROM = 16;

/**
 * Makes torch's CPU generator, as after `torch.manual_seed(seed)`, draw for draw: a model initialised with it starts
 * from the same weights as torch's own layers, in the same order.
 *
 * `uniform` is `tensor.uniform_` and `normal` `torch.randn(1)`, both of the dtype; `integer(n)` is `torch.randint(n)`,
 * `permutation` `torch.randperm`, and `shuffle(items)` takes the items in the order of `torch.randperm`. `choice` is
 * not a function of torch: it takes one float64 number. A float32 number that `uniform` rounds may be `high`, as in
 * torch.
 *
 * These are the draws of torch 1.13; later versions draw differently `integer(n)` from n = 2^28 on and `permutation(n)`
 * from n = 214748364 on. A TypeError unless the seed is a number or a bigint; a RangeError unless it is an integer from
 * -2^63 to 2^64 - 1, of which the generator takes the last 32 bits.
 *
 * ```ts
 * import { torchRandom } from 'rxrnn';
 *
 * console.log(torchRandom(0).rand(2)); // -> Float32Array(2) [ 0.49625658988952637, 0.7682217955589294 ]
 * ```
 */
export function torchRandom(seed: number | bigint, given: TorchRandomOptions = {}): TorchRandom {
  given = options('torchRandom', given, { dtype: optional(checkDtype) });
  const { dtype = 'float32' } = given;
  const words = mt19937('torch', lowWord(checkSeed(seed)));
  const random = draws(words, methods(dtype));

  function fill(data: Numbers, dtype: Dtype, mean: number, deviation: number): void {
    if (data.length >= BLOCKS_FROM) torchNormals(data, { dtype, unit: () => unit(words, dtype), mean, deviation });
    else for (let i = 0; i < data.length; i++) data[i] = round(random.normal(mean, deviation), dtype);
  }

  function int64(): bigint {
    return BigInt.asUintN(63, draw64(words));
  }

  return {
    ...random,
    int64,

    word() {
      return words.word();
    },

    normal(mean, deviation) {
      return round(random.normal(mean, deviation), dtype);
    },

    rand(n, as = dtype) {
      const data = allocate('rand', n, as);
      for (let i = 0; i < n; i++) data[i] = unit(words, as);
      return data;
    },

    randn(n, as = dtype) {
      const data = allocate('randn', n, as);
      fill(data, as, 0, 1);
      return data;
    },

    normals(data, mean = 0, deviation = 1) {
      if (!(deviation >= 0 && deviation < Infinity && Number.isFinite(mean))) {
        throw new RangeError(`normals: mean must be finite and deviation 0 or more, got ${mean} and ${deviation}`);
      }
      fill(data, dtype, mean, deviation);
    },

    bernoulli(p) {
      fraction('bernoulli', 'p', p);
      return unit(words, dtype) < round(p, dtype) ? 1 : 0;
    },

    dataLoaderOrder(n) {
      checkLength('dataLoaderOrder', 'n', n);
      int64(); // the seed of the loader's workers
      return draws(mt19937('torch', lowWord(int64())), methods(dtype)).permutation(n);
    },
  };
}

function methods(dtype: Dtype): Methods {
  return {
    unit: (words) => unit(words, 'float64'),

    uniform(words, low, high) {
      const from = round(low, dtype);
      const width = round(round(high, dtype) - from, dtype);
      // NaN where both ends are infinite
      if (!(width < Infinity)) {
        throw new RangeError(`uniform: low and high must be finite as ${dtype}, got ${low} and ${high}`);
      }
      // Rounded once, as by the fused instruction that torch's code is compiled to; a product of float32s is exact here.
      const u = unit(words, dtype);
      return dtype === 'float32' ? Math.fround(u * width + from) : fusedMultiplyAdd(u, width, from);
    },

    normals(words) {
      const turns = unit(words, 'float64');
      // torch's log1p(-u): 1 - u is exact.
      const radius = Math.sqrt(-2 * log(1 - unit(words, 'float64')));
      const [sine, cosine] = sineCosine(2 * Math.PI * turns);
      return [radius * cosine, radius * sine];
    },

    integer,

    shuffle(words, array) {
      for (let i = 0; i < array.length - 1; i++) {
        const j = i + integer(words, array.length - i);
        const value = array[i]!;
        array[i] = array[j]!;
        array[j] = value;
      }
      return array;
    },
  };
}

/** A number in [0, 1): the last 24 bits of a word, or the last 53 of two. */
function unit(words: Words, dtype: Dtype): number {
  if (dtype === 'float32') return (words.word() % TO_24) / TO_24;
  const high = words.word() % TO_21;
  return (high * TO_32 + words.word()) / TO_53;
}

function integer(words: Words, n: number): number {
  return n < TO_32 ? words.word() % n : Number(draw64(words) % BigInt(n));
}

/** 64 random bits, the high word first. */
function draw64(words: Words): bigint {
  const high = BigInt(words.word());
  return high * BigInt(TO_32) + BigInt(words.word());
}

function lowWord(seed: bigint): number {
  return Number(BigInt.asUintN(32, seed));
}

function round(value: number, dtype: Dtype): number {
  return dtype === 'float32' ? Math.fround(value) : value;
}

function allocate(who: string, n: number, dtype: Dtype): Numbers {
  checkLength(who, 'n', n);
  checkDtype(who, 'dtype', dtype);
  return dtype === 'float32' ? new Float32Array(n) : new Float64Array(n);
}

function checkSeed(seed: number | bigint): bigint {
  if (typeof seed !== 'number' && typeof seed !== 'bigint') {
    throw new TypeError(`torchRandom: seed must be a number or a bigint, got ${show(seed)}`);
  }
  const whole = typeof seed === 'bigint' || Number.isInteger(seed) ? BigInt(seed) : undefined;
  if (whole === undefined || (BigInt.asUintN(64, whole) !== whole && BigInt.asIntN(64, whole) !== whole)) {
    throw new RangeError(`torchRandom: seed must be an integer from -2^63 to 2^64 - 1, got ${seed}`);
  }
  return whole;
}
