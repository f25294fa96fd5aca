import { nuid } from '@nats-io/transport-node';
import { test } from 'uvu';
import type { Bus } from '../../src/bus.js';
import { jetstreamBus } from '../../src/jetstream.js';
import { conformance } from '../bus/conformance.js';
import { type NatsServer, natsServer, natsServerPath } from './natsServer.js';

const each = natsServerPath === undefined ? test.skip : test;
let server: NatsServer;

test.before(async () => {
  if (natsServerPath !== undefined) server = await natsServer();
});
test.after(() => server?.remove());

conformance(
  'jetstreamBus',
  {
    make: ({ partitions = 8, ...options } = {}) =>
      jetstreamBus(`${server.url}/${nuid.next()}`, { partitions, ...options }),
    again: (bus: Bus) => jetstreamBus(bus.name, { maxBytes: bus.maxBytes }),
  },
  each,
);

test.run();
