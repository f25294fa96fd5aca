import type { Random } from '../random/random.js';
import type { Numbers } from '../types.js';
import type { CarriedState } from './cellKind.js';
import { dropoutMask } from './dropoutMask.js';
import type { TapeContext } from './layer.js';
import type { Product } from './product.js';
import { rowsOf } from './rowsOf.js';

export interface RecurrentProductOptions extends Omit<TapeContext, 'weights'> {
  /** The product with `weight_hh`. */
  readonly product: Product;
  readonly hiddenSize: number;
  readonly state: CarriedState;
  /** `h` before all steps, one array. */
  readonly stateBefore: Numbers;
  /** The share of the state that the product does not see while learning. */
  readonly dropout: number;
}

/** The product of the state, `W_hh h[t−1]`, for each step in turn; with dropout `W_hh (h[t−1] · factors)`. */
export interface RecurrentProduct {
  /** Begins a window: draws the factors that hold for all of its steps, where there is a generator. */
  begin(random: Random | undefined): void;
  /** Adds the product of step t to `sums`. */
  multiply(t: number, sums: Numbers): void;
  /** Makes the backward half. */
  differentiate(): RecurrentProductGradients;
}

interface RecurrentProductGradients {
  /** Adds to `before`, the gradient at the state before a step, what the gradient at the step's sums gives. */
  stepBack(before: Numbers, sumsGradient: Numbers): void;
  /** Adds to the gradient of the weight, for all steps at once. */
  outer(weightGradient: Numbers, sumsGradient: Numbers, steps: number): void;
}

export function recurrentProduct(options: RecurrentProductOptions): RecurrentProduct {
  const { kernel, product, steps, lanes, hiddenSize, state, stateBefore, allocate } = options;
  const length = lanes * hiddenSize;
  const mask = options.dropout > 0 ? dropoutMask(kernel, allocate, options.dropout, length) : undefined;
  let dropped: { readonly all: Numbers; readonly at: readonly Numbers[] } | undefined; // h[t−1] · factors
  let dropping = false;

  return {
    begin(random) {
      dropping = mask !== undefined && random !== undefined;
      if (!mask || !random) return;
      mask.draw(random, length);
      if (dropped) return;
      const all = allocate(steps * length);
      dropped = { all, at: rowsOf(all, length) };
    },
    multiply(t, sums) {
      if (!dropping) {
        product.multiply(sums, state.before[t]!, lanes);
        return;
      }
      mask!.apply(dropped!.at[t]!, state.before[t]!, length);
      product.multiply(sums, dropped!.at[t]!, lanes);
    },
    differentiate() {
      let scratch: Numbers | undefined; // the gradient at h[t−1] · factors
      return {
        stepBack(before, sumsGradient) {
          if (!dropping) {
            product.multiplyBack(before, sumsGradient, lanes);
            return;
          }
          scratch ??= allocate(length);
          kernel.zero(scratch, length);
          product.multiplyBack(scratch, sumsGradient, lanes);
          mask!.apply(scratch, scratch, length);
          kernel.accumulate(before, scratch, length);
        },
        outer(weightGradient, sumsGradient, steps) {
          const states = dropping ? dropped!.all : stateBefore;
          product.outer(weightGradient, sumsGradient, states, steps * lanes);
        },
      };
    },
  };
}
