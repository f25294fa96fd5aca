import type { ObservableNotification } from 'rxjs';
import { anything } from '../check/anything.js';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { describe } from './describe.js';

/** A notification and its frame, as a `TestScheduler` records them. */
export interface Message {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/**
 * The marble of each value, by the value's text (as `describe` writes it); errors as `error …`, all with the marble
 * `#`.
 */
export type Legend = Map<string, string>;

/** How a diagram is drawn. */
export interface DiagramOptions {
  /** The marbles used so far; those of this diagram are added. Share it between diagrams that are compared. */
  readonly legend?: Legend;
  /** Frames drawn per frame of the messages; 1 by default. `tick` finds the smallest that works. */
  readonly tick?: number;
}

/** The most dashes that are easier to read than a number. */
const LONGEST = 8;

const LETTERS: readonly string[] = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
);

/**
 * Draws messages, in order of frames, as one marble diagram in RxJS's run-mode grammar; parsing it returns the same
 * messages.
 *
 * ```
 * 31ms A-(C|)      A at frame 31, C and the end at frame 33
 * ```
 *
 * A value that is one character is its own marble where that is free (except digits: `1m` is a minute); others get
 * letters, equal values the same letter. A group takes as many frames as it has characters, so that something in the
 * frame right after `(ab)` cannot be drawn: a RangeError says which tick would work.
 *
 * ```ts
 * import { diagram } from 'rxrnn/marbles';
 *
 * const value = (frame: number, value: unknown) => ({ frame, notification: { kind: 'N', value } as const });
 * console.log(diagram([value(1, 'a'), value(3, 'b'), { frame: 4, notification: { kind: 'C' } }])); // -> -a-b|
 * ```
 */
export function diagram(messages: readonly Message[], given: DiagramOptions = {}): string {
  options('diagram', given, { legend: anything, tick: optional(positiveInteger) });
  const { legend = new Map(), tick = 1 } = given;
  for (const { notification } of messages) reserve(notification, legend);
  let drawn = '';
  let frame = 0;
  for (let first = 0, end = 0; first < messages.length; first = end) {
    const at = (messages[first] as Message).frame;
    let marbles = '';
    for (end = first; end < messages.length && messages[end]?.frame === at; end++) {
      marbles += marble((messages[end] as Message).notification, legend);
    }
    if (at * tick < frame)
      throw new RangeError(`diagram: a group overruns frame ${at}; draw it with tick ${leastTick(messages)}`);
    const group = end - first > 1 ? `(${marbles})` : marbles;
    drawn += dashes(at * tick - frame) + group;
    frame = at * tick + (end - first > 1 ? end - first + 2 : 1);
  }
  return drawn === '' ? '-' : drawn.trimStart();
}

/** Writes frames in which nothing happens as RxJS run-mode marbles: dashes, or ` 31ms ` where they would be long. */
export function dashes(frames: number): string {
  return Number.isInteger(frames) && frames <= LONGEST ? '-'.repeat(frames) : ` ${frames}ms `;
}

/** The smallest of 1, 10, 100, … drawn frames per frame with which every group of these diagrams has enough space. */
export function tick(...diagrams: readonly (readonly Message[])[]): number {
  return Math.max(1, ...diagrams.map(leastTick));
}

function leastTick(messages: readonly Message[]): number {
  let tick = 1;
  for (let first = 0, end = 0; first < messages.length; first = end) {
    const at = (messages[first] as Message).frame;
    for (end = first; end < messages.length && messages[end]?.frame === at;) end++;
    const next = messages[end];
    if (next === undefined || end - first === 1) continue;
    while ((next.frame - at) * tick < end - first + 2) tick *= 10;
  }
  return tick;
}

/** Makes values of one character their own marbles, before other values get letters. */
function reserve(notification: ObservableNotification<unknown>, legend: Legend): void {
  if (notification.kind !== 'N' || typeof notification.value !== 'string') return;
  const text = describe(notification.value);
  const plain = /^(?![-|#()^!%:=])[\p{L}\p{P}\p{S}]$/u.test(notification.value); // visible, and not a sign of the grammar
  if (plain && !legend.has(text) && !isUsed(notification.value, legend)) legend.set(text, notification.value);
}

function marble(notification: ObservableNotification<unknown>, legend: Legend): string {
  if (notification.kind === 'C') return '|';
  if (notification.kind === 'E') {
    legend.set(`error ${describe(notification.error)}`, '#');
    return '#';
  }
  const text = describe(notification.value);
  const known = legend.get(text);
  if (known !== undefined) return known;
  const letter = freeLetter(legend);
  legend.set(text, letter);
  return letter;
}

/** The first letter that is free; when there is none left, the first free ideograph. */
function freeLetter(legend: Legend): string {
  const letter = LETTERS.find((letter) => !isUsed(letter, legend));
  if (letter !== undefined) return letter;
  for (let point = 0x4e00; ; point++) {
    const character = String.fromCodePoint(point);
    if (!isUsed(character, legend)) return character;
  }
}

function isUsed(marble: string, legend: Legend): boolean {
  for (const used of legend.values()) if (used === marble) return true;
  return false;
}
