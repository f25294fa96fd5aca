import { bufferTime, concat, concatMap, defer, type Observable, type OperatorFunction } from 'rxjs';
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
/** Reasons that are said of a partition until it works again. */
const MOST_FAULTS = 4;

/**
 * Tells people what happens to a worker: a line for all partitions that it takes or gives back at once or that fail
 * for one reason, one when the bus is lost and one when it is back, and how many lines it has scored, less and less
 * often. Nothing is said twice of a partition while nothing has changed, and while the bus is lost nothing of
 * partitions: what has become of them is said when it is back, or at the end.
 */
export function eventLines({ worker, bus, lease }: EventLinesOptions): OperatorFunction<BusEvent, string> {
  const name = visible(worker);
  let scored = 0;
  let told = 0;
  let pause = PAUSE;
  let due = 0;
  let away = false;
  const places = new Map<number, string>(); // what was said last of each partition: that it is taken, or how it went
  const faults = new Map<number, Set<string>>(); // why a partition failed, since it worked last
  const waiting = new Map<number, string>(); // what became of partitions while the bus is lost

  function linesOf(events: readonly BusEvent[], isEnd = false): string[] {
    const lines: string[] = [];
    const moved = new Map<string, Set<number>>(); // partitions by what happened to them
    const say = (what: string, partition: number): void => {
      moved.set(what, (moved.get(what) ?? new Set()).add(partition));
      [pause, due] = [PAUSE, 0];
    };
    const move = (what: string, partition: number): void => {
      if (away) waiting.set(partition, what);
      else if (places.get(partition) !== what) {
        places.set(partition, what);
        faults.delete(partition);
        say(what, partition);
      }
    };
    const sayWaiting = (): void => {
      for (const [partition, what] of waiting) move(what, partition);
      waiting.clear();
    };
    const failed = (reason: string, partition: number): void => {
      const known = faults.get(partition) ?? new Set();
      if (known.has(reason) || known.size >= MOST_FAULTS) return;
      faults.set(partition, known.add(reason));
      say(`failed on # and tries again: ${visible(reason)}`, partition);
    };
    for (const event of events) {
      switch (event.kind) {
        case 'committed':
          scored += event.values;
          faults.delete(event.partition);
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
          say(`has model ${event.epoch} on #`, event.partition);
          break;
        case 'lost':
          move(`stops with #: ${visible(event.reason)}`, event.partition);
          break;
        case 'failed': // while the bus is away they all do
          if (!away && !events.some(({ kind }) => kind === 'unavailable')) failed(event.reason, event.partition);
          break;
        case 'dead':
          lines.push(`could not score a line of ${visible(event.key, { most: 60 })}: ${visible(event.reason)}`);
          break;
        case 'unavailable':
          if (!away) lines.push(`cannot use ${visible(bus)} and tries again: ${visible(event.reason)}`);
          away = true;
          break;
        case 'available':
          lines.push(`can use ${visible(bus)} again`);
          away = false;
          sayWaiting();
      }
    }
    if (isEnd) {
      away = false;
      sayWaiting();
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
  return (event$: Observable<BusEvent>) =>
    concat(
      event$.pipe(
        bufferTime<BusEvent>(GATHERED),
        concatMap((events) => linesOf(events)),
      ),
      defer(() => linesOf([], true)),
    );
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
