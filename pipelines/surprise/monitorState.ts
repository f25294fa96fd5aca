import { randomUUID } from 'node:crypto';
import { type FilePlace, type PageHinkleyState, stateFile } from '../../src/index.js';
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

/** Opens the state of a monitor; an Error where the file is not one, is damaged, or is of other settings. */
export function monitorState(path: string, settings: Remembered['settings']): MonitorState {
  const file = stateFile(path, { kind: KIND });
  try {
    const found = file.read();
    const memory = found?.values['memory'] as Remembered | undefined;
    for (const [name, now] of Object.entries(settings)) {
      const before = memory?.settings[name] ?? now;
      if (before === now) continue;
      const what = `${name} ${before || 'not given'}, this run has ${now || 'none'}`;
      throw new Error(`--state ${path} was made with ${what}; give the same, or another --state`);
    }
    const fresh = { id: randomUUID(), settings, read: 0, lines: 0, bits: 0, alarms: 0, folds: [], waiting: [], saved: 0, ended: true }; // prettier-ignore
    const before = memory ? { ...memory, scorer: found?.bytes } : fresh;
    return {
      before,
      printed: file.marked(),
      save(memory, bytes) {
        const remembered: Remembered = { ...memory, id: before.id, settings, saved: Date.now() };
        file.write({ values: { memory: remembered }, bytes });
      },
      mark: file.mark,
      close: file.close,
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
