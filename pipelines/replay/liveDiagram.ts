import { visible } from '../../src/index.js';
import { type Entry, type Marble, excerpt } from '../../src/recording.js';
import { entryText } from './entryText.js';

/**
 * Makes a marble diagram that moves: at each step it redraws the tracks in place, over as many steps as fit the width,
 * with the latest value of each track below. Returns the text to write for the entries of a step.
 */
export function liveDiagram(width: number): (group: readonly Entry[]) => string {
  const columns = width || 80; // a terminal of unknown width says 0
  const tracks = new Map<string, Marble[]>();
  const last = new Map<string, string>();
  let legend = new Map<string, string>();
  let drawn = 0; // lines that the next picture replaces

  return (group) => {
    for (const { title: given, ...marble } of group) {
      const title = visible(given);
      if (!tracks.has(title)) tracks.set(title, []);
      tracks.get(title)!.push(marble);
      last.set(title, entryText({ title, ...marble }));
    }
    const margin = Math.max(...Array.from(tracks.keys(), (title) => title.length));
    const steps = Math.max(8, columns - margin - 8);
    const { step } = group[0]!;
    const from = Math.max(0, step - steps);
    for (const [title, marbles] of tracks)
      tracks.set(
        title,
        marbles.filter((marble) => marble.step >= from),
      );
    if (legend.size > 90) legend = new Map();
    const rows = Array.from(tracks, ([title, marbles]) => {
      const [row] = excerpt([{ title: title.padEnd(margin), marbles }], { from, legend })
        .split('\n')
        .slice(from > 0 ? 1 : 0);
      return shortened(visible(row!), columns - 1);
    });
    const values = Array.from(last, ([title, text]) => shortened(`${title.padEnd(margin)}  ${text}`, columns - 1));
    const lines = [`step ${step}`, ...rows, '', ...values];
    const back = drawn > 0 ? `\u001B[${drawn}A\u001B[J` : '';
    drawn = lines.length;
    return `${back}${lines.join('\n')}\n`;
  };
}

/** The beginning of a text, with … where it is cut. */
function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
