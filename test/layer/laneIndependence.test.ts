// A lane's forward numbers do not depend on the other lanes or on the window's length.
import { from, map } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { outputs } from '../../src/learn/outputs.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import type { Dtype, Numbers, State, Tensor, Token, Window } from '../../src/types.js';
import { cells, layers, normals, randomState } from './support.js';

const text: Token[] = Array.from({ length: 61 }, (_, i) => (i * i + (i >> 3)) % 7);

const bits = ({ data }: Tensor): number[] => [...data];
const laneOf = (numbers: Numbers, lane: number, lanes: number, size: number): number[] =>
  [...numbers].filter((_, i) => Math.floor(i / size) % lanes === lane);

for (const dtype of ['float32', 'float64'] as const) {
  const kinds: [string, Model][] = [
    ...Object.entries(cells).map(
      ([kind, make]) => [kind, model(dtype, make({ inputSize: 7, hiddenSize: 6 }))] as const,
    ),
    ...Object.entries(layers).flatMap(([kind, make]) =>
      [1, 2].map(
        (numLayers) =>
          [`${kind} of ${numLayers}`, model(dtype, make({ inputSize: 7, hiddenSize: 6, numLayers }))] as const,
      ),
    ),
  ].map(([kind, it]) => [`${dtype} ${kind}`, it]);
  for (const [kind, it] of kinds) {
    for (const steps of [1, 2, 7, 60]) {
      test(`${kind}: stepping gives the logits and the state of windows of ${steps}, to the bit`, () => {
        const inWindows: number[] = [];
        let last: State | undefined;
        from(text)
          .pipe(
            windows({ steps }),
            unroll(it),
            map((event) => [outputs(event), event.tape.state()] as const),
          )
          .subscribe(([{ data }, state]) => {
            inWindows.push(...data);
            last = state;
          });
        let state = it.zeroState();
        const stepped = text.slice(0, -1).flatMap((token) => {
          const next = it.step(token, state);
          state = next.state;
          return bits(next.output);
        });
        assert.equal(inWindows, stepped);
        assert.equal([...last!.values()].flatMap(bits), [...state.values()].flatMap(bits));
      });
    }
    alone(kind, it);
  }
  for (const [kind, make] of Object.entries(layers)) {
    const options = { inputSize: 7, hiddenSize: 6, numLayers: 2, bidirectional: true };
    alone(`${dtype} ${kind} both ways`, sequential({ it: make(options) }, { dtype }));
  }
}

function model(dtype: Dtype, layer: Parameters<typeof sequential>[0][string]): Model {
  const parts = { it: layer, linear: linear({ inputSize: layer.outputSize, outputSize: 7 }) };
  return sequential(parts, { dtype, random: seeded(1) });
}

function alone(kind: string, it: Model): void {
  for (const lanes of [2, 3, 5, 8]) {
    test(`${kind}: each of ${lanes} lanes gives the bits of the lane alone`, () => {
      const steps = 9;
      const inputs = normals(it, steps * lanes * 7);
      const initial = randomState(it, lanes);
      const run = (window: Window, initialState: State): [Numbers, State] => {
        const results: [Numbers, State][] = [];
        from([window])
          .pipe(unroll(it, { initialState }))
          .subscribe((event) => results.push([outputs(event).data, event.tape.state()]));
        return results[0]!;
      };
      const targets = new Int32Array(0);
      const [among, finalAmong] = run({ steps, lanes, inputs, targets }, initial);
      for (let lane = 0; lane < lanes; lane++) {
        const part = (numbers: Numbers, size: number): Numbers =>
          normals(it, numbers.length / lanes).map((_, i) => laneOf(numbers, lane, lanes, size)[i]!);
        const own = [...initial].map(([name, { shape, data }]) => {
          const size = shape[2]!;
          return [name, { shape: [shape[0]!, 1, size], data: part(data, size) }] as const;
        });
        const [single, final] = run({ steps, lanes: 1, inputs: part(inputs, 7), targets }, new Map(own));
        assert.equal([...single], laneOf(among, lane, lanes, it.outputSize));
        for (const [name, { data }] of final) {
          assert.equal([...data], laneOf(finalAmong.get(name)!.data, lane, lanes, 6), name);
        }
      }
    });
  }
}

test.run();
