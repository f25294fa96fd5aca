import type { JetStreamManager } from '@nats-io/jetstream';
import { keptJson } from '../bus/keptJson.js';
import { MOST_PARTITIONS } from '../bus/partitionOf.js';
import { count, object } from '../check/schema.js';
import { isMissing } from './isMissing.js';

/** The name of the record in the bucket of states. */
export const ABOUT = 'about';

const ABOUT_FORM = object<{ version: number; partitions: number }>({ version: count, partitions: count });

/** How many partitions a bus was made with; `undefined` where there is none of this name. */
export async function aboutBus(manager: JetStreamManager, name: string): Promise<number | undefined> {
  const bucket = `${name}-states`;
  const last = { last_by_subj: `$KV.${bucket}.${ABOUT}` };
  const found = await manager.streams.getMessage(`KV_${bucket}`, last).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (!found || found.data.length === 0) return undefined; // without data it was deleted
  const { version, partitions } = keptJson(ABOUT_FORM, found.data, `the record ${ABOUT} of its bucket ${bucket}`);
  if (version === 1 && partitions > 0 && partitions <= MOST_PARTITIONS) return partitions;
  throw new Error('the bus is of another version');
}
