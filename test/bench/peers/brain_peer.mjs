// brain.js: one sequence at a time, its own update (RMSprop with a clip) at its own rate, and a relu RNN or an LSTM, its
// nearest networks.
import { makeText, measure, require, TASK } from './common.mjs';

const brain = require('brain.js');
const { cell, vocabulary, hidden, layers, steps } = TASK;
const Network = cell === 'lstm' ? brain.recurrent.LSTM : brain.recurrent.RNN;
const network = new Network({
  inputSize: vocabulary,
  inputRange: vocabulary,
  outputSize: vocabulary,
  hiddenLayers: Array(layers).fill(hidden),
});
network.initialize();
const text = Array.from(makeText(400 * steps, vocabulary));
let at = 0;
const step = () => {
  const sequence = text.slice(at, at + steps);
  at = (at + steps) % text.length;
  return network.trainPattern(sequence, 0.01);
};
await measure(`brain.js ${require('brain.js/package.json').version}`, step, steps);
