// Replays a recording, in real time, scaled, or step by step; draws a stretch of it; compares it with a fresh run.
import { lastValueFrom, map, takeUntil, tap, timer } from 'rxjs';
import { closed, credit, pull, requested, concatMapBounded } from '../src/index.js';
import { difference, type Entry, type Recording, replay, excerpt, svg, writeRecording } from '../src/recording.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { entryJson, entryText } from './replay/entryText.js';
import { keyPresses } from './cli/keyPresses.js';
import { liveDiagram } from './replay/liveDiagram.js';
import { openRun, type Run, runOf } from './replay/openRun.js';
import { runSystem } from './replay/runSystem.js';
import { systems } from './replay/systems.js';

/** A system's run, on its own inputs or on recorded ones. */
export async function freshRun(name: string, seed: number, inputs?: Recording): Promise<Recording> {
  const system = systems[name];
  if (system === undefined) throw new UsageError(`no system ${name}; there are ${Object.keys(systems).join(', ')}`);
  return runSystem(await system(seed), inputs && replay(inputs, 'inputs'));
}

/** Milliseconds a step where nothing else is recorded. */
const PACE = 100;

/** What the recording says of itself, where it says it. */
function toldBy(about: unknown): { system?: string; seed: number; pace: number } {
  const { system, seed = 0, stepMilliseconds = PACE } = Object(about) as Record<string, unknown>;
  return { ...(typeof system === 'string' && { system }), seed: Number(seed), pace: Number(stepMilliseconds) };
}

await command(import.meta.url, {
  about: 'Replays a recording (.marbles.txt or a tape), or one of a system that it runs first.',
  argument: 'FILE',
  options: {
    system: {
      kind: 'text',
      help: 'without FILE: the system to run and record; names by default',
      choices: Object.keys(systems),
    },
    seed: { kind: 'seed', help: 'of a fresh run: without FILE 0 by default, with --verify as recorded' },
    out: { kind: 'text', help: 'without FILE: where the recording goes' },
    speed: { kind: 'number', help: 'times as fast as recorded, or as ten steps a second' },
    step: { kind: 'flag', help: 'a step at each key (a line, where stdin is no terminal); q leaves' },
    from: { kind: 'count', help: 'first step' },
    to: { kind: 'count', help: 'last step' },
    diagram: { kind: 'flag', help: 'print the stretch as a diagram' },
    svg: { kind: 'flag', help: 'print the stretch as SVG' },
    verify: { kind: 'flag', help: 'compare with a fresh run on the recorded inputs; status 1 where they differ' },
    json: { kind: 'flag', help: 'one JSON object an event and nothing else' },
  },
  async run({ system, seed, out, speed, step, from = 0, to = Infinity, diagram, svg: picture, verify, json }, path) {
    if (to < from) throw new UsageError(`--to must be at least --from, got ${to}`);
    oneOf({ speed: speed !== undefined, step, verify, diagram, svg: picture });
    oneOf({ json, diagram, svg: picture });
    oneOf({ verify, from: from > 0 });
    oneOf({ verify, to: to < Infinity });
    for (const [name, value] of Object.entries({ system, out })) {
      if (path !== undefined && value !== undefined) throw new UsageError(`either FILE or --${name}, got both`);
    }
    if (out !== undefined) checkWritable(out);
    const range = { from, to };
    const made = path === undefined ? await freshRun(system ?? 'names', seed ?? 0) : undefined;
    const run = made ? runOf(made) : openRun(path!);
    if (made && out !== undefined) writeRecording(out, made);
    if (verify) return verified(run, seed, json);
    const { tracks } = diagram || picture ? run.cut(range) : { tracks: [] };
    if (diagram) return console.log(excerpt(tracks, range));
    if (picture) return void process.stdout.write(svg(tracks, { from, ...(to < Infinity && { to }) }));
    if (!json && process.stdout.isTTY) console.log(`${JSON.stringify(run.about)}\n`);
    await played(run);

    async function played(run: Run): Promise<void> {
      const pace = toldBy(run.about).pace / (speed ?? 1);
      const timed = speed !== undefined || (process.stdout.isTTY && !json && !step);
      const inFlight = credit({ high: 1 });
      let before = from;
      const paced = concatMapBounded(inFlight, (group: readonly Entry[]) => {
        const wait = (group[0]!.step - before) * pace;
        before = group[0]!.step;
        return timed ? timer(wait).pipe(map(() => group)) : [group];
      });
      const step$ = step
        ? pull(run.steps(range), requested(keyPresses()))
        : pull(run.steps(range), inFlight).pipe(paced);
      const shown$ = step$.pipe(tap(shower(json)), takeUntil(closed()));
      await lastValueFrom(shown$, { defaultValue: undefined });
    }
  },
});

/** Refuses flags that exclude each other, by name. */
function oneOf(flags: Readonly<Record<string, boolean>>): void {
  const [one, other] = Object.keys(flags).filter((name) => flags[name]);
  if (other !== undefined) throw new UsageError(`either --${one} or --${other}, got both`);
}

/** How a group of entries is shown: as JSON, as marbles that move, or as lines. */
function shower(json: boolean): (group: readonly Entry[]) => void {
  const { isTTY, columns } = process.stdout;
  if (json) return (group) => group.forEach((entry) => console.log(entryJson(entry)));
  if (!isTTY) {
    return (group) => group.forEach((entry) => console.log(`${entry.step}\t${entry.title}\t${entryText(entry)}`));
  }
  const view = liveDiagram(columns);
  return (group) => void process.stdout.write(view(group));
}

/**
 * Compares a recording with a fresh run of its system, on the recorded inputs and with the recorded seed or another; a
 * tape was checked by its digests when it was opened.
 */
async function verified({ about, marbles, cut, tape }: Run, given: number | undefined, json: boolean): Promise<void> {
  const { system, seed: recorded } = toldBy(about);
  const seed = given ?? recorded;
  const everything = { from: 0, to: Infinity };
  if (system === undefined && tape === undefined)
    throw new UsageError('the recording does not say of which system it is');
  const recording = cut(everything);
  const found = system === undefined ? undefined : difference(recording, await freshRun(system, seed, recording));
  const done = system === undefined ? 'as its digests say' : `as ${system} with seed ${seed} does again`;
  if (json)
    console.log(JSON.stringify({ verified: found === undefined, marbles, ...(found && { message: found.message }) }));
  else console.log(found ? `${found.message}\n\n${found.details}` : `${marbles} marbles, ${done}`);
  if (found) process.exitCode = 1;
}
