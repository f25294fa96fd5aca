import { show } from '../check/show.js';

/** The names that every engine takes: letters, digits, `-` and `_`. */
const NAME = /^[\w-]{1,160}$/;

/** Refuses a name that some engine could not take, and data above the limit of a bus. */
export function checkEntry(name: string, data: Uint8Array, maxBytes: number): void {
  if (!NAME.test(name)) {
    throw new RangeError(
      `bus: a name must have 1 to 160 letters, digits, - and _, got ${show(name)}; keySubject encodes keys`,
    );
  }
  if (data.length > maxBytes) {
    throw new RangeError(`bus: ${show(name)} has ${data.length} bytes, at most ${maxBytes} fit this bus`);
  }
}
