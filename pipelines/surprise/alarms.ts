import { defer, map, type OperatorFunction, Subject, tap } from 'rxjs';
import { type Alarm, pageHinkley } from '../../src/index.js';
import type { ScoredLine } from './scoreLines.js';

/** Half a change of the mean worth an alarm, and the sum of what exceeds it: in bits a character of a line. */
const CHANGE = { delta: 0.5, threshold: 12, minValues: 30 };

/**
 * Raises an alarm with the line at which it is sure that lines have become more surprising than they were: the number
 * of the first such line, and the mean bits a character before it and since.
 */
export function alarms<L extends ScoredLine>(): OperatorFunction<L, L & { readonly alarm?: Omit<Alarm, 'index'> }> {
  return (line$) =>
    defer(() => {
      const value$ = new Subject<number>();
      let alarm: Omit<Alarm, 'index'> | undefined;
      const watching = value$.pipe(pageHinkley(CHANGE)).subscribe(({ since, before, after }) => {
        alarm = { since: since + 1, before, after };
      });
      return line$.pipe(
        map((line) => {
          alarm = undefined;
          value$.next(line.bitsPerCharacter);
          return alarm ? { ...line, alarm } : line;
        }),
        tap({ finalize: () => watching.unsubscribe() }),
      );
    });
}
