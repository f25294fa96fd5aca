import type { Exports } from '../wasm/instantiate.js';

/** A call of one of the module's functions that threads carry out together, part by part. */
export interface Call {
  readonly name: keyof Exports;
  readonly args: readonly number[];
  /** The argument that counts what is shared out. */
  readonly counted: number;
  /** How many of the counted make a part. */
  readonly each: number;
  /** By how much each argument moves on from one of the counted to the next. */
  readonly strides: readonly number[];
}

/** Where all threads of a crew see the call at hand and how many of its parts are taken. */
export interface SharedCall {
  /** The call in numbers; `place` says what stands where. */
  readonly call: Float64Array;
  /** The part that is taken next. */
  readonly next: Int32Array;
  /** Addresses of the scratch buffers of the threads beside this one. */
  readonly scratch: Uint32Array;
  /** Puts a call up. Nobody may be at work on another. */
  put(call: Call): void;
  /** Does parts of a call that nobody has taken, until none is left. */
  takeParts(call: Call): void;
}

/** The most arguments of a function. */
const MOST_ARGUMENTS = 16;

/** Where things stand in `call`. */
export const place = { name: 0, total: 1, each: 2, counted: 3, args: 4, strides: 20 } as const;

/** Makes a board for calls of the module's functions by this thread and `others`. */
export function sharedCall(exports: Exports, others: number): SharedCall {
  const numbers = new Map(Object.keys(exports).map((name, number) => [name, number]));
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);
  const onBoard = new Float64Array(shared(8 * (place.strides + MOST_ARGUMENTS)));
  const next = new Int32Array(shared(4));
  return {
    call: onBoard,
    next,
    scratch: new Uint32Array(shared(4 * others)),
    put({ name, args, counted, each, strides }) {
      onBoard.fill(0);
      onBoard.set([numbers.get(name)!, args[counted]!, each, counted]);
      onBoard.set(args, place.args);
      onBoard.set(strides, place.strides);
      Atomics.store(next, 0, 0);
    },
    takeParts(call) {
      const total = call.args[call.counted]!;
      for (let from; (from = Atomics.add(next, 0, 1) * call.each) < total;) exports[call.name](...partOf(call, from));
    },
  };
}

/** The arguments of the part that begins with number `from` of the counted. */
export function partOf({ args, counted, each, strides }: Call, from: number): number[] {
  const part = args.map((argument, i) => argument + from * (strides[i] ?? 0));
  part[counted] = Math.min(each, args[counted]! - from);
  return part;
}
