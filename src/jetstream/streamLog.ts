import { createHash } from 'node:crypto';
import type { JetStreamClient, JetStreamManager, StoredMsg } from '@nats-io/jetstream';
import { nuid } from '@nats-io/transport-node';
import type { Channel, Entry, Log, Stored } from '../bus/bus.js';
import { checkEntry } from '../bus/checkEntry.js';
import { plainBytes } from '../bus/plainBytes.js';
import { isRefused } from './isRefused.js';
import { orderedReader } from './orderedReader.js';
import { patiently } from './patiently.js';

/** Where the streams of a log are, and how it waits for the server. */
export interface StreamLogOptions {
  /** The beginning of the names of its streams and subjects. */
  readonly name: string;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly maxBytes: number;
  /** Milliseconds until an answer. */
  readonly answer: number;
  /** Milliseconds for which an entry is tried again. */
  readonly patience: number;
  /** Whether no answer can come any more. */
  readonly isClosed: () => boolean;
}

/** What messages have that were read or asked for. */
type Message = Pick<StoredMsg, 'subject' | 'seq' | 'data' | 'time'>;

/** The subjects that `keySubject` and the bus itself make. */
const OWN_SUBJECT = /^[\w-]{1,160}$/;

/** The subject of an entry; one that somebody else published under another kind gets a name that every port takes. */
function ownSubject(subject: string): string {
  return OWN_SUBJECT.test(subject) ? subject : `foreign-${createHash('sha256').update(subject).digest('base64url')}`;
}

/**
 * The logs of a bus in streams: `<name>-<channel>` has the subjects `<name>.<channel>.<partition>.<subject>`. Entries
 * have message IDs, so that one that is sent again is stored once; `after` is the server's expected last sequence
 * number of the subject.
 */
export function streamLog({ name, client, manager, maxBytes, answer, patience, isClosed }: StreamLogOptions): Log {
  const streamOf = (channel: Channel): string => `${name}-${channel}`;
  const subjectOf = (channel: Channel, partition: number, subject: string): string =>
    `${name}.${channel}.${partition}.${subject}`;
  const entryOf = ({ subject, seq, data, time }: Message): Stored | undefined => {
    const [, , partition, ...own] = subject.split('.');
    if (!/^(?:0|[1-9]\d*)$/.test(partition!) || own.length === 0) return undefined;
    return {
      seq,
      partition: Number(partition),
      subject: ownSubject(own.join('.')),
      data: plainBytes(data),
      id: `${time.getTime()}`,
    };
  };

  /** Stores an entry once, however often it must be sent. */
  async function store(
    channel: Channel,
    partition: number,
    { subject, data, after }: Entry,
  ): Promise<number | undefined> {
    const options = {
      msgID: nuid.next(),
      timeout: answer,
      ...(after !== undefined && { expect: { lastSubjectSequence: after } }),
    };
    try {
      const send = (): Promise<{ seq: number }> =>
        client.publish(subjectOf(channel, partition, subject), data, options);
      const final = (error: unknown): boolean => isRefused(error) || isClosed();
      return (await patiently(send, { milliseconds: patience, final })).seq;
    } catch (error) {
      if (isRefused(error)) return undefined;
      throw error;
    }
  }
  const at = async (channel: Channel, seq: number): Promise<StoredMsg | undefined> =>
    (await manager.streams.getMessage(streamOf(channel), { seq })) ?? undefined;
  async function last(channel: Channel, filter: string): Promise<Stored | undefined> {
    const message = await manager.streams.getMessage(streamOf(channel), { last_by_subj: filter });
    return message ? entryOf(message) : undefined;
  }

  return {
    async append(channel, partition, entries) {
      for (const { subject, data } of entries) checkEntry(subject, data, maxBytes);
      const results: (number | undefined)[] = [];
      let left = entries.map((entry, i) => [i, entry] as const);
      while (left.length > 0) {
        const taken = new Set<string>(); // of each subject one at a time: what is sent again must not be overtaken
        const now = left.filter(([, { subject }]) => !taken.has(subject) && taken.add(subject));
        left = left.filter((one) => !now.includes(one));
        const stored = await Promise.allSettled(now.map(([, entry]) => store(channel, partition, entry)));
        for (const [j, result] of stored.entries()) {
          if (result.status === 'rejected') throw result.reason;
          results[now[j]![0]] = result.value;
        }
      }
      return results;
    },
    read: (channel, partition, from) =>
      orderedReader(client, {
        stream: streamOf(channel),
        filter: partition === undefined ? `${name}.${channel}.>` : `${name}.${channel}.${partition}.>`,
        prefix: `rxrnn${nuid.next()}`,
        from,
        patience,
        end: async () => (await manager.streams.info(streamOf(channel))).state.last_seq,
        at: (seq) => at(channel, seq),
        filler: `${name}.${channel}.lost`,
        entry: entryOf,
      }),
    async at(channel, _, seq) {
      const message = await at(channel, seq);
      return message && entryOf(message);
    },
    last: (channel, partition, subject) => last(channel, subjectOf(channel, partition, subject)),
    end: async (channel, partition) => (await last(channel, `${name}.${channel}.${partition}.>`))?.seq ?? 0,
    async trim(channel, partition, below) {
      await manager.streams.purge(streamOf(channel), { filter: `${name}.${channel}.${partition}.>`, seq: below });
    },
  };
}
