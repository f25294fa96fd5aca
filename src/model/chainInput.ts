import { showName } from '../check/showName.js';
import type { BufferScope } from '../kernel/kernel.js';
import type { LayerInput } from '../layer/layer.js';
import type { Numbers } from '../types.js';
import type { NamedLayers } from './allocateParameters.js';
import { checkWindow } from './checkWindow.js';
import { checkLayerInput } from './checkLayerInput.js';

export interface ChainInputOptions {
  /** The kind of the model, for messages. */
  readonly model: string;
  /** The layers that read the input, the first of the chain first. */
  readonly readers: NamedLayers;
  /** The most steps of a window. */
  readonly steps: number;
  readonly lanes: number;
  readonly allocate: (length: number) => Numbers;
  readonly scope: BufferScope;
}

/** Where the input of a chain of layers is checked, and lies while they read it. */
export interface ChainInput {
  /**
   * Refuses an input or a mask that does not fit; the values at padding do not matter. Writes nothing. `part` is whose
   * they are, if not the window's own.
   */
  check(input: LayerInput, steps: number, mask: Uint8Array | undefined, part?: 'source'): void;
  /** Copies an input that `check` has accepted to where the kernel reads; padding becomes "no input", whatever its values. */
  place(input: LayerInput, mask: Uint8Array | undefined): LayerInput;
  /** The same for one step: copies it to row `t`, and returns all rows. */
  placeStep(input: LayerInput, t: number): LayerInput;
}

/** Makes the place of a chain's input; memory is taken when the first input of its kind comes. */
export function chainInput({ model, readers, steps: most, lanes, allocate, scope }: ChainInputOptions): ChainInput {
  const [firstName, { inputSize }] = readers[0]!;
  const firstShown = `layer ${showName(firstName)}`;
  let tokens: Int32Array | undefined;
  let features: Numbers | undefined;

  function checkTokens(given: Int32Array, rows: number, steps: number, mask: Uint8Array | undefined): void {
    for (const [name, { takes }] of readers) {
      if (takes === 'features') throw new TypeError(`${model}: layer ${showName(name)} takes features, got tokens`);
    }
    checkLength(given.length, rows, steps);
    for (let r = 0; r < rows; r++) {
      if ((given[r]! < -1 || given[r]! >= inputSize) && mask?.[r] !== 0) {
        throw new RangeError(`${model}: token ${given[r]} is outside the vocabulary of ${inputSize} of ${firstShown}`);
      }
    }
  }

  function checkFeatures(given: Numbers, rows: number, steps: number, mask: Uint8Array | undefined): void {
    for (const [name, { takes }] of readers) {
      if (takes !== 'tokens') continue;
      throw new TypeError(`${model}: layer ${showName(name)} takes tokens (Int32Array), got features`);
    }
    checkLength(given.length, rows * inputSize, steps);
    for (const [, { check }] of readers) check?.(given, rows, mask);
  }

  function checkLength(length: number, expected: number, steps: number): void {
    if (length === expected) return;
    throw new RangeError(
      `${model}: ${steps} steps × ${lanes} lanes of ${firstShown} need ${expected} inputs, got ${length}`,
    );
  }

  function roomFor(given: LayerInput): LayerInput {
    if (given instanceof Int32Array) return (tokens ??= scope.allocateTokens(most * lanes));
    return (features ??= allocate(most * lanes * inputSize));
  }

  function clearPadding(all: LayerInput, mask: Uint8Array): void {
    const width = all instanceof Int32Array ? 1 : inputSize;
    const none = all instanceof Int32Array ? -1 : 0;
    for (let r = 0; r < mask.length; r++) if (mask[r] === 0) all.fill(none, r * width, (r + 1) * width);
  }

  return {
    check(given, steps, mask, part) {
      const where = part === undefined ? '' : `${part}.`;
      checkWindow(model, { steps, lanes, mask }, where);
      checkLayerInput(model, `${where}inputs`, given);
      if (steps > most) throw new RangeError(`${model}: this tape holds ${most} steps, got ${steps}`);
      if (given instanceof Int32Array) checkTokens(given, steps * lanes, steps, mask);
      else checkFeatures(given, steps * lanes, steps, mask);
    },
    place(given, mask) {
      const all = roomFor(given);
      all.set(given);
      if (mask) clearPadding(all, mask);
      return all;
    },
    placeStep(given, t) {
      const all = roomFor(given);
      all.set(given, t * given.length);
      return all;
    },
  };
}
