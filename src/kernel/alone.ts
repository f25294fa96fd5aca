import type { Crew, Site } from './crew.js';

/** A crew of this thread alone. */
export function alone({ exports, allocate }: Site): Crew {
  let scratch = 0;
  return {
    alone: true,
    exports,
    needScratch(bytes) {
      if (bytes <= scratch) return;
      scratch = Math.ceil(bytes * 1.5);
      exports.useScratch(allocate(Math.ceil(scratch / 4)).byteOffset);
    },
    close() {
      // nobody to send home
    },
  };
}
