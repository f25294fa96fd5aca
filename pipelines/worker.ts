// Scores keyed lines of a bus together with other workers: `npx tsx pipelines/worker.ts --bus file:bus`.
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ignoreElements, lastValueFrom, tap } from 'rxjs';
import { type Bus, isWorkerName, type Pipeline, runPartitions } from '../src/bus.js';
import { amount } from './cli/amount.js';
import { eventLines } from './bus/eventLines.js';
import { feedExample } from './bus/feedLines.js';
import { learnLines, scoreLinesByKey } from './bus/linePipelines.js';
import { BUS_OPTIONS } from './bus/openBus.js';
import { withBus } from './bus/withBus.js';
import { command, NO_WIDE, UsageError } from './cli/command.js';
import { interrupted } from './cli/interrupted.js';
import { print } from './cli/print.js';
import { safeJson } from './cli/safeJson.js';
import { bundledModelPath } from './models/bundledModelPath.js';
import { openModel } from './models/openModel.js';

await command(import.meta.url, {
  about: `Takes partitions of a bus, scores the lines of each key as one stream, publishes the bits of each line, and
commits. Any number of workers share a bus; when one dies, the others take its keys over, and scores prints the same. Without
--bus it scores the example data/kinds.csv on a bus in memory.`,
  saves: true,
  options: {
    ...BUS_OPTIONS,
    model: {
      kind: 'text',
      value: 'FILE',
      help: "a saved model of text, the bus's from now on (by default the one that it has, else english.safetensors)",
    },
    states: {
      kind: 'text',
      choices: ['carry', 'reset'],
      help: 'what becomes of the states of keys, with --learn of the weights, if --model replaces another',
      initial: 'carry',
      needs: 'model',
    },
    learn: {
      kind: 'flag',
      help: 'each partition learns from its lines after scoring them; a line is then a text of its own',
    },
    'learning-rate': { kind: 'number', help: 'learning rate, with --learn', initial: 0.002, needs: 'learn' },
    'until-idle': { kind: 'number', value: 'SECONDS', help: 'end when all lines have been scored for so long' },
    lease: {
      kind: 'number',
      value: 'SECONDS',
      help: 'silence after which a worker is taken for dead',
      initial: 3,
      least: 0.1,
    },
    trim: { kind: 'flag', help: 'delete lines from the bus once their scores are committed' },
    name: {
      kind: 'text',
      value: 'NAME',
      help: "the worker's name, unlike that of any other (of the machine and the process)",
    },
    'no-wide': NO_WIDE,
    seed: { kind: 'seed', help: 'accepted by every script; nothing is random here' },
    json: { kind: 'flag', help: 'print one JSON object per event and nothing else' },
  },
  async run({ model: path, learn, json, lease, trim, name, states, ...options }, _, typed) {
    if (name !== undefined && !isWorkerName(name)) {
      throw new UsageError(`--name must have 1 to 150 letters, digits, - and _, got ${name}`); // before a bus is made
    }
    if (path !== undefined) openModel(path).model.dispose();
    await withBus(options, async (bus) => {
      const example = !typed.has('bus');
      if (example) await feedExample(bus);
      const worker = name ?? workerName();
      const seconds = options['until-idle'] ?? (example ? 0.5 : undefined);
      const pipeline = (learn ? learnLines(options['learning-rate']) : scoreLinesByKey()) as Pipeline<unknown>;
      const bytes = path ?? ((await hasModel(bus)) ? undefined : bundledModelPath('english'));
      const event$ = runPartitions(bus, pipeline, {
        ...(bytes !== undefined && { model: readFileSync(bytes) }),
        worker,
        ...(seconds !== undefined && { idleMilliseconds: 1000 * seconds }),
        states,
        leaseMilliseconds: 1000 * lease,
        trim,
        stop$: interrupted({ say: 'committing' }),
      });
      const sum = { lines: 0, dead: 0 };
      const started = performance.now();
      await lastValueFrom(
        event$.pipe(
          tap((event) => {
            if (event.kind === 'committed') sum.lines += event.values;
            if (event.kind === 'dead') sum.dead += 1;
            if (json) console.log(safeJson(event));
          }),
          json ? ignoreElements() : eventLines({ worker, bus: bus.name, lease }),
          tap((line) => print(line)),
        ),
        { defaultValue: undefined },
      );
      const took = ((performance.now() - started) / 1000).toFixed(1);
      if (!json)
        print(
          `${amount(sum.lines, 'line')} scored in ${took} s${sum.dead > 0 ? `, ${amount(sum.dead, 'dead letter')}` : ''}`,
        );
    });
  },
});

/** Whether the bus has a model already. */
async function hasModel(bus: Bus): Promise<boolean> {
  return (await bus.states.get(0, ['model']))[0] !== undefined;
}

/** A name of the machine and the process, which tells where a worker was that others took over from. */
function workerName(): string {
  const machine = hostname()
    .replace(/[^\w-]+/g, '-')
    .slice(0, 60);
  return `${machine}-${process.pid}-${randomInt(0x10000).toString(16)}`;
}
