import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type FilePlace, lineScorer, type PageHinkleyState, stateFile, visible } from '../../src/index.js';
import type { Fold } from './foldAlarms.js';
import type { Delivery } from './webhook.js';

/** What a monitor remembers besides what its scorer does; plain JSON. */
export interface Remembered {
  /** Names the log, for the ids of events: the same in all runs. */
  readonly id: string;
  /** The log and how it is read: what may not change between two runs. */
  readonly settings: Readonly<Record<string, string>>;
  /** Lines read so far. */
  readonly read: number;
  /** Lines scored, bits and alarms so far. */
  readonly lines: number;
  readonly bits: number;
  readonly alarms: number;
  readonly place?: FilePlace | undefined;
  readonly folds: readonly Fold[];
  /** What the test for a change knows. */
  readonly change?: PageHinkleyState | undefined;
  readonly waiting: readonly Delivery[];
  /** When it was saved, in milliseconds since 1970, and whether the run ended then. */
  readonly saved: number;
  readonly ended: boolean;
}

/** The state of a monitor on disk. */
export interface MonitorState {
  /** What the run before remembered; a fresh memory where there was none. */
  readonly before: Remembered & { readonly scorer?: Uint8Array | undefined };
  /** Lines that the run before has printed. */
  readonly printed: number;
  save(memory: Omit<Remembered, 'id' | 'settings' | 'saved'>, scorer: Uint8Array): void;
  /** Notes that the output of so many lines has left the process. */
  mark(lines: number): void;
  close(): void;
}

const KIND = 'surprise 4';
const OTHER_VERSION = 'it was made by another version';

/**
 * Opens the state of a monitor. One that cannot be continued, since it is damaged, of another version or of other settings, is
 * set aside under another name, and `say` tells why: the same command line starts again whatever happened, and nothing is lost.
 * An Error where the file is not the state of a monitor.
 */
export function monitorState(
  path: string,
  settings: Remembered['settings'],
  say: (message: string) => void,
): MonitorState {
  const file = stateFile(path, { kind: KIND });
  try {
    let found: Found | undefined;
    try {
      found = readWhole(file, settings);
    } catch (error) {
      const kind = kindOf(path);
      if (kind === undefined) throw error;
      const { message, cause } = error as Error;
      const reason = kind !== KIND ? OTHER_VERSION : cause instanceof Error ? cause.message : message;
      const name = file.setAside(Date.now());
      say(`--state ${visible(path)}: ${reason}; it is kept as ${visible(name)}, and this run starts from nothing`);
    }
    const fresh = { id: randomUUID(), settings, read: 0, lines: 0, bits: 0, alarms: 0, folds: [], waiting: [], saved: 0, ended: true }; // prettier-ignore
    const before = found ?? fresh;
    const { write, mark, marked, close } = file;
    return {
      before,
      printed: marked(),
      save(memory, bytes) {
        const remembered: Remembered = { ...memory, id: before.id, settings, saved: Date.now() };
        write({ values: { memory: remembered }, bytes });
      },
      mark,
      close,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

type Found = Remembered & { readonly scorer: Uint8Array };

/** Reads a state that can be continued; undefined where there is none, an Error where it cannot be. */
function readWhole(file: ReturnType<typeof stateFile>, settings: Remembered['settings']): Found | undefined {
  const state = file.read();
  if (!state) return undefined;
  const memory = state.values['memory'] as Remembered;
  const others = Object.entries(settings).flatMap(([name, now]) => {
    const before = memory.settings[name] ?? now;
    return before === now ? [] : [`${settingOf(name, before)}, and this run is ${settingOf(name, now)}`];
  });
  if (others.length > 0) throw new Error(`it was made ${others.join('; ')}`);
  try {
    lineScorer({ state: state.bytes! });
  } catch {
    throw new Error(OTHER_VERSION);
  }
  return { ...memory, scorer: state.bytes! };
}

function settingOf(name: string, value: string): string {
  if (name === 'log') return `of ${visible(value)}`;
  return value === '' ? `without --${name}` : `with --${name} ${visible(value)}`;
}

const HEAD = /^rxrnn state \d+ [\da-f]{64}\n\{"kind":"(surprise \d+)"/;

const BEGIN = 'rxrnn state ';
const CUT = /^rxrnn state \d* ?[\da-f]{0,64}\n?$/; // before it says of what

/** What a file says it is, by its first bytes, where it is a state of this command or nothing was left of one. */
function kindOf(path: string): string | undefined {
  const bytes = Buffer.alloc(256);
  const descriptor = openSync(path, 'r');
  try {
    const head = bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    const isEmpty = /^\0*$/.test(head) || BEGIN.startsWith(head) || CUT.test(head);
    return isEmpty ? KIND : HEAD.exec(head)?.[1];
  } finally {
    closeSync(descriptor);
  }
}
