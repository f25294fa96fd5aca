import { from, lastValueFrom, toArray } from 'rxjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  adam,
  gru,
  type Layer,
  linear,
  lstm,
  type LstmOptions,
  minGru,
  minLstm,
  type Model,
  pull,
  rgLru,
  rnn,
  seeded,
  sequential,
  slstm,
  surprisal,
  train,
  windows,
  embedding,
} from '../../src/index.js';
import { gatesOf } from '../../src/studio/gatesOf.js';
import { matchSpans } from '../../src/studio/matchSpans.js';
import { readText, unitsOf } from '../../src/studio/readText.js';

const SYMBOLS = 5;
const tokens = Int32Array.from({ length: 60 }, (_, i) => (i * i + (i >> 2)) % SYMBOLS);

/** A model that has learned a little, so that no gate is where it began. */
async function learned(kind: (options: LstmOptions) => Layer, { layers = 1, embedded = false } = {}): Promise<Model> {
  const output = linear({ inputSize: 6, outputSize: SYMBOLS });
  const cell = kind({ inputSize: embedded ? 4 : SYMBOLS, hiddenSize: 6, numLayers: layers });
  const all = embedded
    ? { embedding: embedding({ inputSize: SYMBOLS, outputSize: 4 }), cell, linear: output }
    : { cell, linear: output };
  const model = sequential(all, { random: seeded(1), dtype: 'float64' });
  await lastValueFrom(
    pull(tokens).pipe(windows({ steps: 6 }), train(model, { optimizer: adam({ learningRate: 0.1 }) })),
  );
  return model;
}

test('bits, ranks and the likeliest are those of surprisal', async () => {
  const model = await learned(lstm);
  const reading = readText(model, tokens, 3);
  const expected = await lastValueFrom(from(tokens).pipe(surprisal(model, { topK: 3 }), toArray()));
  assert.equal(
    [...reading.bits],
    expected.map(({ bits }) => bits),
  );
  assert.equal(
    [...reading.ranks],
    expected.map(({ rank }) => rank),
  );
  assert.equal(
    [...reading.top],
    expected.flatMap(({ top }) => top.map(({ token }) => token)),
  );
  for (const [i, share] of expected.flatMap(({ top }) => top.map(({ probability }) => probability)).entries()) {
    assert.ok(Math.abs(reading.shares[i]! - share) < 1e-12);
  }
});

test('states are those of step, after each token, and are read without scores too', async () => {
  const model = await learned(gru, { layers: 2 });
  const units = unitsOf(model);
  assert.equal(units.map(({ name }) => name).slice(5, 7), ['cell.h 5, layer 1', 'cell.h 0, layer 2']);
  let { state } = model.step(-1, model.zeroState());
  for (const likeliest of [0, 2]) {
    const reading = readText(model, tokens, likeliest);
    state = model.step(-1, model.zeroState()).state;
    for (const [t, token] of tokens.entries()) {
      state = model.step(token, state).state;
      const carried = reading.states.subarray(t * reading.carried, (t + 1) * reading.carried);
      assert.equal(
        units.map(({ place }) => carried[place]),
        [...state.get('cell.h')!.data].map(Math.fround),
      );
    }
  }
});

for (const [name, kind, options] of [
  ['lstm', lstm, {}],
  ['lstm of two layers', lstm, { layers: 2 }],
  ['lstm of an embedding', lstm, { embedded: true }],
  ['gru', gru, {}],
  ['gru of two layers', gru, { layers: 2 }],
  ['rnn', rnn, {}],
] as const) {
  test(`the gates of an ${name} give the states that were read, by torch's equations`, async () => {
    const model = await learned(kind, options);
    const units = unitsOf(model);
    const reading = readText(model, tokens, 0);
    for (const unit of units.keys()) {
      const { from, curves } = gatesOf(model, reading, units, unit, 40)!;
      assert.is(from, 20);
      const { i, f, g, o, c, h, r, z, n } = curves as Record<string, number[]>;
      assert.is(h!.length, 40);
      for (let t = 1; t < 40; t++) {
        if (kind === lstm) {
          near(c![t]!, f![t]! * c![t - 1]! + i![t]! * g![t]!);
          near(h![t]!, o![t]! * Math.tanh(c![t]!));
        } else if (kind === gru) {
          assert.ok(r![t]! > 0 && r![t]! < 1);
          near(h![t]!, (1 - z![t]!) * n![t]! + z![t]! * h![t - 1]!);
        } else assert.equal(Object.keys(curves), ['h']);
      }
    }
  });
}

