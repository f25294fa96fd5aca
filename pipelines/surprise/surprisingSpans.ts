export interface Strange {
  readonly text: string;
  /** Where it stands among the line's characters (code points), from 0; `to` is behind it. */
  readonly from: number;
  readonly to: number;
  /** Of its characters together; those the model does not know are not among them. */
  readonly bits: number;
}

/** The parts of a line whose characters have so many bits or more, or are unknown (NaN). */
export function surprisingSpans(line: string, characters: readonly number[], bits: number): Strange[] {
  const symbols = Array.from(line);
  const parts: Strange[] = [];
  for (const [i, one] of characters.entries()) {
    if (one < bits) continue;
    const sum = Number.isNaN(one) ? 0 : one;
    const last = parts.at(-1);
    if (last?.to === i)
      parts[parts.length - 1] = { ...last, text: last.text + symbols[i]!, to: i + 1, bits: last.bits + sum };
    else parts.push({ text: symbols[i]!, from: i, to: i + 1, bits: sum });
  }
  return parts;
}
