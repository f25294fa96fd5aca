import { visible } from '../../src/index.js';

/**
 * Makes a piece of a text safe for a terminal, line feeds and tabs kept. A joiner at its start is kept where it joins on to
 * the piece before, as inside an emoji whose parts come one by one.
 */
export function visiblePiece(piece: string, before = ''): string {
  const keeping = { lines: true } as const;
  if (!/^[\u200c\u200d]/.test(piece)) return visible(piece, keeping);
  const last = Array.from(before).at(-1) ?? '';
  return visible(last + piece, keeping).slice(visible(last, keeping).length);
}
