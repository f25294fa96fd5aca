import type { ObservableNotification } from 'rxjs';
import { describe } from './describe.js';
import { dashes } from './dashes.js';

/** What happened at a frame; the messages of a `TestScheduler` are such. */
export interface Message {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/** The marble that stands for a value, by the value's text (as `describe` gives it); errors as `error …`, all `#`. */
export type Legend = Map<string, string>;

/** How a diagram is drawn. */
export interface DiagramOptions {
  /** Marbles given so far; those of this diagram are added. Diagrams to be compared share one. */
  readonly legend?: Legend;
  /** Frames drawn for each frame of the messages; 1 by default. `tick` finds the least that will do. */
  readonly tick?: number;
}

const LETTERS: readonly string[] = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZαβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ',
);

/**
 * Messages, in order of frames, as one marble diagram in RxJS's run-mode grammar: parsed again, it gives the same
 * messages.
 *
 * ```
 * 31ms A-(C|)      A at frame 31, C and the end at frame 33
 * ```
 *
 * A value that is one character stands for itself where that is free (digits never do: `1m` is a minute); others get
 * letters, equal values the same one. A group takes as many frames as it is long, so that `(ab)` and then something in
 * the next frame can't be written: a RangeError says which tick would do.
 *
 * ```ts
 * import { diagram } from 'rxrnn/marbles';
 *
 * const value = (frame: number, value: unknown) => ({ frame, notification: { kind: 'N', value } as const });
 * console.log(diagram([value(1, 'a'), value(3, 'b'), { frame: 4, notification: { kind: 'C' } }])); // -> -a-b|
 * ```
 */
export function diagram(messages: readonly Message[], { legend = new Map(), tick = 1 }: DiagramOptions = {}): string {
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
      throw new RangeError(`diagram: a group overruns frame ${at}; draw it with tick ${least(messages)}`);
    const group = end - first > 1 ? `(${marbles})` : marbles;
    drawn += dashes(at * tick - frame) + group;
    frame = at * tick + (end - first > 1 ? end - first + 2 : 1);
  }
  return drawn === '' ? '-' : drawn.trimStart();
}

/** The least of 1, 10, 100, … frames to a frame at which every group of each of these diagrams has room. */
export function tick(...diagrams: readonly (readonly Message[])[]): number {
  return Math.max(1, ...diagrams.map(least));
}

function least(messages: readonly Message[]): number {
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

/** Gives characters to themselves before other values get letters. */
function reserve(notification: ObservableNotification<unknown>, legend: Legend): void {
  if (notification.kind !== 'N' || typeof notification.value !== 'string') return;
  const text = describe(notification.value);
  const plain = /^(?![-|#()^!%:=])[\p{L}\p{P}\p{S}]$/u.test(notification.value); // seen, and no sign of ours
  if (plain && !legend.has(text) && !taken(notification.value, legend)) legend.set(text, notification.value);
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
  const fresh = letters(legend);
  legend.set(text, fresh);
  return fresh;
}

/** The first letter that is free; after the letters, any character will do as a marble. */
function letters(legend: Legend): string {
  const letter = LETTERS.find((letter) => !taken(letter, legend));
  if (letter !== undefined) return letter;
  for (let point = 0x4e00; ; point++) {
    const character = String.fromCodePoint(point);
    if (!taken(character, legend)) return character;
  }
}

function taken(marble: string, legend: Legend): boolean {
  for (const used of legend.values()) if (used === marble) return true;
  return false;
}
