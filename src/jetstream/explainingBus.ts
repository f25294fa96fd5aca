import type { NatsConnection } from '@nats-io/transport-node';
import type { Bus } from '../bus/bus.js';
import { explainError } from './explainError.js';

/** Milliseconds that are waited for one answer, and in which what may be tried again is tried again. */
export interface Waiting {
  readonly answer: number;
  readonly patience: number;
}

/** The same bus, whose errors say what they mean for the person who runs the server. */
export function explainingBus(bus: Bus, connection: NatsConnection, { answer, patience }: Waiting): Bus {
  const failing =
    (waited: number) =>
    async (error: unknown): Promise<never> => {
      throw await explainError(connection, error, { address: bus.name, waited });
    };
  const [fail, failAtLast] = [failing(answer), failing(Math.max(answer, patience))];
  const { log, states, leases, blobs } = bus;
  return {
    ...bus,
    log: {
      append: (channel, partition, entries) => log.append(channel, partition, entries).catch(failAtLast),
      read(channel, partition, from) {
        const reader = log.read(channel, partition, from);
        return {
          take: (most, milliseconds) => reader.take(most, milliseconds).catch(failAtLast),
          close: () => reader.close(),
        };
      },
      at: (channel, partition, seq) => log.at(channel, partition, seq).catch(fail),
      last: (channel, partition, subject) => log.last(channel, partition, subject).catch(fail),
      end: (channel, partition) => log.end(channel, partition).catch(fail),
      trim: (channel, partition, below) => log.trim(channel, partition, below).catch(fail),
    },
    states: {
      get: (partition, names) => states.get(partition, names).catch(fail),
      update: (partition, changes) => states.update(partition, changes).catch(fail),
    },
    leases: {
      list: () => leases.list().catch(fail),
      put: (name, holder, revision) => leases.put(name, holder, revision).catch(fail),
      remove: (name, revision) => leases.remove(name, revision).catch(fail),
    },
    blobs: {
      put: (data) => blobs.put(data).catch(fail),
      get: (hash) => blobs.get(hash).catch(failAtLast),
      remove: (hash) => blobs.remove(hash).catch(fail),
    },
  };
}
