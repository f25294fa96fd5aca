import { listNames } from '../check/listNames.js';
import { show } from '../check/show.js';

/** The position of each stage of a source: plain JSON. */
export interface Place {
  /** How often the source was started again after its first start: how often it was read to its end. */
  readonly epoch: number;
  /** Each stage's own numbers, by its name. */
  readonly stages: Readonly<Record<string, readonly number[]>>;
}

/** Reports where a source is, and lets its first subscription start where another one was. */
export interface Bookmark {
  /** As in `Place`. */
  readonly epoch: number;
  /** Where the stages are now. An Error where a stage of the place given at first has not taken up its position. */
  place(): Place;
  /**
   * For a stage, to be called on each subscription: returns the numbers to start from, or `undefined` for the
   * beginning. From then on `where` reports the stage's position, as numbers that a later call returns. `begins` is
   * true for the source itself, which counts the epochs. `rereads` is true for a stage that takes up its position by
   * reading its source from the beginning again: the positions of the stages before it are not in the place then.
   */
  keep(
    stage: string,
    where: () => readonly number[],
    begins?: boolean,
    rereads?: boolean,
  ): readonly number[] | undefined;
}

/**
 * Makes a bookmark for the stages of one source, at the beginning or at a place that another bookmark reported.
 *
 * ```ts
 * import { lastValueFrom, take, toArray } from 'rxjs';
 * import { bookmark, text, type Bookmark } from 'rxrnn';
 *
 * const read = (count: number, mark: Bookmark) =>
 *   lastValueFrom(text('data/dinosaurs.csv', { bookmark: mark }).pipe(take(count), toArray()));
 * const mark = bookmark();
 * console.log(await read(4, mark)); // -> [ 'n', 'a', 'm', 'e' ]
 * console.log(await read(3, bookmark(mark.place()))); // -> [ '\n', 'a', 'a' ]
 * ```
 *
 * The place is taken up once, by the first subscription; the next one, for instance that of `repeat`, starts at the
 * beginning and is a new epoch. `place()` is exact where every stage after the source is synchronous: it lies right
 * after the last item that the source has emitted. A TypeError for anything that is not a place.
 */
export function bookmark(from?: Place): Bookmark {
  const waiting = new Map<string, readonly number[]>(from ? stagesOf(from) : []);
  const stages = new Map<string, () => readonly number[]>();
  let epoch = from?.epoch ?? 0;
  let begun = false;
  let rereading: string | undefined;
  return {
    get epoch() {
      return epoch;
    },
    place() {
      if (waiting.size > 0) {
        const names = listNames(waiting.keys());
        throw new Error(`bookmark: the place of ${names} was not taken up; give the bookmark to the same stages again`);
      }
      // subscribed from the last stage to the source: those before one that rereads come after it
      const all = [...stages];
      const last = rereading === undefined ? all.length : all.findIndex(([name]) => name === rereading) + 1;
      return {
        epoch,
        stages: Object.fromEntries(all.slice(0, last).map(([name, where]) => [name, [...where()]])),
      };
    },
    keep(stage, where, begins = false, rereads = false) {
      if (rereads) rereading = stage;
      if (begins && begun) epoch += 1;
      if (begins) begun = true;
      stages.set(stage, where);
      const numbers = waiting.get(stage);
      waiting.delete(stage);
      return numbers;
    },
  };
}

function stagesOf({ epoch, stages }: Place): [string, readonly number[]][] {
  const entries = Object.entries(Object(stages) as Place['stages']);
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= -1;
  if (!whole(epoch) || epoch < 0 || !entries.every(([, numbers]) => Array.isArray(numbers) && numbers.every(whole))) {
    throw new TypeError(`bookmark: from must be a place that place() returned, got ${show({ epoch, stages })}`);
  }
  return entries;
}
