import { type UnknownSymbols, unknownSymbols } from '../cli/unknownSymbols.js';

/** Counts events that were never learned, and finds those of a session or a case. */
export interface UnknownEvents extends Pick<UnknownSymbols, 'complaint'> {
  /** Takes the events of the next session or case; gives how many of them were never learned. */
  add(events: readonly string[]): number;
}

/** Watches for events in sessions or cases that are not among the names of those that were learned. */
export function unknownEvents(names: readonly string[], kind: 'session' | 'case'): UnknownEvents {
  const known = new Set(names);
  const { add, complaint } = unknownSymbols({
    text: kind,
    symbol: 'event',
    where: `in no ${kind} that was learned`,
    so: 'they count as one event, which is never expected',
  });
  return {
    add(events) {
      const unknown = events.filter((event) => !known.has(event));
      add(unknown);
      return unknown.length;
    },
    complaint,
  };
}
