import type { Bus } from '../../src/bus.js';
import { type BusValues, openBus } from './openBus.js';

/** Opens a bus, uses it, and closes it, also after an error: an open connection would keep the process alive. */
export async function withBus(values: BusValues, use: (bus: Bus) => Promise<void>): Promise<void> {
  const bus = await openBus(values);
  try {
    await use(bus);
  } finally {
    await bus.close();
  }
}
