import type { WriteStream } from 'node:tty';

/** Marks text by how surprising it is. */
export type Paint = (text: string, bits: number) => string;

/** Grey for what was sure to come, then plain, yellow, orange, red; by bits. */
const COLOURS: readonly (readonly [below: number, code: string])[] = [
  [0.5, '38;5;245'],
  [3, '39'],
  [6, '38;5;221'],
  [9, '38;5;208'],
  [Infinity, '1;38;5;196'],
];

/** Whether colours may be written: on a terminal that knows them, where `NO_COLOR` (no-color.org) is not set. */
export function colourful(stream: Pick<WriteStream, 'isTTY'>): boolean {
  return stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

/** ANSI colours by surprisal; without colours, the text as it is. */
export function paint(colours: boolean): Paint {
  if (!colours) return (text) => text;
  return (text, bits) => {
    const [, code] = COLOURS.find(([below]) => bits < below)!;
    return text === '\n' ? text : `\u001B[${code}m${text}\u001B[0m`;
  };
}
