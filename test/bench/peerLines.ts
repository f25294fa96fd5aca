import { median, roundTo } from './timing.js';
import { UNITS, type WorkloadName, WORKLOADS } from './workloads.js';

/** A program that ran, and its rates, one per round. */
export interface Entry {
  /** `rxrnn`, or the name of a peer. */
  readonly peer: string;
  /** Its name and version, and the way it was run. */
  readonly version: string;
  readonly rates: number[];
  lossFirst: number | null;
  lossLast: number | null;
}

/** An entry with the median of its rates. */
export type Rated = Entry & { readonly rate: number };

/** Each of ours, and the fastest way of each peer. */
export function fastestWays(entries: readonly Entry[]): { readonly ours: readonly Rated[]; readonly peers: Rated[] } {
  const all = entries.map((entry): Rated => ({ ...entry, rate: median(entry.rates) }));
  const ours = all.filter(({ peer }) => peer === 'rxrnn');
  const isFastest = ({ peer, rate }: Rated): boolean => !all.some((other) => other.peer === peer && other.rate > rate);
  return { ours, peers: all.filter((entry) => entry.peer !== 'rxrnn' && isFastest(entry)) };
}

/** The lines of a workload: one for each of ours and for each peer, with the rates of ours over its own. */
export function peerLines(name: WorkloadName, entries: readonly Entry[], json: boolean): string[] {
  const unit = UNITS[WORKLOADS[name].kind];
  const { ours, peers } = fastestWays(entries);
  return [...ours, ...peers].map((entry) => {
    const { peer, version, rate, rates, lossFirst, lossLast } = entry;
    const isOurs = peer === 'rxrnn';
    if (json) {
      const ways = entries
        .filter((other) => other.peer === peer)
        .map(({ version, rates }) => [version, roundTo(median(rates), 1)]);
      return JSON.stringify({
        workload: name,
        peer,
        version,
        [unit]: roundTo(rate, 1),
        ratio: roundTo(ours.length > 0 ? ours[0]!.rate / rate : null, 3),
        ...(ours.length > 1 && {
          ratios: Object.fromEntries(ours.map((our) => [our.version, roundTo(our.rate / rate, 3)])),
        }),
        rounds: rates.length,
        loss_first: roundTo(lossFirst, 4),
        loss_last: roundTo(lossLast, 4),
        ways: Object.fromEntries(ways) as Record<string, number>,
      });
    }
    const figure = `${Math.round(rate).toLocaleString('en')} ${unit.replace('_per_', '/')}`.padStart(20);
    const times =
      isOurs || ours.length === 0 ? '' : `ours × ${ours.map((our) => (our.rate / rate).toFixed(2)).join(' and ')}`;
    const losses = lossFirst === null ? '' : `loss ${lossFirst.toFixed(2)} → ${lossLast?.toFixed(2) ?? 'NaN'}`;
    return `${name.padEnd(13)} ${version.padEnd(38)} ${figure}  ${times.padEnd(20)} ${losses}`.trimEnd();
  });
}
