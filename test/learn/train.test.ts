import { from, identity, map, tap } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linear } from '../../src/layer/linear.js';
import { rnn } from '../../src/layer/rnn.js';
import { adagrad } from '../../src/learn/adagrad.js';
import { adam } from '../../src/learn/adam.js';
import { backpropagate } from '../../src/learn/backpropagate.js';
import { clipGradNorm } from '../../src/learn/clipGradNorm.js';
import { crossEntropy } from '../../src/learn/crossEntropy.js';
import { gradients } from '../../src/learn/gradients.js';
import { hiddenState } from '../../src/learn/hiddenState.js';
import { optimize } from '../../src/learn/optimize.js';
import { outputs } from '../../src/learn/outputs.js';
import { sgd } from '../../src/learn/sgd.js';
import type { Differentiated, Unrolled } from '../../src/learn/stages.js';
import { train } from '../../src/learn/train.js';
import { unroll } from '../../src/learn/unroll.js';
import type { Model } from '../../src/model/model.js';
import { sequential } from '../../src/model/sequential.js';
import { stateDict } from '../../src/model/stateDict.js';
import { seeded } from '../../src/random/seeded.js';
import { windows } from '../../src/token/windows.js';
import type { Dtype, Numbers, Token, Window } from '../../src/types.js';
import { first } from './first.js';

const text: Token[] = Array.from({ length: 241 }, (_, i) => (i * i + (i >> 3)) % 7);

function model(options: { dtype?: Dtype; seed?: number; frozen?: string[] } = {}): Model {
  const { dtype = 'float32', seed = 1, frozen = [] } = options;
  return sequential(
    { rnn: rnn({ inputSize: 7, hiddenSize: 10 }), linear: linear({ inputSize: 10, outputSize: 7 }) },
    { dtype, random: seeded(seed), frozen },
  );
}

const weights = (of: Model): Numbers[] => [...stateDict(of).values()].map(({ data }) => data);
const unrolled = (of: Model, tokens: Token[], steps: number): Unrolled[] => {
  const events: Unrolled[] = [];
  from(tokens)
    .pipe(windows({ steps }), unroll(of))
    .subscribe((event) => events.push(event));
  return events;
};

for (const dtype of ['float32', 'float64'] as const) {
  for (const steps of [1, 2, 25, 240]) {
    test(`${dtype}: stepping token by token gives the logits of windows of ${steps}, to the bit`, () => {
      const it = model({ dtype });
      const inWindows: number[] = [];
      from(text)
        .pipe(windows({ steps }), unroll(it), map(outputs))
        .subscribe(({ data }) => inWindows.push(...data));
      let state = it.zeroState();
      const stepped = text.slice(0, -1).flatMap((token) => {
        const next = it.step(token, state);
        state = next.state;
        return [...next.output.data];
      });
      assert.equal(inWindows, stepped);
    });
  }

  test(`${dtype}: a lane gives the same bits alone and among others`, () => {
    const it = model({ dtype });
    const alone = first(from(text).pipe(windows({ steps: 30 }), unroll(it)), (event) => outputs(event).data);
    for (const lanes of [2, 3, 5, 8]) {
      const other = (i: number): Token => (i * 5 + 3) % 7;
      const mixed = text.flatMap((token, t) =>
        Array.from({ length: lanes }, (_, lane) => (lane === 1 ? token : other(t + lane))),
      );
      const among = first(from(mixed).pipe(windows({ steps: 30, lanes }), unroll(it)), (event) => outputs(event).data);
      const lane = Array.from({ length: 30 }, (_, t) => [...among.subarray((t * lanes + 1) * 7, (t * lanes + 2) * 7)]);
      assert.equal(lane.flat(), [...alone]);
    }
  });
}

test('train is the composition of the five operators', () => {
  const [a, b] = [model(), model()];
  const composed: unknown[] = [];
  const written: unknown[] = [];
  from(text)
    .pipe(windows({ steps: 8 }), train(a, { optimizer: adam(), clip: clipGradNorm(0.5) }))
    .subscribe((step) => composed.push(step));
  from(text)
    .pipe(windows({ steps: 8 }), unroll(b), crossEntropy(), backpropagate(b), clipGradNorm(0.5), optimize(b, adam()))
    .subscribe((step) => written.push(step));
  assert.equal(composed, written);
  assert.is(composed.length, 30);
  assert.equal(weights(a), weights(b));
});

test('taps that look at everything do not change the run', () => {
  const run = (look: boolean): unknown[] => {
    const it = model();
    const seen: unknown[] = [];
    const peek = <T>(inspect: (value: T) => void) => (look ? tap(inspect) : identity);
    from(text)
      .pipe(
        windows({ steps: 8 }),
        unroll(it),
        peek(outputs),
        peek(hiddenState),
        crossEntropy(),
        peek(() => it.step(3, it.zeroState())),
        backpropagate(it),
        peek(gradients),
        peek(() => unrolled(it, text, 5)), // another subscription on the same model
        clipGradNorm(1),
        optimize(it, adagrad({ learningRate: 0.1 })),
        peek(() => stateDict(it)),
      )
      .subscribe((step) => seen.push(step));
    return [...seen, ...weights(it)];
  };
  assert.equal(run(true), run(false));
});

