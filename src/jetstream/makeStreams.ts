import {
  DiscardPolicy,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { aboutBus } from './aboutBus.js';
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

/**
 * Makes the three streams of a bus that are not there; an Error where others have their names, and where the bus was
 * made before and a part of it is gone: a new one in its place would hide what was lost.
 */
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
    const made = (await aboutBus(manager, name)) !== undefined; // before the streams are looked for: others may make it
    const found = await infoOf(manager, config.name);
    if (!found && made) throw gone(`its stream ${config.name} is gone, with what was in it`);
    const { subjects, duplicate_window: window, retention, discard } = found?.config ?? (await make(config));
    if (!subjects.includes(subject)) {
      throw new Error(
        `its stream ${config.name} is not one of a bus: it has no subjects ${subject}; choose another name`,
      );
    }
    if (found && found.state.last_seq > 0 && !made && (await aboutBus(manager, name)) === undefined) {
      throw gone(`its stream ${config.name} was used, and the record of its partitions is gone`);
    }
    if (retention !== RetentionPolicy.Limits || discard !== DiscardPolicy.New) {
      throw new Error(`its stream ${config.name} drops entries; it must have retention: limits and discard: new`);
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
      const found = await infoOf(manager, config.name); // another process was faster
      if (found) return found.config;
      throw error;
    }
  }
}

function gone(what: string): Error {
  return new Error(`${what}; choose another name for a new bus, or delete what is left of this one`);
}

async function infoOf(manager: JetStreamManager, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
