// A model file with a layer of your own: `saveModel` and `loadModel` are given its maker, by its kind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Layer, linear, type LinearOptions, loadModel, rnn, saveModel, sequential } from 'rxrnn';

/** A linear layer that begins at zero, so that an untrained model finds every token equally likely. */
const zeroLinear = (options: LinearOptions): Layer => {
  const { parameters, ...rest } = linear(options);
  const initialise = () => undefined; // new parameters are zeros
  return { ...rest, kind: 'zeroLinear', parameters: parameters.map((it) => ({ ...it, initialise })) };
};
const layers = { zeroLinear };

const readout = zeroLinear({ inputSize: 4, outputSize: 3 });
const model = sequential({ rnn: rnn({ inputSize: 3, hiddenSize: 4 }), readout });
model.weights.tensors.get('readout.bias')!.data.set([1, 2, 3]);
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
try {
  saveModel(join(folder, 'own.safetensors'), model, { layers });
  const loaded = loadModel(join(folder, 'own.safetensors'), { layers });
  console.log(loaded.model.step(0, loaded.model.zeroState()).output.data.join(' ')); // -> 1 2 3
  try {
    loadModel(join(folder, 'own.safetensors'));
  } catch (error) {
    console.log((error as Error).message.split('; ').at(-1)); // -> a layer of your own needs its maker: { layers: { kind: maker } }
  }
} finally {
  rmSync(folder, { recursive: true });
}
