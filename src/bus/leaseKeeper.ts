import { randomUUID } from 'node:crypto';
import type { LeaseRecord, Leases } from './bus.js';
import { Lost } from './Lost.js';

/** Holds leases of partitions for one worker. */
export interface LeaseKeeper {
  /**
   * Renews what is held, sees who lives, and takes what is free up to this worker's share. Call it every third of
   * `ttl`. It gives the partitions above the share: give them back when what was begun is committed. `Lost` where
   * another worker has come with the name of this one.
   */
  round(): Promise<readonly number[]>;
  /** The partitions that this worker has, also those that it got in a round that failed later. */
  held(): readonly number[];
  /** The worker whose lease of a partition had run out when this one took it; `undefined` where it was free. */
  before(partition: number): string | undefined;
  /**
   * Whether a partition is still this worker's. A lease that is over by its clock is renewed first, which fails where
   * another worker has taken it: then stop at once.
   */
  secure(partition: number): Promise<boolean>;
  /** Gives a partition back, so that others need not wait. */
  giveBack(partition: number): Promise<void>;
  /** Gives everything back. */
  leave(): Promise<void>;
}

/** A lease of this worker. */
interface HeldLease {
  readonly revision: number;
  readonly until: number;
  readonly before: string | undefined;
}

/** The share of a lease's lifetime for which its holder relies on it; others wait for all of it. */
const RELIED_ON = 0.8;
/** Lifetimes after which what a dead worker left is removed. */
const FORGOTTEN = 10;

/**
 * Shares partitions among the workers that live, by leases that are taken and renewed by compare-and-set.
 *
 * No two clocks are compared: a lease is over for others when they have seen no change of it for `ttl` milliseconds
 * on their own clock, and for its holder 0.8 `ttl` after it began the last renewal that succeeded. A process that was
 * stopped longer than that finds its leases over when it looks. Leases save double work and nothing else: what
 * protects the data are the compare-and-sets of outputs, states and cursors.
 */
export function leaseKeeper(
  leases: Leases,
  worker: string,
  { partitions, ttl, clock }: { readonly partitions: number; readonly ttl: number; readonly clock: () => number },
): LeaseKeeper {
  const own = `w-${worker}`;
  const life = randomUUID(); // a later worker of the same name has another one
  const held = new Map<number, HeldLease>();
  const renewing = new Map<number, Promise<void>>();
  const seen = new Map<string, { revision: number; since: number }>();
  let membership = 0; // revision of this worker's own entry
  let joined = false;
  let start = 0; // the partition that is tried first, so that workers do not all try the same
  for (const letter of worker) start = (start * 31 + letter.codePointAt(0)!) % partitions;

  function note(table: ReadonlyMap<string, LeaseRecord>, now: number): void {
    for (const [name, { revision }] of table) {
      if (seen.get(name)?.revision !== revision) seen.set(name, { revision, since: now });
    }
    for (const name of seen.keys()) if (!table.has(name)) seen.delete(name);
  }
  const age = (name: string, now: number): number => now - (seen.get(name)?.since ?? now);

  function renew(partition: number): Promise<void> {
    const known = renewing.get(partition);
    const lease = held.get(partition);
    if (known || !lease) return known ?? Promise.resolve();
    const began = clock();
    const renewal = leases
      .put(`p${partition}`, worker, lease.revision)
      .then((revision) => {
        const kept = held.get(partition) === lease; // not given back meanwhile
        if (kept && revision === undefined) held.delete(partition);
        if (kept && revision !== undefined) held.set(partition, { ...lease, revision, until: began + RELIED_ON * ttl });
        return undefined;
      })
      .finally(() => renewing.delete(partition));
    renewing.set(partition, renewal);
    return renewal;
  }
  const holds = (partition: number): boolean => (held.get(partition)?.until ?? -Infinity) > clock();
  async function join(table: ReadonlyMap<string, LeaseRecord>): Promise<void> {
    const { revision = 0, holder } = table.get(own) ?? {};
    if (joined && holder !== undefined && holder !== life) throw new Lost(`another worker is called ${worker}`);
    membership = (await leases.put(own, life, revision)) ?? membership;
    joined ||= membership > 0;
  }
  /** How many workers live, this one included; what dead ones left is removed. */
  async function members(table: ReadonlyMap<string, LeaseRecord>, now: number): Promise<number> {
    let living = 1;
    for (const [name, { revision }] of table) {
      if (!name.startsWith('w-') || name === own) continue;
      if (age(name, now) < ttl) living += 1;
      else if (age(name, now) > FORGOTTEN * ttl) await leases.remove(name, revision);
    }
    return living;
  }
  async function take(table: ReadonlyMap<string, LeaseRecord>, now: number, most: number): Promise<void> {
    const free: number[] = [];
    for (let i = 0; i < partitions && free.length < most; i++) {
      const partition = (start + i) % partitions;
      const lease = table.get(`p${partition}`);
      if (held.has(partition)) continue;
      if (!lease || lease.holder === '' || lease.holder === worker || age(`p${partition}`, now) >= ttl) {
        free.push(partition);
      }
    }
    const began = clock();
    await Promise.all(
      free.map(async (partition) => {
        const { holder = '', revision: last = 0 } = table.get(`p${partition}`) ?? {};
        const revision = await leases.put(`p${partition}`, worker, last);
        const before = holder === '' || holder === worker ? undefined : holder; // its own of an earlier life
        if (revision !== undefined) held.set(partition, { revision, until: began + RELIED_ON * ttl, before });
      }),
    );
  }

  return {
    async round() {
      await Promise.all(Array.from(held.keys(), renew));
      const table = await leases.list();
      const now = clock();
      note(table, now);
      await join(table);
      const share = Math.ceil(partitions / (await members(table, now)));
      const excess = [...held.keys()].slice(Math.min(share, held.size));
      await take(table, now, share - held.size);
      return excess;
    },
    held: () => [...held.keys()],
    before: (partition) => held.get(partition)?.before,
    async secure(partition) {
      if (!holds(partition)) await renew(partition);
      return holds(partition);
    },
    async giveBack(partition) {
      const lease = held.get(partition);
      held.delete(partition);
      if (lease) await leases.put(`p${partition}`, '', lease.revision);
    },
    async leave() {
      const all = [...held];
      held.clear();
      await Promise.all(all.map(([partition, { revision }]) => leases.put(`p${partition}`, '', revision)));
      if (membership > 0) await leases.remove(own, membership);
    },
  };
}
