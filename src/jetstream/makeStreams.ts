import { DiscardPolicy, type JetStreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream';
import { isMissing } from './isMissing.js';

/** How streams are made. */
export interface StreamSettings {
  readonly maxLogEntries: number | undefined;
  readonly replicas: number | undefined;
  /** Milliseconds for which an entry may be sent again. */
  readonly patience: number;
}

/** Milliseconds within which a server knows a message that is sent again, at least. */
const DUPLICATES = 120_000;
/** Nanoseconds per millisecond, the unit of servers. */
const NANOS = 1_000_000;

/** Makes the three streams of a bus that are not there; an Error where others have their names. */
export async function makeStreams(
  manager: JetStreamManager,
  name: string,
  { maxLogEntries = -1, replicas = 1, patience }: StreamSettings,
): Promise<void> {
  for (const channel of ['in', 'out', 'dead'] as const) {
    const subject = `${name}.${channel}.>`;
    const config = {
      name: `${name}-${channel}`,
      subjects: [subject],
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_msgs: maxLogEntries,
      num_replicas: replicas,
      duplicate_window: Math.max(DUPLICATES, 2 * patience) * NANOS,
      allow_direct: true,
    };
    const { subjects, duplicate_window: window } = (await configOf(manager, config.name)) ?? (await make(config));
    if (!subjects.includes(subject)) {
      throw new Error(
        `its stream ${config.name} is not one of a bus: it has no subjects ${subject}; choose another name`,
      );
    }
    if (2 * patience * NANOS > window) {
      const most = window / NANOS / 2;
      throw new RangeError(`patienceMilliseconds must be at most ${most} on this bus, got ${patience}`);
    }
  }

  async function make(config: Parameters<typeof manager.streams.add>[0]): Promise<StreamConfig> {
    try {
      return (await manager.streams.add(config)).config;
    } catch (error) {
      const found = await configOf(manager, config.name); // another process was faster
      if (found) return found;
      throw error;
    }
  }
}

async function configOf(manager: JetStreamManager, stream: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(stream)).config;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