test('the loss falls on a text that needs memory', () => {
  const it = model();
  const losses: number[] = [];
  const pattern = [0, 1, 2, 0, 3, 4, 0, 5, 6]; // what follows 0 depends on what came before it
  from(Array.from({ length: 1800 }, (_, i) => pattern[i % 9]!))
    .pipe(windows({ steps: 9 }), train(it, { optimizer: adam({ learningRate: 0.02 }) }))
    .subscribe(({ loss }) => losses.push(loss));
  assert.ok(losses[0]! > 1.8 && losses.at(-1)! < 0.05, `from ${losses[0]} to ${losses.at(-1)}`);
});

test('a step counts its targets and says its rate', () => {
  const steps: unknown[] = [];
  const it = model();
  from(text.slice(0, 12))
    .pipe(windows({ steps: 5 }), train(it, { optimizer: sgd({ learningRate: 0.25 }) }))
    .subscribe(({ step, tokens, learningRate }) => steps.push([step, tokens, learningRate]));
  assert.equal(steps, [
    [1, 5, 0.25],
    [2, 10, 0.25],
    [3, 11, 0.25],
  ]);
});

test('windows of changing length keep the carried state', () => {
  const it = model();
  const lengths = [3, 1, 7, 2, 19, 4];
  let at = 0;
  const ragged: Window[] = lengths.map((steps) => {
    const window = {
      steps,
      lanes: 1,
      inputs: Int32Array.from(text.slice(at, at + steps)),
      targets: new Int32Array(steps),
    };
    at += steps;
    return window;
  });
  const out: number[] = [];
  from(ragged)
    .pipe(unroll(it), map(outputs))
    .subscribe(({ data }) => out.push(...data));
  const whole = first(
    from(text.slice(0, at + 1)).pipe(windows({ steps: at }), unroll(it)),
    (event) => outputs(event).data,
  );
  assert.equal(out, [...whole]);
});

test('a reset lane starts from zeros and leaves the others be', () => {
  const it = model();
  const two = (steps: number, resets?: Uint8Array): Window => ({
    steps,
    lanes: 2,
    inputs: Int32Array.from({ length: steps * 2 }, (_, i) => i % 7),
    targets: new Int32Array(steps * 2),
    ...(resets && { resets }),
  });
  const outs: Numbers[] = [];
  from([two(4), two(2, Uint8Array.of(0, 1))])
    .pipe(unroll(it), map(outputs))
    .subscribe(({ data }) => outs.push(data));
  const fresh = first(from([two(2)]).pipe(unroll(it)), (event) => outputs(event).data);
  assert.equal(outs[1]!.slice(7, 14), fresh.slice(7, 14));
  assert.not.equal(outs[1]!.slice(0, 7), fresh.slice(0, 7));
});

test('frozen parameters stay, all others move', () => {
  const it = model({ frozen: ['rnn.weight_hh_l0', 'linear.bias'] });
  const before = stateDict(it);
  from(text)
    .pipe(windows({ steps: 8 }), train(it, { optimizer: adam({ weightDecay: 0.1 }) }))
    .subscribe();
  for (const [name, { data }] of stateDict(it)) {
    const same = data.every((value, i) => value === before.get(name)!.data[i]);
    assert.is(same, it.frozen.has(name), name);
  }
});

test('the norm that clips is that of the parameters that learn', () => {
  const frozen = ['rnn.weight_ih_l0', 'rnn.weight_hh_l0', 'rnn.bias_ih_l0', 'rnn.bias_hh_l0', 'linear.weight'];
  const it = model({ dtype: 'float64', frozen });
  first(from(text).pipe(windows({ steps: 8 }), unroll(it), crossEntropy(), backpropagate(it)), (event) => {
    const { data } = gradients(event).get('linear.bias')!;
    assert.is(event.gradientNorm, Math.sqrt([...data].reduce((sum, value) => sum + value * value, 0)));
  });
});

