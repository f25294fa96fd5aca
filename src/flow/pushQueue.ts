import { show } from '../check/show.js';
import type { Checks } from '../check/options.js';
import { callable } from '../check/callable.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import type { Demand } from './demand.js';
import { checkDemand } from './checkDemand.js';
import type { Cursor, Step } from './openCursor.js';
import { queue } from './queue.js';

/** What becomes of a value that is pushed while as many as may wait are waiting. */
export type Overflow = 'error' | 'dropOldest' | 'dropNewest';

/** How many pushed values may wait for demand, and what becomes of one more. */
export interface BoundedOptions<T> {
  /** Values that may wait; 1024 by default. */
  readonly limit?: number | undefined;
  /** What becomes of one more: the stream fails, the oldest is dropped, or the new one; `'error'` by default. */
  readonly overflow?: Overflow | undefined;
  /** Called with each value that is dropped; by default nothing is. */
  readonly onDrop?: ((value: T) => void) | undefined;
  /** When a value is passed on; by default as soon as `next` of the one before has returned. */
  readonly demand?: Demand | undefined;
}

/** The checks of these options. */
export const BOUNDED_CHECKS: Checks<BoundedOptions<never>> = {
  limit: optional(positiveInteger),
  overflow: optional(oneOf('error', 'dropOldest', 'dropNewest')),
  onDrop: optional(callable),
  demand: optional(checkDemand),
};

/** Values that are pushed, and a cursor that hands them over when it is asked. */
export interface PushQueue<T> {
  readonly cursor: Cursor<T>;
  /** Values that wait. */
  readonly waiting: number;
  /** Whether nothing more is taken: it ended, failed, or its reader has left. */
  readonly closed: boolean;
  /** False where the value, or another for it, was dropped. */
  push(value: T): boolean;
  /** The end, after the values that wait. */
  end(): void;
  /** An error, after the values that wait. */
  fail(error: unknown): void;
}

/** Makes a queue with a limit between values that come when they like and a reader that asks. */
export function pushQueue<T>(
  who: string,
  { limit = 1024, overflow = 'error', onDrop }: Omit<BoundedOptions<T>, 'demand'>,
  onTaken: () => void = () => undefined,
): PushQueue<T> {
  const values = queue<T>();
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let waiter: { arrive(step: Step<T>): void; fail(error: unknown): void } | undefined;

  function close(reason?: { readonly error: unknown }): void {
    if (closed) return;
    closed = true;
    failure = reason;
    const asked = waiter;
    waiter = undefined;
    if (failure) asked?.fail(failure.error);
    else asked?.arrive(END);
  }
  function push(value: T): boolean {
    if (closed) return false;
    if (waiter !== undefined) {
      const asked = waiter;
      waiter = undefined;
      asked.arrive({ value, done: false });
      return true;
    }
    if (values.length < limit) {
      values.push(value);
      return true;
    }
    if (overflow === 'error') {
      close({
        error: new Error(
          `${who}: ${limit} values wait for a slower reader, and ${show(value)} is one more; choose what to drop by ` +
            '{ overflow }, or allow more by { limit }',
        ),
      });
      return false;
    }
    const dropped = overflow === 'dropOldest' ? values.shift() : value;
    if (overflow === 'dropOldest') values.push(value);
    onDrop?.(dropped);
    return false;
  }

  return {
    get waiting() {
      return values.length;
    },
    get closed() {
      return closed;
    },
    push,
    end: () => close(),
    fail: (error) => close({ error }),
    cursor: {
      next() {
        if (values.length > 0) {
          const value = values.shift();
          onTaken();
          return { value, done: false };
        }
        if (failure) throw failure.error;
        if (closed) return END;
        // oxlint-disable-next-line unicorn/no-thenable -- answers within `push`: a promise would leave virtual time
        return { then: (arrive, fail) => void (waiter = { arrive, fail }) };
      },
      return() {
        closed = true;
        waiter = undefined;
        values.clear();
        onTaken();
      },
    },
  };
}

const END = { value: undefined, done: true } as const;
