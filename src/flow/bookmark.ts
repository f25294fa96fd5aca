/** Where the stages of a source stand: plain JSON. */
export interface Place {
  /** Times that the source was begun anew since the first: how often it was read to its end. */
  readonly epoch: number;
  /** Each stage's own numbers, by its name. */
  readonly stages: Readonly<Record<string, readonly number[]>>;
}

/** Lies in a source: tells where it stands, and lets the first subscription begin where another one stood. */
export interface Bookmark {
  /** As in `Place`. */
  readonly epoch: number;
  /** Where the stages stand now; an Error where one that stood in the place given at first has not taken it up. */
  place(): Place;
  /**
   * For a stage, on each subscription: the numbers to begin from, `undefined` for the beginning. From then on `where`
   * tells where it stands, as numbers that this function gives back. `begins` is for the source itself, which counts
   * the epochs.
   */
  keep(stage: string, where: () => readonly number[], begins?: boolean): readonly number[] | undefined;
}

/**
 * Gives a bookmark for the stages of one source, at the beginning or at a place that another one told.
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
 * The place is taken up once, by the first subscription; the next one, that of `repeat` say, begins at the beginning
 * and is a new epoch. `place()` is exact whenever every stage behind the source is synchronous: it stands behind the
 * last item that the source has handed out. A TypeError for what is not a place.
 */
export function bookmark(from?: Place): Bookmark {
  const waiting = new Map<string, readonly number[]>(from ? stagesOf(from) : []);
  const stages = new Map<string, () => readonly number[]>();
  let epoch = from?.epoch ?? 0;
  let begun = false;
  return {
    get epoch() {
      return epoch;
    },
    place() {
      if (waiting.size > 0) {
        const names = [...waiting.keys()].join(', ');
        throw new Error(`bookmark: the place of ${names} was not taken up; give the bookmark to the same stages again`);
      }
      return { epoch, stages: Object.fromEntries([...stages].map(([name, where]) => [name, [...where()]])) };
    },
    keep(stage, where, begins = false) {
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
    throw new TypeError(`bookmark: expected a place as place() gave it, got ${JSON.stringify({ epoch, stages })}`);
  }
  return entries;
}
