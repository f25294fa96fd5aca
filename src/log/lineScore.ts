import type { LogFormat, Severity } from './logRecord.js';

/** A part of a line and what it costs to predict. */
export interface StrangePart {
  readonly text: string;
  /** Its first character (a code point) in the line, from 0. */
  readonly from: number;
  /** The character after its last one. */
  readonly to: number;
  readonly bits: number;
}

/** Why a line is scored as it is; plain JSON. */
export interface Why {
  /**
   * The template that was most likely to come, where one was known; with `<*>` in place of what varies. It is `seen`
   * where that was usual; null also where it differs from a new template in severity or component alone.
   */
  readonly expected: string | null;
  /** Bits of the expected template. */
  readonly expectedBits: number;
  /** The template that came. */
  readonly seen: string;
  /** Words of the line that never came before, the first few. */
  readonly newWords: readonly string[];
  /**
   * What raised the score, in this order as far as it did: `new template` or `template came 3 times before`,
   * `burst: 10 within 1.5 s, usually 2 per minute` (of an alarm that is a slower burst, or a rush,
   * `burst: 9 lines like it within 12 s`), `first error in 4000 lines` or `2 errors in 4000 lines before`,
   * `number 90000, before 10 to 30`, `new words`, `continues a trace`; of an alarm also a value that never came, such as
   * `unusual value "400"`, where its template is not new. An alarm with none of these has what weighs most in its score,
   * such as `unusual value "74"` or `more often than usual`.
   */
  readonly reasons: readonly string[];
}

/** What a score is the weighted sum of, in bits but for `isNew` and `fatal`; plain JSON. */
export interface ScoreParts {
  /** Bits per character of the line, above the usual. */
  readonly unlike: number;
  /** The most of that among the last ten lines of the same template or trace, from 0 up. */
  readonly unlikeBefore: number;
  /** The rarest template among them; 11 for one that never came before, whatever the length of the log. */
  readonly rarityBefore: number;
  /** The most surprising word after the word before it. */
  readonly word: number;
  /** 1 for the first line of a template. */
  readonly isNew: number;
  /** The value that was least to be expected in its slot, as a new one and as a number far from those before it. */
  readonly value: number;
  /** How rare it is that so many lines of a template come in so short a time. */
  readonly burst: number;
  /** 1 for a line that the log itself calls critical. */
  readonly fatal: number;
}

/** A line is worth an alarm; plain JSON. */
export interface LineAlarm {
  /**
   * `line`: this line is strange by itself. `burst`: the last ten lines are together, those of its template's text or its
   * trace alone counted, or those that differ from it in few words, or for an error all errors. `rush`: lines of its template's
   * text, however usual, come much more often than before.
   */
  readonly kind: 'line' | 'burst' | 'rush';
  /**
   * What is above `threshold`. Of `line`: the line's score, and for an error what is added for how rare errors were. Of
   * `burst`: the mean score of the last ten lines, with 0 for those that do not count. Of `rush`: log2 of how many times
   * as often as before the last 17 came.
   */
  readonly score: number;
  /** What one such score in `oneIn` was above so far. */
  readonly threshold: number;
  /**
   * What equal alarms have in common, to fold them: template, stream and component, and where the template came often the kinds
   * of reasons and the places of unusual values.
   */
  readonly key: string;
  /** Number of the first line that it is about: of a burst one of the last ten lines, of a trace its record's first. */
  readonly since: number;
}

/** A line with its surprisal, in parts that add up; plain JSON. */
export interface LineScore {
  /** The line as it came, without ANSI escape sequences. */
  readonly line: string;
  /**
   * What was written, where a container's runtime has put a name, a time or JSON around it in the line; of a line that
   * continues a record what is behind its header.
   */
  readonly text?: string;
  /** The container or stream that it came from, where what is in front of it says so. */
  readonly origin?: string;
  /** Its number, from 1. */
  readonly number: number;
  /** What it was read as. */
  readonly format: LogFormat;
  /** Milliseconds since 1970 of its own time stamp; null without one. A stamp without a zone counts as UTC. */
  readonly time: number | null;
  readonly severity: Severity | null;
  /** Number of the line that begins its record: its own, unless it continues a trace. */
  readonly record: number;
  /** Number of its template, as of `templateMiner`. */
  readonly template: number;
  readonly templateText: string;
  readonly isNew: boolean;
  /** `templateBits + parameterBits`: −log2 of the probability of the line. */
  readonly bits: number;
  /** Per code point, the line end counted as one. */
  readonly bitsPerCharacter: number;
  /** Of the template, given those before it. */
  readonly templateBits: number;
  /** Of the parameters, or of the text of a new template. */
  readonly parameterBits: number;
  /** How improbable so many lines of this template are in so short a time; 0 in the usual case. */
  readonly burstBits: number;
  /** What lines are ranked by: higher is stranger. */
  readonly score: number;
  /** What the score is made of. */
  readonly parts: ScoreParts;
  /** Whether it is still learning what is usual; then there are no alarms. */
  readonly learning: boolean;
  readonly strange: readonly StrangePart[];
  readonly why: Why;
  /** Why it is worth an alarm; absent where it is not. */
  readonly alarm?: LineAlarm;
}

/** Scores lines and learns from them, one at a time. */
export interface LineScorer {
  /**
   * Scores a line, then learns from it. Lines of one `key` form a sequence of their own, such as those of one host;
   * templates and counts are shared by all.
   */
  score(line: string, key?: string): LineScore;
  /** Lines scored so far, those of earlier runs included. */
  readonly lines: number;
  /** Templates kept. */
  readonly templates: number;
  /** All that it knows, for the option `state` of another scorer, which then gives the same scores to the bit. */
  state(): Uint8Array;
}
