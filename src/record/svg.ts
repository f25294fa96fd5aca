import { options } from '../check/options.js';
import type { Marble, Track } from './recording.js';
import { EXCERPT_CHECKS, type ExcerptOptions } from './excerpt.js';
import { checkWholeTracks } from './checkWholeTracks.js';
import { type MarbleLetters, marbleLetters } from './marbleLetters.js';

/** Pixels: width of a step, height of a track, radius of a marble, margin left of the lines. */
const [STEP, ROW, RADIUS, LEFT] = [36, 56, 14, 120];

/**
 * Draws part of several tracks as an SVG picture for documents: one line per track, marbles with letters, those of the
 * same step each a little lower, a bar for the end, a cross for an error, and the values of the letters below. Colours
 * follow the document's (`currentColor`).
 */
export function svg(tracks: readonly Track[], given: ExcerptOptions = {}): string {
  checkWholeTracks('svg', 'tracks', tracks);
  given = options('svg', given, EXCERPT_CHECKS);
  const { from = 0, to, legend = new Map() } = given;
  const inside = ({ step }: Marble): boolean => step >= from && step <= (to ?? Infinity);
  const cut = tracks.map(({ title, marbles }) => ({ title, marbles: marbles.filter(inside) }));
  const last =
    to ?? cut.reduce((most, { marbles }) => marbles.reduce((max, { step }) => Math.max(max, step), most), from);
  const x = (step: number): number => LEFT + (step - from + 0.5) * STEP;
  const right = x(last) + STEP;
  const letters = marbleLetters(legend);
  const rows = cut.map(({ title, marbles }, row) => {
    const y = (row + 0.5) * ROW;
    const line = `<text x="4" y="${y + 4}">${escape(title)}</text><path stroke="currentColor" fill="none" d="M${LEFT} ${y}H${right}"/>`;
    let [step, nth] = [NaN, 0]; // marbles of this step so far
    const drawn = marbles.map((marble) => {
      nth = marble.step === step ? nth + 1 : 0;
      step = marble.step;
      return drawMarble(marble, x(step), y + 8 * nth, letters);
    });
    return line + drawn.join('');
  });
  const names = [...legend]
    .filter(([text, marble]) => text !== JSON.stringify(marble)) // a value of one character is its own marble
    .map(([text, marble]) => `${marble} := ${text}`);
  const texts = names.map((name, i) => `<text x="4" y="${tracks.length * ROW + 16 * (i + 1)}">${escape(name)}</text>`);
  const height = tracks.length * ROW + 16 * names.length + 12;
  const style = 'font:12px monospace;fill:currentColor;stroke-width:2';
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${right + 8}" height="${height}" style="${style}">`;
  return [head, ...rows, ...texts, '</svg>', ''].join('\n');
}

function drawMarble(marble: Marble, x: number, y: number, letters: MarbleLetters): string {
  if (marble.kind === 'C') return `<path stroke="currentColor" fill="none" d="M${x} ${y - RADIUS}V${y + RADIUS}"/>`;
  if (marble.kind === 'E') {
    letters.set(`${marble.error.name}: ${marble.error.message}`, '✕');
    return `<path stroke="currentColor" fill="none" d="M${x - 8} ${y - 8}l16 16m0 -16l-16 16"/>`;
  }
  letters.reserve(marble);
  const letter = letters.marble(marble);
  const circle = `<circle cx="${x}" cy="${y}" r="${RADIUS}" fill="Canvas" stroke="currentColor"/>`;
  return `${circle}<text x="${x}" y="${y + 4}" text-anchor="middle">${escape(letter)}</text>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
