import { alarmKey } from './alarmKey.js';
import type { Exceeded } from './alarmRule.js';
import type { LineAlarm } from './lineScore.js';

/** What of a line with an alarm others have in common with it. */
interface Alarming {
  readonly exceeded: Exceeded;
  /** Number of its template, and lines of that so far. */
  readonly template: number;
  readonly count: number;
  /** Number of the line that begins its record, and whether it continues that. */
  readonly record: number;
  readonly continues: boolean;
  /** Key, container, component. */
  readonly stream: readonly string[];
  readonly reasons: readonly string[];
  /** Where its unusual values are. */
  readonly slots: readonly string[];
}

const RARE = 10; // lines of a template before its values say what a trouble is

/** The alarm of a line that exceeds a threshold. */
export function lineAlarmOf({ exceeded, template, count, record, continues, stream, ...why }: Alarming): LineAlarm {
  const { kind, score, threshold, since } = exceeded;
  const usual = !continues && count >= RARE; // of a rare one all is new, and of a trace numbers of lines
  return {
    kind,
    score,
    threshold,
    key: alarmKey({
      of: `${continues ? 'trace' : 'template'} ${template}`,
      stream,
      reasons: usual ? [kind, ...why.reasons] : [],
      slots: usual ? why.slots : [],
    }),
    since: continues ? record : since,
  };
}
