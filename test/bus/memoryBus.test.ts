import { test } from 'uvu';
import { type Bus, memoryBus } from '../../src/bus.js';
import { conformance } from './conformance.js';

conformance('memoryBus', {
  make: async (options) => memoryBus(options),
  again: async (bus: Bus) => ({ ...bus, close: async () => undefined }),
});

test.run();
