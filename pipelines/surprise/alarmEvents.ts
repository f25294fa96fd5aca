import type { Scored } from './scored.js';
import type { Webhook } from './webhook.js';

/** Makes events of alarms, each with its trace. */
export interface AlarmEvents {
  /** Takes each line that was scored; `id` names the event of its alarm, if it is the first of equal ones. */
  add(scored: Scored, id: string): void;
  /** Posts the alarm that waits for its trace, unless it came after `since`, on the clock of `performance`. */
  release(since?: number): void;
}

/** Posts alarms of a source to a webhook: each waits until its record ends, so that its trace is with it. */
export function alarmEvents(hook: Webhook, source: string | null): AlarmEvents {
  let held: { readonly id: string; readonly alarm: Scored; readonly trace: string[]; readonly at: number } | undefined;

  function release(since = Infinity): void {
    if (!held || held.at > since) return;
    const { id, alarm, trace } = held;
    held = undefined;
    hook.post(id, { type: 'alarm', source, ...alarm, ...(trace.length > 0 && { trace }) });
  }
  return {
    add(scored, id) {
      const { number, record = number, trace = [] } = scored;
      if (held && record === held.alarm.record) held.trace.push(...trace);
      else release();
      if (scored.alarm?.count !== 1) return;
      release();
      held = { id, alarm: scored, trace: [...trace], at: performance.now() };
    },
    release,
  };
}
