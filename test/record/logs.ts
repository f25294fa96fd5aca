import { from } from 'rxjs';
import type { Bytes } from '../../src/record/scanBlocks.js';
import type { Entry } from '../../src/record/recording.js';
import { runLog, type RunLogOptions } from '../../src/record/runLog.js';

/** Bytes in memory that count what is read of them. */
export interface Counted extends Bytes {
  readonly bytes: Uint8Array;
  taken: number;
}

/** Bytes that say how many of them were read. */
export function counted(bytes: Uint8Array): Counted {
  return {
    bytes,
    length: bytes.length,
    taken: 0,
    read(start, end) {
      this.taken += end - start;
      return bytes.subarray(start, end);
    },
  };
}

/** A run log of these entries, as a file would hold it. */
export function written(entries: Iterable<Entry>, options: RunLogOptions = {}): Counted {
  let text = '';
  from(entries)
    .pipe(runLog(options))
    .subscribe((chunk) => (text += `${chunk}\n`));
  return counted(new TextEncoder().encode(text));
}

/** `count` entries of a run: tokens in, losses out. */
export function run(count: number, loss: (step: number) => number = (step) => 1 / step): Entry[] {
  return Array.from({ length: count }, (_, i): Entry => {
    const step = (i >> 1) + 1;
    return i % 2 === 0
      ? { title: 'tokens', step, kind: 'N', value: step % 7 }
      : { title: 'losses', step, kind: 'N', value: loss(step) };
  });
}
