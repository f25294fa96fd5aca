import { type Dtype, type Layer, loadStateDict, type Numbers, sequential, stateDict } from '../../../src/index.js';
import type { Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';

/**
 * Absolute and relative tolerances. In float32 the absolute one is for numbers of size 1; it grows with the largest number
 * of a tensor, whose small numbers are differences of large terms (torch's own have the same error).
 */
const AGREEMENT = { float64: 1e-12, float32: 1e-6 };

/** One case of a golden as one pass of a layer, forward and back. */
export interface Case {
  readonly name: string;
  readonly layer: Layer;
  readonly steps: number;
  readonly lanes: number;
  /** Features or, where the layer takes them, tokens. */
  readonly input: readonly number[];
  /** The layer's parameters by torch's names. */
  readonly weights: Readonly<Record<string, Golden>>;
  /** By the layer's own names of its state: the initial numbers and the gradient from above at the final ones. */
  readonly state?: Readonly<Record<string, { readonly initial: Golden; readonly gradient: Golden }>>;
  readonly outputGradient: readonly number[];
  /** Figures by dtype. */
  readonly golden: Golden;
  /** What the file calls the outputs, and each part of the final state and of its gradient at the start. */
  readonly names: { readonly output: string; readonly final: Record<string, string>; readonly initial: Golden };
}

/** Runs a case through the public API in both dtypes and compares every figure in the file. */
export function throughLayer(given: Case, compare: Comparison): void {
  for (const dtype of ['float64', 'float32'] as const) {
    const figures = given.golden[dtype === 'float64' ? 'f64' : 'f32'];
    const { grad, ...forward } = figures;
    const found = run(given, dtype);
    for (const [what, actual, expected] of [
      ['', found.values, forward],
      ['gradient of ', found.gradients, grad],
    ] as const) {
      for (const [name, value] of Object.entries<Golden>(expected)) {
        const label = `${given.name} ${dtype} ${what}${name}`;
        const largest = dtype === 'float64' ? 1 : Math.max(1, ...value.data.map(Math.abs));
        const allowed = { absolute: AGREEMENT[dtype] * largest, relative: AGREEMENT[dtype] };
        if (actual[name]) compare.close(label, actual[name], value.data, allowed);
        else compare.failures.push(`${label}: unknown figure`);
      }
    }
  }
}

interface Found {
  readonly values: Record<string, Numbers>;
  readonly gradients: Record<string, Numbers>;
}

function run(given: Case, dtype: Dtype): Found {
  const { layer, steps, lanes, input, weights, state = {}, outputGradient, names } = given;
  const model = sequential({ layer }, { dtype });
  const numbers = (data: readonly number[]): Numbers =>
    dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  const named = Object.entries(weights).map(
    ([name, { shape, data }]) => [`layer.${name}`, { shape, data: numbers(data) }] as const,
  );
  loadStateDict(model, new Map(named));
  const tape = model.tape(steps, lanes);
  const initial = tape.state();
  const final = tape.state();
  for (const [name, part] of Object.entries(state)) {
    if (part.initial) initial.get(`layer.${name}`)!.data.set(part.initial.data);
    if (part.gradient) final.get(`layer.${name}`)!.data.set(part.gradient.data);
  }
  tape.setState(initial);
  const tokens = layer.takes === 'tokens';
  tape.forward(tokens ? Int32Array.from(input) : numbers(input), steps);
  const values: Record<string, Numbers> = { [names.output]: tape.output.slice(0, outputGradient.length) };
  for (const [name, { data }] of tape.state()) {
    const as = names.final[name.replace('layer.', '')];
    if (as) values[as] = data;
  }
  tape.outputGradient.set(outputGradient);
  tape.backward(final, { inputGradient: !tokens });

  const gradients: Record<string, Numbers> = tokens ? {} : { x: tape.inputGradient().data };
  for (const [name, { data }] of tape.stateGradient()) gradients[names.initial[name.replace('layer.', '')]] = data;
  for (const [name] of stateDict(model)) {
    gradients[name.replace('layer.', '')] = tape.gradients.tensors.get(name)!.data;
  }
  return { values, gradients };
}
