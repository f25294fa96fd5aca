import { visible } from '../../src/index.js';
import { monitorState, type MonitorState, type Remembered } from './monitorState.js';

/** What is saved: the memory of the monitor, and the state of its scorer. */
export type Saved = Parameters<MonitorState['save']>;

/** Keeps the state of a monitor on disk while it runs. */
export interface StateKeeper extends Pick<MonitorState, 'before' | 'printed' | 'close'> {
  /** When the state was saved last, in milliseconds since 1970; 0 for never. */
  readonly savedAt: number;
  /** Attempts to save it since the last that did not fail. */
  readonly failures: number;
  /** Whether lines came since it was saved, and that was tried a minute ago, on the clock of `performance`. */
  isDue(lines: number, now: number): boolean;
  /** Saves what `state` gives; an Error where that fails. */
  save(state: () => Saved): void;
  /** Does so; where it fails it is tried again, since the lines are worth more. */
  trySave(state: () => Saved): void;
  /** Notes that so many lines were printed; without it a line may be printed again after a kill. Tried again at the next. */
  tryMark(lines: number): void;
}

const SAVE_EVERY = 60_000;

/** Opens the state of a monitor, and tells by `say` what could not be written; an Error as of `monitorState`. */
export function stateKeeper(
  path: string,
  settings: Remembered['settings'],
  say: (message: string) => void,
): StateKeeper {
  const { before, printed, save: write, mark, close } = monitorState(path, settings, say);
  let tried = 0;
  let savedAt = before.saved;
  let savedLines = before.lines;
  let failures = 0;
  let isMarking = true; // whether the last mark was written

  function save(state: () => Saved): void {
    tried = performance.now();
    const [memory, scorer] = state();
    write(memory, scorer);
    savedAt = Date.now();
    savedLines = memory.lines;
    if (failures > 0) say(`--state ${visible(path)}: saved again`);
    failures = 0;
  }
  return {
    before,
    printed,
    close,
    get savedAt() {
      return savedAt;
    },
    get failures() {
      return failures;
    },
    isDue: (lines, now) => savedLines < lines && now - tried >= SAVE_EVERY,
    save,
    trySave(state) {
      try {
        save(state);
      } catch (error) {
        if (failures++ === 0) say(`${(error as Error).message}; it is tried again every minute`);
      }
    },
    tryMark(lines) {
      try {
        mark(lines);
        isMarking = true;
      } catch (error) {
        if (isMarking) say(`${(error as Error).message}; until it can be written, lines may come twice after a kill`);
        isMarking = false;
      }
    },
  };
}
