import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { show } from '../check/show.js';
import { checkTitle } from './checkTitle.js';
import { parseValue, type Refuse } from './parseValue.js';
import { RecordingError } from './RecordingError.js';
import type { ErrorText, Marble, Recording, Track } from './recording.js';
import { sha256 } from './sha256.js';
import { LONGEST } from './valueText.js';
import { string } from '../check/string.js';

/** How a recording is read. */
export interface ParseOptions {
  /** Longest line in UTF-16 units; 1 Mi by default, so that an endless line is refused early. */
  readonly maxLine?: number | undefined;
}

/** A line of the text; `number` counts from 1. */
interface Line {
  readonly text: string;
  readonly number: number;
}

/** Up to this length, in UTF-16 units, an edited text is read as far as it goes, so that the error names the place. */
const PLACED = 2 ** 20;

const HEAD = /^% rxrnn recording (\d+), (10{0,8}) frames? a step$/;
const END = /^% end, (\d+) tracks, (\d+) marbles, sha-256 ([0-9a-f]{64})$/;

/**
 * Reads the recording that `print` wrote, to the same bits. It throws a RecordingError with line and column, and no
 * other error, where the text is anything else: of another format or version, cut short, edited (its digest shows it),
 * or with a line that is too long. Lines may end in CR LF. The time is linear in the text; of one above 1 Mi units the
 * digest is checked before the tracks are read.
 *
 * ```ts
 * import { from } from 'rxjs';
 * import { parse, print, recorder } from 'rxrnn/recording';
 *
 * const run = recorder({ about: { seed: 0 } });
 * from([0.1, NaN, -0]).pipe(run.record('numbers')).subscribe();
 * const { about, tracks } = parse(print(run.recording()));
 * console.log(about, tracks[0]!.title); // -> { seed: 0 } numbers
 * ```
 */
export function parse(text: string, given: ParseOptions = {}): Recording {
  string('parse', 'text', text);
  given = options('parse', given, { maxLine: optional(positiveInteger) });
  const { maxLine = LONGEST } = given;
  const body = text.replaceAll('\r\n', '\n');
  const checkLength = (line: Line): void => {
    if (line.text.length > maxLine) refuse(`expected a line of at most ${maxLine}`, line, maxLine);
  };
  const head = firstLine(body); // before the others are looked at, of which there may be millions
  checkLength(head);
  const [, version, frames] = HEAD.exec(head.text) ?? refuse('expected "% rxrnn recording 1, …"', head, 0);
  if (version !== '1') refuse(`expected version 1, got ${version}`, head, '% rxrnn recording '.length);
  const lines = body.split('\n').map((text, i): Line => ({ text, number: i + 1 }));
  for (const line of lines) checkLength(line);
  const about = lines[1] ?? { text: '', number: 2 };
  if (!about.text.startsWith('% about ')) refuse('expected "% about …"', about, 0);
  const described = parseValue(about.text, '% about '.length, (message, at) => refuse(message, about, at));

  const last = lines.length - 2; // after the last line there is only its line end
  const tracks: Track[] = [];
  const titles = new Set<string>();
  const isLarge = body.length > PLACED;
  if (isLarge) checkDigest(body, lines);
  for (let at = 2; at < last;) {
    const line = lines[at]!;
    if (line.text === '' || line.text.startsWith('%')) at += 1;
    else {
      let end = at + 1;
      while (lines[end]!.text !== '' && end !== last) end += 1;
      const track = readTrack(lines.slice(at, end), Number(frames));
      if (titles.has(track.title)) {
        refuse(`expected another title than ${track.title}, which is there already`, lines[at + 1]!, 'title = '.length);
      }
      titles.add(track.title);
      tracks.push(track);
      at = end;
    }
  }
  checkCounts(lines, tracks);
  if (!isLarge) checkDigest(body, lines);
  return { about: described, tracks };
}

function firstLine(text: string): Line {
  const end = text.indexOf('\n');
  return { text: end < 0 ? text : text.slice(0, end), number: 1 };
}

/** What the line `% end, …` says. */
function readEnd(lines: readonly Line[]): { line: Line; trackCount: number; marbleCount: number; digest: string } {
  const line = lines.at(-2) ?? lines[0]!;
  const [, trackCount, marbleCount, digest] = END.exec(line.text) ?? [];
  const rest = lines.at(-1)!;
  if (digest === undefined || rest.text !== '') refuse('expected "% end, …" and the end: cut short?', rest, 0);
  return { line, trackCount: Number(trackCount), marbleCount: Number(marbleCount), digest };
}

function checkCounts(lines: readonly Line[], tracks: readonly Track[]): void {
  const { line, trackCount, marbleCount } = readEnd(lines);
  const marbles = tracks.reduce((sum, track) => sum + track.marbles.length, 0);
  if (trackCount !== tracks.length) refuse(`expected ${tracks.length} tracks`, line, 7);
  if (marbleCount !== marbles) refuse(`expected ${marbles} marbles`, line, 7);
}

