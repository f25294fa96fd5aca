const MARK = '\u0000'; // the beginning and the end of a session

/**
 * The simplest detector, to compare with: whether a session has a pair of events in a row, its beginning and end counted as
 * events, or a number of events, that no session learned from had.
 */
export function neverSeen(learned: readonly (readonly string[])[]): (session: readonly string[]) => boolean {
  const pairs = new Set(learned.flatMap(pairsOf));
  const lengths = new Set(learned.map(({ length }) => length));
  return (session) => !lengths.has(session.length) || pairsOf(session).some((pair) => !pairs.has(pair));
}

function pairsOf(session: readonly string[]): string[] {
  return [...session, MARK].map((event, i) => `${i === 0 ? MARK : session[i - 1]} ${event}`);
}
