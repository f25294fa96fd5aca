import type { Scored } from './scored.js';
import type { Webhook } from './webhook.js';

/** Makes events of alarms, each with its trace. */
export interface AlarmEvents {
  /** Takes each line that was scored; `id` names the event of its alarm, if it is the first of equal ones. */
  add(scored: Scored, id: string): void;
  /** Posts the alarms that wait for their traces, but for those that came after `since`, on the clock of `performance`. */
  release(since?: number): void;
}

/** An alarm that waits for its trace. */
interface Held {
  readonly id: string;
  readonly alarm: Scored;
  readonly trace: string[];
  readonly at: number;
  /** Lines of its container since the last one of its record. */
  others: number;
}

const MOST_HELD = 64;
const MOST_OTHERS = 10;

/**
 * Posts alarms of a source to a webhook: each waits until its record ends, so that its trace is with it. Traces of several
 * containers, or processes, may come at once: a record has ended when ten lines of its container were of others.
 */
export function alarmEvents(hook: Webhook, source: string | null): AlarmEvents {
  const held = new Map<number, Held>(); // by the number of the record, in the order of their alarms

  function post(record: number, { id, alarm, trace }: Held): void {
    held.delete(record);
    hook.post(id, { type: 'alarm', source, ...alarm, ...(trace.length > 0 && { trace }) });
  }
  return {
    add(scored, id) {
      const { number, record = number, trace = [], origin, alarm } = scored;
      for (const [of, one] of held) {
        if (of === record) {
          for (const row of trace) one.trace.push(row);
          one.others = 0;
        } else if (one.alarm.origin === origin && ++one.others > MOST_OTHERS) post(of, one);
      }
      if (alarm?.count !== 1) return;
      const before = held.get(record);
      if (before) post(record, before);
      held.set(record, { id, alarm: scored, trace: [...trace], at: performance.now(), others: 0 });
      for (const [of, one] of held) if (held.size > MOST_HELD) post(of, one);
    },
    release(since = Infinity) {
      for (const [record, one] of held) if (one.at <= since) post(record, one);
    },
  };
}
