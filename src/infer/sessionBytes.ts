import { checkBytes } from '../check/checkBytes.js';
import { checkRecord } from '../check/checkRecord.js';
import { show } from '../check/show.js';
import { checkModel } from '../model/checkModel.js';
import type { Model } from '../model/model.js';
import type { Numbers, Tensor } from '../types.js';
import { checkSession, checkSessionState, type Session } from './checkSession.js';

/** Turns sessions of a model into bytes and back. */
export interface SessionBytes {
  /** The bytes of a session, for a file or a database; the key is not in them. */
  encode(session: Session<unknown>): Uint8Array<ArrayBuffer>;
  /**
   * The session of bytes; a RangeError where they are of a model of other sizes, or hold a token or numbers that no
   * session of this model has.
   */
  decode<K>(key: K, bytes: Uint8Array): Session<K>;
}

/** Bytes before the numbers: the last token, and the count of tokens. */
const HEADER = 12;

/**
 * Makes the encoding of the sessions that `surprisalByKey` and `generateByKey` give and take, so that they can be saved: 12
 * bytes and the numbers of the state, little endian, in the order of `model.zeroState()`. An LSTM of 96 units in float32
 * takes 780 bytes. A session that was saved and read continues with the same bits. Errors of `encode`: a TypeError or a
 * RangeError for what is not a session of such a model.
 *
 * ```ts
 * import { linear, rnn, sequential, sessionBytes } from 'rxrnn';
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
  const who = 'sessionBytes';
  checkModel(who, 'model', model);
  const { dtype, inputSize } = model;
  const zeros = model.zeroState();
  const width = dtype === 'float64' ? 8 : 4;
  const size = [...zeros.values()].reduce((sum, { data }) => sum + width * data.length, HEADER);
  const read = (view: DataView, at: number): number =>
    width === 8 ? view.getFloat64(at, true) : view.getFloat32(at, true);
  const write = (view: DataView, at: number, number: number): void =>
    width === 8 ? view.setFloat64(at, number, true) : view.setFloat32(at, number, true);

  return {
    encode(session) {
      checkRecord(who, 'session', session);
      const { key, state, previous, tokens } = session;
      checkSession(who, session, key, inputSize);
      checkSessionState(who, zeros, state, key);
      const bytes = new Uint8Array(size);
      const view = new DataView(bytes.buffer);
      view.setInt32(0, previous, true);
      view.setFloat64(4, tokens, true);
      let at = HEADER;
      for (const name of zeros.keys()) {
        for (const number of state.get(name)!.data) {
          write(view, at, number);
          at += width;
        }
      }
      return bytes;
    },
    decode(key, bytes) {
      checkBytes(who, 'bytes', bytes);
      if (bytes.length !== size) {
        throw new RangeError(`${who}: a session of this model has ${size} bytes, got ${bytes.length} for ${show(key)}`);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, size);
      const state = new Map<string, Tensor>();
      let at = HEADER;
      for (const [name, { data, shape }] of zeros) {
        const numbers: Numbers = data.slice();
        for (let i = 0; i < numbers.length; i++, at += width) numbers[i] = read(view, at);
        state.set(name, { shape, data: numbers });
      }
      const session = { key, state, previous: view.getInt32(0, true), tokens: view.getFloat64(4, true) };
      checkSession(who, session, key, inputSize);
      checkSessionState(who, zeros, state, key);
      return session;
    },
  };
}
