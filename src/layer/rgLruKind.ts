import { flag } from '../check/flag.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { log } from '../kernel/math/log.js';
import type { Numbers } from '../types.js';
import type { CellKind, CellSizes, Sums, SumsContext } from './cellKind.js';
import { headSize, headsProduct } from './headsProduct.js';
import type { Parameter } from './layer.js';
import { rowsOf } from './rowsOf.js';
import { uniform } from './uniform.js';

export interface RgLruForm {
  /** Blocks of the gates' weights, each of which sees its own part of the input. */
  readonly heads: number;
  /** Whether a linear layer comes first; without it the input is as wide as the state. */
  readonly projection: boolean;
}

/**
 * The real-gated linear recurrent unit of Griffin: with the gates i and r of the input u, `a = e^(−8 r softplus(a_param))`,
 * `h = a · h[t−1] + √(1 − a²) · i · u`. `started` is 0 before the first step and 1 after it; `started · a` takes the place
 * of a, so that a start has `h = i · u`.
 *
 * Its `sums` are three parts, `steps × lanes × hidden` each: u, the sums of i, the sums of r.
 */
export function rgLruKind(who: string, form: RgLruForm): CellKind {
  positiveInteger(who, 'heads', form.heads);
  flag(who, 'projection', form.projection);
  return {
    count: 3,
    carried: ['h', 'started'],
    recurrentProduct: false,
    parameters: (sizes) => parametersOf(who, form, sizes),
    sums: (context) => gatedSums(form, context),
    bind({ kernel, weights, steps, lanes, hiddenSize, carried, allocate }) {
      const [h, started] = [carried['h']!, carried['started']!];
      const length = lanes * hiddenSize; // of one step
      const sums = allocate(3 * steps * length);
      const [inputs, gates, decayGates] = partsOf(sums); // of which the sums become i and r
      const aParam = weights['a_param']!;
      const rates = allocate(hiddenSize); // softplus of a_param
      const decays = allocate(steps * length); // a
      const rest = allocate(steps * length); // 1 − a², then 1 − (started · a)²
      const at = (numbers: Numbers): readonly Numbers[] => rowsOf(numbers, length);
      const [inputAt, gateAt, decayAt, restAt] = [at(inputs), at(gates), at(decays), at(rest)];

      return {
        sums,
        hiddenSums: sums,
        repeats: true,
        beforeSteps(steps) {
          kernel.setSoftplus(rates, aParam, hiddenSize);
          kernel.activate('sigmoid', gates, steps * length);
          kernel.activate('sigmoid', decayGates, steps * length);
          kernel.rgLruGates(decays, rest, decayGates, rates, steps * lanes, hiddenSize);
        },
        step(t) {
          const [h0, s0, h1, s1] = [h.before[t]!, started.before[t]!, h.after[t]!, started.after[t]!];
          kernel.rgLruCell(h1, s1, restAt[t]!, decayAt[t]!, gateAt[t]!, inputAt[t]!, h0, s0, length);
        },
        differentiate({ gradients, hiddenGradient, carriedGradient }) {
          const sumsGradient = allocate(3 * steps * length);
          const [dInputs, dGates, dDecayGates] = partsOf(sumsGradient);
          const dDecays = allocate(steps * length); // at log a, then at the rates of each row
          const [dRates, slope] = [allocate(hiddenSize), allocate(hiddenSize)];
          const dStarted = carriedGradient['started']!;
          const dAParam = gradients['a_param']!;
          const [dh, dInputAt, dGateAt, dDecayAt] = [at(hiddenGradient), at(dInputs), at(dGates), at(dDecays)];
          return {
            sumsGradient,
            hiddenSumsGradient: sumsGradient,
            stepBack(t, dBefore) {
              kernel.rgLruCellBack(
                dInputAt[t]!,
                dGateAt[t]!,
                dDecayAt[t]!,
                dBefore,
                dStarted,
                dh[t]!,
                restAt[t]!,
                decayAt[t]!,
                gateAt[t]!,
                inputAt[t]!,
                h.before[t]!,
                started.before[t]!,
                length,
              );
            },
            afterSteps(steps) {
              kernel.rgLruGatesBack(dDecayGates, dDecays, decayGates, rates, steps * lanes, hiddenSize);
              kernel.zero(dRates, hiddenSize);
              kernel.sumRows(dRates, dDecays, steps * lanes, hiddenSize);
              kernel.copy(slope, aParam, hiddenSize);
              kernel.activate('sigmoid', slope, hiddenSize);
              kernel.multiplyElementwise(dRates, dRates, slope, hiddenSize);
              kernel.accumulate(dAParam, dRates, hiddenSize);
            },
          };
        },
      };
    },
  };
}

