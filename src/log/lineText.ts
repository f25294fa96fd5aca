import { characterCounts } from './characterCounts.js';
import type { LogLine } from './logRecord.js';
import type { Arrays } from './packState.js';
import type { RememberedTemplate } from './templateMemory.js';

/** Says how unlike the text before it the text of a line is. */
export interface LineText {
  /**
   * Bits per character of the `number`th line above those of usual lines; then learns it. Where the template came often and
   * nothing of the line is new, they are those of a line of the template before it.
   */
  score(
    line: Pick<LogLine, 'line' | 'message'>,
    template: RememberedTemplate,
    hasNews: boolean,
    number: number,
  ): number;
  /** Bits of the message that was read last: of each line of a new template. */
  readonly messageBits: number;
  /** Bits per character of the last lines. */
  readonly usual: number;
  /** Continues from what was usual, once its arrays are restored. */
  remember(usual: number): void;
  readonly arrays: Arrays;
}

// Characters are read of the first lines of a template, of some later ones, and where words or values are new.
const FAMILIAR = 16;
const READ_EVERY = 16;
const MEMORY = 2000; // lines whose mean is the usual one

/** Makes a model of the text of lines: what characters come after which, and how many bits per character are usual. */
export function lineText(): LineText {
  const characters = characterCounts();
  let usual = 0;

  return {
    score({ line, message }, template, hasNews, number) {
      if (template.count < FAMILIAR || template.count % READ_EVERY === 0 || hasNews) {
        template.text = characters.add(line, line.endsWith(message) ? line.length - message.length : 0);
      }
      const unlike = template.text - usual;
      usual += unlike / Math.min(number, MEMORY);
      return unlike;
    },
    get messageBits() {
      return characters.bits;
    },
    get usual() {
      return usual;
    },
    remember(before) {
      usual = before;
    },
    arrays: characters.state,
  };
}
