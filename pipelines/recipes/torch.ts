// Weights to PyTorch and from it: the names and shapes are torch's, so that a state dict goes both ways in one safetensors
// file. There: `load_file(path)` and `save_file(model.state_dict(), path)` of `safetensors.torch`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linear, loadStateDict, lstm, readTensors, saveModel, seeded, sequential } from 'rxrnn';

const made = (seed: number) =>
  sequential(
    { lstm: lstm({ inputSize: 27, hiddenSize: 50 }), fc: linear({ inputSize: 50, outputSize: 27 }) },
    { random: seeded(seed) },
  );
const folder = mkdtempSync(join(tmpdir(), 'rxrnn-'));
try {
  const path = join(folder, 'names.safetensors');
  saveModel(path, made(1)); // model.load_state_dict(load_file('names.safetensors'))
  const tensors = readTensors(path); // as well one that torch wrote
  for (const [name, { shape }] of tensors) console.log(name, shape.join('×'));
  // -> fc.bias 27
  // -> fc.weight 27×50
  // -> lstm.bias_hh_l0 200
  // -> lstm.bias_ih_l0 200
  // -> lstm.weight_hh_l0 200×50
  // -> lstm.weight_ih_l0 200×27
  const { missing, unknown } = loadStateDict(made(2), tensors, { strict: false }); // or all of them, without the option
  console.log(missing.length, unknown.length); // -> 0 0
} finally {
  rmSync(folder, { recursive: true });
}