/** The parameters of recurrentgemma's `RGLRU`, after those of the linear layer before it. */
function parametersOf(
  who: string,
  { heads, projection }: RgLruForm,
  { inputSize, hiddenSize, bias }: CellSizes,
): Parameter[] {
  const size = headSize(who, heads, hiddenSize);
  if (!projection && inputSize !== hiddenSize) {
    throw new RangeError(
      `${who}: without projection the input must be as wide as the state, ${hiddenSize}, got ${inputSize}`,
    );
  }
  const gate = (name: string): Parameter[] => [
    { name: `${name}.w`, shape: [heads, size, size], initialise: (data, random) => fillNormal(data, size, random) },
    ...(bias ? [{ name: `${name}.b`, shape: [heads, size], initialise: (data: Numbers) => void data.fill(0) }] : []),
  ];
  return [
    ...(projection ? [uniform('linear_x.weight', [hiddenSize, inputSize], inputSize)] : []),
    ...(projection && bias ? [uniform('linear_x.bias', [hiddenSize], inputSize)] : []),
    {
      name: 'a_param',
      shape: [hiddenSize],
      initialise(data, random) {
        // e^−softplus, what a whole gate keeps of the state to the power 1 / 8, is uniform by area from 0.9 to 0.999
        for (let k = 0; k < data.length; k++) data[k] = log(1 / Math.sqrt(random.uniform(0.81, 0.998)) - 1);
      },
    },
    ...gate('input_gate'),
    ...gate('a_gate'),
  ];
}

function fillNormal(data: Numbers, inputs: number, random: { normal(): number }): void {
  for (let i = 0; i < data.length; i++) data[i] = random.normal() / Math.sqrt(inputs);
}

/** The input of the unit, and the sums of its gates, for all steps at once. */
function gatedSums({ heads, projection }: RgLruForm, context: SumsContext): Sums {
  const { kernel, weights, steps, lanes, allocate, inputSize, hiddenSize: size, sums } = context;
  const capacity = steps * lanes;
  const [u, ...ofGates] = partsOf(sums);
  const products = ['input_gate', 'a_gate'].map((name) =>
    headsProduct({ kernel, allocate, weight: weights[`${name}.w`]!, size, heads, transposed: true, rows: capacity }),
  );
  const before = projection ? kernel.matrix(weights['linear_x.weight']!, inputSize, size) : undefined;

  return {
    repeats: true,
    ofInput(input, steps) {
      const rows = steps * lanes;
      if (!before) kernel.copy(u, input as Numbers, rows * size);
      else {
        kernel.setRows(u, weights['linear_x.bias'], rows, size);
        if (input instanceof Int32Array) before.multiplyTokens(u, input, rows);
        else before.multiply(u, input, rows);
      }
      for (const [i, name] of ['input_gate', 'a_gate'].entries()) {
        kernel.setRows(ofGates[i]!, weights[`${name}.b`], rows, size);
        products[i]!.multiply(ofGates[i]!, u, rows);
      }
    },
    differentiate({ gradients, sumsGradient }) {
      const [dU, ...dOfGates] = partsOf(sumsGradient);
      return {
        ofInput(input, inputGradient, steps) {
          const rows = steps * lanes;
          for (const [i, name] of ['input_gate', 'a_gate'].entries()) {
            products[i]!.outer(gradients[`${name}.w`]!, dOfGates[i]!, u, rows);
            products[i]!.multiplyBack(dU, dOfGates[i]!, rows);
            const db = gradients[`${name}.b`];
            if (db) kernel.sumRows(db, dOfGates[i]!, rows, size);
          }
          if (!before) {
            if (inputGradient) kernel.accumulate(inputGradient, dU, rows * size);
            return;
          }
          const dw = gradients['linear_x.weight']!;
          if (input instanceof Int32Array) kernel.outerTokens(dw, dU, input, rows, inputSize, size);
          else {
            kernel.outer(dw, dU, input, rows, inputSize, size);
            if (inputGradient) before.multiplyBack(inputGradient, dU, rows);
          }
          const db = gradients['linear_x.bias'];
          if (db) kernel.sumRows(db, dU, rows, size);
        },
      };
    },
  };
}

/** Three parts of the same length. */
function partsOf(numbers: Numbers): [Numbers, Numbers, Numbers] {
  const third = numbers.length / 3;
  const part = (i: number): Numbers => numbers.subarray(i * third, (i + 1) * third);
  return [part(0), part(1), part(2)];
}