test('a handle whose numbers were overwritten is refused', () => {
  const events = unrolled(model(), text, 8);
  assert.throws(() => outputs(events[0]!), /a later window has overwritten this one's numbers \(pass 1 of 30\)/);
  assert.not.throws(() => outputs(events.at(-1)!));
});

test('a window unrolled by another model is refused', () => {
  const errors: string[] = [];
  from(text)
    .pipe(windows({ steps: 8 }), unroll(model()), crossEntropy(), backpropagate(model()))
    .subscribe({ error: (error: Error) => errors.push(error.message) });
  assert.equal(errors, ['backpropagate: this window was unrolled by another model']);
});

for (const [what, stage, message] of [
  ['another model', identity, 'optimize: this window was unrolled by another model'],
  [
    'a pass before',
    tap(({ tape }: Differentiated) => tape.forward(Int32Array.of(0), 1)),
    /^optimize: a later window has overwritten this one's numbers/,
  ],
] as const) {
  test(`optimize refuses the gradients of ${what}, and moves no weight`, () => {
    const [one, two] = [model(), model()];
    const errors: Error[] = [];
    from(text)
      .pipe(windows({ steps: 8 }), unroll(one), crossEntropy(), backpropagate(one), stage, optimize(two, adagrad()))
      .subscribe({ error: (error: Error) => errors.push(error) });
    assert.is(errors.length, 1);
    assert.match(errors[0]!.message, message);
    assert.equal(weights(two), weights(model()));
  });
}

test('a loss that is not finite names window, layer and the last norms', () => {
  const it = model();
  const errors: string[] = [];
  from(text)
    .pipe(
      windows({ steps: 8 }),
      unroll(it),
      crossEntropy(),
      backpropagate(it),
      optimize(it, sgd({ learningRate: 0.1 })),
      tap(({ step }) => step === 3 && it.weights.tensors.get('linear.weight')!.data.fill(NaN)),
    )
    .subscribe({ error: (error: Error) => errors.push(error.message) });
  assert.is(errors.length, 1);
  assert.match(
    errors[0]!,
    /^crossEntropy: the loss of window 4 is not finite: the output of layer linear is not finite/,
  );
  assert.match(errors[0]!, /last gradient norms [\d.]+, [\d.]+, [\d.]+;/);
});

test('a gradient that is not finite names the parameter', () => {
  const it = model();
  const errors: string[] = [];
  from(text)
    .pipe(
      windows({ steps: 8 }),
      unroll(it),
      crossEntropy(),
      tap(({ tape }) => (tape.outputGradient[0] = Infinity)),
      backpropagate(it),
    )
    .subscribe({ error: (error: Error) => errors.push(error.message) });
  assert.match(errors[0]!, /^backpropagate: the gradient of window 1 is not finite: the gradient of rnn\.weight_ih_l0/);
});

const bad: [string, Window, RegExp][] = [
  [
    'token outside',
    { steps: 1, lanes: 1, inputs: Int32Array.of(7), targets: Int32Array.of(0) },
    /sequential: token 7 is outside the vocabulary of 7 of layer rnn/,
  ],
  [
    'token below -1',
    { steps: 1, lanes: 1, inputs: Int32Array.of(-2), targets: Int32Array.of(0) },
    /sequential: token -2 is outside/,
  ],
  [
    'target outside',
    { steps: 1, lanes: 1, inputs: Int32Array.of(0), targets: Int32Array.of(-1) },
    /crossEntropy: target -1 is outside the vocabulary of 7/,
  ],
  [
    'inputs too short',
    { steps: 2, lanes: 1, inputs: Int32Array.of(0), targets: Int32Array.of(0) },
    /sequential: 2 steps × 1 lanes of layer rnn need 2 inputs, got 1/,
  ],
  [
    'targets too short',
    { steps: 2, lanes: 1, inputs: Int32Array.of(0, 0), targets: Int32Array.of(0) },
    /crossEntropy: needs 2 targets, got 1/,
  ],
  [
    'targets as numbers',
    { steps: 1, lanes: 1, inputs: Int32Array.of(0), targets: new Float64Array(1) },
    /targets must be tokens/,
  ],
  [
    'mask too short',
    { steps: 2, lanes: 1, inputs: Int32Array.of(0, 0), targets: Int32Array.of(0, 0), mask: new Uint8Array(1) },
    /mask needs 2 flags, got 1/,
  ],
];
for (const [name, window, message] of bad) {
  test(`refused: ${name}`, () => {
    const it = model();
    const before = weights(it);
    const errors: string[] = [];
    from([window])
      .pipe(train(it, { optimizer: sgd({ learningRate: 1 }) }))
      .subscribe({ error: (error: Error) => errors.push(error.message) });
    assert.is(errors.length, 1);
    assert.match(errors[0]!, message);
    assert.equal(weights(it), before);
  });
}

test('refused: a state of other lanes, unless all lanes are reset', () => {
  const it = model();
  const of = (lanes: number, resets?: Uint8Array): Window => ({
    steps: 1,
    lanes,
    inputs: new Int32Array(lanes),
    targets: new Int32Array(lanes),
    ...(resets && { resets }),
  });
  const errors: string[] = [];
  from([of(2), of(3, Uint8Array.of(1, 1, 1)), of(2, Uint8Array.of(1, 0))])
    .pipe(unroll(it))
    .subscribe({ error: (error: Error) => errors.push(error.message) });
  assert.equal(errors, ['unroll: the carried state has 3 lanes, the window 2']);
});

test.run();