for (const [name, kind, options] of [
  ['minGRU', minGru, {}],
  ['minGRU of two layers', minGru, { layers: 2 }],
  ['minGRU with positive candidates', (options: LstmOptions) => minGru({ ...options, form: 'log' }), {}],
  ['minLSTM', minLstm, {}],
  ['minLSTM of an embedding', minLstm, { embedded: true }],
  ['minLSTM with positive candidates', (options: LstmOptions) => minLstm({ ...options, form: 'log' }), {}],
  ['sLSTM', slstm, {}],
  ['sLSTM of two layers', slstm, { layers: 2 }],
  ['sLSTM of three heads', (options: LstmOptions) => slstm({ ...options, heads: 3 }), {}],
  ['RG-LRU', rgLru, {}],
  ['RG-LRU of two layers', rgLru, { layers: 2 }],
  ['RG-LRU of three heads', (options: LstmOptions) => rgLru({ ...options, heads: 3 }), {}],
] as const) {
  test(`the gates of an ${name} give the states that were read, by its own equations`, async () => {
    const model = await learned(kind, options);
    const units = unitsOf(model);
    assert.is(units.length, 6 * ('layers' in options ? 2 : 1));
    const reading = readText(model, tokens, 0);
    for (const unit of units.keys()) {
      const { curves, means } = gatesOf(model, reading, units, unit)!;
      const { i, f, z, o, c, r, a, u, n, h } = curves as Record<string, number[]>;
      assert.equal(Object.keys(curves), Object.keys(means));
      assert.is(h!.length, 59); // of all tokens but the first, before which no state was read
      for (let t = 1; t < 59; t++) {
        if (name.startsWith('minGRU')) near(h![t]!, (1 - z![t]!) * h![t - 1]! + z![t]! * n![t]!);
        else if (name.startsWith('minLSTM')) {
          near(i![t]! + f![t]!, 1);
          near(h![t]!, f![t]! * h![t - 1]! + i![t]! * n![t]!);
        } else if (name.startsWith('sLSTM')) {
          near(i![t]! + f![t]!, 1);
          near(c![t]!, f![t]! * c![t - 1]! + i![t]! * z![t]!);
          near(h![t]!, o![t]! * c![t]!);
        } else {
          assert.ok(r![t]! > 0 && r![t]! < 1);
          near(h![t]!, a![t]! * h![t - 1]! + Math.sqrt(1 - a![t]! ** 2) * i![t]! * u![t]!);
        }
      }
    }
  });
}

test('an lstm with layerNorm has no gates to show, which are others than those of its weights alone', async () => {
  const model = await learned((options) => lstm({ ...options, layerNorm: true }));
  const reading = readText(model, tokens, 0);
  assert.is(gatesOf(model, reading, unitsOf(model), 0), undefined);
});

test('spans like a selected one: the same place elsewhere is the most alike, spans do not overlap, the span itself is not among them', async () => {
  const model = await learned(lstm);
  const units = unitsOf(model);
  const text = Int32Array.from({ length: 120 }, (_, i) => [0, 1, 2, 3, 4, 1, 1, 3, 2, 0][i % 10]!);
  const reading = readText(model, text, 0);
  const { spans, units: ranked } = matchSpans(reading, { from: 52, to: 56 }, reading, units, { most: 5 });
  assert.is(spans.length, 5);
  for (const { from, to, likeness } of spans) {
    assert.is(to - from, 4);
    assert.is(from % 10, 2);
    assert.ok(likeness > 0.99 && likeness < 1.000001);
    assert.ok(to <= 52 || from >= 56);
  }
  assert.is(new Set(spans.map(({ from }) => from)).size, 5);
  assert.is(new Set(ranked.map(({ unit }) => unit)).size, 5);
});

function near(a: number, b: number): void {
  assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`); // states are kept as float32
}

test.run();
