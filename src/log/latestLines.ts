import type { RankedLine } from './rankedLine.js';

/** Those of the last lines that are of one kind: how many, and how long ago the first of them came. */
interface LikeLines {
  readonly count: number;
  /** Milliseconds from the first of them to the last line. */
  readonly span: number;
  /** In lines. */
  readonly ago: number;
}

/** The last lines. */
export interface LatestLines {
  add(line: RankedLine): void;
  /** The most that those of a kind had. */
  mostOf(kind: number): { readonly unlike: number; readonly rarity: number };
  /**
   * The mean score of the last ten lines, with 0 for those that are not like the last one: lines of its wording, for a grave line
   * all grave ones, or lines of its shape, whichever mean is higher.
   */
  mean(): number;
  /** The lines that count in it. */
  alike(): LikeLines;
  state(): readonly RankedLine[];
  remember(lines: readonly RankedLine[]): void;
}

/** How many lines are the last ones. */
export const LATEST = 10;

/** Remembers the last ten lines. */
export function latestLines(): LatestLines {
  let lines: RankedLine[] = [];

  function meanOf(by: 'wording' | 'shape' | 'grave'): number {
    const of = lines.at(-1)![by];
    let sum = 0;
    for (const line of lines) if (line[by] === of) sum += line.score;
    return sum / LATEST;
  }
  const byText = (): 'wording' | 'grave' => (lines.at(-1)!.grave ? 'grave' : 'wording');

  return {
    add(line) {
      lines.push(line);
      if (lines.length > LATEST) lines.shift();
    },
    mostOf(kind) {
      let [unlike, rarity] = [0, 0];
      for (const one of lines) {
        if (one.kind !== kind) continue;
        unlike = Math.max(unlike, one.unlike);
        rarity = Math.max(rarity, one.rarity);
      }
      return { unlike, rarity };
    },
    mean: () => Math.max(meanOf(byText()), meanOf('shape')),
    alike() {
      const by = meanOf(byText()) > meanOf('shape') ? byText() : 'shape';
      const last = lines.at(-1)!;
      const first = lines.findIndex((line) => line[by] === last[by]);
      const count = lines.filter((line) => line[by] === last[by]).length;
      return { count, span: last.time - lines[first]!.time, ago: lines.length - 1 - first };
    },
    state: () => lines,
    remember(from) {
      lines = [...from];
    },
  };
}
