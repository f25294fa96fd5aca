import type { MonoTypeOperatorFunction } from 'rxjs';
import { operator } from '../../src/index.js';
import { clearlyAbove } from './clearlyAbove.js';
import type { Scored } from './scored.js';

const WITHIN = 10_000; // milliseconds, by the time of the lines, from one alarm to the next
const MOST_LINES = 30; // between two where they have no time
const MOST_AFTER = 60_000; // milliseconds from the first to the last
/** From the least grave on; one without a severity is as one that says `info`. */
const SEVERITIES = ['trace', 'debug', 'info', 'notice', 'warn', 'error', 'critical'];

/**
 * Marks alarms that follow another one, as those of a crash that is written as several records do: `follows` is the number of the
 * line with the first. An alarm follows within ten seconds of the one before it, or 30 lines where lines have no time, and a
 * minute of the first. One that is graver than the first, by the log itself, or clearly farther above its threshold is the first
 * of others.
 *
 * ```
 * alarms          -a--b-c-----------d-|
 * followAlarms()  -a--b-c-----------d-|      b and c follow a
 * ```
 */
export function followAlarms<S extends Scored>(): MonoTypeOperatorFunction<S> {
  return operator<S, S>((subscriber) => {
    let first: S | undefined;
    let latest: S | undefined; // of those that follow it, or itself

    function isSoon(one: S, other: S, within: number): boolean {
      if (one.time == null || other.time == null) return other.number - one.number <= MOST_LINES;
      return Math.abs(other.time - one.time) <= within;
    }
    return {
      next(scored) {
        if (scored.alarm?.count !== 1) return subscriber.next(scored);
        const follows =
          first &&
          isSoon(latest!, scored, WITHIN) &&
          isSoon(first, scored, MOST_AFTER) &&
          gravityOf(scored) <= gravityOf(first) &&
          !clearlyAbove(strengthOf(scored), strengthOf(first));
        latest = scored;
        if (follows) return subscriber.next({ ...scored, alarm: { ...scored.alarm, follows: first!.number } });
        first = scored;
        subscriber.next(scored);
      },
    };
  });
}

function gravityOf({ severity }: Scored): number {
  return SEVERITIES.indexOf(severity ?? 'info');
}

/** How many times its threshold an alarm has: lines, bursts and rushes each have a measure of their own. */
function strengthOf({ alarm, score }: Scored): number {
  return (alarm?.score ?? score) / (alarm?.threshold ?? 1);
}
