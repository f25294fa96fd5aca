import type { WriteStream } from 'node:tty';

/** Colours text by its surprisal in bits. */
export type Paint = (text: string, bits: number) => string;

/** Grey for a character that was certain, then plain, yellow, orange, red; by bits. */
const COLOURS: readonly (readonly [below: number, code: string])[] = [
  [0.5, '38;5;245'],
  [3, '39'],
  [6, '38;5;221'],
  [9, '38;5;208'],
  [Infinity, '1;38;5;196'],
];

/** Whether a stream shows colours: a terminal that has them, while `NO_COLOR` (no-color.org) is not set. */
export function hasColours(stream: Pick<WriteStream, 'isTTY'>): boolean {
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** Makes a function that adds ANSI colours by surprisal; without colours it returns the text unchanged. */
export function paint(colours: boolean): Paint {
  if (!colours) return (text) => text;
  return (text, bits) => {
    const [, code] = COLOURS.find(([below]) => bits < below)!;
    return text === '\n' ? text : `\u001B[${code}m${text}\u001B[0m`;
  };
}
