import { setTimeout } from 'node:timers/promises';
import {
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JsMsg,
  type StoredMsg,
} from '@nats-io/jetstream';
import type { LogReader, Stored } from '../bus/bus.js';

/** Messages that the server sends ahead, and those that wait here at most before no more are asked for. */
const AHEAD = 256;
/** Milliseconds of a pull, and between signs of life: after two that are missing the consumer is made again. */
const EXPIRES = 5000;
const HEARTBEAT = 1000;
/** Milliseconds after which the server removes a consumer that its worker left behind. */
const FORGOTTEN = 30_000;
/** Milliseconds between two attempts to make a consumer: at first, and at most. */
const PAUSE = 100;
const LONGEST_PAUSE = 5000;

/** What was read is not in the stream any more, and new messages get its numbers. */
class EndLost extends Error {}

/** Where a reader reads. */
export interface ReaderPlace {
  readonly stream: string;
  readonly filter: string;
  /** The beginning of the names of its consumers. */
  readonly prefix: string;
  readonly from: number;
  /** Milliseconds for which the server may refuse before `take` fails. */
  readonly patience: number;
  /** The sequence number of the last message that the stream has had. */
  readonly end: () => Promise<number>;
  /** The message of a sequence number; `undefined` for none. */
  readonly at: (seq: number) => Promise<StoredMsg | undefined>;
  /** The subject of messages that nobody reads. */
  readonly filler: string;
  /** The entry of a message; `undefined` where another program wrote it. */
  readonly entry: (message: JsMsg) => Stored | undefined;
}

/**
 * Reads a stream in order from a sequence number on, by ordered consumers: without acknowledgements, so that nothing
 * comes again out of turn. After a loss of the connection or of the consumer it continues after the last message
 * that it gave. Each consumer has a name with `prefix`, and is deleted at the end. While the server is away it waits; a
 * server that is there and refuses, as where the stream is gone or there may be no more consumers, is an error of `take`;
 * so is one that has lost the end of the stream, since new messages would have the numbers of those that were read.
 */
export function orderedReader(
  client: JetStreamClient,
  { stream, filter, prefix, from, patience, end, at, filler, entry }: ReaderPlace,
): LogReader {
  let waiting: Stored[] = [];
  let next = from;
  let last: JsMsg | undefined; // that was read
  let closed = false;
  let consumer: Consumer | undefined;
  let messages: ConsumerMessages | undefined;
  let arrived: (() => void) | undefined;
  let room: (() => void) | undefined;
  let pumping = false;
  let refusal: { readonly since: number; readonly error: unknown } | undefined; // until messages come, or none are there
  const isClosed = (): boolean => closed;

  async function pump(): Promise<void> {
    for (let pause = PAUSE; !isClosed(); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      try {
        await checkEnd();
        consumer = await client.consumers.get(stream, {
          name_prefix: prefix,
          filter_subjects: filter,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: next,
          inactive_threshold: FORGOTTEN,
        });
        const signs = { expires: EXPIRES, idle_heartbeat: HEARTBEAT, abort_on_missing_resource: true };
        messages = await consumer.consume({ max_messages: AHEAD, ...signs });
        refusal = undefined;
        for await (const message of messages) {
          if (closed) break;
          pause = PAUSE;
          if (message.seq < next) continue;
          next = message.seq + 1;
          last = message;
          const stored = entry(message);
          if (stored) waiting.push(stored);
          arrived?.();
          if (waiting.length >= AHEAD) await new Promise<void>((resolve) => (room = resolve));
        }
      } catch (error) {
        // the server or the consumer is gone: again, from where we are
        if (error instanceof JetStreamApiError) refusal = { since: refusal?.since ?? performance.now(), error };
        else if (error instanceof EndLost) refusal = { since: -Infinity, error };
        else refusal = undefined;
      }
      await drop();
      if (!closed) await setTimeout(pause);
    }
  }
  /** Sees that the stream has not lost what comes before `next`, as a server may that lost its power. */
  async function checkEnd(): Promise<void> {
    const has = await end();
    if (has < next - 1) {
      const goOn = `to go on without it: nats pub ${filler} lost --count ${next - 1 - has}`;
      throw new EndLost(`${stream} ends at ${has}, and had ${next - 1}: the server has lost its end; ${goOn}`);
    }
    const now = last && (await at(last.seq));
    if (now && now.time.getTime() !== last!.time.getTime()) {
      throw new EndLost(`${stream} has another message ${last!.seq} than was read: the server has lost its end`);
    }
  }
  async function drop(): Promise<void> {
    const [old, reading] = [consumer, messages];
    consumer = messages = undefined;
    await reading?.close();
    await old?.delete().catch(() => undefined); // the server forgets it soon
  }

  return {
    async take(most, milliseconds) {
      if (!pumping) {
        pumping = true;
        void pump();
      }
      if (waiting.length === 0 && milliseconds > 0 && !closed) {
        const stop = new AbortController();
        const came = new Promise<void>((resolve) => (arrived = resolve));
        await Promise.race([came, setTimeout(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined)]);
        arrived = undefined;
        stop.abort();
      }
      if (closed) return [];
      if (waiting.length === 0 && refusal && performance.now() - refusal.since > patience) throw refusal.error;
      const taken = waiting.slice(0, most);
      waiting = waiting.slice(most);
      if (waiting.length < AHEAD) room?.();
      return taken;
    },
    close() {
      closed = true;
      arrived?.();
      room?.();
      void drop();
    },
  };
}
