// Simple scores of lines, each from the lines before it: what the scorer of lines is compared with.
import { deflateRawSync } from 'node:zlib';

const RULES: readonly (readonly [RegExp, string])[] = [
  [/0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}\b|\d+/g, '#'],
  [/(\/[\w.\-#]+)+/g, '/P'],
  [/(user[= ]|for |from |rhost=)\S+/g, '$1@'],
];

/** The scores of each baseline for all lines. */
export function logBaselines(lines: readonly string[]): Readonly<Record<string, readonly number[]>> {
  const masked = lines.map((line) => RULES.reduce((text, [rule, by]) => text.replace(rule, by), line));
  const words = masked.map((line) => line.split(/[^A-Za-z#@_]+/).filter((word) => word !== ''));
  const bits = charactersOf(lines, 5);
  const zipped = zlibOf(lines);
  const each = (sums: readonly number[]): number[] => sums.map((sum, i) => sum / (lines[i]!.length + 1));
  return {
    '5-gram, bits per character': each(bits),
    '5-gram, bits per line': bits,
    'zlib, last 250 lines as dictionary': zipped,
    'the same per character': each(zipped),
    'rarity of the masked line': rarity(masked.map((line) => [line])),
    'rarest word': rarity(words),
    length: lines.map(({ length }) => length),
  };
}

/** Witten–Bell n-grams of characters that learn as they read. */
function charactersOf(lines: readonly string[], order: number): number[] {
  const vocabulary = new Set(lines.join('')).size + 1;
  const counts = new Map<string, Map<string, number>>();
  const totals = new Map<string, number>();
  let past = '';
  return lines.map((line) => {
    let bits = 0;
    for (const character of `${line}\n`) {
      let p = 1 / vocabulary;
      for (let n = 0; n < Math.min(order, past.length + 1); n++) {
        const context = past.slice(past.length - n);
        const after = counts.get(context);
        if (!after) {
          counts.set(context, new Map([[character, 1]]));
          totals.set(context, 1);
          continue;
        }
        const total = totals.get(context)!;
        p = ((after.get(character) ?? 0) + after.size * p) / (total + after.size);
        after.set(character, (after.get(character) ?? 0) + 1);
        totals.set(context, total + 1);
      }
      bits -= Math.log2(p);
      past = (past + character).slice(1 - order);
    }
    return bits;
  });
}

function zlibOf(lines: readonly string[]): number[] {
  return lines.map((line, i) => {
    const dictionary = Buffer.from(lines.slice(Math.max(0, i - 250), i).join('\n')).subarray(-32_000);
    return deflateRawSync(line, { level: 9, memLevel: 9, ...(dictionary.length > 0 && { dictionary }) }).length;
  });
}

function rarity(keys: readonly (readonly string[])[]): number[] {
  const counts = new Map<string, number>();
  return keys.map((ofLine, i) => {
    const score = Math.max(0, ...ofLine.map((key) => Math.log2((i + 1) / ((counts.get(key) ?? 0) + 0.5))));
    for (const key of new Set(ofLine)) counts.set(key, (counts.get(key) ?? 0) + 1);
    return score;
  });
}
