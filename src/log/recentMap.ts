/** A map in the order in which its keys were set last, the oldest first. Each call takes constant time. */
export interface RecentMap<K, V> extends Iterable<readonly [K, V]> {
  readonly size: number;
  get(key: K): V | undefined;
  /** Gives a key a value, and makes it the newest. */
  set(key: K, value: V): void;
  /** Deletes the oldest key; returns its value, or undefined where the map is empty. */
  dropOldest(): V | undefined;
}

/** An entry, in a list from the oldest to the newest. */
interface Entry<K, V> {
  readonly key: K;
  value: V;
  older: Entry<K, V> | undefined;
  newer: Entry<K, V> | undefined;
}

/**
 * Makes an empty map, or one of entries from the oldest to the newest.
 *
 * The order of a Map alone would not do. To find its first key takes time linear in the keys deleted before it; an
 * iterator kept for that holds all tables that the Map has outgrown since the iterator was used last.
 */
export function recentMap<K, V>(entries: Iterable<readonly [K, V]> = []): RecentMap<K, V> {
  const kept = new Map<K, Entry<K, V>>();
  let oldest: Entry<K, V> | undefined;
  let newest: Entry<K, V> | undefined;

  function append(entry: Entry<K, V>): void {
    entry.older = newest;
    entry.newer = undefined;
    if (newest === undefined) oldest = entry;
    else newest.newer = entry;
    newest = entry;
  }
  function unlink({ older, newer }: Entry<K, V>): void {
    if (older === undefined) oldest = newer;
    else older.newer = newer;
    if (newer === undefined) newest = older;
    else newer.older = older;
  }

  const map: RecentMap<K, V> = {
    get size() {
      return kept.size;
    },
    get: (key) => kept.get(key)?.value,
    set(key, value) {
      let entry = kept.get(key);
      if (entry === undefined) kept.set(key, (entry = { key, value, older: undefined, newer: undefined }));
      else if (entry !== newest) unlink(entry);
      entry.value = value;
      if (entry !== newest) append(entry);
    },
    dropOldest() {
      const entry = oldest;
      if (entry === undefined) return undefined;
      unlink(entry);
      kept.delete(entry.key);
      return entry.value;
    },
    *[Symbol.iterator]() {
      for (let entry = oldest; entry !== undefined; entry = entry.newer) yield [entry.key, entry.value] as const;
    },
  };
  for (const [key, value] of entries) map.set(key, value);
  return map;
}
