import type { LagWatch } from './lagWatch.js';
import type { Metric } from './metrics.js';
import type { StateKeeper } from './stateKeeper.js';
import type { Webhook } from './webhook.js';

/** What a monitor counts, and its parts. */
interface Figures {
  readonly lines: number;
  readonly bits: number;
  readonly alarms: number;
  readonly leftOut: number;
  readonly learning: boolean;
  readonly threshold: number;
  readonly templates: number | undefined;
  readonly lag: LagWatch | undefined;
  readonly state: StateKeeper | undefined;
  readonly hook: Webhook | undefined;
}

/** The metrics of a monitor; NaN where it does not have that part. */
export function monitorMetrics(of: Figures): Metric[] {
  const { lag, state, hook } = of;
  const counter = (name: string, help: string, value = NaN): Metric => ({ name: `rxrnn_${name}_total`, type: 'counter', help, value }); // prettier-ignore
  const gauge = (name: string, help: string, value = NaN): Metric => ({ name, type: 'gauge', help, value });
  return [
    counter('lines', 'Lines scored.', of.lines),
    counter('bits', 'Surprisal of all lines, in bits.', of.bits),
    counter('alarms', 'Lines with an alarm, equal ones counted one by one.', of.alarms),
    counter('left_out', 'Lines left out while behind.', of.leftOut),
    gauge('rxrnn_learning', '1 while nothing is marked yet, since too few lines are known.', of.learning ? 1 : 0),
    gauge('rxrnn_alarm_threshold', 'Score from which a line is an alarm by itself, at the last one.', of.threshold),
    gauge('rxrnn_templates', 'Templates of lines that are kept.', of.templates),
    gauge('rxrnn_lag_bytes', 'Bytes written to the file and not scored yet.', lag?.bytes),
    gauge('rxrnn_lag_seconds', 'Seconds since the next byte to score was written.', lag?.seconds),
    gauge('rxrnn_state_saved_timestamp_seconds', 'When the state was saved.', state && state.savedAt / 1000),
    gauge('rxrnn_state_failures', 'Attempts to save the state since the last that did not fail.', state?.failures),
    counter('webhook_delivered', 'Events that the webhook has taken.', hook?.delivered),
    counter('webhook_dropped', 'Events that were given up.', hook?.dropped),
    gauge('rxrnn_webhook_waiting', 'Events that wait for the webhook.', hook?.waiting.length),
    gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
  ];
}
