import type { Change, Leases } from './bus.js';
import { checkEntry } from './checkEntry.js';
import type { FileStates } from './fileStates.js';

/** Makes the leases of a bus of named values, whose folder `states` makes; those of one turn are put in one batch. */
export function fileLeases(states: () => FileStates, maxBytes: number): Leases {
  const puts: Change[] = []; // in this turn
  let putting: Promise<readonly (number | undefined)[]> | undefined;

  return {
    async list() {
      const all = states();
      const names = all.names();
      return new Map(
        all.get(names).flatMap((value, i) => {
          if (!value) return [];
          return [[names[i]!, { holder: new TextDecoder().decode(value.data), revision: value.revision }]];
        }),
      );
    },
    async put(name, holder, revision) {
      const data = new TextEncoder().encode(holder);
      checkEntry(name, data, maxBytes);
      const place = puts.push({ name, data, revision }) - 1;
      putting ??= Promise.resolve().then(() => {
        putting = undefined;
        return states().update(puts.splice(0)); // all of this turn in one batch
      });
      return (await putting)[place];
    },
    async remove(name, revision) {
      states().update([{ name, data: undefined, revision }]);
    },
  };
}
