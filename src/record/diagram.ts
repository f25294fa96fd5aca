import type { ObservableNotification } from 'rxjs';
import { optional } from '../check/optional.js';
import { options } from '../check/options.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import { checkLegend } from './checkLegend.js';
import { type Legend, type MarbleLetters, marbleLetters } from './marbleLetters.js';

export type { Legend } from './marbleLetters.js';

/** A notification and its frame, as a `TestScheduler` records them. */
export interface Message {
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/** How a diagram is drawn. */
export interface DiagramOptions {
  /** The marbles used so far; those of this diagram are added. Share it between diagrams that are compared. */
  readonly legend?: Legend | undefined;
  /** Frames drawn per frame of the messages; 1 by default. `tick` finds the smallest that works. */
  readonly tick?: number | undefined;
}

/** The most dashes that are easier to read than a number. */
const LONGEST = 8;

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
  if (!Array.isArray(messages)) refuse('diagram', 'messages', 'an array of messages', messages, 'none');
  for (const [i, message] of messages.entries()) {
    if (isMessage(message)) continue;
    refuse('diagram', `messages[${i}]`, 'a message of a TestScheduler: { frame, notification }', message, 'none');
  }
  given = options('diagram', given, { legend: optional(checkLegend), tick: optional(positiveInteger) });
  const { legend = new Map(), tick = 1 } = given;
  return drawMessages(messages, marbleLetters(legend), tick);
}

/** Draws messages that are known to be such, with marbles that other diagrams share: `diagram` for callers of this folder. */
export function drawMessages(messages: readonly Message[], letters: MarbleLetters, tick: number): string {
  checkOrder(messages);
  for (const { notification } of messages) letters.reserve(notification);
  let drawn = '';
  let frame = 0;
  for (let first = 0, end = 0; first < messages.length; first = end) {
    const at = (messages[first] as Message).frame;
    let marbles = '';
    for (end = first; end < messages.length && messages[end]?.frame === at; end++) {
      marbles += letters.marble((messages[end] as Message).notification);
    }
    if (at * tick < frame)
      throw new RangeError(`diagram: a group overruns frame ${at}; draw it with tick ${leastTick(messages)}`);
    const group = end - first > 1 ? `(${marbles})` : marbles;
    drawn += dashes(at * tick - frame) + group;
    frame = at * tick + (end - first > 1 ? end - first + 2 : 1);
  }
  return drawn === '' ? '-' : drawn.trimStart();
}

/** Whether a value is a notification and its frame. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { frame, notification } = value as Partial<Message>;
  if (typeof frame !== 'number' || Number.isNaN(frame) || typeof notification !== 'object' || notification === null)
    return false;
  return ['N', 'E', 'C'].includes(notification.kind);
}

/** Writes frames in which nothing happens as RxJS run-mode marbles: dashes, or ` 31ms ` where they would be long. */
export function dashes(frames: number): string {
  return Number.isInteger(frames) && frames <= LONGEST ? '-'.repeat(frames) : ` ${frames}ms `;
}

/** The smallest of 1, 10, 100, … drawn frames per frame with which every group of these diagrams has enough space. */
export function tick(diagrams: readonly (readonly Message[])[]): number {
  return diagrams.reduce((most, messages) => Math.max(most, leastTick(messages)), 1); // there may be 100,000
}

/** Throws a RangeError where a frame is below the one before: such messages have no diagram, at any tick. */
function checkOrder(messages: readonly Message[]): void {
  for (let i = 1; i < messages.length; i++) {
    const [before, frame] = [messages[i - 1]!.frame, messages[i]!.frame];
    if (frame >= before) continue;
    throw new RangeError(`diagram: messages must be in order of frames, got frame ${frame} after ${before}`);
  }
}

function leastTick(messages: readonly Message[]): number {
  checkOrder(messages);
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
