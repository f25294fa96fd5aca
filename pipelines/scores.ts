// Prints the scores of the lines of a bus: `npx tsx pipelines/scores.ts --bus file:bus`.
import { lastValueFrom, takeUntil } from 'rxjs';
import { type BusItem, fromBus, runPartitions } from '../src/bus.js';
import { closed, concatMapBounded, credit, write, yielding } from '../src/index.js';
import { feedExample } from './bus/feedLines.js';
import { type LineBits, scoreLinesByKey } from './bus/linePipelines.js';
import { BUS_OPTIONS } from './bus/openBus.js';
import { withBus } from './bus/withBus.js';
import { command } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { safeJson } from './cli/safeJson.js';
import { say } from './cli/say.js';
import { readFileSync } from 'node:fs';
import { bundledModelPath } from './models/bundledModelPath.js';

await command(import.meta.url, {
  about: `Prints the scores that workers have put on a bus, and those that come, as JSON: {"key", "seq", "line", "bits"}, where
seq is the number of the line in the stream of its key. Lines of a key come in order. Where there is no bus
none is made. Without --bus the example data/kinds.csv is scored on a bus in memory first.`,
  options: {
    bus: BUS_OPTIONS.bus,
    creds: BUS_OPTIONS.creds,
    'tls-ca': BUS_OPTIONS['tls-ca'],
    'until-idle': { kind: 'number', value: 'SECONDS', help: 'end when no score has come for so long' },
    dead: { kind: 'flag', help: 'print the lines that could not be scored instead, with the reason' },
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'the output is JSON with and without it' },
  },
  async run({ dead, ...options }, _, typed) {
    await withBus({ ...options, partitions: undefined, existing: true }, async (bus) => {
      const example = !typed.has('bus');
      if (example) {
        if (process.stderr.isTTY) say('scoring data/kinds.csv on a bus in memory; --bus URL reads yours');
        await feedExample(bus);
        const model = readFileSync(bundledModelPath('english'));
        await lastValueFrom(runPartitions(bus, scoreLinesByKey(), { model, idleMilliseconds: 200 }));
      }
      const seconds = options['until-idle'] ?? (example ? 0.1 : undefined);
      let foreign = 0;
      const inFlight = credit({ high: 256 });
      const printed$ = fromBus(bus, {
        channel: dead ? 'dead' : 'out',
        demand: yielding(inFlight),
        foreign({ seq, partition }) {
          foreign += 1;
          if (foreign > 1) return;
          say(`entry ${seq} of partition ${partition} is of another program: left out, as are others`);
        },
        ...(seconds !== undefined && { idleMilliseconds: 1000 * seconds }),
      }).pipe(
        concatMapBounded(inFlight, (item) => write(safeJson(dead ? deadOf(item) : scoreOf(item)))),
        takeUntil(closed()),
        takeUntil(interrupted({ say: 'ending' })),
      );
      await lastValueFrom(printed$, { defaultValue: undefined });
    });
  },
});

function scoreOf({ key, number, value }: BusItem): { key: string; seq: number } & LineBits {
  const { line, bits } = JSON.parse(new TextDecoder().decode(value)) as LineBits;
  return { key, seq: number, line, bits };
}

function deadOf({ key, value, reason }: BusItem): { key: string; line: string; reason: string | undefined } {
  return { key, line: new TextDecoder().decode(value), reason };
}
