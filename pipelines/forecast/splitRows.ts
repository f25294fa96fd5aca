import { UsageError } from '../cli/command.js';

/** The ends of the rows to learn from, to choose by and to test on. */
export function splitRows(given: string | undefined, rows: number, horizon: number): [number, number, number] {
  const fewest = 3 * (horizon + 2); // to learn from
  const needed = 5 * (horizon + 2); // 60 % of which are the fewest
  if (given === undefined && rows < needed) {
    throw new UsageError(`--horizon ${horizon} needs at least ${needed} rows, the file has ${rows}`);
  }
  const counts = given?.split(',').map(Number) ?? [Math.floor(rows * 0.6), Math.floor(rows * 0.2)];
  if (given === undefined) counts.push(rows - counts[0]! - counts[1]!);
  if (counts.length !== 3 || !counts.every((count) => Number.isSafeInteger(count) && count > 0)) {
    throw new UsageError(`--split must be three positive integers such as 600,200,200, got ${given}`);
  }
  const [learned, chosen, tested] = counts as [number, number, number];
  const all = learned + chosen + tested;
  if (all > rows) throw new UsageError(`--split needs ${all} rows, the file has ${rows}`);
  if (learned < fewest || chosen < horizon + 1 || tested < horizon + 1) {
    throw new UsageError(
      `--horizon ${horizon} needs more rows than ${learned} to learn, ${chosen} to choose by and ${tested} to test on`,
    );
  }
  return [learned, learned + chosen, all];
}
