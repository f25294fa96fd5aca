import { refuse } from '../check/refuse.js';
import type { Bus } from './bus.js';

/** Accepts buses, by what they can do. */
export function checkBus(who: string, option: string, value: unknown): asserts value is Bus {
  const { log, states, leases, blobs } = (value ?? {}) as Partial<Bus>;
  const calls = [log?.append, log?.read, log?.at, states?.get, states?.update, leases?.list, blobs?.get];
  if (calls.every((call) => typeof call === 'function')) return;
  refuse(who, option, 'a bus, such as memoryBus()', value, 'none');
}
