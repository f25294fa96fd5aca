import { list, number, object, orNull, type Schema, text } from '../check/schema.js';
import { recentMap } from './recentMap.js';

/** What is known of dates of one form; plain JSON. */
export interface DateOrderState {
  /** Separator and length of the year, and where the dates come from. */
  readonly form: string;
  /** Of each reading the day of the last date, since 1970, and the sum of the steps from date to date so far. */
  readonly days: readonly (number | null)[];
  readonly steps: readonly number[];
}

/** Chooses how dates are read that could be read in several ways, by the dates before them. */
export interface DateOrders {
  /**
   * Takes the times of a date of some form by each reading, the usual reading first, undefined where it is not a date; returns one
   * of them.
   */
  choose(form: string, times: readonly (number | undefined)[]): number | undefined;
  state(): DateOrderState[];
}

export const dateOrderState: Schema<DateOrderState> = /* @__PURE__ */ dateOrderSchema();

function dateOrderSchema(): Schema<DateOrderState> {
  return object({ form: text, days: list(orNull(number)), steps: list(number) });
}

const MOST_FORMS = 64;
const DAY = 86_400_000; // milliseconds
const NEVER = 1e6; // days: more than the calendar has between two dates of four digits, or of a log

/**
 * Makes the orders of day, month and year of up to 64 forms of dates. A form is read in the way in which its dates have moved
 * least so far, a date that cannot be, or is more than a day after `now`, counting as a move of a million days: a number above
 * 12 decides at once, and else the first turn of a day. Before either, the usual reading counts.
 */
export function dateOrders(now: (() => number) | undefined, known: readonly DateOrderState[] = []): DateOrders {
  const orders = recentMap(known.map((state) => [state.form, state] as const));

  return {
    choose(form, times) {
      const latest = now ? now() + DAY : Infinity;
      const before = orders.get(form);
      const days = times.map((time) => (time === undefined || time > latest ? null : Math.floor(time / DAY)));
      if (times.every((time) => time === undefined)) return undefined;
      if (before && days.every((day, i) => day === before.days[i])) return leastMoved(times, before.steps);
      const steps = days.map((day, i) => {
        const last = before?.days[i] ?? day;
        return (before?.steps[i] ?? 0) + (day === null ? NEVER : Math.abs(day - last!));
      });
      orders.set(form, { form, days, steps });
      if (orders.size > MOST_FORMS) orders.dropOldest();
      return leastMoved(times, steps);
    },
    state: () => Array.from(orders, ([, state]) => state),
  };
}

/** The time that is one, of the reading that has moved least. */
function leastMoved(times: readonly (number | undefined)[], steps: readonly number[]): number | undefined {
  let best: number | undefined;
  for (let i = 0; i < times.length; i++) {
    if (times[i] !== undefined && (best === undefined || steps[i]! < steps[best]!)) best = i;
  }
  return best === undefined ? undefined : times[best];
}
