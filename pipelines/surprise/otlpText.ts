import { safeJson } from '../cli/safeJson.js';
import type { Scored } from './scored.js';

/** Milliseconds of 1970 to 1980: such times are of clocks without a day, whose days are counted from 1970 on. */
const CLOCKS = 315_532_800_000;

/** Severity numbers of OpenTelemetry's data model of logs. */
const SEVERITIES: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  notice: 10,
  warn: 13,
  error: 17,
  critical: 21,
};

/**
 * Writes a scored line as OTLP-JSON, one `LogsData` per line as a file exporter writes them, with the template in
 * `log.record.template`. `observed` is the time of arrival, in milliseconds since 1970.
 */
export function otlpText({ line, time, severity, ...scored }: Scored, service: string, observed: number): string {
  const { templateText, template, score, bits, alarm, why } = scored;
  const attributes = [
    ...(templateText === undefined ? [] : [attribute('log.record.template', templateText)]),
    ...(template === undefined ? [] : [attribute('rxrnn.template.id', template)]),
    attribute('rxrnn.line.number', scored.number),
    attribute('rxrnn.score', score),
    attribute('rxrnn.bits', bits),
    ...(alarm ? [attribute('rxrnn.alarm', alarm.kind), attribute('rxrnn.alarm.count', alarm.count)] : []),
    ...(alarm?.follows === undefined ? [] : [attribute('rxrnn.alarm.follows', alarm.follows)]),
    ...(alarm && why ? [attribute('rxrnn.why', why.reasons.join('; '))] : []),
  ];
  const logRecord = {
    timeUnixNano: nanoseconds((time ?? 0) < CLOCKS ? observed : time!),
    observedTimeUnixNano: nanoseconds(observed),
    ...(typeof severity === 'string' && { severityNumber: SEVERITIES[severity] ?? 0, severityText: severity }),
    body: { stringValue: line },
    attributes,
  };
  const resource = { attributes: [attribute('service.name', service)] };
  return safeJson({
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'rxrnn' }, logRecords: [logRecord] }] }],
  });
}

/** 64-bit integers are texts in the JSON of protocol buffers. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

function attribute(key: string, value: string | number): object {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (Number.isSafeInteger(value)) return { key, value: { intValue: String(value) } };
  return { key, value: { doubleValue: value } };
}
