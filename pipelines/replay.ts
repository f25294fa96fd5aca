// Replays a recorded run in time or step by step, draws it, or verifies it. It is compared with a fresh run.
import { lastValueFrom, map, takeUntil, tap, timer } from 'rxjs';
import { closed, credit, pull, requested, concatMapBounded, visible } from '../src/index.js';
import { difference, type Entry, type Recording, replay, excerpt, svg, writeRecording } from '../src/recording.js';
import { checkWritable } from './cli/checkWritable.js';
import { command, UsageError } from './cli/command.js';
import { largestOf } from './cli/largestOf.js';
import { print } from './cli/print.js';
import { say } from './cli/say.js';
import { suggest } from './cli/suggest.js';
import { terminalColumns } from './cli/terminalColumns.js';
import { aboutText } from './replay/aboutText.js';
import { checkOverwriteRecording } from './replay/checkOverwriteRecording.js';
import { entryJson, entryText } from './replay/entryText.js';
import { keyPresses } from './cli/keyPresses.js';
import { liveDiagram } from './replay/liveDiagram.js';
import { openRun, type Run, runOf } from './replay/openRun.js';
import { runSystem } from './replay/runSystem.js';
import { systems } from './replay/systems.js';

/** Runs a system on its own inputs or on recorded ones. */
async function freshRun(name: string, seed: number, inputs?: Recording): Promise<Recording> {
  const system = systems[name];
  if (system === undefined) throw new UsageError(`no system ${name}; there are ${Object.keys(systems).join(', ')}`);
  return runSystem(await system(seed), inputs && replay(inputs, 'inputs'));
}

/** Milliseconds per step where the recording does not say. */
const PACE = 100;

/** Reads what a recording says about itself; defaults for the rest. */
function describeRun(about: unknown): { system?: string; seed: number; pace: number } {
  const { system, seed = 0, stepMilliseconds = PACE } = Object(about) as Record<string, unknown>;
  return { ...(typeof system === 'string' && { system }), seed: Number(seed), pace: Number(stepMilliseconds) };
}

await command(import.meta.url, {
  about: `Replays a recording: a file of what a run read and computed, step by step, such as inputs, losses and samples, as
marbles or as a run log. studio --record FILE makes one, and so does --out FILE here, of a short run of a system. Without
FILE such a run is recorded and replayed at once.`,
  argument: 'FILE',
  options: {
    system: {
      kind: 'text',
      value: 'NAME',
      help: 'without FILE: the system to run and record (names)',
      choices: Object.keys(systems),
    },
    seed: { kind: 'seed', help: 'seed of a fresh run (without FILE 0, with --verify the recorded one)' },
    out: { kind: 'text', value: 'FILE', help: 'without FILE: file to write the recording to, which FILE then reads' },
    force: { kind: 'flag', help: 'overwrite the file of --out even where it holds something else', needs: 'out' },
    speed: { kind: 'number', help: 'speed as a multiple of the recorded one, or of ten steps per second' },
    step: { kind: 'flag', help: 'one step per key press (per line if stdin is not a terminal); q quits' },
    from: { kind: 'count', help: 'first step' },
    to: { kind: 'count', help: 'last step' },
    diagram: { kind: 'flag', help: 'print the excerpt as a marble diagram' },
    svg: { kind: 'flag', help: 'print the excerpt as SVG' },
    verify: { kind: 'flag', help: 'compare with a fresh run on the recorded inputs; exit status 1 if they differ' },
    json: { kind: 'flag', help: 'print one JSON object per event and nothing else' },
  },
  async run(
    { system, seed, out, force, speed, step, from = 0, to = Infinity, diagram, svg: picture, verify, json },
    path,
  ) {
    if (to < from) throw new UsageError(`--to must be at least --from, got ${to}`);
    exclusive({ speed: speed !== undefined, step, verify, diagram, svg: picture });
    exclusive({ json, diagram, svg: picture });
    exclusive({ verify, from: from > 0 });
    exclusive({ verify, to: to < Infinity });
    for (const [name, value] of Object.entries({ system, out })) {
      if (path !== undefined && value !== undefined) throw new UsageError(`either FILE or --${name}, got both`);
    }
    const fresh = system ?? 'names';
    if (out !== undefined) {
      checkWritable(out);
      if (!force) checkOverwriteRecording(out, fresh);
    }
    const range = { from, to };
    if (path === undefined && !json) {
      say(
        `a recording is what a run read and computed, step by step; without FILE a short run of ${fresh} is recorded now`,
      );
    }
    const made = path === undefined ? await freshRun(fresh, seed ?? 0) : undefined;
    const run = made ? runOf(made) : openRun(path!);
    if (made && out !== undefined) {
      writeRecording(out, made);
      if (!json) say(`recording saved in ${visible(out)}`);
    }
    if (verify) return verifyRun(run, seed, json);
    const { tracks } = diagram || picture ? run.cut(range) : { tracks: [] };
    if (diagram) return draw(visible(excerpt(tracks, range), { lines: true }));
    if (picture)
      return void process.stdout.write(visible(svg(tracks, { from, ...(to < Infinity && { to }) }), { lines: true }));
    if (!json && process.stdout.isTTY) print(`${aboutText(run.about)}\n`);
    if (step && process.stdin.isTTY && !json) say('press a key for each step, q to quit');
    await play(run);
    if (made && !json) suggestMore(out);

    async function play(run: Run): Promise<void> {
      const pace = describeRun(run.about).pace / (speed ?? 1);
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
      const shown$ = step$.pipe(tap(printer(json)), takeUntil(closed()));
      await lastValueFrom(shown$, { defaultValue: undefined });
    }
  },
});

