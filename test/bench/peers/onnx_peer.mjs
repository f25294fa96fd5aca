// onnxruntime, on the model that onnx_model.py wrote to `path`.
import { choose, measure, require, TASK } from './common.mjs';

const { InferenceSession, Tensor } = require('onnxruntime-node');
const { hidden, threads, path } = TASK;
const options = { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 };
const session = await InferenceSession.create(path, options);
const zeros = () => new Tensor('float32', new Float32Array(hidden), [1, 1, hidden]);
const token = new BigInt64Array(1);
let [h, c] = [zeros(), zeros()];

async function next() {
  const feeds = { token: new Tensor('int64', token, [1]), h, c };
  for (const name of Object.keys(feeds)) if (!session.inputNames.includes(name)) delete feeds[name];
  const { p, hAfter, cAfter } = await session.run(feeds);
  [h, c] = [hAfter, cAfter ?? c];
  token[0] = BigInt(choose(p.data));
}
const step = async () => {
  for (let i = 0; i < 20; i++) await next();
};
await measure(`onnxruntime ${require('onnxruntime-node/package.json').version}`, step, 20);
