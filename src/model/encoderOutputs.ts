import { roomFor } from '../layer/roomFor.js';
import type { AttentionTape } from '../layer/attentionTape.js';
import type { AttentionSource } from '../layer/score.js';
import type { Numbers, State, Tensor } from '../types.js';
import { isTensor, tensorText } from './isTensor.js';

/** What a state holds of a source that is looked at: the encoder's outputs, and which of them exist. */
export const KEYS = 'attention.keys';
export const MASK = 'attention.mask';

/** The encoder's outputs, as the attention of a decoder finds them: keys and values in one. */
export interface EncoderOutputs extends AttentionSource {
  /** What looks at them; it says so when it is made. */
  attention: AttentionTape | undefined;
  /** Takes what an encoder has left, where it is. */
  take(steps: number, keys: Numbers, mask: Uint8Array | undefined, gradient: () => Numbers): void;
  /** Copies what a state holds; a RangeError where it holds none, or does not fit. */
  copyFrom(kind: string, state: State): void;
  /** A copy of the weights of a pass of so many steps, `[steps, lanes, source steps]`. */
  weights(steps: number): Tensor;
}

export function encoderOutputs(lanes: number, keySize: number, allocate: (length: number) => Numbers): EncoderOutputs {
  return new Outputs(lanes, keySize, allocate);
}

/** A class for its getters. */
class Outputs implements EncoderOutputs {
  steps = 0;
  keys: Numbers;
  mask: Uint8Array | undefined;
  attention: AttentionTape | undefined;
  private readonly lanes: number;
  private readonly keySize: number;
  private readonly room: (length: number) => Numbers;
  private gradient: (() => Numbers) | undefined;

  constructor(lanes: number, keySize: number, allocate: (length: number) => Numbers) {
    this.lanes = lanes;
    this.keySize = keySize;
    this.room = roomFor(allocate);
    this.keys = this.room(1);
  }

  get values(): Numbers {
    return this.keys;
  }
  get keysGradient(): Numbers {
    return this.gradient!();
  }
  get valuesGradient(): Numbers {
    return this.gradient!();
  }

  take(steps: number, keys: Numbers, mask: Uint8Array | undefined, gradient: () => Numbers): void {
    [this.steps, this.keys, this.mask, this.gradient] = [steps, keys, mask, gradient];
  }

  copyFrom(kind: string, state: State): void {
    const [keys, mask] = [state.get(KEYS), state.get(MASK)];
    if (!keys || !mask) {
      throw new RangeError(
        `${kind}: the state has no ${keys ? MASK : KEYS} to look at; begin with model.encode(source)`,
      );
    }
    const steps = keys.shape[0]!;
    this.check(kind, KEYS, keys, steps, this.keySize);
    this.check(kind, MASK, mask, steps, 1);
    this.steps = steps;
    this.keys = this.room(keys.data.length);
    this.keys.set(keys.data);
    this.mask = Uint8Array.from(mask.data, (flag) => (flag === 0 ? 0 : 1));
  }

  weights(steps: number): Tensor {
    const shape = [steps, this.lanes, this.steps];
    return { shape, data: this.attention!.weights().slice(0, steps * this.lanes * this.steps) };
  }

  private check(kind: string, name: string, given: Tensor, steps: number, size: number): void {
    const shape = [steps, this.lanes, size];
    const fits = isTensor(given) && given.shape.join() === shape.join() && steps > 0;
    if (fits && given.data.length === steps * this.lanes * size) return;
    throw new RangeError(
      `${kind}: the state ${name} must have shape [source steps, ${this.lanes}, ${size}], got ${tensorText(given)}`,
    );
  }
}
