import { showName } from '../check/showName.js';
import { anything } from '../check/anything.js';
import { flag } from '../check/flag.js';
import { type Checks, options as checkOptions } from '../check/options.js';
import { optional } from '../check/optional.js';
import type { LayerInput } from '../layer/layer.js';
import type { Numbers, State, Tensor } from '../types.js';
import type { Lease, TapeBuffers } from './bufferPool.js';
import { checkWindow } from './checkWindow.js';
import type { EncoderOutputs } from './encoderOutputs.js';
import type { GradientRuns } from './gradientRuns.js';
import type { StatePart } from './checkedTape.js';
import type { LaneStates } from './laneStates.js';
import type { LayerChain } from './layerChain.js';
import type { BackwardOptions, LanePlace, Tape, TapeForwardOptions } from './model.js';
import { checkState } from './checkState.js';
import { isTensor, tensorText } from './isTensor.js';
import { hasOnly } from './hasOnly.js';
import type { ParameterBlock } from './parameterBlock.js';

/** The buffers that a tape writes to. */
export interface SequentialBuffers extends TapeBuffers {
  /** The layers whose outputs are the model's. */
  chain(): LayerChain;
  /** The gradients of all parameters, made when first asked for. */
  gradients(): ParameterBlock;
  /** Copies of the state of the chain, lane by lane; made when first asked for. */
  laneStates(): LaneStates;
}

export interface SequentialTapeOptions {
  /** The kind of the model, for messages. */
  readonly kind: string;
  readonly lease: Lease<SequentialBuffers>;
  /** The width of the features that the chain takes. */
  readonly inputSize: number;
  /** The tape before this one, whose count of passes continues. */
  readonly previous?: Tape | undefined;
  /** What the chain looks at, where it has an attention. */
  readonly outputs?: EncoderOutputs | undefined;
  /** Gives the chain its initial state in each window; without it the state is carried from window to window. */
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

const FORWARD: Checks<TapeForwardOptions> = {
  dropoutRandom: anything,
  mask: anything,
  mayDefer: anything,
  source: anything,
  resets: anything,
};

const BACKWARD: Checks<BackwardOptions> = { inputGradient: optional(flag) };
const NO_OPTIONS: BackwardOptions = Object.freeze({});

/** The tape of a chain of layers: what `unroll`, losses and `backpropagate` work on. */
export function sequentialTape(options: SequentialTapeOptions): Tape {
  return new SequentialTape(options);
}

/** A class for its getters: of an object literal with getters V8 makes a dictionary, whose members are slow to find. */
class SequentialTape implements Tape {
  readonly steps: number;
  readonly lanes: number;
  readonly release: () => void;
  readonly targetLosses: Tape['targetLosses'];
  readonly forwardStep: Tape['forwardStep'];
  private readonly kind: string;
  private readonly lease: Lease<SequentialBuffers>;
  private readonly chain: LayerChain;
  private readonly inputSize: number;
  private readonly upstream: Upstream | undefined;
  private readonly outputs: EncoderOutputs | undefined;
  private count: number; // of passes
  private rows: readonly (readonly Numbers[])[] | undefined; // of the carried state of each lane
  private inputGradientPass = 0; // the pass whose gradient at the input was asked for; 0: none

  constructor({ kind, lease, inputSize, previous, upstream, outputs }: SequentialTapeOptions) {
    const { steps, lanes } = lease.buffers;
    this.steps = steps;
    this.lanes = lanes;
    this.release = lease.giveBack;
    this.kind = kind;
    this.lease = lease;
    this.chain = lease.buffers.chain();
    this.targetLosses = this.chain.targetLosses;
    this.inputSize = inputSize;
    this.upstream = upstream;
    this.forwardStep = upstream || outputs || !this.chain.forwardStep ? undefined : this.runStep.bind(this);
    this.outputs = outputs;
    this.count = previous?.passes ?? 0;
  }

  get gradients(): ParameterBlock {
    this.checkReadable();
    this.chain.shareGradients();
    return this.lease.buffers.gradients();
  }
  get gradientRuns(): GradientRuns | undefined {
    this.checkReadable();
    return this.chain.gradientRuns();
  }
  get output(): Numbers {
    return this.chain.output();
  }
  get outputGradient(): Numbers {
    return this.chain.outputGradient();
  }
  get passes(): number {
    return this.lease.expired() ? -1 : this.count;
  }

  forward(input: LayerInput, steps: number, options: TapeForwardOptions = {}): void {
    this.checkWritable();
    if (!hasOnly(options, FORWARD)) checkOptions(this.kind, options, FORWARD);
    const { source, mask, resets } = options;
    if (!this.upstream && source) throw new TypeError(`${this.kind}: takes windows without a source`);
    this.upstream?.check(options);
    this.chain.check(input, steps, mask);
    if (resets) this.reset(resets);
    this.count++;
    this.upstream?.forward(options);
    this.chain.forward(input, steps, options);
  }

  private runStep(input: LayerInput, t: number): void {
    this.checkWritable();
    this.chain.check(input, 1, undefined);
    this.count++;
    this.chain.forwardStep!(input, t);
  }

