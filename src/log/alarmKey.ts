import { hashOf } from './hashOf.js';

/** What alarms must have in common to be equal. */
interface Alike {
  /** The template, or that of the line of a trace. */
  readonly of: string;
  /** The stream: key, container, component; those that are empty are left out. */
  readonly stream: readonly string[];
  /** Why, in words, as `Why.reasons`. */
  readonly reasons: readonly string[];
  /** Where the unusual values are, each with its kind. */
  readonly slots: readonly string[];
}

const MOST_NAME = 64; // UTF-16 units of a name
const MOST_SLOTS = 4;
const DETAIL = /[\d":].*$/s;
/** Reasons that change while the same trouble comes again: how rare its template and errors were. */
const OF_COUNT = /^(?:new template|template came)|\berrors?\b/;

/**
 * What equal alarms have in common: template, stream, the kinds of their reasons and the places of unusual values, but neither
 * the values nor how often anything came.
 */
export function alarmKey({ of, stream, reasons, slots }: Alike): string {
  const kinds = reasons.filter((reason) => !OF_COUNT.test(reason)).map((reason) => reason.replace(DETAIL, '').trim());
  const names = stream.filter((name) => name !== '').map(bounded);
  return [of, ...names, ...kinds, ...slots.slice(0, MOST_SLOTS).map(bounded)].join('; ');
}

/** A name, or the beginning of a long one with a hash of the rest. */
function bounded(name: string): string {
  return name.length <= MOST_NAME ? name : `${name.slice(0, MOST_NAME)}…${hashOf(name).toString(36)}`;
}