function checkDigest(body: string, lines: readonly Line[]): void {
  const { line, digest } = readEnd(lines);
  const above = body.slice(0, body.length - line.text.length - 2);
  const actual = sha256(new TextEncoder().encode(above));
  if (actual !== digest) refuse('expected the digest of the lines above: edited?', line, line.text.length - 64);
}

/** Reads a track from its block: its diagram, its title and the values of its marbles. */
function readTrack([drawn, titled, ...legend]: readonly Line[], tick: number): Track {
  const title = titled?.text.startsWith('title = ')
    ? titled.text.slice(8)
    : refuse('expected "title = …"', titled ?? drawn!, 0);
  try {
    checkTitle('parse', title);
  } catch {
    refuse('expected a title of visible text', titled!, 8);
  }
  const values = new Map<string, unknown>();
  for (const line of legend) {
    const marble = String.fromCodePoint(line.text.codePointAt(0) ?? 0x20);
    if (!line.text.startsWith(' := ', marble.length)) refuse('expected "marble := value"', line, 0);
    if (values.has(marble)) refuse(`expected another marble than ${marble}, which is there already`, line, 0);
    values.set(
      marble,
      parseValue(line.text, marble.length + 4, (message, at) => refuse(message, line, at)),
    );
  }
  const signs = readDiagram(drawn!.text, (message, at) => refuse(message, drawn!, at));
  const marbles = signs.map(({ frame, sign, at }, i): Marble => {
    if (frame % tick !== 0)
      refuse(`expected a marble at a whole step of ${tick} frames, got frame ${frame}`, drawn!, at);
    const step = frame / tick;
    if ((sign === '|' || sign === '#') && i < signs.length - 1) refuse('expected nothing after an end', drawn!, at + 1);
    if (sign === '|') return { step, kind: 'C' };
    if (sign !== '#') return { step, kind: 'N', value: values.has(sign) ? values.get(sign) : sign };
    const error = values.get('#');
    if (!isErrorText(error)) refuse('expected "# := {"name":…,"message":…}" for #', drawn!, at);
    return { step, kind: 'E', error: error as ErrorText };
  });
  return { title, marbles };
}

function isErrorText(value: unknown): boolean {
  const { name, message } = Object(value) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof message === 'string';
}

/** Throws a RecordingError for a place in a line, counted from 0. */
function refuse(message: string, { number }: Line, at: number): never {
  throw new RecordingError(message, number, at + 1);
}

/** A sign of a diagram (a marble, `|` or `#`), its frame, and its place in the text. */
interface Sign {
  readonly frame: number;
  readonly sign: string;
  readonly at: number;
}

const TIME = /(\d{1,15})(ms|s|m)(?= |$)/y;
const MILLISECONDS = { ms: 1, s: 1000, m: 60_000 } as const;

/**
 * Reads the signs of a cold diagram in RxJS's run-mode grammar: `-` and a marble take one frame, a group `(ab)` as many
 * as it has characters, blanks none, ` 31ms ` as many as it says. `refuse` must throw; it is called at the first sign
 * that is not of the grammar, and when frames pass 2^53.
 */
function readDiagram(text: string, refuse: Refuse): Sign[] {
  const signs: Sign[] = [];
  let frame = 0;
  let group = -1; // where the open group began, or -1
  for (let at = 0; at < text.length;) {
    const sign = String.fromCodePoint(text.codePointAt(at)!);
    const time = group < 0 && (at === 0 || text[at - 1] === ' ') ? timeAt(text, at) : undefined;
    if (time !== undefined) {
      frame += time.frames;
      at += time.length;
      if (!Number.isSafeInteger(frame)) refuse('expected frames below 2^53', at - time.length);
      continue;
    }
    if (sign === '(' && group < 0) group = at;
    else if (sign === ')' && group >= 0) {
      frame += Array.from(text.slice(group, at + 1)).length;
      group = -1;
    } else if (sign === '-' && group < 0) frame += 1;
    else if (/[\s\d()^!-]/u.test(sign)) {
      if (sign !== ' ' || group >= 0) refuse(`expected a marble, got ${show(sign)}`, at);
    } else {
      signs.push({ frame, sign, at });
      if (group < 0) frame += 1;
    }
    at += sign.length;
  }
  if (group >= 0) refuse('expected ) to end the group', group);
  return signs;
}

function timeAt(text: string, at: number): { frames: number; length: number } | undefined {
  TIME.lastIndex = at;
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [whole, count, unit] = found as unknown as [string, string, keyof typeof MILLISECONDS];
  return { frames: Number(count) * MILLISECONDS[unit], length: whole.length };
}
