import { createHmac } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { amount } from '../cli/amount.js';
import { shortened } from './shortened.js';

/** An event that is to be delivered; plain JSON. */
export interface Delivery {
  /** The same at each attempt, also after a restart, so that the receiver can leave out what it has. */
  readonly id: string;
  readonly body: string;
}

export interface WebhookOptions {
  /** Signs each request, as Standard Webhooks says: base64 after `whsec_`, or any text. Without it nothing is signed. */
  readonly secret?: string | undefined;
  /** Deliveries that an earlier run had left. */
  readonly waiting?: readonly Delivery[];
  /** Called when a delivery is given up or the queue overflows. */
  readonly say: (message: string) => void;
  /** Milliseconds that one attempt may take, and that the first retry waits. */
  readonly patience?: number;
  readonly pause?: number;
}

/** Delivers events to a URL, one after another and without anyone waiting for it. */
export interface Webhook {
  /**
   * Adds an event to the queue, with its long texts shortened, unless it waits already; the oldest ones are dropped where it
   * is full.
   */
  post(id: string, event: object): void;
  /** What is not delivered yet, the oldest first. */
  readonly waiting: readonly Delivery[];
  readonly delivered: number;
  readonly dropped: number;
  /** Waits until all is delivered, but no longer than so many milliseconds; then no more attempts are made. */
  close(most: number): Promise<void>;
}

const MOST_WAITING = 1000;
const MOST_BYTES = 0x40_0000; // of those that wait
const LONGEST_PAUSE = 300_000;

/**
 * Posts events as JSON to a URL with the headers of Standard Webhooks (standardwebhooks.com): `webhook-id`,
 * `webhook-timestamp`, and `webhook-signature` with a secret. An attempt that fails, takes too long, or is answered with 408,
 * 429 or 5xx is made again after 1 s, 2 s, 4 s and so on up to 5 minutes, as long as the run lasts; any other answer outside
 * of 2xx gives the event up. Redirections are not followed. At most 1,000 events and 4 MiB wait.
 */
export function webhook(url: string, options: WebhookOptions): Webhook {
  const { secret, say, patience = 10_000, pause = 1000 } = options;
  const waiting = [...(options.waiting ?? [])];
  const closing = new AbortController();
  let delivered = 0;
  let dropped = 0;
  let busy: number | undefined; // the status of the last attempt that is to be made again, where there was an answer
  let working: Promise<void> | undefined;
  let bytes = waiting.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);

  async function work(): Promise<void> {
    let wait = pause;
    let told = false;
    while (waiting.length > 0 && !closing.signal.aborted) {
      const next = waiting[0]!;
      const answer = await attempt(next);
      if (closing.signal.aborted) return;
      if (answer === 'again') {
        if (!told) say(`${trouble()}, and is tried again`);
        told = true;
        await setTimeout(wait, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
        wait = Math.min(LONGEST_PAUSE, 2 * wait);
        continue;
      }
      wait = pause;
      told = false;
      if (waiting[0] === next) remove(0);
      if (answer === 'delivered') delivered += 1;
      else give(`the webhook refused an event with status ${answer}`);
    }
    working = undefined; // before anything else can happen: an event that comes from now on starts it again
  }
  function remove(index: number): void {
    for (const { body } of waiting.splice(index, 1)) bytes -= Buffer.byteLength(body);
  }
  function dropOldest(): void {
    while (waiting.length > MOST_WAITING || (bytes > MOST_BYTES && waiting.length > 2)) {
      remove(1); // the first one may be on its way
      give(`${trouble()}: ${amount(waiting.length, 'event waits', 'events wait')}, and the oldest is dropped`);
    }
  }
  async function attempt({ id, body }: Delivery): Promise<'delivered' | 'again' | number> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'user-agent': 'rxrnn',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(secret !== undefined && { 'webhook-signature': signature(secret, `${id}.${timestamp}.${body}`) }),
    };
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(patience)]);
      const { status, body: answer } = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      await answer?.cancel(); // nothing of it is read
      const again = status === 408 || status === 429 || status >= 500;
      busy = again ? status : undefined;
      if (status >= 200 && status < 300) return 'delivered';
      return again ? 'again' : status;
    } catch {
      busy = undefined;
      return 'again';
    }
  }
  function trouble(): string {
    return busy === undefined ? 'the webhook does not answer' : `the webhook answers with status ${busy}`;
  }
  function give(reason: string): void {
    dropped += 1;
    say(reason);
  }
  function start(): void {
    working ??= work();
  }
  dropOldest();
  if (waiting.length > 0) start();
  return {
    post(id, event) {
      if (waiting.some((other) => other.id === id)) return; // of a run that was killed, whose lines come again
      const body = JSON.stringify(shortened(event));
      waiting.push({ id, body });
      bytes += Buffer.byteLength(body);
      dropOldest();
      start();
    },
    waiting,
    get delivered() {
      return delivered;
    },
    get dropped() {
      return dropped;
    },
    async close(most) {
      const over = setTimeout(most, undefined, { signal: closing.signal, ref: true }).catch(() => undefined);
      await Promise.race([working, over]);
      closing.abort();
      if (waiting.length > 0) say(`${waiting.length} of the events for the webhook are not delivered`);
    },
  };
}

function signature(secret: string, signed: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
