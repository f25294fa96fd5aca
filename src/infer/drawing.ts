import type { Kernel } from '../kernel/kernel.js';
import { checkSize } from '../layer/checkSize.js';
import type { Random } from '../random/random.js';
import type { Numbers, Token } from '../types.js';
import { keepTop } from './keepTop.js';
import { softmaxInto } from './softmax.js';

/** How a token is drawn from logits. */
export interface SamplingOptions {
  /** Divides the logits; 1 by default. At 0 the likeliest token is taken and nothing drawn. */
  readonly temperature?: number | undefined;
  /** Draws from this many of the likeliest tokens only, a positive integer; from all by default. */
  readonly topK?: number | undefined;
  /**
   * Draws from the fewest of the likeliest tokens whose probabilities, among those that `topK` left, add up to this
   * share, in (0, 1]; 1 by default.
   */
  readonly topP?: number | undefined;
  /** What tokens are drawn from. It may be left out where the temperature is 0. */
  readonly random?: Random | undefined;
}

/** Draws a token from one row of logits; a temperature goes before that of the options. */
export type Sampler = (logits: Numbers, temperature?: number) => Token;

/** A sampler that may be given the softmax of the logits, where it is known. */
export type Drawing = (logits: Numbers, temperature?: number, softmax?: Numbers) => Token;

/**
 * What every sampler does, with the caller's name for messages. Its scratch is made once for a size of vocabulary.
 * With a kernel the softmax is the kernel's, in the kernel's dtype; without one `softmax`, in double precision.
 */
export function drawing(name: string, options: SamplingOptions, kernel?: Kernel): Drawing {
  const { temperature = 1, topK, topP = 1, random } = options;
  checkTemperature(name, temperature);
  if (topK !== undefined) checkSize(name, 'topK', topK);
  if (!(topP > 0 && topP <= 1)) throw new RangeError(`${name}: topP must be in (0, 1], got ${topP}`);
  const given = temperature;
  let probabilities: Numbers = new Float64Array(0);
  let order = new Int32Array(0);

  return (logits, temperature = given, softmax) => {
    if (temperature !== given) checkTemperature(name, temperature);
    if (temperature === 0) return likeliestOf(name, logits);
    if (random === undefined) throw new TypeError(`${name}: random is needed where the temperature is not 0`);
    const size = logits.length;
    const count = topK === undefined ? size : Math.min(topK, size);
    const all = count === size && topP === 1;
    if (softmax && temperature === 1 && all) return random.choice(checked(name, softmax));
    if (probabilities.length !== size) {
      probabilities = kernel ? scratchOf(kernel, size) : new Float64Array(size);
      order = new Int32Array(size);
    }
    if (kernel) {
      probabilities.set(logits);
      if (temperature !== 1) for (let i = 0; i < size; i++) probabilities[i]! /= temperature;
      kernel.softmax(probabilities, 1, size);
      // a temperature near 0 may lead out of the kernel's numbers
      if (!(probabilities[0]! >= 0)) softmaxInto(name, probabilities, logits, temperature);
    } else {
      softmaxInto(name, probabilities, logits, temperature);
    }
    if (!all) keepTop(probabilities, order, count, topP);
    return random.choice(probabilities); // which divides by the sum of what is left
  };
}

/** Where a logit is not finite, no probability is a number. */
function checked(name: string, probabilities: Numbers): Numbers {
  if (probabilities[0]! >= 0) return probabilities;
  throw new RangeError(`${name}: the logits are not finite`);
}

const scratch = new WeakMap<Kernel, Numbers>();

/** One buffer of a kernel for all who draw through it: its memory is never freed, and each draw is done at once. */
function scratchOf(kernel: Kernel, size: number): Numbers {
  let numbers = scratch.get(kernel);
  if (numbers?.length !== size) scratch.set(kernel, (numbers = kernel.allocate(size)));
  return numbers;
}

/** Throws a RangeError that names the function unless `temperature` is 0 or more. */
function checkTemperature(name: string, temperature: number): void {
  if (temperature >= 0) return;
  throw new RangeError(`${name}: temperature must be 0 or more, got ${temperature}`);
}

/** Of equal logits the lower token. */
function likeliestOf(name: string, logits: Numbers): Token {
  let found = 0;
  for (let token = 0; token < logits.length; token++) {
    if (Number.isNaN(logits[token]!)) throw new RangeError(`${name}: the logits are not finite`);
    if (logits[token]! > logits[found]!) found = token;
  }
  if (!Number.isFinite(logits[found]!)) throw new RangeError(`${name}: the logits are not finite`);
  return found;
}
