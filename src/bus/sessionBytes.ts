import { Buffer } from 'node:buffer';
import { checkSession, checkState, type Session } from '../infer/checkSession.js';
import type { Model } from '../model/model.js';
import { isModel } from '../model/isModel.js';
import type { State } from '../types.js';

/** Turns sessions of a model into bytes and back. */
export interface SessionBytes {
  encode(session: Session<string>): Uint8Array;
  /**
   * The session of bytes, for `restore`; a RangeError where they are of a model of other sizes, or hold a token or
   * numbers that no session of this model has.
   */
  decode(key: string, bytes: Uint8Array): Session<string>;
}

/** Bytes before the numbers: the last token, and the count of tokens. */
const HEADER = 12;

/**
 * Makes the encoding of sessions that `surprisalByKey` keeps: 12 bytes and the numbers of the state, little endian,
 * in the order of `model.zeroState()`. An LSTM of 96 units in float32 takes 780 bytes.
 *
 * ```ts
 * import { linear, rnn, sequential } from 'rxrnn';
 * import { sessionBytes } from 'rxrnn/bus';
 *
 * const model = sequential({
 *   rnn: rnn({ inputSize: 4, hiddenSize: 8 }),
 *   linear: linear({ inputSize: 8, outputSize: 4 }),
 * });
 * const { encode, decode } = sessionBytes(model);
 * const bytes = encode({ key: 'ann', state: model.zeroState(), previous: 3, tokens: 5 });
 * console.log(bytes.length, decode('ann', bytes).tokens); // -> 44 5
 * ```
 */
export function sessionBytes(model: Model): SessionBytes {
  isModel('sessionBytes', 'model', model);
  const zeros = model.zeroState();
  const width = model.dtype === 'float64' ? 8 : 4;
  const size = [...zeros.values()].reduce((sum, { data }) => sum + width * data.length, HEADER);
  const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const swap = (bytes: Buffer): Buffer => (littleEndian ? bytes : width === 8 ? bytes.swap64() : bytes.swap32());

  return {
    encode({ state, previous, tokens }) {
      const bytes = Buffer.alloc(size);
      bytes.writeInt32LE(previous, 0);
      bytes.writeDoubleLE(tokens, 4);
      let at = HEADER;
      for (const name of zeros.keys()) {
        const { data } = state.get(name)!;
        bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
        at += data.byteLength;
      }
      swap(bytes.subarray(HEADER));
      return bytes;
    },
    decode(key, given) {
      if (given.length !== size) {
        throw new RangeError(`sessionBytes: a session of this model has ${size} bytes, got ${given.length}`);
      }
      const bytes = Buffer.from(given);
      swap(bytes.subarray(HEADER));
      const state = new Map<string, NonNullable<ReturnType<State['get']>>>();
      let at = HEADER;
      for (const [name, { data, shape }] of zeros) {
        const copy = data.slice();
        new Uint8Array(copy.buffer).set(bytes.subarray(at, at + copy.byteLength));
        at += copy.byteLength;
        state.set(name, { shape, data: copy });
      }
      const session = { key, state, previous: bytes.readInt32LE(0), tokens: bytes.readDoubleLE(4) };
      checkSession('sessionBytes', session, key, model.inputSize);
      checkState('sessionBytes', zeros, state, key);
      return session;
    },
  };
}
