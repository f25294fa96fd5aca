/** The last numbers of a stream, sorted: at most so many, in memory that grows with them. */
export interface SortedWindow {
  /** Those kept, ascending; the first `size()` of the array. */
  sorted(): Float64Array;
  size(): number;
  /** How many of them are below a value. */
  below(value: number): number;
  /** Takes in a number; beyond the most, the one that came first goes. A binary search and a move. */
  keep(value: number): void;
}

/** Makes an empty window of the last `most` numbers. */
export function sortedWindow(most: number): SortedWindow {
  let ring = new Float64Array(Math.min(most, 64)); // as they came
  let sorted = new Float64Array(ring.length);
  let count = 0;
  let size = 0;

  function below(value: number): number {
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  function grow(): void {
    const length = Math.min(most, 2 * ring.length);
    const [before, sortedBefore] = [ring, sorted];
    [ring, sorted] = [new Float64Array(length), new Float64Array(length)];
    ring.set(before); // until it is full, nothing has gone
    sorted.set(sortedBefore);
  }
  return {
    sorted: () => sorted,
    size: () => size,
    below,
    keep(value) {
      if (size === most) {
        const place = below(ring[count % most]!);
        sorted.copyWithin(place, place + 1, size);
        size -= 1;
      } else if (size === ring.length) grow();
      const place = below(value);
      sorted.copyWithin(place + 1, place, size);
      sorted[place] = value;
      size += 1;
      ring[count % most] = value;
      count += 1;
    },
  };
}
