import { bufferTime, concatMap, type OperatorFunction, pipe } from 'rxjs';
import type { BusEvent } from '../../src/bus.js';
import { visible } from '../../src/index.js';

/** Whose events they are. */
export interface EventLinesOptions {
  readonly worker: string;
  /** Seconds of silence after which another worker is taken for dead. */
  readonly lease: number;
}

/** Milliseconds whose events share lines. */
const GATHERED = 200;
/** Milliseconds between two counts of lines: at first and after each change of partitions, and at most. */
const PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/**
 * Tells people what happens to a worker: a line for all partitions that it takes or gives back at once, one for each
 * fault, and how many lines it has scored, less and less often.
 */
export function eventLines({ worker, lease }: EventLinesOptions): OperatorFunction<BusEvent, string> {
  const name = visible(worker);
  let scored = 0;
  let told = 0;
  let pause = PAUSE;
  let due = 0;

  function linesOf(events: readonly BusEvent[]): string[] {
    const lines: string[] = [];
    const moved = new Map<string, number[]>(); // partitions by what happened to them
    const move = (what: string, partition: number): void => {
      moved.set(what, [...(moved.get(what) ?? []), partition]);
      [pause, due] = [PAUSE, 0];
    };
    for (const event of events) {
      if (event.kind === 'committed') scored += event.values;
      else if (event.kind === 'returned') move('gives back #', event.partition);
      else if (event.kind !== 'taken') lines.push(faultOf(event));
      else if (event.from === undefined) move('takes #', event.partition);
      else move(`takes over # from ${visible(event.from)}, silent for ${lease} s`, event.partition);
    }
    for (const [what, partitions] of moved) lines.push(what.replace('#', ranges(partitions)));
    if (scored > told && performance.now() >= due) {
      told = scored;
      due = performance.now() + pause;
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      lines.push(`has scored ${scored} lines`);
    }
    return lines.map((line) => `${name} ${line}`);
  }
  return pipe(bufferTime<BusEvent>(GATHERED), concatMap(linesOf));
}

function faultOf(event: Exclude<BusEvent, { kind: 'committed' | 'taken' | 'returned' }>): string {
  switch (event.kind) {
    case 'lost':
      return `stops with partition ${event.partition}: ${visible(event.reason)}`;
    case 'failed':
      return `failed on partition ${event.partition} and tries again: ${visible(event.reason)}`;
    case 'unavailable':
      return `cannot reach the bus: ${visible(event.reason)}`;
    case 'dead':
      return `could not score a line of ${visible(event.key, { most: 60 })}: ${visible(event.reason)}`;
    case 'model':
      return `has model ${event.epoch} on partition ${event.partition}`;
  }
}

/** Writes numbers as ranges: `partitions 0-3, 7`. */
function ranges(partitions: readonly number[]): string {
  const parts: [from: number, to: number][] = [];
  for (const partition of partitions.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && partition <= last[1] + 1) last[1] = partition;
    else parts.push([partition, partition]);
  }
  const list = parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
  return `${partitions.length === 1 ? 'partition' : 'partitions'} ${list}`;
}