  backward(finalState?: State, options: BackwardOptions = NO_OPTIONS): void {
    this.checkWritable();
    const { inputGradient = false } = options === NO_OPTIONS ? options : checkOptions(this.kind, options, BACKWARD);
    if (finalState) write(this.kind, this.chain.stateGradient(), finalState, this.lanes, 'gradient at the state');
    this.inputGradientPass = inputGradient ? this.count : 0;
    this.chain.backward({ fromState: finalState !== undefined, atInput: inputGradient, afresh: true });
    this.upstream?.backward();
  }

  stateGradient(): State {
    this.checkReadable();
    return copyOf(this.chain.stateGradient(), this.lanes);
  }

  inputGradient(): Tensor {
    this.checkReadable();
    if (this.inputGradientPass === 0 || this.inputGradientPass !== this.count) {
      throw new Error(
        `${this.kind}: inputGradient needs a backward pass of this window that was asked for it, { inputGradient: true }`,
      );
    }
    const steps = this.chain.steps();
    const length = steps * this.lanes * this.inputSize;
    return { shape: [steps, this.lanes, this.inputSize], data: this.chain.inputGradient().slice(0, length) };
  }

  attention(): Tensor | undefined {
    this.checkReadable();
    return this.outputs?.weights(this.chain.steps());
  }

  state(): State {
    this.checkReadable();
    return copyOf(this.chain.state, this.lanes);
  }

  setState(state: State): void {
    this.checkWritable();
    write(this.kind, this.chain.state, state, this.lanes, 'state');
  }

  readLane(lane: number, to: Numbers, start = 0): void {
    this.checkReadable();
    let place = start;
    for (const row of this.laneRows('readLane', lane, to, place)) {
      to.set(row, place);
      place += row.length;
    }
  }

  writeLane(lane: number, from: Numbers, start = 0): void {
    this.checkWritable();
    let place = start;
    for (const row of this.laneRows('writeLane', lane, from, place)) {
      row.set(from.subarray(place, place + row.length));
      place += row.length;
    }
  }

  readLanes(to: readonly LanePlace[], rows = to.length): void {
    this.checkReadable();
    this.lease.buffers.laneStates().read(to, rows);
  }

  writeLanes(from: readonly LanePlace[], rows = from.length): void {
    this.checkWritable();
    this.lease.buffers.laneStates().write(from, rows);
  }

  reset(resets: Uint8Array): void {
    this.checkWritable();
    const { lanes } = this;
    checkWindow(this.kind, { steps: this.steps, lanes, resets });
    for (const { numbers, depth, size } of this.chain.state) {
      for (let layer = 0; layer < depth; layer++) {
        for (let lane = 0; lane < lanes; lane++) {
          const from = (layer * lanes + lane) * size;
          if (resets[lane]) numbers.fill(0, from, from + size);
        }
      }
    }
  }

  firstNotFinite(): string | undefined {
    this.checkReadable();
    return this.upstream?.firstNotFinite() ?? this.chain.firstNotFinite();
  }

  /** The carried state of a lane, row by row; refuses numbers that do not hold it from `place` on. */
  private laneRows(who: string, lane: number, numbers: Numbers, place: number): readonly Numbers[] {
    const { lanes } = this;
    this.rows ??= Array.from({ length: lanes }, (_, lane) => rowsOfLane(this.chain.state, lanes, lane));
    const own = this.rows[lane];
    if (own === undefined) throw new RangeError(`${who}: lane must be an integer from 0 to ${lanes - 1}, got ${lane}`);
    let size = 0;
    for (const { length } of own) size += length;
    if (!(Number.isInteger(place) && place >= 0 && place + size <= numbers.length)) {
      throw new RangeError(`${who}: the state of a lane has ${size} numbers; from ${place} on there are not as many`);
    }
    return own;
  }

  private checkReadable(): void {
    if (this.lease.expired()) this.refuse();
  }

  private checkWritable(): void {
    if (this.lease.givenBack()) this.refuse();
  }

  private refuse(): never {
    throw new Error(`${this.kind}: this tape was released, or its model was disposed`);
  }
}

function rowsOfLane(parts: readonly StatePart[], lanes: number, lane: number): Numbers[] {
  return parts.flatMap(({ numbers, depth, size }) =>
    Array.from({ length: depth }, (_, layer) => {
      const from = (layer * lanes + lane) * size;
      return numbers.subarray(from, from + size);
    }),
  );
}

function copyOf(parts: readonly StatePart[], lanes: number): State {
  return new Map(
    parts.map(({ name, numbers, depth, size }) => [name, { shape: [depth, lanes, size], data: numbers.slice() }]),
  );
}

/** All of it or nothing: shapes are checked before the first number is written. */
function write(kind: string, parts: readonly StatePart[], state: State, lanes: number, what: string): void {
  checkState(kind, `the ${what}`, state);
  for (const { name, depth, size } of parts) {
    const given = state.get(name);
    if (given && fits(given, depth, lanes, size)) continue;
    const got = given ? tensorText(given) : 'none';
    throw new RangeError(
      `${kind}: the ${what} ${showName(name)} must have shape [${depth}, ${lanes}, ${size}], got ${got}`,
    );
  }
  for (const { name, numbers } of parts) numbers.set(state.get(name)!.data);
}

function fits(tensor: Tensor, depth: number, lanes: number, size: number): boolean {
  if (!isTensor(tensor)) return false;
  const { shape, data } = tensor;
  const [a, b, c] = shape;
  return shape.length === 3 && a === depth && b === lanes && c === size && data.length === depth * lanes * size;
}
