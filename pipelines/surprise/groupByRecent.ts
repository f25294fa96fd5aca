import { defer, groupBy, type GroupedObservable, type OperatorFunction, Subject, tap } from 'rxjs';

/** How many groups are kept, and for how long. */
export interface GroupByRecentOptions {
  /** The most groups to keep; one more ends the one least recently used. */
  readonly most: number;
  /** Milliseconds without an item after which a group ends, at the next item of any key. */
  readonly idle: number;
  /** Milliseconds on a clock that never goes back; `performance.now` by default. */
  readonly now?: () => number;
}

/** A group while it is kept, in a list from the least recently used to the most. */
interface Kept<K> {
  readonly key: K;
  readonly ended$: Subject<void>;
  touched: number;
  older: Kept<K> | undefined;
  newer: Kept<K> | undefined;
}

/**
 * Groups by key as `groupBy`, and ends the groups that were used least recently, so that any number of keys takes the
 * memory of `most`. A key that comes again after that begins a new group. Each item takes constant time.
 *
 * ```
 * items                         -a-b-a-c-b-|      most 2
 * groupByRecent(key, { most })  -A-B---C-D-|
 * A                              a---a---|        the least recently used when b comes again
 * B                                b---|          the least recently used when c comes
 * ```
 */
export function groupByRecent<T, K>(
  keyOf: (item: T) => K,
  { most, idle, now = () => performance.now() }: GroupByRecentOptions,
): OperatorFunction<T, GroupedObservable<K, T>> {
  return (item$) =>
    defer(() => {
      const kept = new Map<K, Kept<K>>(); // finds groups; to find the first key of a Map is linear in those deleted
      let first: Kept<K> | undefined; // the least recently used
      let last: Kept<K> | undefined;

      function touch(key: K): void {
        const time = now();
        let group = kept.get(key);
        if (group === undefined) {
          for (let old = first; old && (kept.size >= most || old.touched + idle <= time); old = first) end(old);
          group = { key, ended$: new Subject(), touched: time, older: undefined, newer: undefined };
          kept.set(key, group);
        } else unlink(group);
        group.touched = time;
        group.older = last;
        group.newer = undefined;
        if (last === undefined) first = group;
        else last.newer = group;
        last = group;
      }
      function end(group: Kept<K>): void {
        kept.delete(group.key);
        unlink(group);
        group.ended$.next();
      }
      function unlink({ older, newer }: Kept<K>): void {
        if (older === undefined) first = newer;
        else older.newer = newer;
        if (newer === undefined) last = older;
        else newer.older = older;
      }

      return item$.pipe(
        tap((item) => touch(keyOf(item))),
        groupBy(keyOf, { duration: ({ key }) => kept.get(key)!.ended$ }),
      );
    });
}