/** Prints a diagram, and says how to print less where it is too wide for the terminal. */
function draw(diagram: string): void {
  console.log(diagram);
  const rows = diagram.split('\n\n')[0]!.split('\n');
  const widest = largestOf(rows.map((row) => row.length));
  if (widest > terminalColumns()) say(`the diagram is ${widest} columns wide: --from and --to print a part of it`);
}

/** Tells how to keep a recording that was made without FILE, or how to look at the one that was kept. */
function suggestMore(out: string | undefined): void {
  if (out === undefined) return suggest('to keep a recording', 'replay', '--out', 'names.marbles.txt');
  suggest('to see it step by step', 'replay', out, '--step');
  suggest('to draw its first steps', 'replay', out, '--diagram', '--to', '8');
}

/** Refuses two flags that exclude each other. */
function exclusive(flags: Readonly<Record<string, boolean>>): void {
  const [one, other] = Object.keys(flags).filter((name) => flags[name]);
  if (other !== undefined) throw new UsageError(`either --${one} or --${other}, got both`);
}

/** Makes the printer of a step's entries: JSON, a moving diagram on a terminal, or lines. */
function printer(json: boolean): (group: readonly Entry[]) => void {
  const { isTTY, columns } = process.stdout;
  if (json) return (group) => group.forEach((entry) => console.log(entryJson(entry)));
  if (!isTTY) {
    return (group) => group.forEach((entry) => print(`${entry.step}\t${visible(entry.title)}\t${entryText(entry)}`));
  }
  const view = liveDiagram(columns);
  return (group) => void process.stdout.write(view(group));
}

/**
 * Compares a recording with a fresh run of its system, on the recorded inputs and with the recorded seed or another. A
 * run log was already checked against its digests when it was opened.
 */
async function verifyRun({ about, marbles, cut, log }: Run, given: number | undefined, json: boolean): Promise<void> {
  const { system, seed: recorded } = describeRun(about);
  const seed = given ?? recorded;
  const everything = { from: 0, to: Infinity };
  if (system === undefined && log === undefined) throw new UsageError('the recording does not name its system');
  const recording = cut(everything);
  const found = system === undefined ? undefined : difference(recording, await freshRun(system, seed, recording));
  const done = system === undefined ? 'as its digests say' : `as ${visible(system)} with seed ${seed} does again`;
  if (json)
    console.log(JSON.stringify({ verified: found === undefined, marbles, ...(found && { message: found.message }) }));
  else
    console.log(
      found ? visible(`${found.message}\n\n${found.details}`, { lines: true }) : `${marbles} marbles, ${done}`,
    );
  if (found) process.exitCode = 1;
}
