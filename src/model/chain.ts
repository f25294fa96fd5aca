import type { Kernel, Repeat } from '../kernel/kernel.js';
import type { Layer, LayerInput, LayerTape, NumbersByName } from '../layer/layer.js';
import type { Numbers, State } from '../types.js';
import type { Block } from './block.js';
import type { Tape } from './model.js';
import type { Buffers, Loan } from './pool.js';

export interface Chain {
  readonly kernel: Kernel;
  readonly parts: readonly (readonly [string, Layer])[];
  readonly loan: Loan<ChainBuffers>;
  readonly copyOfZeros: () => State;
  readonly previous: Tape | undefined;
}

/** What a chain writes to. */
export interface ChainBuffers extends Buffers {
  readonly tapes: readonly LayerTape[];
  readonly gradients: Block;
  /** Of passes forward and back. */
  readonly repeat: readonly [forward: Repeat, backward: Repeat];
  /** The window's tokens, made when first needed. */
  tokens?: Int32Array;
  /** The window's features, and the gradient at them: made when first needed. */
  features?: Numbers;
  featuresGradient?: Numbers;
}

/** Layer tapes end to end: forward from first to last, backward from last to first. */
export function chain({ kernel, parts, loan, copyOfZeros, previous }: Chain): Tape {
  const { buffers } = loan;
  const { tapes, gradients, steps: capacity, lanes } = buffers;
  const [repeatForward, repeatBackward] = buffers.repeat;
  const last = tapes.at(-1)!;
  const { inputSize, takes } = parts[0]![1];
  let fed: LayerInput = new Int32Array(0);
  let steps = 0;
  let repeats = false; // the pass now under way
  let passes = previous?.passes ?? 0;
  let ofInput = 0; // the pass whose gradient at the input was asked for; 0: none
  const stateGradients = tapes.flatMap((tape) => Object.values(tape.stateGradient));
  const norms = [...(previous?.norms ?? [])];

  function checkInput(input: LayerInput): void {
    if (input instanceof Int32Array) {
      if (takes === 'features') throw new TypeError(`${parts[0]![0]}: takes features, got tokens`);
      checkLength(input.length, steps * lanes);
      for (let i = 0; i < input.length; i++) {
        if (input[i]! < -1 || input[i]! >= inputSize) {
          throw new RangeError(`${parts[0]![0]}: token ${input[i]} is outside the vocabulary of ${inputSize}`);
        }
      }
    } else {
      if (takes === 'tokens') throw new TypeError(`${parts[0]![0]}: takes tokens (Int32Array), got features`);
      checkLength(input.length, steps * lanes * inputSize);
    }
  }
  function checkLength(length: number, expected: number): void {
    if (length !== expected) {
      throw new RangeError(`${parts[0]![0]}: ${steps} steps × ${lanes} lanes need ${expected} inputs, got ${length}`);
    }
  }
  function checkMask(mask: Uint8Array | undefined): void {
    if (mask && mask.length !== steps * lanes) {
      throw new RangeError(`mask: needs ${steps * lanes} flags, got ${mask.length}`);
    }
  }

  return {
    steps: capacity,
    lanes,
    gradients,
    output: last.output,
    outputGradient: last.outputGradient,
    get passes() {
      return loan.expired ? -1 : passes;
    },
    release: loan.giveBack,
    forward(input, forSteps, options) {
      if (forSteps > capacity) throw new RangeError(`tape: holds ${capacity} steps, got ${forSteps}`);
      steps = forSteps;
      checkInput(input);
      checkMask(options?.mask);
      fed = placed(input);
      passes++;
      repeats = true;
      for (const tape of tapes) repeats &&= tape.repeats?.(options ?? {}) ?? false;
      repeatForward(keyOf(0), () => {
        let x = fed;
        for (const tape of tapes) {
          tape.forward(x, steps, options);
          x = tape.output;
        }
      });
    },
    backward(finalState, { inputGradient = false } = {}) {
      if (finalState) write(gradientOf, finalState, 'state gradient');
      if (inputGradient) prepareInputGradient();
      ofInput = inputGradient ? passes : 0;
      repeatBackward(keyOf((finalState ? 2 : 0) + (inputGradient ? 1 : 0)), () => {
        if (!finalState) for (const gradient of stateGradients) kernel.zero(gradient, gradient.length); // truncated here
        kernel.zero(gradients.numbers, gradients.numbers.length);
        for (let i = tapes.length - 1; i >= 0; i--) {
          const below = tapes[i - 1];
          if (below) kernel.zero(below.outputGradient, steps * lanes * parts[i - 1]![1].outputSize);
          tapes[i]!.backward(below ? below.output : fed, below?.outputGradient ?? atInput(), steps);
        }
      });
    },
    stateGradient: () => copyOf(gradientOf),
    inputGradient() {
      if (ofInput === 0 || ofInput !== passes) {
        throw new Error('inputGradient: ask the backward pass of this window for it, { inputGradient: true }');
      }
      return { shape: [steps, lanes, inputSize], data: buffers.featuresGradient!.slice(0, steps * lanes * inputSize) };
    },
    state: () => copyOf(carriedBy),
    setState(state) {
      write(carriedBy, state, 'state');
    },
    reset(flags) {
      eachState(carriedBy, (_name, carried, depth, size) => {
        for (let layer = 0; layer < depth; layer++) {
          for (let lane = 0; lane < lanes; lane++) {
            const from = (layer * lanes + lane) * size;
            if (flags[lane]) carried.fill(0, from, from + size);
          }
        }
      });
    },
    norms,
    remember(norm) {
      norms.push(norm);
      if (norms.length > 10) norms.shift();
    },
    firstNotFinite() {
      const found = tapes.findIndex(({ output }, i) => !isFinite(output, steps * lanes * parts[i]![1].outputSize));
      return parts[found]?.[0];
    },
  };

  /** The input, copied to where the kernel reads. */
  function placed(input: LayerInput): LayerInput {
    const place =
      input instanceof Int32Array
        ? (buffers.tokens ??= kernel.allocateTokens(capacity * lanes))
        : (buffers.features ??= kernel.allocate(capacity * lanes * inputSize));
    place.set(input);
    return place;
  }
  /** What a pass is known by: steps, kind of input and what else decides which calls it makes, a number below 4. */
  function keyOf(way: number): number {
    return repeats ? 8 * steps + (fed instanceof Int32Array ? 4 : 0) + way : NaN;
  }
  function prepareInputGradient(): void {
    if (fed instanceof Int32Array) throw new TypeError(`${parts[0]![0]}: tokens have no gradient`);
    buffers.featuresGradient ??= kernel.allocate(capacity * lanes * inputSize);
    kernel.zero(buffers.featuresGradient, steps * lanes * inputSize);
  }
  function atInput(): Numbers | undefined {
    return ofInput === 0 ? undefined : buffers.featuresGradient;
  }
  function copyOf(kept: (tape: LayerTape) => NumbersByName): State {
    const copy = copyOfZeros();
    eachState(kept, (name, numbers) => copy.get(name)!.data.set(numbers));
    return copy;
  }
  /** All of it or nothing: shapes are checked before the first number is written. */
  function write(kept: (tape: LayerTape) => NumbersByName, state: State, what: string): void {
    eachState(kept, (name, numbers) => {
      const given = state.get(name);
      if (given?.data.length === numbers.length) return;
      const got = given ? `shape [${given.shape.join(', ')}]` : 'none';
      throw new RangeError(`${what}: ${name} needs ${numbers.length} numbers for ${lanes} lanes, got ${got}`);
    });
    eachState(kept, (name, numbers) => numbers.set(state.get(name)!.data));
  }
  function eachState(
    kept: (tape: LayerTape) => NumbersByName,
    visit: (name: string, numbers: Numbers, depth: number, size: number) => void,
  ): void {
    for (const [i, [name, layer]] of parts.entries()) {
      for (const [key, [depth, size]] of Object.entries(layer.state)) {
        visit(`${name}.${key}`, kept(tapes[i]!)[key]!, depth, size);
      }
    }
  }
}

const carriedBy = (tape: LayerTape): NumbersByName => tape.state;
const gradientOf = (tape: LayerTape): NumbersByName => tape.stateGradient;

function isFinite(numbers: Numbers, length: number): boolean {
  for (let i = 0; i < length; i++) if (!Number.isFinite(numbers[i]!)) return false;
  return true;
}
