import { asyncScheduler, type SchedulerLike, type Subscription } from 'rxjs';
import { curveHistory } from './curveHistory.js';
import type { Points, Topics } from './messages.js';
import { pointRing } from './pointRing.js';
import type { Point } from './points.js';

/** A page that looks at the board, however it is connected. */
export interface Viewer {
  /** Whether it has taken what was sent before: nothing is queued for a slow one. */
  ready(): boolean;
  /** Sends the text of a topic; `id` says how far the page is in the run's points. */
  send(topic: keyof Topics, data: string, id?: string): void;
}

/** What a run shows: the latest of each topic, and its points, for any number of viewers. */
export interface Board {
  /** Whether anybody looks; where nobody does, nothing is written. */
  readonly watched: boolean;
  /** Shows the latest of a topic: it is made, once for all viewers, when somebody takes it. */
  put<K extends Exclude<keyof Topics, 'points' | 'curves'>>(topic: K, make: () => Topics[K]): void;
  /** The latest of a topic, if it was put. */
  get<K extends keyof Topics>(topic: K): Topics[K] | undefined;
  /** Adds a step to the curves. */
  add(point: Point): void;
  /** All points so far. */
  readonly points: Points;
  /** The id of a page that has all of them. */
  readonly id: string;
  /** Connects a viewer, from the id that it was sent last or from the beginning; returns what disconnects it. */
  attach(viewer: Viewer, lastId?: string): () => void;
  /** Sends everybody what is new, at once. */
  flush(): void;
  /** Sends everybody what is new and then, as the last that a page hears, why there is no more: ready for it or not. */
  end(ended: Topics['ended']): void;
}

/** Milliseconds between two looks for news. */
const PERIOD = 100;

/** The most points that are sent at once: those of a longer time are means. */
const MOST_POINTS = 50;

/** Topics that a page is sent before its first points; all others follow, which may be large. */
const FIRST: ReadonlySet<string> = new Set<keyof Topics>(['about', 'controls']);

/** Looks between two times that all curves are sent to a viewer that the ring has overtaken. */
const LOOKS = 20;

interface Attached {
  /** Points that it was sent. */
  sent: number;
  /** By topic, the version that it was sent. */
  readonly seen: Map<string, number>;
  wait: number;
}

interface Kept {
  version: number;
  make: (() => unknown) | undefined;
  value: unknown;
  text: string;
}

/**
 * Makes the board of a run. Topics are kept as their latest value alone, and points in bounded memory, so that a page
 * that opens late, or comes again, is sent everything, and one that reads slowly is sent less: what it could not take is
 * overwritten by what is newer. A page's first points come before what is large, so that it knows the step soon. `run`
 * begins the ids of the points: an id of another run counts as none.
 */
export function board(run: string, scheduler: SchedulerLike = asyncScheduler): Board {
  const topics = new Map<string, Kept>();
  const history = curveHistory();
  const ring = pointRing();
  const viewers = new Map<Viewer, Attached>();
  let timer: Subscription | undefined;

  function read(topic: Kept): Kept {
    if (topic.make === undefined) return topic;
    topic.value = topic.make();
    topic.text = JSON.stringify(topic.value);
    topic.make = undefined;
    return topic;
  }
  function serve(viewer: Viewer, attached: Attached, last = false): void {
    serveTopics(viewer, attached, true, last);
    if (attached.sent < 0) servePoints(viewer, attached, last); // later they are always new, and all else would wait
    serveTopics(viewer, attached, false, last);
    servePoints(viewer, attached, last);
  }
  function serveTopics(viewer: Viewer, attached: Attached, first: boolean, last: boolean): void {
    for (const [name, topic] of topics) {
      if (FIRST.has(name) !== first || attached.seen.get(name) === topic.version) continue;
      if (!viewer.ready() && !last) return;
      attached.seen.set(name, topic.version);
      viewer.send(name as keyof Topics, read(topic).text);
    }
  }
  function servePoints(viewer: Viewer, attached: Attached, last: boolean): void {
    if (attached.sent === ring.added || !(viewer.ready() || last)) return;
    const points = attached.sent < 0 ? undefined : ring.since(attached.sent, MOST_POINTS);
    if (points === undefined && !last && attached.wait-- > 0) return;
    attached.wait = LOOKS;
    attached.sent = ring.added;
    viewer.send(
      points ? 'points' : 'curves',
      JSON.stringify(points ?? history.points, rounded),
      `${run}.${ring.added}`,
    );
  }
  function flush(): void {
    for (const [viewer, attached] of viewers) serve(viewer, attached);
  }
  function put<K extends keyof Topics>(topic: K, make: () => Topics[K]): void {
    const kept = topics.get(topic);
    if (kept) Object.assign(kept, { version: kept.version + 1, make });
    else topics.set(topic, { version: 1, make, value: undefined, text: '' });
  }
  return {
    get watched() {
      return viewers.size > 0;
    },
    put,
    get<K extends keyof Topics>(topic: K): Topics[K] | undefined {
      const kept = topics.get(topic);
      return kept && (read(kept).value as Topics[K]);
    },
    add(point) {
      history.add(point);
      ring.add(point);
    },
    get points() {
      return history.points;
    },
    get id() {
      return `${run}.${ring.added}`;
    },
    attach(viewer, lastId) {
      const [from, id] = (lastId ?? '').split('.');
      const sent = from === run && /^\d{1,15}$/.test(id ?? '') && Number(id) <= ring.added ? Number(id) : -1;
      const attached: Attached = { sent, seen: new Map(), wait: 0 };
      viewers.set(viewer, attached);
      serve(viewer, attached);
      timer ??= scheduler.schedule(function again() {
        flush();
        this.schedule(undefined, PERIOD);
      }, PERIOD);
      return () => {
        viewers.delete(viewer);
        if (viewers.size > 0) return;
        timer?.unsubscribe();
        timer = undefined;
      };
    },
    flush,
    end(ended) {
      for (const [viewer, attached] of viewers) serve(viewer, attached, true);
      put('ended', () => ended);
      for (const [viewer, attached] of viewers) serve(viewer, attached, true);
    },
  };
}

/** Six digits are more than a curve shows. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
