import { sigmoid } from '../kernel/math/sigmoid.js';
import { tanh } from '../kernel/math/tanh.js';
import type { CellContext, CellKind, Sums, SumsContext } from './cellKind.js';
import { layerNorm, type LayerNorm, layerNormParameters } from './layerNorm.js';
import { product } from './product.js';
import { recurrentProduct } from './recurrentProduct.js';
import { recurrentWeight } from './recurrentWeight.js';
import { rowsOf } from './rowsOf.js';
import { uniform } from './uniform.js';

/** Where else than on the sums of the gates the norm is: on c where `h` is made of it, on c itself, or nowhere. */
export type CellNorm = 'output' | 'state' | 'gates';

/**
 * The cell of long short-term memory with layer norm: the input's and the state's sums are normed each, before they are
 * added; `c = f · c[t−1] + i · g`, and `h = o · tanh(LN c)` (`output`), or `c = LN(f · c[t−1] + i · g)` (`state`).
 */
export function layerNormLstmKind(cellNorm: CellNorm, epsilon: number): CellKind {
  return {
    count: 4,
    carried: ['h', 'c'],
    parameters: ({ inputSize, hiddenSize, bias, orthogonal }) => [
      uniform('weight_ih', [4 * hiddenSize, inputSize], hiddenSize),
      recurrentWeight([4 * hiddenSize, hiddenSize], hiddenSize, orthogonal),
      ...layerNormParameters('layernorm_i', 4 * hiddenSize, bias),
      ...layerNormParameters('layernorm_h', 4 * hiddenSize, bias),
      ...(cellNorm === 'gates' ? [] : layerNormParameters('layernorm_c', hiddenSize, bias)),
    ],
    sums: (context) => normedSums(context, epsilon),
    bind(context) {
      const { steps, lanes, hiddenSize, carried, hidden, allocate } = context;
      const c = carried['c']!;
      const length = lanes * hiddenSize; // of one step
      const sums = allocate(4 * steps * length); // become the gates i, f, g, o
      const mixed = allocate(steps * length); // f · c[t−1] + i · g
      const squashed = allocate(steps * length); // what tanh reads, then its value
      const norm = cellNorm === 'gates' ? undefined : normOf(context, 'layernorm_c', hiddenSize, epsilon);
      /** The number of each sum of unit `i` of a step. */
      const place = (t: number, i: number): number => 4 * t * length + Math.floor(i / hiddenSize) * 3 * hiddenSize + i;

      return {
        sums,
        hiddenSums: sums,
        step(t) {
          const [c0, c1] = [c.before[t]!, c.after[t]!];
          for (let i = 0; i < length; i++) {
            const at = place(t, i);
            for (const gate of [0, 1, 3]) sums[at + gate * hiddenSize] = sigmoid(sums[at + gate * hiddenSize]!);
            sums[at + 2 * hiddenSize] = tanh(sums[at + 2 * hiddenSize]!);
            mixed[t * length + i] = sums[at + hiddenSize]! * c0[i]! + sums[at]! * sums[at + 2 * hiddenSize]!;
          }
          if (norm) norm.forward(squashed, mixed, t * lanes, (t + 1) * lanes, false);
          else squashed.set(mixed.subarray(t * length, (t + 1) * length), t * length);
          c1.set((cellNorm === 'state' ? squashed : mixed).subarray(t * length, (t + 1) * length));
          for (let i = 0; i < length; i++) {
            const row = t * length + i;
            squashed[row] = tanh(squashed[row]!);
            hidden[row] = sums[place(t, i) + 3 * hiddenSize]! * squashed[row];
          }
        },
        differentiate({ gradients, hiddenGradient, carriedGradient }) {
          const sumsGradient = allocate(4 * steps * length);
          const dSquashed = allocate(steps * length);
          const dMixed = allocate(steps * length);
          const dc = carriedGradient['c']!;
          const ofNorm = gradientsOf(gradients, 'layernorm_c');
          return {
            sumsGradient,
            hiddenSumsGradient: sumsGradient,
            stepBack(t) {
              const c0 = c.before[t]!;
              for (let i = 0; i < length; i++) {
                const row = t * length + i;
                const output = sums[place(t, i) + 3 * hiddenSize]!;
                dSquashed[row] = hiddenGradient[row]! * output * (1 - squashed[row]! * squashed[row]!);
                if (cellNorm === 'state') dSquashed[row] += dc[i]!;
              }
              if (norm) norm.backward(dMixed, dSquashed, mixed, t * lanes, (t + 1) * lanes, ofNorm);
              for (let i = 0; i < length; i++) {
                const [row, at] = [t * length + i, place(t, i)];
                const d = (norm ? dMixed : dSquashed)[row]! + (cellNorm === 'state' ? 0 : dc[i]!);
                const [input, forget] = [sums[at]!, sums[at + hiddenSize]!];
                const [candidate, output] = [sums[at + 2 * hiddenSize]!, sums[at + 3 * hiddenSize]!];
                sumsGradient[at] = d * candidate * input * (1 - input);
                sumsGradient[at + hiddenSize] = d * c0[i]! * forget * (1 - forget);
                sumsGradient[at + 2 * hiddenSize] = d * input * (1 - candidate * candidate);
                sumsGradient[at + 3 * hiddenSize] = hiddenGradient[row]! * squashed[row]! * output * (1 - output);
                dc[i] = d * forget;
              }
            },
          };
        },
      };
    },
  };
}

