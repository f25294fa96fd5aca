import { checkBytes } from '../check/checkBytes.js';
import { count, number, object, record, text } from '../check/schema.js';
import { metadataText } from '../format/metadataText.js';
import { readSafetensors } from '../format/readSafetensors.js';
import { safetensors } from '../format/safetensors.js';
import { checkOptimizer } from '../learn/checkOptimizer.js';
import type { Optimizer } from '../learn/optimizer.js';
import { checkModel } from '../model/checkModel.js';
import { loadStateDict } from '../model/loadStateDict.js';
import type { Model } from '../model/model.js';
import { stateDict } from '../model/stateDict.js';
import type { Tensors } from '../types.js';

/** Turns the state of a model that learns, with its optimizer, into bytes and back. */
export interface LearningBytes {
  /** The weights and the state of the optimizer. */
  encode(): Uint8Array;
  /** Sets them; an Error, and nothing changed, where the bytes are of another model or optimizer. */
  restore(bytes: Uint8Array): void;
}

const ABOUT = object<{ kind: string; updates: number; powers: Record<string, number> }>({
  kind: text,
  updates: count,
  powers: record(number),
});

/**
 * Makes the encoding of all that a model learns on a stream: a safetensors file of its weights and the moments of its
 * optimizer. For a `Pipeline` of scope `partition`, whose weights the bus keeps.
 *
 * ```ts
 * import { adam, linear, rnn, sequential, stateDict } from 'rxrnn';
 * import { learningBytes } from 'rxrnn/bus';
 *
 * const made = () =>
 *   sequential({ rnn: rnn({ inputSize: 2, hiddenSize: 2 }), linear: linear({ inputSize: 2, outputSize: 2 }) });
 * const [model, other] = [made(), made()];
 * learningBytes(other, adam()).restore(learningBytes(model, adam()).encode());
 * const [bias, copy] = [model, other].map((one) => stateDict(one).get('linear.bias')!.data[0]);
 * console.log(bias === copy); // -> true
 * ```
 */
export function learningBytes(model: Model, optimizer: Optimizer): LearningBytes {
  checkModel('learningBytes', 'model', model);
  checkOptimizer('learningBytes', 'optimizer', optimizer);
  return {
    encode() {
      const { moments, ...about } = optimizer.state();
      const tensors: Tensors = new Map([...prefixed('weights.', stateDict(model)), ...prefixed('moments.', moments)]);
      return safetensors(tensors, { learning: JSON.stringify(about) });
    },
    restore(bytes) {
      checkBytes('learningBytes', 'bytes', bytes);
      const { tensors, metadata } = readSafetensors(bytes);
      const about = ABOUT(metadataText(metadata, 'learning'), 'learning');
      const before = model.weights.numbers.slice();
      loadStateDict(model, only('weights.', tensors));
      try {
        optimizer.restore(model, { ...about, moments: only('moments.', tensors) });
      } catch (error) {
        model.weights.numbers.set(before); // whatever they were
        model.kernel.weightsChanged();
        throw error;
      }
    },
  };
}

function prefixed(prefix: string, tensors: Tensors): Tensors {
  return new Map(Array.from(tensors, ([name, tensor]) => [prefix + name, tensor]));
}

function only(prefix: string, tensors: Tensors): Tensors {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
