import { checkBytes } from '../check/checkBytes.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { options as checkOptions } from '../check/options.js';
import { choice, count, object, text } from '../check/schema.js';
import type { Bus } from './bus.js';
import { checkBus } from './checkBus.js';
import { keptJson } from './keptJson.js';

/** What becomes of the states when a model replaces another. */
export interface AnnounceModelOptions {
  /**
   * `carry` (default) continues each state with the new model where it fits, as after learning on; `reset` starts
   * each key again.
   */
  readonly states?: 'carry' | 'reset' | undefined;
}

/** The model of a bus. */
export interface AnnouncedModel {
  /** 0 for the first model, which holds from the first value on; then one more for each. */
  readonly epoch: number;
  /** The SHA-256 of its bytes. */
  readonly hash: string;
  readonly states: 'carry' | 'reset';
}

/** The model of a bus, with the first that it had. */
interface Register extends AnnouncedModel {
  readonly initial: string;
}

/** The subject of announcements among the values of a partition. */
export const MODEL_SUBJECT = 'model';

const REGISTER = object<Register>({ epoch: count, hash: text, states: choice('carry', 'reset'), initial: text });
const ANNOUNCED = object<AnnouncedModel>({ epoch: count, hash: text, states: choice('carry', 'reset') });
const MARK = object<{ epoch: number }>({ epoch: count });

/**
 * Gives a bus its model, and returns the model's number, from 0. Nothing changes where it is the current one.
 *
 * The bytes travel once, under their SHA-256. The first model of a bus holds from the first value on. Another one
 * replaces it in each partition between two values, at a place of the log that is the same for every worker, no
 * matter which process dies when. A model for which the pipeline cannot be opened ends every worker that comes to it,
 * so have a worker announce it (the option `model` of `runPartitions`), which opens it first.
 */
export function announceModel(bus: Bus, model: Uint8Array, given: AnnounceModelOptions = {}): Promise<number> {
  checkBus('announceModel', 'bus', bus);
  checkBytes('announceModel', 'model', model);
  given = checkOptions('announceModel', given, { states: optional(oneOf('carry', 'reset')) });
  return announce(bus, model, given.states ?? 'carry');
}

async function announce(bus: Bus, model: Uint8Array, states: 'carry' | 'reset'): Promise<number> {
  const hash = await bus.blobs.put(model);
  for (;;) {
    const current = await read(bus);
    if (current?.register.hash === hash) return current.register.epoch;
    if (current) await keep(bus, current.register);
    const register = {
      epoch: current ? current.register.epoch + 1 : 0,
      hash,
      states,
      initial: current?.register.initial ?? hash,
    };
    const [revision] = await bus.states.update(0, [
      { name: MODEL_SUBJECT, data: encode(register), revision: current?.revision ?? 0 },
    ]);
    if (revision === undefined) continue; // another process announced one
    for (let partition = 0; partition < bus.partitions; partition++) await announceIn(bus, partition, register);
    return register.epoch;
  }
}

/** The first model of a bus; `undefined` where it has none. */
export async function initialModel(bus: Bus): Promise<AnnouncedModel | undefined> {
  const current = await read(bus);
  return current && { epoch: 0, hash: current.register.initial, states: 'carry' };
}

/** Makes sure that the current model is announced in a partition, also where the process that announced it died. */
export async function ensureAnnounced(bus: Bus, partition: number): Promise<void> {
  const current = await read(bus);
  if (current) await announceIn(bus, partition, current.register);
}

/** Decodes an announcement; an Error where the bytes are not an announcement. */
export function decodeAnnouncement(data: Uint8Array): AnnouncedModel {
  return keptJson(ANNOUNCED, data, 'the announcement');
}

/** Decodes an announcement; `undefined` where the bytes are not an announcement, or where the bus never had that model. */
export async function announced(bus: Bus, data: Uint8Array): Promise<AnnouncedModel | undefined> {
  let model: AnnouncedModel;
  try {
    model = decodeAnnouncement(data);
  } catch {
    return undefined;
  }
  const current = (await read(bus))?.register;
  if (!current || model.epoch > current.epoch) return undefined;
  const had = model.epoch === current.epoch ? current : await kept(bus, model.epoch);
  return had?.hash === model.hash && had.states === model.states ? model : undefined;
}

/** Keeps a model under its number before another one replaces it; a process that did so before kept the same. */
async function keep(bus: Bus, { epoch, hash, states }: Register): Promise<void> {
  await bus.states.update(0, [{ name: keptName(epoch), data: encode({ epoch, hash, states }), revision: 0 }]);
}

async function kept(bus: Bus, epoch: number): Promise<AnnouncedModel | undefined> {
  const [found] = await bus.states.get(0, [keptName(epoch)]);
  return found && keptJson(ANNOUNCED, found.data, `model ${epoch} of ${bus.name}`);
}

function keptName(epoch: number): string {
  return `${MODEL_SUBJECT}-${epoch}`;
}

/** Appends the announcement of a model after the first, once; a second one, after a crash between, has no effect. */
async function announceIn(bus: Bus, partition: number, { epoch, hash, states }: Register): Promise<void> {
  if (epoch === 0) return;
  const name = 'announced';
  const [mark] = await bus.states.get(partition, [name]);
  if (mark && keptJson(MARK, mark.data, `the mark of the model in partition ${partition}`).epoch >= epoch) return;
  await bus.log.append('in', partition, [{ subject: MODEL_SUBJECT, data: encode({ epoch, hash, states }) }]);
  await bus.states.update(partition, [{ name, data: encode({ epoch }), revision: mark?.revision ?? 0 }]);
}

async function read(bus: Bus): Promise<{ readonly register: Register; readonly revision: number } | undefined> {
  const [found] = await bus.states.get(0, [MODEL_SUBJECT]);
  if (!found) return undefined;
  return { register: keptJson(REGISTER, found.data, `the model of ${bus.name}`), revision: found.revision };
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