/** `LN(W_ih x) + LN(W_hh h)`: the input's for all steps at once, the state's step by step. */
function normedSums(context: SumsContext, epsilon: number): Sums {
  const { kernel, weights, steps: capacity, lanes, allocate, inputSize, hiddenSize, sums } = context;
  const width = 4 * hiddenSize;
  const [ofInput, ofState] = [allocate(capacity * lanes * width), allocate(capacity * lanes * width)];
  const ofStateAt = rowsOf(ofState, lanes * width);
  const fromInput = kernel.matrix(weights['weight_ih']!, inputSize, width);
  const fromState = recurrentProduct({
    ...context,
    product: product(kernel, weights['weight_hh']!, hiddenSize, width),
    dropout: context.recurrentDropout,
  });
  const inputNorm = normOf(context, 'layernorm_i', width, epsilon);
  const stateNorm = normOf(context, 'layernorm_h', width, epsilon);

  return {
    repeats: false,
    ofInput(input, steps, random) {
      const rows = steps * lanes;
      fromState.begin(random);
      kernel.zero(ofInput, rows * width);
      if (input instanceof Int32Array) fromInput.multiplyTokens(ofInput, input, rows);
      else fromInput.multiply(ofInput, input, rows);
      inputNorm.forward(sums, ofInput, 0, rows, false);
    },
    ofState(t) {
      kernel.zero(ofStateAt[t]!, lanes * width);
      fromState.multiply(t, ofStateAt[t]!);
      stateNorm.forward(sums, ofState, t * lanes, (t + 1) * lanes, true);
    },
    differentiate({ gradients, sumsGradient }) {
      const [dOfInput, dOfState] = [allocate(capacity * lanes * width), allocate(capacity * lanes * width)];
      const dOfStateAt = rowsOf(dOfState, lanes * width);
      const backFromState = fromState.differentiate();
      const [ofInputNorm, ofStateNorm] = [gradientsOf(gradients, 'layernorm_i'), gradientsOf(gradients, 'layernorm_h')];
      return {
        ofState(t, before) {
          stateNorm.backward(dOfState, sumsGradient, ofState, t * lanes, (t + 1) * lanes, ofStateNorm);
          backFromState.stepBack(before, dOfStateAt[t]!);
        },
        ofInput(input, inputGradient, steps) {
          const rows = steps * lanes;
          backFromState.outer(gradients['weight_hh']!, dOfState, steps);
          inputNorm.backward(dOfInput, sumsGradient, ofInput, 0, rows, ofInputNorm);
          if (input instanceof Int32Array) {
            kernel.outerTokens(gradients['weight_ih']!, dOfInput, input, rows, inputSize, width);
          } else {
            kernel.outer(gradients['weight_ih']!, dOfInput, input, rows, inputSize, width);
            if (inputGradient) fromInput.multiplyBack(inputGradient, dOfInput, rows);
          }
        },
      };
    },
  };
}

type NormContext = Pick<CellContext, 'allocate' | 'steps' | 'lanes' | 'weights'>;

function normOf(
  { allocate, steps, lanes, weights }: NormContext,
  name: string,
  width: number,
  epsilon: number,
): LayerNorm {
  const [weight, bias] = [weights[`${name}.weight`]!, weights[`${name}.bias`]];
  return layerNorm({ allocate, width, rows: steps * lanes, epsilon, weight, bias });
}

function gradientsOf(gradients: CellContext['weights'], name: string): Parameters<LayerNorm['backward']>[5] {
  return { weight: gradients[`${name}.weight`]!, bias: gradients[`${name}.bias`] };
}
