// TensorFlow.js on WebAssembly. `mode` transposed: products whose gradients transpose first, since the backend's fast
// product does not accept a transposed factor; plain: matMul as it is.
import { choose, makeText, measure, require, TASK } from './common.mjs';

const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-wasm');
await tf.setBackend('wasm');
await tf.ready();

const { kind, cell, vocabulary: V, hidden: H, steps: T, lanes: B, rate, mode } = TASK;
const PEER = `tfjs ${tf.version.tfjs} wasm ${mode}`;
const G = cell === 'lstm' ? 4 * H : H;
const weight = (...shape) => tf.variable(tf.randomUniform(shape, -(H ** -0.5), H ** -0.5, 'float32', 1));
const layer = (inputs) => ({ x: weight(inputs, G), h: weight(H, G), b: weight(G) });
const [y, c] = [weight(H, V), weight(V)];
const oneHot = (tokens) => tf.oneHot(tf.tensor1d(tokens, 'int32'), V).toFloat();

const transposing = tf.customGrad((a, b, save) => {
  save([a, b]);
  const gradFunc = (dy, [a, b]) => [tf.matMul(dy, tf.transpose(b)), tf.matMul(tf.transpose(a), dy)];
  return { value: tf.matMul(a, b), gradFunc };
});
const multiply = mode === 'transposed' ? transposing : (a, b) => tf.matMul(a, b);

/** A layer over all steps, rows being steps × lanes. */
function unroll({ x, h: recurrent, b }, rows, steps, [h, c]) {
  const states = tf.split(tf.add(multiply(rows, x), b), steps, 0).map((sums) => {
    const z = tf.add(sums, multiply(h, recurrent));
    if (cell === 'lstm') {
      const [i, f, o, g] = tf.split(z, 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    } else h = tf.tanh(z);
    return h;
  });
  return [tf.concat(states, 0), [h, c]];
}

/** One update by the loss that `run` gives; it names what to keep. */
function update(optimizer, clip, run) {
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(run);
    if (clip) for (const name of Object.keys(grads)) grads[name] = tf.clipByValue(grads[name], -clip, clip);
    optimizer.applyGradients(grads);
    return value.dataSync()[0];
  });
}

async function train() {
  const layers = Array.from({ length: TASK.layers }, (_, l) => layer(l === 0 ? V : H));
  const text = makeText(40 * T * B + B, V);
  const stretch = 40 * T + 1;
  const window = (from) =>
    Int32Array.from({ length: T * B }, (_, i) => text[(i % B) * stretch + from + Math.floor(i / B)]);
  const optimizer = tf.train[TASK.optimizer](rate);
  const zeros = () => layers.map(() => [tf.zeros([B, H]), tf.zeros([B, H])]);
  let at = 0;
  let states = zeros();
  const step = () => {
    if (at === 40 * T) {
      at = 0;
      tf.dispose(states);
      states = zeros();
    }
    const after = [];
    const loss = update(optimizer, 5, () => {
      let rows = oneHot(window(at));
      for (const [l, each] of layers.entries()) {
        const [out, state] = unroll(each, rows, T, states[l]);
        after.push(state.map((s) => tf.keep(s.clone())));
        rows = out;
      }
      return tf.losses.softmaxCrossEntropy(oneHot(window(at + 1)), tf.add(multiply(rows, y), c));
    });
    tf.dispose(states);
    states = after;
    at += T;
    return loss;
  };
  await measure(PEER, step, T * B);
}

async function generate() {
  const { x, h: recurrent, b } = layer(V);
  let state = [tf.zeros([1, H]), tf.zeros([1, H])];
  let token = 0;
  const next = () => {
    const [p, ...after] = tf.tidy(() => {
      const row = tf.slice(x, [token, 0], [1, G]);
      const identity = { x: row, h: recurrent, b };
      const [out, [hAfter, cAfter]] = unroll(identity, tf.ones([1, 1]), 1, state);
      return [tf.softmax(tf.add(multiply(out, y), c)), hAfter.clone(), cAfter.clone()];
    });
    tf.dispose(state);
    state = after;
    token = choose(p.dataSync());
    p.dispose();
  };
  await measure(
    PEER,
    () => {
      for (let i = 0; i < 20; i++) next();
    },
    20,
  );
}

async function translate() {
  const [encoder, decoder] = [layer(V), layer(V)];
  const optimizer = tf.train.adam(rate);
  const text = makeText(64 * T * B, V);
  const start = tf.zeros([B, H]);
  let at = 0;
  const step = () => {
    const source = text.slice(at * T * B, (at + 1) * T * B);
    const target = source.map((_, i) => source[(T - 1 - Math.floor(i / B)) * B + (i % B)]);
    const told = target.map((_, i) => (i < B ? 0 : target[i - B]));
    at = (at + 1) % 64;
    return update(optimizer, undefined, () => {
      const [, state] = unroll(encoder, oneHot(source), T, [start, start]);
      const [out] = unroll(decoder, oneHot(told), T, state);
      return tf.losses.softmaxCrossEntropy(oneHot(target), tf.add(multiply(out, y), c));
    });
  };
  await measure(PEER, step);
}

await { train, generate, translate }[kind]();
