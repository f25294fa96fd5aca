import { features } from '../layer/features.js';
import type { Layer } from '../layer/layer.js';
import { attentionOver } from './attentionOver.js';
import type { EncoderOutputs } from './encoderOutputs.js';

/**
 * The layer above a decoder that looks with the new state, as of Luong, Pham and Manning (2015): a row is the context of
 * the decoder's output, and that output beside it.
 */
export function attendAfter(attention: Layer, source: EncoderOutputs): Layer {
  const { inputSize: querySize, outputSize: valueSize } = attention;
  const outputSize = valueSize + querySize;
  return {
    ...attention,
    outputSize,
    tape({ kernel, weights, steps: capacity, lanes, allocate }) {
      const output = allocate(capacity * lanes * outputSize);
      const contexts = allocate(capacity * lanes * valueSize);
      const own = attentionOver(attention, { kernel, weights, queries: capacity, lanes, allocate }, source);
      const [querySteps, contextSteps] = [querySize * lanes, valueSize * lanes];
      return {
        output,
        state: {},
        forward(input, steps) {
          const x = features('attention', input);
          own.begin();
          for (let t = 0; t < steps; t++) {
            const context = contexts.subarray(t * contextSteps, (t + 1) * contextSteps);
            own.attend(t, x.subarray(t * querySteps, (t + 1) * querySteps), context);
          }
          const rows = steps * lanes;
          kernel.setColumns(output, outputSize, 0, contexts, valueSize, 0, rows, valueSize);
          kernel.setColumns(output, outputSize, valueSize, x, querySize, 0, rows, querySize);
        },
        differentiate({ gradients, outputGradient }) {
          const back = own.differentiate(gradients);
          const dContexts = allocate(capacity * lanes * valueSize);
          const dQueries = allocate(capacity * lanes * querySize);
          return {
            stateGradient: {},
            backward(input, inputGradient, steps) {
              const x = features('attention', input);
              const rows = steps * lanes;
              kernel.setColumns(dContexts, valueSize, 0, outputGradient, outputSize, 0, rows, valueSize);
              kernel.setColumns(dQueries, querySize, 0, outputGradient, outputSize, valueSize, rows, querySize);
              back.begin();
              for (let t = 0; t < steps; t++) {
                const [from, to] = [t * querySteps, (t + 1) * querySteps];
                const dContext = dContexts.subarray(t * contextSteps, (t + 1) * contextSteps);
                back.back(t, x.subarray(from, to), dQueries.subarray(from, to), dContext);
              }
              back.end(x, steps);
              if (inputGradient) kernel.accumulate(inputGradient, dQueries, rows * querySize);
            },
          };
        },
      };
    },
  };
}
