import { type Dtype, loadStateDict, type Numbers, rgLruCell, sequential, type State } from '../../../src/index.js';
import type { Check, Golden } from '../checkGolden.js';
import { compareFigures, type Found } from './throughLayer.js';

/**
 * The RG-LRU: outputs, final states and all gradients, with gradients from above at both. Where a segment starts inside
 * the file's window, it is cut into windows of ours, one after another, before which the state of the lanes that start says so.
 */
export const opsRgLru: Check = ({ cases }, compare) => {
  for (const golden of cases) {
    const clipped = String(golden.id).includes('clipped-sqrt');
    compareFigures(golden.id, 'float64', clipped ? 1e-11 : 1e-12, run(golden, 'float64'), golden.f64, compare);
    // in float32 the channels that are clipped are all rounding
    if (!clipped) compareFigures(golden.id, 'float32', 5e-6, run(golden, 'float32'), golden.f32, compare);
  }
};

function run(golden: Golden, dtype: Dtype): Found {
  const { heads, width, weights, seq: steps, batch: lanes, segment_pos: places, x, h0 } = golden;
  const layer = rgLruCell({
    inputSize: width,
    hiddenSize: width,
    heads,
    projection: false,
    bias: 'a_gate.b' in weights,
  });
  const model = sequential({ layer }, { dtype });
  const numbers = (data: readonly number[]): Numbers =>
    dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  const named = Object.entries<Golden>(weights).map(
    ([name, { shape, data }]) => [`layer.${name}`, { shape, data: numbers(data) }] as const,
  );
  loadStateDict(model, new Map(named));
  const starts = (t: number, lane: number): boolean => places[lane][t] === 0;
  const cuts = Array.from({ length: steps }, (_, t) => t).filter(
    (t) => t === 0 || Array.from({ length: lanes }, (_, lane) => lane).some((lane) => starts(t, lane)),
  );
  const size = lanes * width; // of one step
  const y = numbers(Array(steps * size).fill(0));
  const dx = y.slice();
  const windows = cuts.map((from, i) => ({ from, to: cuts[i + 1] ?? steps, tape: model.tape(steps, lanes) }));

  let state = windows[0]!.tape.state();
  if (h0) state.get('layer.h')!.data.set(h0.data);
  state.get('layer.started')!.data.fill(1);
  for (const { from, to, tape } of windows) {
    for (let lane = 0; lane < lanes; lane++) {
      if (starts(from, lane)) state.get('layer.started')!.data.fill(0, lane * width, (lane + 1) * width);
    }
    tape.setState(state);
    tape.forward(numbers(x.data.slice(from * size, to * size)), to - from);
    y.set(tape.output.subarray(0, (to - from) * size), from * size);
    state = tape.state();
  }
  const hn = state.get('layer.h')!.data;
  const terms = [
    ...y.map((value, i) => value * golden.grad_y.data[i]),
    ...hn.map((value, i) => value * golden.grad_hn.data[i]),
  ];

  let above: State = model.zeroState(lanes);
  above.get('layer.h')!.data.set(golden.grad_hn.data);
  const gradients: Record<string, Numbers> = { x: dx };
  for (const { from, to, tape } of windows.toReversed()) {
    tape.outputGradient.set(golden.grad_y.data.slice(from * size, to * size));
    tape.backward(above, { inputGradient: true });
    dx.set(tape.inputGradient().data, from * size);
    for (const [name, { data }] of tape.gradients.tensors) {
      const sum = (gradients[name.replace('layer.', '')] ??= numbers(Array(data.length).fill(0)));
      for (const [i, value] of data.entries()) sum[i]! += value;
    }
    above = tape.stateGradient();
    above.get('layer.started')!.data.fill(0);
  }
  gradients['h0'] = above.get('layer.h')!.data;
  return { values: { y, hn }, gradients, terms };
}
