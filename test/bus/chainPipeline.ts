// A pipeline whose results show whether each value was processed once, in order, with the model of its place.
import { map } from 'rxjs';
import type { Bus, Pipeline, Stored } from '../../src/bus.js';
import { decodeAnnouncement } from '../../src/bus/announceModel.js';
import { decodeIn } from '../../src/bus/frames.js';

/** A value for which the pipeline fails. */
export const POISON = 255;

/** Hashes the values of a stream one after another, with the first byte of the model. */
export function chainPipeline(scope: 'key' | 'partition'): Pipeline<number> {
  return {
    scope,
    open: ({ model }) => ({
      operator: ({ get, set }) =>
        map(({ key, value }) => {
          if (value[0] === POISON) throw new Error('poison');
          const next = link(get(key) ?? 0, value, model?.[0] ?? 0);
          set(key, next);
          return bytesOf(next);
        }),
      encode: bytesOf,
      decode: (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
    }),
  };
}

/**
 * What must come out of a bus: per key and number the result, `poison` for a dead letter; computed from what came in.
 */
export async function expectedOf(
  bus: Bus,
  scope: 'key' | 'partition',
  initial: Uint8Array | undefined,
): Promise<Map<string, string>> {
  const expected = new Map<string, string>();
  const counts = new Map<string, number>();
  for (let partition = 0; partition < bus.partitions; partition++) {
    const chains = new Map<string, number>();
    let model = initial?.[0] ?? 0;
    let epoch = 0;
    const reader = bus.log.read('in', partition, 1);
    const stored: Stored[] = [];
    const end = await bus.log.end('in', partition);
    while ((stored.at(-1)?.seq ?? 0) < end) stored.push(...(await reader.take(1000, 1000)));
    reader.close();
    for (const { subject, data } of stored) {
      if (subject === 'model') {
        const next = decodeAnnouncement(data);
        if (next.epoch <= epoch) continue;
        epoch = next.epoch;
        model = (await bus.blobs.get(next.hash))[0]!;
        if (next.states === 'reset') chains.clear();
        continue;
      }
      const { key, values } = decodeIn(subject, data);
      const chain = scope === 'key' ? key : '';
      for (const value of values) {
        const number = (counts.get(key) ?? 0) + 1;
        counts.set(key, number);
        if (value[0] === POISON) {
          expected.set(`${key} ${number}`, 'poison');
          continue;
        }
        chains.set(chain, link(chains.get(chain) ?? 0, value, model));
        expected.set(`${key} ${number}`, `${chains.get(chain)}`);
      }
    }
  }
  return expected;
}

function link(chain: number, value: Uint8Array, model: number): number {
  let hash = Math.imul(chain ^ model, 0x01000193) + 1;
  for (const byte of value) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function bytesOf(chain: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, chain);
  return bytes;
}
