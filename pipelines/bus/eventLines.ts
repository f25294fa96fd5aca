import { bufferTime, concatMap, type OperatorFunction, pipe } from 'rxjs';
import type { BusEvent } from '../../src/bus.js';
import { amount } from '../cli/amount.js';
import { visible } from '../../src/index.js';

/** Whose events they are. */
export interface EventLinesOptions {
  readonly worker: string;
  /** The address of the bus. */
  readonly bus: string;
  /** Seconds of silence after which another worker is taken for dead. */
  readonly lease: number;
}

/** Milliseconds whose events share lines. */
const GATHERED = 200;
/** Milliseconds between two counts of lines: at first and after each change of partitions, and at most. */
const PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

/**
 * Tells people what happens to a worker: a line for all partitions that it takes or gives back at once or that fail
 * for one reason, one when the bus is lost and one when it is back, and how many lines it has scored, less and less
 * often.
 */
export function eventLines({ worker, bus, lease }: EventLinesOptions): OperatorFunction<BusEvent, string> {
  const name = visible(worker);
  let scored = 0;
  let told = 0;
  let pause = PAUSE;
  let due = 0;
  let away = false;

  function linesOf(events: readonly BusEvent[]): string[] {
    const lines: string[] = [];
    const moved = new Map<string, Set<number>>(); // partitions by what happened to them
    const move = (what: string, partition: number): void => {
      moved.set(what, (moved.get(what) ?? new Set()).add(partition));
      [pause, due] = [PAUSE, 0];
    };
    for (const event of events) {
      switch (event.kind) {
        case 'committed':
          scored += event.values;
          break;
        case 'taken': {
          const { from } = event;
          move(
            from === undefined ? 'takes #' : `takes over # from ${visible(from)}, silent for ${lease} s`,
            event.partition,
          );
          break;
        }
        case 'returned':
          move('gives back #', event.partition);
          break;
        case 'model':
          move(`has model ${event.epoch} on #`, event.partition);
          break;
        case 'lost':
          move(`stops with #: ${visible(event.reason)}`, event.partition);
          break;
        case 'failed': // while the bus is away they all do
          if (away || events.some(({ kind }) => kind === 'unavailable')) break;
          move(`failed on # and tries again: ${visible(event.reason)}`, event.partition);
          break;
        case 'dead':
          lines.push(`could not score a line of ${visible(event.key, { most: 60 })}: ${visible(event.reason)}`);
          break;
        case 'unavailable':
          if (!away) lines.push(`cannot reach ${visible(bus)} and tries again: ${visible(event.reason)}`);
          away = true;
          break;
        case 'available':
          lines.push(`reaches ${visible(bus)} again`);
          away = false;
      }
    }
    for (const [what, partitions] of moved) lines.push(what.replace('#', ranges([...partitions])));
    if (scored > told && performance.now() >= due) {
      told = scored;
      due = performance.now() + pause;
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      lines.push(`has scored ${amount(scored, 'line')}`);
    }
    return lines.map((line) => `${name} ${line}`);
  }
  return pipe(bufferTime<BusEvent>(GATHERED), concatMap(linesOf));
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
