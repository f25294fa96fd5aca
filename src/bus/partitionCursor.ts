import { count, object, text } from '../check/schema.js';
import type { Bus } from './bus.js';
import { keptJson } from './keptJson.js';
import { Lost } from './Lost.js';

/** How far a partition is processed, and by which model. */
interface Cursor {
  /** The sequence number of the last frame whose results and states are stored. */
  readonly seq: number;
  readonly epoch: number;
  readonly hash: string;
  readonly resetSince: number;
}

/** The cursor of a partition, which one worker moves at a time. */
export interface PartitionCursor {
  /** `undefined` where nothing is committed yet. */
  read(): Promise<Cursor | undefined>;
  /** Moves it from where this worker read it or moved it last; `Lost` where another worker has moved it. */
  move(cursor: Cursor): Promise<void>;
}

const FORM = object<Cursor>({ seq: count, epoch: count, hash: text, resetSince: count });
const NAME = 'cursor';

/** Makes access to the cursor of a partition; an Error where another program wrote it. */
export function partitionCursor(bus: Bus, partition: number): PartitionCursor {
  let revision = 0;
  return {
    async read() {
      const [found] = await bus.states.get(partition, [NAME]);
      const cursor = found && keptJson(FORM, found.data, `the cursor of partition ${partition}`);
      revision = found?.revision ?? 0;
      return cursor;
    },
    async move({ seq, hash, epoch, resetSince }) {
      const data = new TextEncoder().encode(JSON.stringify({ seq, hash, epoch, resetSince }));
      const [next] = await bus.states.update(partition, [{ name: NAME, data, revision }]);
      if (next === undefined) throw new Lost('another worker moved the cursor');
      revision = next;
    },
  };
}

/** The sequence number up to which a partition is committed, by the bus; 0 where nothing is. */
export async function committedTo(bus: Bus, partition: number): Promise<number> {
  return (await partitionCursor(bus, partition).read())?.seq ?? 0;
}
