import type { KV } from '@nats-io/kv';
import { visible } from '../check/visible.js';
import { ABOUT } from './aboutBus.js';
import { setValue } from './setValue.js';

/**
 * Refuses a number of partitions other than that which is noted beside the leases, and notes it where none is: by another
 * one, as in a record that was edited, keys would be in other partitions than their states.
 */
export async function checkPartitions(leases: KV, name: string, partitions: number): Promise<void> {
  if ((await setValue(leases, ABOUT, new TextEncoder().encode(`${partitions}`), 0)) !== undefined) return;
  const noted = (await leases.get(ABOUT))?.string();
  if (noted === undefined || noted === `${partitions}`) return;
  const what = `${ABOUT} in its bucket ${name}-states says ${partitions} partitions, and in ${name}-leases`;
  const many = visible(noted, { most: 20 });
  throw new Error(`${what} ${many}: keys are in partitions by the first number that it had; put that back`);
}
