import type { TrainingStep } from '../../src/index.js';
import type { Recording } from '../../src/recording.js';
import { UsageError } from '../cli/command.js';
import { print } from '../cli/print.js';
import { say } from '../cli/say.js';
import { recordingOf } from './comparedRuns.js';
import { largestOf } from '../cli/largestOf.js';

/** A recorded run that is done again. */
export interface Replay<O> {
  readonly recording: Recording;
  /** The options of the run, with the settings that were recorded. */
  readonly options: O;
  /** Compares a step with the recorded one; an Error where it differs. */
  check(step: TrainingStep): void;
  /** Says what was compared. */
  say(json: boolean): void;
}

/** Options that a recording decides, by the name of the setting. */
const SETTINGS: Readonly<Record<string, string>> = {
  data: 'data',
  cell: 'cell',
  hidden: 'hidden',
  layers: 'layers',
  lanes: 'lanes',
  window: 'window',
  learningRate: 'learning-rate',
  clip: 'clip',
  seed: 'seed',
};

/** Reads a recording of `studio.ts`: it runs as long as the recorded run did, unless `--steps` says otherwise. */
export function readReplay<O extends { readonly steps: number | undefined }>(
  path: string,
  given: O,
  typed: ReadonlySet<string>,
): Replay<O> {
  const recording = recordingOf(path);
  const { pipeline, settings } = Object(recording.about) as {
    readonly pipeline?: unknown;
    readonly settings?: unknown;
  };
  if (pipeline !== 'studio') throw new UsageError(`--replay ${path}: is not a recording of studio`);
  const recorded: Record<string, unknown> = {};
  for (const [setting, option] of Object.entries(SETTINGS)) {
    const value = (Object(settings) as Record<string, unknown>)[setting];
    const text = option === 'data' || option === 'cell';
    if (typeof value !== (text ? 'string' : 'number'))
      throw new UsageError(`--replay ${path}: lacks the setting ${setting}`);
    if (option === 'data' && typed.has('data')) continue; // where the text is now
    if (typed.has(option))
      throw new UsageError(`--${option}: the recording of --replay has the settings; leave it out`);
    recorded[option] = value;
  }
  const marbles = recording.tracks.find(({ title }) => title === 'steps')?.marbles ?? [];
  const losses = new Map<number, number>();
  for (const marble of marbles) {
    if (marble.kind === 'N') losses.set(marble.step, (Object(marble.value) as TrainingStep).loss);
  }
  const last = largestOf(recording.tracks.flatMap(({ marbles }) => marbles.map(({ step }) => step)));
  const actions = recording.tracks.find(({ title }) => title === 'controls')?.marbles ?? [];
  const latest = Object(actions.findLast(({ kind }) => kind === 'N')) as {
    readonly step?: number;
    readonly value?: unknown;
  };
  const goneBack =
    latest.step === last &&
    (Object(latest.value) as { readonly name?: unknown }).name === 'reset' &&
    given.steps === undefined;
  if (last === 0) throw new UsageError(`--replay ${path}: no step was recorded`);
  let made = 0;
  let compared = 0;
  return {
    recording,
    options: { ...given, ...recorded, steps: given.steps ?? last },
    check({ loss }) {
      made += 1;
      const before = losses.get(made);
      if (before === undefined) return;
      compared += 1;
      if (!Object.is(before, loss))
        throw new Error(`--replay: update ${made} has the loss ${loss}, recorded was ${before}`);
    },
    say(json) {
      if (goneBack) say('the recorded run went back to a checkpoint at its very end; that is not done again');
      const text = `replayed ${made} updates; ${compared} losses compared, each the recorded one to the bit`;
      if (json) console.log(JSON.stringify({ replayed: made, compared }));
      else print(text);
    },
  };
}
