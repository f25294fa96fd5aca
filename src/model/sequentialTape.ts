import type { State, Tensor } from '../types.js';
import type { Lease, TapeBuffers } from './bufferPool.js';
import { checkWindow } from './checkWindow.js';
import type { LayerChain, StatePart } from './layerChain.js';
import type { Tape, TapeForwardOptions } from './model.js';
import type { ParameterBlock } from './parameterBlock.js';

/** What a tape writes to. */
export interface SequentialBuffers extends TapeBuffers {
  /** The layers whose outputs are the model's. */
  readonly chain: LayerChain;
  /** The gradients of all parameters, made when first asked for. */
  gradients(): ParameterBlock;
}

export interface SequentialTapeOptions {
  /** The kind of the model, for messages. */
  readonly kind: string;
  readonly lease: Lease<SequentialBuffers>;
  /** The width of the features that the chain takes. */
  readonly inputSize: number;
  /** The tape before this one, whose count of passes continues. */
  readonly previous?: Tape | undefined;
  /** What gives the chain its initial state in each window; without it the state is carried from window to window. */
  readonly upstream?: Upstream;
}

/** What runs before the layers of a chain and hands them their state: an encoder. */
interface Upstream {
  /** Refuses a window whose source does not fit. Writes nothing. */
  check(options: TapeForwardOptions): void;
  /** Writes the initial state of the chain. */
  forward(options: TapeForwardOptions): void;
  /** Runs backward from the gradient at the initial state of the chain. */
  backward(): void;
  firstNotFinite(): string | undefined;
}

/** The tape of a chain of layers: what `unroll`, losses and `backpropagate` work on. */
export function sequentialTape(options: SequentialTapeOptions): Tape {
  const { kind, lease, inputSize, previous, upstream } = options;
  const { buffers } = lease;
  const { chain, steps, lanes } = buffers;
  let passes = previous?.passes ?? 0;
  let inputGradientPass = 0; // the pass whose gradient at the input was asked for; 0: none

  function checkReadable(): void {
    if (lease.expired()) refuse();
  }
  function checkWritable(): void {
    if (lease.givenBack()) refuse();
  }
  function reset(resets: Uint8Array): void {
    checkWritable();
    checkWindow('tape', { steps, lanes, resets });
    for (const { numbers, depth, size } of chain.state) {
      for (let layer = 0; layer < depth; layer++) {
        for (let lane = 0; lane < lanes; lane++) {
          const from = (layer * lanes + lane) * size;
          if (resets[lane]) numbers.fill(0, from, from + size);
        }
      }
    }
  }
  function refuse(): never {
    throw new Error(`${kind}: this tape was released, or its model was disposed`);
  }

  return {
    steps,
    lanes,
    get gradients() {
      checkReadable();
      return buffers.gradients();
    },
    get output() {
      return chain.output();
    },
    get outputGradient() {
      return chain.outputGradient();
    },
    get passes() {
      return lease.expired() ? -1 : passes;
    },
    release: lease.giveBack,
    forward(input, forSteps, forwardOptions = {}) {
      checkWritable();
      if (!upstream && forwardOptions.source) throw new TypeError(`${kind}: takes windows without a source`);
      const { mask, resets } = forwardOptions;
      upstream?.check(forwardOptions);
      chain.check(input, forSteps, mask);
      if (resets) reset(resets);
      passes++;
      upstream?.forward(forwardOptions);
      chain.forward(input, forSteps, forwardOptions);
    },
    backward(finalState, { inputGradient = false } = {}) {
      checkWritable();
      if (finalState) write(chain.stateGradient(), finalState, lanes, 'state gradient');
      inputGradientPass = inputGradient ? passes : 0;
      chain.backward({ fromState: finalState !== undefined, atInput: inputGradient, afresh: true });
      upstream?.backward();
    },
    stateGradient() {
      checkReadable();
      return copyOf(chain.stateGradient(), lanes);
    },
    inputGradient(): Tensor {
      checkReadable();
      if (inputGradientPass === 0 || inputGradientPass !== passes) {
        throw new Error('inputGradient: ask the backward pass of this window for it, { inputGradient: true }');
      }
      const steps = chain.steps();
      return { shape: [steps, lanes, inputSize], data: chain.inputGradient().slice(0, steps * lanes * inputSize) };
    },
    state() {
      checkReadable();
      return copyOf(chain.state, lanes);
    },
    setState(state) {
      checkWritable();
      write(chain.state, state, lanes, 'state');
    },
    reset,
    firstNotFinite() {
      checkReadable();
      return upstream?.firstNotFinite() ?? chain.firstNotFinite();
    },
  };
}

function copyOf(parts: readonly StatePart[], lanes: number): State {
  return new Map(
    parts.map(({ name, numbers, depth, size }) => [name, { shape: [depth, lanes, size], data: numbers.slice() }]),
  );
}

/** All of it or nothing: shapes are checked before the first number is written. */
function write(parts: readonly StatePart[], state: State, lanes: number, what: string): void {
  for (const { name, depth, size } of parts) {
    const given = state.get(name);
    if (given && fits(given, depth, lanes, size)) continue;
    const got = given ? `[${given.shape.join(', ')}] of ${given.data.length} numbers` : 'none';
    throw new RangeError(`${what}: ${name} must have shape [${depth}, ${lanes}, ${size}], got ${got}`);
  }
  for (const { name, numbers } of parts) numbers.set(state.get(name)!.data);
}

function fits({ shape, data }: Tensor, depth: number, lanes: number, size: number): boolean {
  const [a, b, c] = shape;
  return shape.length === 3 && a === depth && b === lanes && c === size && data.length === depth * lanes * size;
}
