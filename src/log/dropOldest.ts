/**
 * Makes a function that deletes the oldest entry of a Map and returns its value: the entry whose key was set longest ago,
 * so that a key that is deleted and set again is the newest. It returns undefined where the Map is empty.
 *
 * All calls share one iterator: a new one takes time linear in the entries deleted before the first.
 */
export function dropOldest<V>(map: Map<unknown, V>): () => V | undefined {
  let entries = map.entries();
  return () => {
    let { value: oldest } = entries.next();
    if (!oldest) {
      entries = map.entries(); // an iterator that was at the end stays there
      ({ value: oldest } = entries.next());
    }
    if (!oldest) return undefined;
    map.delete(oldest[0]);
    return oldest[1];
  };
}
