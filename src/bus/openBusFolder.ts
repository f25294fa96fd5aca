import { linkSync, readdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../check/parseJson.js';
import { reasonOf } from '../check/reasonOf.js';
import { count, object, text } from '../check/schema.js';
import { visible } from '../check/visible.js';
import { makeFolder } from '../checkpoint/makeFolder.js';
import { readRegularFile } from '../checkpoint/readRegularFile.js';
import { sweepTemporaries } from '../checkpoint/sweepTemporaries.js';
import { newTemporaryName } from '../checkpoint/temporaryName.js';
import { isGone } from './isGone.js';
import { MISSING_BUS } from './missingBus.js';
import { MOST_PARTITIONS } from './partitionOf.js';

/** The file that says what a folder is, and the most bytes that are read of it. */
const ABOUT = 'bus.json';
const ABOUT_BYTES = 4096;
const VERSION = 2;
/** The empty file whose name says the number of partitions once more, so that an edit of the other is noticed. */
const MARK = /^partitions-(\d{1,5})$/;
/** The folders that a bus has once it was used. */
const USED = ['in', 'out', 'dead', 'states', 'leases'];
const ABOUT_FORM = object<{ format: string; version: number; partitions: number }>({
  format: text,
  version: count,
  partitions: count,
});

/** How the folder of a bus is opened, as of `fileBus`. */
interface OpenOptions {
  readonly partitions?: number | undefined;
  readonly create?: boolean | undefined;
  readonly created?: (() => void) | undefined;
}

/** Opens the folder of a bus, or makes it; gives its number of partitions. An Error where it cannot be a bus. */
export function openBusFolder(folder: string, temporary: string, given: OpenOptions): number {
  try {
    const path = join(folder, ABOUT);
    const isThere = (): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;
    if (!isThere()) {
      if (given.create === false) throw new Error(`there is none: it has no ${ABOUT}; ${MISSING_BUS}`);
      const used = namesIn(folder).find((name) => USED.includes(name) || MARK.test(name));
      if (used !== undefined && !isThere()) throw new Error(`it has ${used}, and its ${ABOUT} is gone: put that back`);
    }
    for (const needed of [temporary, join(folder, 'blobs')]) makeFolder(needed);
    for (const written of [temporary, join(folder, 'blobs')]) sweepTemporaries(written);
    if (!isThere() && make(path, temporary, given.partitions ?? 64)) given.created?.();
    const { format, version, partitions } = ABOUT_FORM(jsonOf(readRegularFile(path, ABOUT_BYTES).toString()), ABOUT);
    if (format !== 'rxrnn-bus' || version !== VERSION || partitions === 0 || partitions > MOST_PARTITIONS) {
      throw new Error(`${ABOUT} is of another format or version`);
    }
    checkMark(folder, partitions);
    if (namesIn(folder).includes('out') && !namesIn(folder).includes('states')) {
      throw new Error('it has results, and its states are gone, with the model: put those back, or begin another bus');
    }
    return partitions;
  } catch (cause) {
    throw new Error(`fileBus: ${visible(folder)} cannot be used as a bus: ${reasonOf(cause)}`, { cause });
  }
}

/** Refuses a number of partitions other than that which the folder had before, and notes it where it had none. */
function checkMark(folder: string, partitions: number): void {
  const marks = namesIn(folder).flatMap((name) => MARK.exec(name)?.[1] ?? []);
  const other = marks.map(Number).find((number) => number !== partitions);
  if (other !== undefined) {
    const why = `it has the file partitions-${other}, and keys are in partitions by that number`;
    throw new Error(`${ABOUT} says ${partitions} partitions: ${why}; put ${other} back into ${ABOUT}`);
  }
  if (marks.length > 0) return;
  try {
    writeFileSync(join(folder, `partitions-${partitions}`), '', { flag: 'a' });
  } catch {
    // who may only read; the next that may write notes it
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseJson('it', text);
  } catch (cause) {
    throw new Error(`${ABOUT} is damaged: ${reasonOf(cause)}`, { cause });
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Writes the file that says what the folder is; false where another process was faster. */
function make(path: string, temporary: string, partitions: number): boolean {
  const draft = join(temporary, newTemporaryName('.about.tmp-'));
  writeFileSync(draft, JSON.stringify({ format: 'rxrnn-bus', version: VERSION, partitions }), { flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    unlinkSync(draft);
  }
}
