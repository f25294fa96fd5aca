import type { Numbers, State, Tensor } from '../types.js';

/** The state of one lane whose numbers these are, from `place` on, part by part as in `zeros`; it is a copy. */
export function stateOf(zeros: State, numbers: Numbers, place: number): State {
  const state = new Map<string, Tensor>();
  for (const [name, { shape, data }] of zeros) {
    state.set(name, { shape, data: numbers.slice(place, place + data.length) });
    place += data.length;
  }
  return state;
}

/** Writes the numbers of such a state; the inverse of `stateOf`. */
export function writeState(zeros: State, state: State, numbers: Numbers, place: number): void {
  for (const name of zeros.keys()) {
    const { data } = state.get(name)!;
    numbers.set(data, place);
    place += data.length;
  }
}
