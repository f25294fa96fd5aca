import type { Exports } from '../wasm/instantiate.js';
import { definitions } from '../wasm/interface.js';

/** A call of one of the module's functions that threads carry out together, part by part. */
export interface Call {
  readonly name: keyof Exports;
  readonly args: readonly number[];
  /** The argument that counts what is shared out. */
  readonly counted: number;
  /** How much of that count makes a part. */
  readonly each: number;
  /** By how much each argument advances per unit of that count. */
  readonly strides: readonly number[];
}

/** Where all threads of a team see the call under way and how many of its parts are taken. */
export interface SharedCall {
  /** The call, encoded; layout in `place`. */
  readonly call: Float64Array;
  /** The part that is taken next. */
  readonly next: Int32Array;
  /** Addresses of the scratch buffers of the threads other than this one. */
  readonly scratch: Uint32Array;
  /** Shows a call to all threads. None of them may be at work on another. */
  publish(call: Call): void;
  /** Does parts of a call that no thread has taken, until none is left. */
  takeParts(call: Call): void;
}

/** The most arguments of a function of the module. */
const MOST_ARGUMENTS = Math.max(...Object.values(definitions).map(({ parameters }) => Object.keys(parameters).length));

interface Place {
  readonly name: number;
  readonly total: number;
  readonly each: number;
  readonly counted: number;
  readonly args: number;
  readonly strides: number;
}

/** The layout of `call`: after four numbers the arguments, then the stride of each. */
export const place: Place = { name: 0, total: 1, each: 2, counted: 3, args: 4, strides: 4 + MOST_ARGUMENTS };

/** Makes what this thread and `others` need to share calls of the module's functions. */
export function sharedCall(exports: Exports, others: number): SharedCall {
  const numbers = new Map(Object.keys(exports).map((name, number) => [name, number]));
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  const encoded = new Float64Array(shared(8 * (place.strides + MOST_ARGUMENTS)));
  const next = new Int32Array(shared(4));
  return {
    call: encoded,
    next,
    scratch: new Uint32Array(shared(4 * others)),
    publish({ name, args, counted, each, strides }) {
      encoded.fill(0);
      encoded.set([numbers.get(name)!, args[counted]!, each, counted]);
      encoded.set(args, place.args);
      encoded.set(strides, place.strides);
      Atomics.store(next, 0, 0);
    },
    takeParts(call) {
      const total = call.args[call.counted]!;
      const run = exports[call.name];
      for (let from; (from = Atomics.add(next, 0, 1) * call.each) < total;) run(...partOf(call, from));
    },
  };
}

/** The arguments of the part that begins at `from` of the count. */
export function partOf({ args, counted, each, strides }: Call, from: number): number[] {
  const part = args.map((argument, i) => argument + from * (strides[i] ?? 0));
  part[counted] = Math.min(each, args[counted]! - from);
  return part;
}
