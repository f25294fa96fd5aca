// Layers and cells of anybody's: what they say of themselves is checked when a model is made, what they hand to the kernel
// when it is first handed over.
import { once } from 'node:events';
import type { Worker, WorkerOptions } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CellKind,
  isSeq2seq,
  type Layer,
  type LayerTape,
  linear,
  loadStateDict,
  type Model,
  optimizer,
  recurrent,
  rnn,
  seq2seq,
  sequential,
  stateDict,
  type TapeContext,
  type Tensor,
  type Tensors,
} from '../../src/index.js';

const identityTape = ({ steps, lanes, allocate, kernel }: TapeContext, size = 2): LayerTape => {
  const output = allocate(steps * lanes * size);
  return {
    output,
    state: {},
    forward: (x, steps) => kernel.copy(output, x as Float32Array, steps * lanes * size),
    differentiate: () => ({ stateGradient: {}, backward: () => undefined }),
  };
};
const good: Layer = {
  kind: 'same',
  inputSize: 2,
  outputSize: 2,
  takes: 'features',
  parameters: [{ name: 'p', shape: [1], initialise: (data) => void data.fill(1) }],
  state: {},
  options: {},
  tape: identityTape,
};
const parameter = good.parameters[0]!;
/** The flag of a thread that is asked to end. */
const LEAVE = 3;
const throwing = (message: string) => (error: unknown) => error instanceof Error && error.message === message;

const sayings: [object, string][] = [
  [{ kind: '' }, 'it.kind must be the name of the function that made it, got ""'],
  [{ inputSize: NaN }, 'it.inputSize must be a positive integer, got NaN'],
  [{ outputSize: 1.5 }, 'it.outputSize must be a positive integer, got 1.5'],
  [{ takes: 'all' }, 'it.takes must be one of tokens, features, either, got "all"'],
  [{ parameters: undefined }, 'it.parameters must be an array, got undefined'],
  [{ parameters: [3] }, 'it.parameters[0] must be a parameter such as uniform(name, shape, fan), got 3'],
  [{ parameters: [{ ...parameter, name: '' }] }, 'it.parameters[0].name must be a name, got ""'],
  [{ parameters: [{ ...parameter, shape: 3 }] }, 'it.parameters[0].shape must be an array of sizes, got 3'],
  ...[NaN, 1.5, -1, 0, Infinity, '1'].map((size): [object, string] => [
    { parameters: [{ ...parameter, shape: [2, size] }] },
    `it.parameters[0].shape[1] must be a positive integer, got ${size === '1' ? '"1"' : size}`,
  ]),
  [{ parameters: [{ ...parameter, initialise: 1 }] }, 'it.parameters[0].initialise must be a function, got 1'],
  [{ state: null }, 'it.state must be an object, got null'],
  [{ state: { h: [1] } }, 'it.state.h must be [layers, size], got [1]'],
  [{ state: { h: [1, -1] } }, 'it.state.h[1] must be a positive integer, got -1'],
  [{ options: 1 }, 'it.options must be an object, got 1'],
  [{ bidirectional: 1 }, 'it.bidirectional must be true or false, got 1'],
];
for (const [change, message] of sayings) {
  test(`a layer is refused: ${message}`, () => {
    assert.throws(() => sequential({ it: { ...good, ...change } }), throwing(`sequential: ${message}`));
  });
}

