import * as fc from 'fast-check';
import { from, map, pipe, range, tap, type OperatorFunction } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  backpropagate,
  crossEntropy,
  type Differentiated,
  gradients,
  hiddenState,
  linear,
  loadStateDict,
  lstm,
  type Model,
  optimize,
  type Optimizer,
  outputs,
  seeded,
  sequential,
  sgd,
  stateDict,
  type TrainingStep,
  unroll,
  type Window,
  windows,
} from '../../src/index.js';
import {
  packTensors,
  type PackedTensors,
  parse,
  print,
  type Recording,
  recorder,
  snapshots,
  timeTravel,
  unpackTensors,
} from '../../src/recording.js';
import { operatorTable, row } from '../support/operatorTable.js';

interface Snapshot {
  readonly parameters: PackedTensors;
  readonly state: PackedTensors;
}
const OPTIMIZERS = { sgd: () => sgd({ learningRate: 0.5 }), adam: () => adam({ learningRate: 0.05 }) };
const [STEPS, EVERY] = [30, 7];

/** What a run looks like inside at each step, recorded with its windows; with snapshots where it can go on from them. */
function recorded(optimizer: Optimizer, every?: number): { recording: Recording; insides: object[] } {
  const run = recorder({ clock: 'windows' });
  const model = modelOf();
  const insides: object[] = [];
  let last: Differentiated;
  const keep = {
    every: every ?? 1000,
    take: (): Snapshot => ({ parameters: packTensors(stateDict(model)), state: packTensors(hiddenState(last)) }),
  };
  const tokens = Array.from({ length: STEPS * 3 + 1 }, (_, i) => (i * i + (i >> 2)) % 5);
  from(tokens)
    .pipe(
      windows({ steps: 3 }),
      run.record('windows'),
      differentiated(model),
      tap((it) => insides.push(inside((last = it)))),
      optimize(model, optimizer),
      snapshots<TrainingStep, Snapshot>(run, keep),
    )
    .subscribe();
  return { recording: parse(print(run.recording())), insides };
}

/** The pipeline again, where the snapshot says or at its start, up to the look inside. */
function restore(optimizer: Optimizer): (snapshot?: Snapshot) => OperatorFunction<Window, object> {
  return (snapshot) => {
    const model = modelOf();
    if (snapshot !== undefined) loadStateDict(model, unpackTensors(snapshot.parameters));
    let looked: object;
    return pipe(
      differentiated(model, snapshot),
      tap((it) => (looked = inside(it))),
      optimize(model, optimizer),
      map(() => looked),
    );
  };
}

test('parameters, state, logits and gradients of any step are those of the run, from snapshots', () => {
  const { recording, insides } = recorded(OPTIMIZERS.sgd(), EVERY);
  assert.is(recording.tracks[1]!.marbles.length, Math.floor(STEPS / EVERY));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: STEPS }), (step) => {
      assert.equal(at(recording, step, OPTIMIZERS.sgd(), 'snapshots'), [insides[step - 1]]);
    }),
    { numRuns: 25 },
  );
});

test('and from the start, where the optimizer has moments', () => {
  const { recording, insides } = recorded(OPTIMIZERS.adam());
  for (const step of [1, 2, 17, STEPS]) {
    assert.equal(at(recording, step, OPTIMIZERS.adam()), [insides[step - 1]]);
  }
});

test('only the windows behind the snapshot are run again', () => {
  const { recording } = recorded(OPTIMIZERS.sgd(), EVERY);
  let fed = 0;
  timeTravel<Window, Snapshot, Window>(recording, 2 * EVERY + 3, {
    inputs: 'windows',
    snapshots: 'snapshots',
    restore: () => tap<Window>(() => (fed += 1)),
  }).subscribe();
  assert.is(fed, 3);
});

test('a snapshot that leaves something out comes out in other numbers', () => {
  const { recording, insides } = recorded(OPTIMIZERS.adam(), EVERY);
  assert.not.equal(at(recording, 10, OPTIMIZERS.adam(), 'snapshots'), [insides[9]]);
});

for (const step of [0, STEPS + 1, 1.5, NaN]) {
  test(`there is no step ${step}`, () => {
    const { recording } = recorded(OPTIMIZERS.sgd());
    assert.throws(
      () => at(recording, step, OPTIMIZERS.sgd()),
      `timeTravel: step must be one of "windows", 1 to ${STEPS}, got ${step}`,
    );
  });
}

const letters = { a: 'a', b: 'b', c: 'c' };
operatorTable({
  snapshots: row({
    operator: () => snapshots<string, string>(recorder(), { every: 2, take: (letter) => letter }),
    values: letters,
    results: letters,
    throws: {
      operator: () =>
        snapshots<string, string>(recorder(), {
          every: 2,
          take() {
            throw new Error('the user failed');
          },
        }),
      diagrams: ['-a-b-c', '-a-#'],
      error: new Error('the user failed'),
    },
  }),
});

test('snapshots are kept after each so many values', () => {
  const run = recorder({ clock: 'numbers' });
  range(1, 7)
    .pipe(run.record('numbers'), snapshots(run, { every: 3, take: (n) => n * n }))
    .subscribe();
  assert.equal(
    run.recording().tracks[1]!.marbles,
    [3, 6].map((step) => ({ step, kind: 'N', value: step * step })),
  );
  assert.throws(
    () => snapshots(run, { every: 0, take: () => 0 }),
    /snapshots: every must be a positive integer, got 0/,
  );
});

test('tensors come back as they were, and as copies', () => {
  const tensors = stateDict(modelOf());
  const back = unpackTensors(packTensors(tensors));
  assert.equal([...back], [...tensors]);
  back.get('linear.bias')!.data[0] = 7;
  assert.is.not(tensors.get('linear.bias')!.data[0], 7);
});

test.run();

function at(recording: Recording, step: number, optimizer: Optimizer, snapshots?: string): object[] {
  const seen: object[] = [];
  const options = { inputs: 'windows', restore: restore(optimizer), ...(snapshots !== undefined && { snapshots }) };
  timeTravel<Window, Snapshot, object>(recording, step, options).subscribe((inside) => seen.push(inside));
  return seen;
}

function modelOf(): Model {
  const layers = { lstm: lstm({ inputSize: 5, hiddenSize: 4 }), linear: linear({ inputSize: 4, outputSize: 5 }) };
  return sequential(layers, { dtype: 'float64', random: seeded(2) });
}

function differentiated(model: Model, snapshot?: Snapshot): OperatorFunction<Window, Differentiated> {
  const initial = snapshot ? { initialState: unpackTensors(snapshot.state) } : {};
  return pipe(unroll(model, initial), crossEntropy(), backpropagate(model));
}

/** All that can be seen of a step, as copies. */
function inside(it: Differentiated): object {
  const { model, loss, gradientNorm } = it;
  const tensors = { parameters: stateDict(model), state: hiddenState(it), gradients: gradients(it) };
  const packed = Object.entries(tensors).map(([name, map]) => [name, packTensors(map)]);
  return { loss, gradientNorm, outputs: outputs(it), ...Object.fromEntries(packed) };
}
