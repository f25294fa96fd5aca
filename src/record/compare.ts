import { describe } from './describe.js';
import { sameValue } from './sameValue.js';
import { dashes, diagram, isMessage, tick, type Legend, type Message } from './diagram.js';

/** When a source was subscribed to and unsubscribed from, in frames; `Infinity` for never. */
export interface SubscriptionFrames {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/**
 * Compares what a `TestScheduler` saw with what was expected, and throws an Error whose `details` are the two diagrams,
 * one above the other, and their legend. uvu prints such details.
 *
 * Numbers are compared to the last bit (`NaN` equals itself), typed arrays by kind and content, errors by name and
 * message. `ordinal` is the number of the expectation in its test, from 1. Pass it to RxJS as
 * `new TestScheduler((actual, expected) => compare(actual, expected))` where `marbles` does not fit.
 */
export function compare(actual: unknown, expected: unknown, ordinal?: number): void {
  if (sameValue(comparable(actual), comparable(expected))) return;
  const which = ordinal === undefined ? '' : ` (expectation ${ordinal} of this test)`;
  const details = draw(actual, expected);
  if (details !== undefined) throw Object.assign(new Error(`the diagrams differ${which}`), { details });
  throw new Error(`expected ${describe(expected)}, got ${describe(actual)}${which}`); // no messages, no subscriptions
}

function draw(actual: unknown, expected: unknown): string | undefined {
  if (areMessages(actual) && areMessages(expected)) {
    const legend: Legend = new Map();
    const scale = tick([actual, expected]);
    const lines = [
      `Expected: ${diagram(expected, { legend, tick: scale })}`,
      `Actual:   ${diagram(actual, { legend, tick: scale })}`,
    ];
    if (scale > 1) lines.push(`(each frame drawn as ${scale}, to give groups room)`);
    for (const [text, marble] of legend) if (text !== describe(marble)) lines.push(`${marble} := ${text}`);
    return lines.join('\n');
  }
  if (areSubscriptions(actual) && areSubscriptions(expected)) {
    const lines = (label: string, logs: readonly SubscriptionFrames[]): string[] =>
      logs.length === 0 ? [`${label}no subscription`] : logs.map((log) => label + subscription(log));
    return [...lines('Expected: ', expected), ...lines('Actual:   ', actual)].join('\n');
  }
  return undefined;
}

function subscription({ subscribedFrame, unsubscribedFrame }: SubscriptionFrames): string {
  if (subscribedFrame === Infinity) return '-';
  const before = dashes(subscribedFrame).trimStart();
  if (unsubscribedFrame === Infinity) return `${before}^`;
  if (subscribedFrame === unsubscribedFrame) return `${before}(^!)`;
  return `${before}^${dashes(unsubscribedFrame - subscribedFrame - 1)}!`;
}

function areMessages(value: unknown): value is Message[] {
  return Array.isArray(value) && value.every(isMessage);
}

function areSubscriptions(value: unknown): value is SubscriptionFrames[] {
  return Array.isArray(value) && value.every((item) => hasField(item, 'subscribedFrame'));
}

function hasField(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}

/** Copies a value with its errors and typed arrays written out, since errors have no fields. */
function comparable(value: unknown): unknown {
  if (value instanceof Error) return { error: describe(value) };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return { kind: value.constructor.name, values: Array.from(value as Uint8Array) };
  }
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, comparable(field)]));
}
