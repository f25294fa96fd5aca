// A model as a file of ONNX for onnxruntime, its state in and out, and a file read back.
import { embedding, linear, lstm, sequential } from 'rxrnn';
import { fromOnnx, toOnnx } from 'rxrnn/onnx';

const model = sequential({
  embedding: embedding({ inputSize: 27, outputSize: 8 }),
  lstm: lstm({ inputSize: 8, hiddenSize: 16 }),
  linear: linear({ inputSize: 16, outputSize: 27 }),
});
const bytes = toOnnx(model); // writeFileSync('model.onnx', bytes), or InferenceSession.create(bytes)
// A step there: session.run({ input: [[token]], 'lstm.h': h, 'lstm.c': c }) gives output, lstm.h.after and lstm.c.after,
// int64 and float32 tensors of [steps, lanes], [1, lanes, 16] and [steps, lanes, 27].
console.log([...model.zeroState().keys()].join(' ')); // -> lstm.h lstm.c

const back = fromOnnx(bytes);
const [there, here] = [model, back].map((one) => one.step(3, one.zeroState()).output.data);
console.log(there!.every((number, i) => number === here![i])); // -> true
