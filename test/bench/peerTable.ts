import { cpus } from 'node:os';
import { type Entry, fastestWays } from './peerLines.js';
import type { WorkloadName } from './workloads.js';

export interface PeerTableOptions {
  readonly threads: number;
  readonly rounds: number;
  /** Why peers did not take part, one line each. */
  readonly missing: readonly string[];
}

/**
 * The ratios of all workloads as a table for `README.md`: a row per workload and peer, a column for each of ours; above it
 * the processor, the date and who took part.
 */
export function peerTable(
  results: ReadonlyMap<WorkloadName, readonly Entry[]>,
  { threads, rounds, missing }: PeerTableOptions,
): string[] {
  const workloads = [...results].map(([name, entries]) => ({ name, ...fastestWays(entries) }));
  const ours = [...new Set(workloads.flatMap(({ ours }) => ours.map(({ version }) => version)))];
  const peers = [...new Set(workloads.flatMap(({ peers }) => peers.map(({ peer }) => peer)))];
  const rows = workloads.flatMap(({ name, ours: own, peers }) =>
    peers.map(({ version, rate }) => [
      name,
      version,
      ...ours.map((column) => {
        const rateOfOurs = own.find(({ version }) => version === column)?.rate;
        return rateOfOurs === undefined ? '' : ratioText(rateOfOurs / rate);
      }),
    ]),
  );
  const date = new Date().toISOString().slice(0, 10);
  const turns = `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`;
  return [
    '',
    `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${date}: rxrnn over each peer, ` +
      `${threads === 1 ? 'one thread' : `${threads} threads`}, median of ${turns} in turns.`,
    `Took part: ${peers.join(', ') || 'no peer'}. ${missing.length > 0 ? `Not there: ${missing.join('; ')}` : ''}`.trim(),
    '',
    ...markdown([['workload', 'peer', ...ours], ...rows]),
  ];
}

/** Two digits, and all before the point. */
function ratioText(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(ratio >= 1 ? 1 : 2);
}

/** Rows as a table of Markdown, in the form that prettier gives it; the first has the headings. */
function markdown(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [headings, ...others] = rows.map(line);
  return [headings!, line(widths.map((width) => '-'.repeat(width))), ...others];
}
