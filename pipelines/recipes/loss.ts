// A loss of your own: Huber's, quadratic near the target and linear beyond `delta`, so that an outlier pulls no harder
// than any other error. `torch.nn.HuberLoss`.
import { last, lastValueFrom, of, repeat } from 'rxjs';
import {
  countUnmasked,
  linear,
  loss,
  type LossOptions,
  sequential,
  sgd,
  squaredError,
  train,
  type Window,
} from 'rxrnn';

const huber = ({ delta = 1, ...options }: LossOptions & { readonly delta?: number } = {}) =>
  loss('huber', options, ({ outputSize }) => ({
    width: outputSize,
    count(window, rows) {
      if (window.targets.length === rows * outputSize) return countUnmasked(window) * outputSize;
      throw new RangeError(`huber: needs ${rows * outputSize} targets, got ${window.targets.length}`);
    },
    sum(losses, { output, outputGradient }, { targets, mask }, rows) {
      let sum = 0;
      for (let i = 0; i < rows * outputSize; i++) {
        const error = mask?.[Math.floor(i / outputSize)] === 0 ? 0 : output[i]! - targets[i]!;
        const near = Math.max(-delta, Math.min(delta, error));
        outputGradient[i] = near;
        sum += losses[i] = near * (error - near / 2);
      }
      return sum;
    },
  }));

// The line through (0, 1), (1, 2) and (2, 3), and an outlier at (1, 52).
const [inputs, targets] = [Float32Array.of(0, 1, 2, 1), Float32Array.of(1, 2, 3, 52)];
const window: Window = { steps: 4, lanes: 1, inputs, targets };
for (const loss of [squaredError(), huber({ delta: 0.1 })]) {
  const model = sequential({ line: linear({ inputSize: 1, outputSize: 1 }) });
  const learn = train(model, { optimizer: sgd({ learningRate: 0.1 }), loss });
  await lastValueFrom(of(window).pipe(repeat(3000), learn, last()));
  const [y] = model.step(Float32Array.of(1), model.zeroState()).output.data;
  console.log(`at 1 the line is at ${y!.toFixed(1)}`);
}
// -> at 1 the line is at 14.5
// -> at 1 the line is at 2.0
