import { type Dtype, type Layer, loadStateDict, type Numbers, sequential, stateDict } from '../../../src/index.js';
import type { Golden } from '../checkGolden.js';
import type { Comparison } from '../comparison.js';

/**
 * Absolute and relative tolerances. In float32 the absolute one is for numbers of size 1; it grows with the largest
 * number of a tensor, whose small numbers are differences of large terms (torch's own have the same error).
 */
const AGREEMENT = { float64: 1e-12, float32: 1e-6 };

/** Agreement by dtype, where it is not the usual one; a dtype that is absent is not compared. */
type Agreement = Readonly<Partial<Record<Dtype, number>>>;

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
  readonly agreement?: Agreement;
}

/** Runs a case through the public API in both dtypes and compares every figure in the file. */
export function throughLayer(given: Case, compare: Comparison): void {
  const { agreement = AGREEMENT } = given;
  for (const dtype of ['float64', 'float32'] as const) {
    const tolerance = agreement[dtype];
    if (tolerance === undefined) continue;
    const figures = given.golden[dtype === 'float64' ? 'f64' : 'f32'];
    compareFigures(given.name, dtype, tolerance, run(given, dtype), figures, compare);
  }
}

/** Compares every figure of one dtype. */
export function compareFigures(
  name: string,
  dtype: Dtype,
  tolerance: number,
  found: Found,
  { grad, loss, ...forward }: Golden,
  compare: Comparison,
): void {
  if (loss !== undefined) {
    const terms = [...found.terms];
    const size = Math.max(
      1,
      terms.reduce((sum, term) => sum + Math.abs(term), 0),
    );
    const sum = terms.reduce((sum, term) => sum + term, 0);
    compare.close(`${name} ${dtype} loss`, sum, loss, { absolute: tolerance * size });
  }
  for (const [what, actual, expected] of [
    ['', found.values, forward],
    ['gradient of ', found.gradients, grad],
  ] as const) {
    for (const [figure, value] of Object.entries<Golden>(expected)) {
      const label = `${name} ${dtype} ${what}${figure}`;
      const largest = dtype === 'float64' ? 1 : Math.max(1, ...value.data.map(Math.abs));
      const allowed = { absolute: tolerance * largest, relative: tolerance };
      if (actual[figure]) compare.close(label, actual[figure], value.data, allowed);
      else compare.failures.push(`${label}: unknown figure`);
    }
  }
}

export interface Found {
  readonly values: Record<string, Numbers>;
  readonly gradients: Record<string, Numbers>;
  /** Outputs and final states times their gradients from above: their sum is the loss of the newer files. */
  readonly terms: readonly number[];
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
  const terms = outputGradient.map((gradient, i) => gradient * tape.output[i]!);
  for (const [name, { data }] of tape.state()) terms.push(...data.map((x, i) => x * final.get(name)!.data[i]!));
  tape.outputGradient.set(outputGradient);
  tape.backward(final, { inputGradient: !tokens });

  const gradients: Record<string, Numbers> = tokens ? {} : { x: tape.inputGradient().data };
  for (const [name, { data }] of tape.stateGradient()) {
    const as = names.initial[name.replace('layer.', '')];
    if (as) gradients[as] = data;
  }
  for (const [name] of stateDict(model)) {
    gradients[name.replace('layer.', '')] = tape.gradients.tensors.get(name)!.data;
  }
  return { values, gradients, terms };
}