test('what a layer says is read once', () => {
  for (const name of ['inputSize', 'outputSize', 'takes', 'parameters', 'state', 'options', 'kind'] as const) {
    let asked = 0;
    const lying = Object.defineProperty({ ...good }, name, { get: () => (asked++ === 0 ? good[name] : 1e9) });
    const model = sequential({ lying });
    assert.equal([model.inputSize, model.outputSize], [2, 2]);
    assert.not.equal(model.layers.get('lying')![name], 1e9);
    const { output } = model.step(given, model.zeroState());
    assert.equal(
      [output.shape, [...output.data]],
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.is(asked, 1, name);
  }
  const one = linear({ inputSize: 2, outputSize: 2 });
  for (const part of ['encoder', 'decoder', 'fc'] as const) {
    let asked = 0;
    const layers = { encoder: rnn(size), decoder: rnn(size), fc: one };
    const lying = Object.defineProperty({ ...layers[part] }, 'outputSize', { get: () => (asked++ === 0 ? 2 : 1e9) });
    const model = seq2seq({ ...layers, [part]: lying });
    assert.is(model.step(1, model.encode(Int32Array.of(1))).output.data.length, 2);
    assert.is(asked, 1, part);
  }
  let read = 0;
  const options = Object.defineProperty({ outputSize: 1 }, 'inputSize', {
    get: () => (read++ === 0 ? 3 : -1),
    enumerable: true,
  });
  assert.equal(linear(options as never).parameters[0]!.shape, [1, 3]);
  assert.is(read, 1);
});

const given = Float32Array.of(1, 2);
const step = (model: Model): unknown => model.step(given, model.zeroState());
const withTape = (change: (tape: LayerTape, context: TapeContext) => Partial<LayerTape>): Layer => ({
  ...good,
  tape(context) {
    const tape = identityTape(context);
    return { ...tape, ...change(tape, context) };
  },
});
const outputs: [string, Layer, string][] = [
  ['of its own', withTape(() => ({ output: new Float32Array(2) })), 'must be an array that allocate gave, got another "Float32Array(2)"'],
  ['of another dtype', withTape(() => ({ output: new Float64Array(2) })), 'must be an array that allocate gave, got "Float64Array(2)"'],
  ['that is a list', withTape(() => ({ output: [1, 2] as never })), 'must be an array that allocate gave, got [1,2]'],
  ['that is none', withTape(() => ({ output: undefined as never })), 'must be an array that allocate gave, got undefined'],
  ['too short', withTape((_, { allocate }) => ({ output: allocate(1) })), 'must have 2 numbers, got 1'],
  ['cut short', withTape(({ output }) => ({ output: output.subarray(1) })), 'must have 2 numbers, got 1'],
]; // prettier-ignore
for (const backend of ['wasm', 'plain'] as const) {
  for (const [what, layer, message] of outputs) {
    test(`an output ${what} is refused (${backend})`, () => {
      const unquoted = message.replaceAll('"', '');
      for (const layers of [{ it: layer }, { it: layer, fc: linear({ inputSize: 2, outputSize: 1 }) }]) {
        assert.throws(
          () => step(sequential(layers, { backend })),
          throwing(`sequential: the output of layer it ${unquoted}`),
        );
      }
    });
  }
  test(`a state that is not allocated is refused (${backend})`, () => {
    const layer = { ...withTape(() => ({ state: { h: new Float32Array(3) } })), state: { h: [1, 3] as const } };
    assert.throws(
      () => step(sequential({ it: layer }, { backend })),
      throwing('sequential: the state h of layer it must be an array that allocate gave, got another Float32Array(3)'),
    );
    const none = { ...withTape(() => ({ state: {} })), state: { h: [1, 3] as const } };
    assert.throws(
      () => step(sequential({ it: none }, { backend })),
      throwing('sequential: the state h of layer it must be an array that allocate gave, got undefined'),
    );
  });
}
for (const length of [NaN, -1, 1.5, '3', undefined]) {
  test(`a layer cannot allocate ${length} numbers`, () => {
    const layer = withTape((_, { allocate }) => ({ output: allocate(length as never) }));
    assert.throws(
      () => step(sequential({ it: layer })),
      /^sequential: the length of what allocate gives must be an int/,
    );
  });
}

const cell: CellKind = {
  count: 1,
  carried: ['h'],
  bind({ steps, lanes, hiddenSize, allocate }) {
    const sums = allocate(steps * lanes * hiddenSize);
    return {
      sums,
      hiddenSums: sums,
      step: () => undefined,
      differentiate: () => ({ sumsGradient: sums, hiddenSumsGradient: sums, stepBack: () => undefined }),
    };
  },
};
const size = { inputSize: 2, hiddenSize: 2 };
const cells: [object, string][] = [
  [{ count: 0 }, 'count must be a positive integer, got 0'],
  [{ carried: [] }, 'carried must be a list of different names that begins with h, got []'],
  [{ carried: ['c', 'h'] }, 'carried must be a list of different names that begins with h, got ["c","h"]'],
  [{ carried: ['h', 'h'] }, 'carried must be a list of different names that begins with h, got ["h","h"]'],
  [{ recurentProduct: false }, 'unknown option recurentProduct; did you mean recurrentProduct?'],
  [{ recurrentProduct: 0 }, 'recurrentProduct must be true or false, got 0'],
  [{ bind: 1 }, 'bind must be a function, got 1'],
];
for (const [change, message] of cells) {
  test(`a kind of cell is refused: ${message}`, () => {
    assert.throws(() => recurrent('own', { ...cell, ...change }, size), throwing(`own: cell: ${message}`));
  });
}
/** A tape with some members replaced. */
const tapes: [what: string, change: object, message: RegExp][] = [
  ['without forward', { forward: undefined }, /the tape of layer it must be an object with the functions forward and/],
  ['without differentiate', { differentiate: undefined }, /the tape of layer it must be an object with the functions/],
  ['whose repeats is a flag', { repeats: true }, /repeats in the tape of layer it must be a function, got true/],
  [
    'whose forward is later',
    { forward: async () => {} },
    /forward of a layer must compute before it returns, got a prom/,
  ],
  [
    'whose other half is none',
    { differentiate: () => 5 },
    /what differentiate of layer it returns must be .* backward, got 5/,
  ],
  ['without backward', { differentiate: () => ({ stateGradient: {} }) }, /what differentiate of layer it returns must/],
];
for (const [what, change, message] of tapes) {
  test(`a tape ${what} is refused`, () => {
    const model = sequential({ it: { ...good, tape: (context) => ({ ...identityTape(context), ...change }) } });
    assert.throws(() => {
      const tape = model.tape(1, 1);
      tape.forward(Float32Array.of(1, 2), 1);
      tape.backward();
    }, message);
  });
}
for (const nothing of [undefined, null, 5, 'tape']) {
  test(`a layer that unrolls to ${nothing} is refused`, () => {
    const model = sequential({ it: { ...good, tape: () => nothing as never } });
    assert.throws(
      () => model.tape(1, 1).forward(Float32Array.of(1, 2), 1),
      /the tape of layer it must be an object with/,
    );
  });
}

const cellParts: [what: string, change: object | undefined, message: RegExp][] = [
  ['that is undefined', undefined, /the cell that bind returns must be an object with the functions step and differ/],
  ['without step', { step: undefined }, /the cell that bind returns must be an object with the functions step and/],
  ['without differentiate', { differentiate: undefined }, /the cell that bind returns must be an object with the/],
  ['without stepBack', { differentiate: () => ({}) }, /what differentiate of the cell returns must be .* stepBack/],
];
for (const [what, change, message] of cellParts) {
  test(`a cell ${what} is refused`, () => {
    const kind: CellKind = {
      count: 1,
      carried: ['h'],
      bind({ steps, lanes, hiddenSize, allocate }) {
        const sums = allocate(steps * lanes * hiddenSize);
        const whole = { sums, hiddenSums: sums, step: () => undefined, differentiate: () => ({}) };
        return (change && { ...whole, ...change }) as never;
      },
    };
    const model = sequential({ it: recurrent('it', kind, { inputSize: 2, hiddenSize: 2 }) });
    assert.throws(() => {
      const tape = model.tape(1, 1);
      tape.forward(Float32Array.of(1, 2), 1);
      tape.backward();
    }, message);
  });
}

test('the form of a recurrent layer is checked', () => {
  assert.throws(
    () => recurrent('own', cell, size, { singel: true } as never),
    /^own: form: unknown option singel; did you/,
  );
  assert.throws(() => recurrent('own', cell, size, { single: 1 } as never), /^own: form: single must be true or false/);
  assert.throws(() => recurrent('own', cell, size, { own: 1 } as never), /^own: form: own must be an object, got 1/);
});
for (const [what, change, message] of [
  ['of its own', { sums: new Float32Array(4) }, 'must be an array that allocate gave, got another Float32Array(4)'],
  ['that are none', { sums: undefined }, 'must be an array that allocate gave, got undefined'],
  ['too few', { sums: 1 }, 'must have 2 numbers, got 1'],
] as const) {
  test(`sums of a cell ${what} are refused`, () => {
    const kind: CellKind = {
      ...cell,
      bind(context) {
        const sums = change.sums === 1 ? context.allocate(1) : change.sums;
        return { ...cell.bind(context), sums: sums as never };
      },
    };
    assert.throws(
      () => step(sequential({ it: recurrent('own', kind, size) })),
      throwing(`recurrent: the sums of the cell ${message}`),
    );
  });
}

test('a layer that throws while it is initialised leaves no threads behind', async () => {
  const threads = process.getBuiltinModule('node:worker_threads') as { Worker: typeof Worker };
  const { Worker: original } = threads;
  const flags: Int32Array[] = [];
  const exits: Promise<unknown>[] = [];
  threads.Worker = class extends original {
    constructor(program: string, options: WorkerOptions) {
      super(program, options);
      flags.push((options.workerData as { readonly flag: Int32Array }).flag);
      exits.push(once(this, 'exit'));
    }
  };
  const seen = (): number[] => flags.map((flag) => Atomics.load(flag, 0));
  try {
    const fail = (): never => {
      assert.equal(seen(), [0, 0]); // both wait for calls
      throw new Error('mine');
    };
    const layer: Layer = { ...good, parameters: [{ ...parameter, initialise: fail }] };
    assert.throws(() => sequential({ it: layer }, { workers: 3 }), throwing('mine'));
    // Asked to leave by now: a garbage collection, which would ask them too, has not had its turn.
    assert.equal(seen(), [LEAVE, LEAVE]);
    const keep = setInterval(() => undefined, 1000); // threads do not keep a process
    await Promise.all(exits).finally(() => clearInterval(keep));
  } finally {
    threads.Worker = original;
  }
});

test('names that steer a terminal are escaped in messages', () => {
  const name = '\u001b[2J';
  const shown = String.raw`\u001b[2J`;
  const [one, two] = [linear({ inputSize: 2, outputSize: 3 }), linear({ inputSize: 2, outputSize: 1 })];
  const refused: (() => unknown)[] = [
    () => sequential({ [name]: 3 as never }),
    () => sequential({ one, [name]: two }),
    () => sequential({ one, [name]: { ...good, inputSize: 3, takes: 'tokens' } }),
    () => sequential({ one }, { frozen: [name] }),
    () => sequential({ [name]: rnn(size) }).step(7, new Map()),
    () =>
      sequential({ [name]: linear({ inputSize: 2, outputSize: 2 }) })
        .tape(1, 1)
        .forward(Int32Array.of(9), 1),
    () => recurrent(name, cell, { ...size, x: 1 } as never),
    () => recurrent(name, cell, { ...size, hiddenSize: 0 }),
    () => optimizer({ kind: name, learningRate: -1, apply: () => undefined }),
    () => loadStateDict(sequential({ [name]: one }), new Map()),
  ];
  for (const refuse of refused) {
    assert.throws(refuse, (error: unknown) => error instanceof Error && error.message.includes(shown) && !error.message.includes(name)); // prettier-ignore
  }
});

test('isSeq2seq distinguishes models', () => {
  const fc = linear({ inputSize: 2, outputSize: 2 });
  const model: Model = seq2seq({ encoder: rnn(size), decoder: rnn(size), fc });
  assert.is(isSeq2seq(model) && model.encode(Int32Array.of(1)).size, 1);
  assert.not(isSeq2seq(sequential({ fc })));
  assert.not(isSeq2seq(sequential({ fc: { ...fc, kind: 'seq2seq' } })));
  assert.throws(
    () => isSeq2seq(fc as never),
    /^isSeq2seq: model must be a model such as sequential\(\{ … \}\) makes, got /,
  );
});

const tensors: [string, unknown][] = [
  ['of big integers', { shape: [2], data: new BigInt64Array(2) }],
  ['of integers', { shape: [2], data: new Int32Array(2) }],
  ['that is a list', { shape: [2], data: [1, 2] }],
  ['without a shape', { data: new Float32Array(2) }],
  ['that is null', null],
  ['of another length', { shape: [2], data: new Float32Array(3) }],
];
for (const [what, tensor] of tensors) {
  test(`loadStateDict writes nothing where the last tensor is one ${what}`, () => {
    const model = sequential({ fc: linear({ inputSize: 3, outputSize: 2 }) });
    const before = stateDict(model);
    const zero = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice().fill(0) });
    const zeros: Tensors = new Map([...before].map(([name, it]) => [name, zero(it)]));
    const bad = new Map<string, unknown>(zeros).set('fc.bias', tensor) as Tensors;
    assert.throws(() => loadStateDict(model, bad), /^loadStateDict: fc\.bias /);
    assert.equal(stateDict(model), before);
  });
}

