import { defer, map, type OperatorFunction, Subject, tap } from 'rxjs';
import { type Alarm, pageHinkley } from '../../src/index.js';
import type { ScoredLine } from './scoreLines.js';

/** Settings of the Page–Hinkley test, in bits per character of a line. */
const CHANGE = { delta: 0.5, threshold: 12, minValues: 30 };

/**
 * Adds an alarm to the line at which the rise in surprisal becomes certain: the number of the first line after the
 * rise, and the mean bits per character before it and since.
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
