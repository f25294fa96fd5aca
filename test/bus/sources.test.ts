import { from, lastValueFrom, type Observable } from 'rxjs';
import { test } from 'uvu';
import { type Bus, type BusItem, fromBus, memoryBus, toBus } from '../../src/bus.js';
import { type Endless, sourceRow, sourceTable } from '../support/sourceTable.js';

const IDLE = 20;
const text = (value: Uint8Array): string => new TextDecoder().decode(value);

/** A bus that holds values of one key. */
async function holding(values: readonly string[], bus: Bus = memoryBus({ partitions: 1 })): Promise<Bus> {
  const items = values.map((value) => ({ key: 'a', value: new TextEncoder().encode(value) }));
  if (items.length > 0) await lastValueFrom(from(items).pipe(toBus(bus, { frameBytes: 2 })));
  return bus;
}

const [three, none, long] = [
  await holding(['x', 'y', 'z']),
  await holding([]),
  await holding(Array.from({ length: 5000 }, () => 'value')),
];
const broken = memoryBus({ partitions: 1 });
await broken.log.append('out', 0, [{ subject: 'ka', data: new Uint8Array(1) }]);

/** Counts the entries that are read of a long log. */
function endless(): Endless<BusItem> {
  let taken = 0;
  const open = new Set<object>();
  const log: Bus['log'] = {
    ...long.log,
    read(...args) {
      const reader = long.log.read(...args);
      open.add(reader);
      return {
        async take(most, milliseconds) {
          const found = await reader.take(most, milliseconds);
          taken += found.length;
          return found;
        },
        close() {
          open.delete(reader);
          reader.close();
        },
      };
    },
  };
  return {
    source: fromBus({ ...long, log }, { channel: 'in' }),
    taken: () => taken,
    most: 128,
    held: () => open.size > 0,
  };
}

sourceTable({
  fromBus: sourceRow({
    source: (demand): Observable<BusItem> =>
      fromBus(three, { channel: 'in', idleMilliseconds: IDLE, ...(demand && { demand }) }),
    look: ({ value }) => text(value),
    values: ['x', 'y', 'z'],
    empty: () => fromBus(none, { idleMilliseconds: IDLE }),
    fails: {
      source: () => fromBus(broken, { idleMilliseconds: IDLE }),
      error: 'an entry of the bus is not a frame: it has no key',
    },
    endless,
  }),
});

test.run();