test('an update that throws is not counted', () => {
  let fails = true;
  const rule = optimizer({
    kind: 'own',
    learningRate: (update) => 1 / (1 + update),
    factors: { beta: 0.5 },
    apply() {
      if (fails) throw new Error('mine');
    },
  });
  const model = sequential({ fc: linear({ inputSize: 1, outputSize: 1 }) });
  const { gradients } = model.tape(1, 1);
  assert.throws(() => rule.update(model, gradients), throwing('mine'));
  assert.equal([rule.updates, rule.state().powers], [0, { beta: 1 }]);
  fails = false;
  rule.update(model, gradients);
  rule.update(model, gradients);
  assert.equal([rule.updates, rule.state().powers, rule.learningRate], [2, { beta: 0.25 }, 0.5]);
});

test('100,000 names are refused in a moment', () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `name-of-a-parameter-${i}`);
  const many = Object.fromEntries(names.map((name) => [name, 1]));
  const fc = linear({ inputSize: 1, outputSize: 1 });
  const start = process.cpuUsage().user;
  assert.throws(() => sequential({ fc }, { frozen: names }), /^sequential: cannot freeze /);
  assert.throws(() => linear(many as never), /^linear: unknown option name-of-a-parameter-0; /);
  assert.throws(
    () => recurrent('own', cell, { ...size, misspelt: 1 } as never, { own: many }),
    /^own: unknown option mis/,
  );
  const tensors = new Map(names.map((name) => [name, { shape: [1], data: new Float32Array(1) }]));
  assert.throws(() => loadStateDict(sequential({ fc }), tensors), /^loadStateDict: missing /);
  assert.ok(process.cpuUsage().user - start < 3e6); // microseconds of work, whatever else the machine does
});

test.run();
