import { count, object, orAbsent, text } from '../check/schema.js';
import type { Bus } from './bus.js';
import { keptJson } from './keptJson.js';
import { Lost } from './Lost.js';

/** How far a partition is processed, and by which model. */
interface Cursor {
  /** The sequence number of the last frame whose results and states are stored. */
  readonly seq: number;
  /** The `id` of that frame, by which it is known that the log still has it. */
  readonly entry?: string | undefined;
  readonly epoch: number;
  readonly hash: string;
  readonly resetSince: number;
}

/** The cursor of a partition, which one worker moves at a time. */
export interface PartitionCursor {
  /**
   * `undefined` where nothing is committed yet; an Error where the log has another entry in the place of the last one that
   * was processed.
   */
  read(): Promise<Cursor | undefined>;
  /** Moves it from where this worker read it or moved it last; `Lost` where another worker has moved it. */
  move(cursor: Cursor): Promise<void>;
}

const FORM = object<Cursor>({ seq: count, entry: orAbsent(text), epoch: count, hash: text, resetSince: count });
const NAME = 'cursor';

/** Makes access to the cursor of a partition; an Error where another program wrote it. */
export function partitionCursor(bus: Bus, partition: number): PartitionCursor {
  let revision = 0;
  return {
    async read() {
      const [found] = await bus.states.get(partition, [NAME]);
      const cursor = found && cursorOf(found.data, partition);
      revision = found?.revision ?? 0;
      if (cursor?.entry === undefined) return cursor;
      const stored = await bus.log.at('in', partition, cursor.seq); // none where it was trimmed
      if (stored && stored.id !== cursor.entry) {
        const what = `entry ${cursor.seq}, up to which partition ${partition} is processed, is another one now`;
        throw new Error(
          `${what}: the log has lost its end, and what came since has its numbers; give that entry up and feed it again`,
        );
      }
      return cursor;
    },
    async move({ seq, entry, hash, epoch, resetSince }) {
      const data = new TextEncoder().encode(JSON.stringify({ seq, entry, hash, epoch, resetSince }));
      const [next] = await bus.states.update(partition, [{ name: NAME, data, revision }]);
      if (next === undefined) throw new Lost('another worker moved the cursor');
      revision = next;
    },
  };
}

/** The sequence number up to which a partition is committed, by the bus; 0 where nothing is. */
export async function committedTo(bus: Bus, partition: number): Promise<number> {
  const [found] = await bus.states.get(partition, [NAME]);
  return found ? cursorOf(found.data, partition).seq : 0;
}

function cursorOf(data: Uint8Array, partition: number): Cursor {
  return keptJson(FORM, data, `the cursor of partition ${partition}`);
}
