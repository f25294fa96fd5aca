import { log } from '../kernel/math/log.js';

/** What is known of how often something comes; plain JSON. */
export interface RushState {
  /** Times of the last ones, the oldest first. */
  readonly times: readonly number[];
  /** Mean milliseconds between two of those before them, and how many there were. */
  readonly gap: number;
  readonly count: number;
}

/** How much more often something came than usual. */
interface Rush {
  /** Log2 of how many times as often the last ones came as those before them; 0 where not more often, or few are known. */
  readonly bits: number;
  /** How many came in how many milliseconds, and how many per millisecond are usual. */
  readonly count: number;
  readonly span: number;
  readonly rate: number;
}

/** Says how much more often something comes than usual. */
export interface RushModel {
  /** Compares the last ones, this one included, with those before them. */
  add(time: number): Rush;
  state(): RushState;
}

const COMPARED = 16; // events, however long they take: a rush of what comes once per minute is none of what comes each second
const LEAST = 32; // gaps before them
const MEMORY = 256; // gaps whose mean is the usual one
const RESOLUTION = 500; // milliseconds that are added to a time, as of a clock of whole seconds
const LONGEST = 8; // times the mean gap: a silence, or a clock that is set forward, says little of what is usual

/**
 * Makes a model of how often like events come: the time that the last 17 took, beside the mean time between those before them.
 * So it has the time scale of the events themselves, where `burstModel` has a fixed interval. Events that are somewhat late are
 * put in order; where a clock is set back beyond the last 17, these are counted from nothing.
 */
export function rushModel(from?: RushState): RushModel {
  let times: number[] = [...(from?.times ?? [])];
  let gap = from?.gap ?? 0;
  let count = from?.count ?? 0;

  return {
    add(time) {
      if (time < times[0]!) times = [];
      let place = times.length;
      while (place > 0 && time < times[place - 1]!) place--;
      if (place === times.length) times.push(time);
      else times.splice(place, 0, time);
      if (times.length <= COMPARED) return { bits: 0, count: times.length, span: 0, rate: 0 };
      const span = times.at(-1)! - times[0]!;
      const ratio = count < LEAST ? 0 : (COMPARED * gap) / (span + RESOLUTION);
      const rate = gap > 0 ? 1 / gap : 0;
      const own = times[1]! - times[0]!;
      const usual = count === 0 ? own : Math.min(own, Math.max(LONGEST * gap, RESOLUTION));
      count = Math.min(count + 1, MEMORY);
      gap += (usual - gap) / count;
      times.shift();
      return { bits: ratio > 1 ? log(ratio) / Math.LN2 : 0, count: COMPARED + 1, span, rate };
    },
    state: () => ({ times: [...times], gap, count }),
  };
}
