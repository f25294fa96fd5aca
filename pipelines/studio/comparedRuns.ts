import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { latestCheckpoint } from '../../src/index.js';
import type { Recording } from '../../src/recording.js';
import type { ComparedRun } from '../../src/studio.js';
import { UsageError } from '../cli/command.js';
import { openRun } from '../replay/openRun.js';

/** Points of an earlier curve that are kept. */
const MOST = 1000;

/** Reads earlier runs from recordings and from folders of checkpoints, whose paths are separated by commas. */
export function comparedRuns(paths: string): ComparedRun[] {
  return paths.split(',').map((path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new UsageError(`--compare ${path}: there is no such file or folder`);
    return found.isDirectory() ? fromCheckpoints(path) : fromRecording(path);
  });
}

/** The settings that a recording or a checkpoint carries, as texts. */
function texts(settings: unknown): Record<string, string> {
  const entries = Object.entries(Object(settings) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter(([, value]) => typeof value !== 'object').map(([name, value]) => [name, String(value)]),
  );
}

function fromCheckpoints(folder: string): ComparedRun {
  const saved = latestCheckpoint(folder);
  if (!saved) throw new UsageError(`--compare ${folder}: holds no checkpoint`);
  saved.model.dispose();
  const { losses, training, config } = saved;
  const steps = losses.map((_, i) => training.step - losses.length + 1 + i);
  return { name: basename(folder), settings: texts(config?.['settings']), ...thinned(steps, losses) };
}

function fromRecording(path: string): ComparedRun {
  const { about, tracks } = recordingOf(path);
  const steps: number[] = [];
  const losses: number[] = [];
  for (const marble of tracks.find(({ title }) => title === 'steps')?.marbles ?? []) {
    if (marble.kind !== 'N') continue;
    const { step, loss } = Object(marble.value) as { readonly step?: unknown; readonly loss?: unknown };
    if (typeof step !== 'number' || typeof loss !== 'number' || step <= (steps.at(-1) ?? 0)) continue;
    steps.push(step);
    losses.push(loss);
  }
  if (steps.length === 0) throw new UsageError(`--compare ${path}: records no training steps`);
  return {
    name: basename(path),
    settings: texts((Object(about) as Record<string, unknown>)['settings']),
    ...thinned(steps, losses),
  };
}

/** Reads a recording of any kind as a whole, and what there is of a run that was killed. */
export function recordingOf(path: string): Recording {
  return openRun(path, { unfinished: true }).cut({ from: 0, to: Infinity });
}

function thinned(steps: readonly number[], losses: readonly number[]): Pick<ComparedRun, 'steps' | 'losses'> {
  const stride = Math.ceil(steps.length / MOST);
  const kept = (_: number, i: number): boolean => i % stride === stride - 1 || i === steps.length - 1;
  return { steps: steps.filter(kept), losses: losses.filter(kept) };
}
