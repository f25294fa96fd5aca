import { Writable } from 'node:stream';

/** A stream that is full after each write, until `flush` is called. */
export interface Slow {
  readonly stream: Writable;
  /** What was written and taken. */
  readonly text: () => string;
  readonly flush: () => void;
}

/** Makes one. */
export function slow(): Slow {
  let text = '';
  let waiting: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      text += chunk;
      waiting = done;
    },
  });
  return {
    stream,
    text: () => text,
    flush() {
      const done = waiting;
      waiting = undefined;
      done?.();
    },
  };
}

/** A stream that takes everything, or fails with `code` after `lines` writes. */
export function quick(lines: number = Infinity, code: string = 'EPIPE'): Writable & { text: string } {
  let written = 0;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      if (written++ < lines) {
        made.text += chunk;
        done();
      } else {
        done(Object.assign(new Error(`write ${code}`), { code }));
      }
    },
  });
  const made = Object.assign(stream, { text: '' });
  return made;
}
