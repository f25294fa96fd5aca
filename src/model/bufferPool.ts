import type { BufferScope } from '../kernel/kernel.js';

/** The buffers of one tape, which may serve another tape when the first is released. */
export interface TapeBuffers {
  /** The most steps of a window. */
  readonly steps: number;
  /** Lanes of every window, which are the stride from step to step in memory: no other number of lanes fits. */
  readonly lanes: number;
  /** What gives their memory back. */
  readonly scope: BufferScope;
  /** Zeros the carried state, for the next tape. */
  clear(): void;
}

/** Buffers lent to a tape. */
export interface Lease<B> {
  readonly buffers: B;
  /** Whether they were given back, and may not be written any more; what was written stays until they are lent again. */
  givenBack(): boolean;
  /** Whether they were lent again or given up since: another tape may have overwritten them. */
  expired(): boolean;
  giveBack(): void;
  /** Frees them instead of giving them back: for buffers that are half made, as memory ran out. */
  giveUp(): void;
}

/** Lends buffers for windows of up to `steps` steps of `lanes` lanes. */
export interface BufferPool<B> {
  lend(steps: number, lanes: number): Lease<B>;
  /** Ends every lease; the memory is the kernel's to give back. */
  dispose(): void;
}

/** The most idle buffers that are kept, whatever their size; beyond them the least recently used one is freed. */
const MOST_IDLE = 8;

/**
 * Lends the smallest idle buffers that are large enough, and makes new ones only where there are none: runs, scorers and
 * validations that come and go use the same memory.
 *
 * New buffers hold up to a quarter more steps than were asked for, so that a few sizes serve windows of many lengths.
 * Before it makes them, the pool gives up the idle buffers of the same lanes that were too small: the new ones can take
 * their place.
 */
export function bufferPool<B extends TapeBuffers>(make: (steps: number, lanes: number) => B): BufferPool<B> {
  interface Idle {
    readonly buffers: B;
    /** The lease that ended last: its numbers stay until the buffers are lent again. */
    readonly last: { expired: boolean };
  }
  let idle: Idle[] = []; // the least recently used first
  let disposed = false;

  function giveUp({ buffers, last }: Idle): void {
    last.expired = true;
    buffers.scope.free();
  }

  function takeIdle(steps: number, lanes: number): B | undefined {
    const fitting = idle.filter(({ buffers }) => buffers.lanes === lanes && buffers.steps >= steps);
    const best = fitting.toSorted((a, b) => a.buffers.steps - b.buffers.steps)[0];
    if (!best) return undefined;
    idle = idle.filter((other) => other !== best);
    best.last.expired = true;
    best.buffers.clear();
    return best.buffers;
  }

  function makeNew(steps: number, lanes: number): B {
    const tooSmall = idle.filter(({ buffers }) => buffers.lanes === lanes);
    idle = idle.filter((other) => !tooSmall.includes(other));
    for (const other of tooSmall) giveUp(other);
    return make(roundUp(steps), lanes);
  }

  function keep(entry: Idle): void {
    if (disposed) return;
    idle.push(entry);
    if (idle.length > MOST_IDLE) giveUp(idle.shift()!);
  }

  return {
    lend(steps, lanes) {
      const buffers = takeIdle(steps, lanes) ?? makeNew(steps, lanes);
      const last = { expired: false };
      let givenBack = false;
      return {
        buffers,
        givenBack: () => givenBack || disposed,
        expired: () => disposed || last.expired,
        giveBack() {
          if (!givenBack) keep({ buffers, last });
          givenBack = true;
        },
        giveUp() {
          if (!givenBack && !disposed) giveUp({ buffers, last });
          givenBack = true;
        },
      };
    },
    dispose() {
      disposed = true;
      idle = [];
    },
  };
}

/** The next of 1, 2, … 8, 10, 12, 14, 16, 20, …: four sizes from each power of two to the next. */
function roundUp(steps: number): number {
  let unit = 1;
  while (unit * 8 < steps) unit *= 2;
  return Math.ceil(steps / unit) * unit;
}
