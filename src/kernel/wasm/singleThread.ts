import { growableBuffer } from './growableBuffer.js';
import type { ModuleInstance, ThreadTeam } from './threadTeam.js';

/** A team of this thread alone. */
export function singleThread({ exports, allocate, free }: ModuleInstance): ThreadTeam {
  const scratch = growableBuffer(allocate, free);
  return {
    single: true,
    functions: exports,
    needScratch(bytes) {
      exports.useScratch(scratch(Math.ceil(bytes / 4)).byteOffset);
    },
    close() {
      // there is no other thread to end
    },
  };
}
