import { visible } from '../check/visible.js';

/** Writes a value in a few characters, for a marble: a loss, the shape of a window, a number, the start of a text. */
export function shortText(value: unknown): string {
  if (typeof value === 'string') return visible(value, { most: 12 });
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  if (typeof value !== 'object' || value === null) return String(value).slice(0, 12);
  const { loss, steps, lanes, windows } = value as Readonly<Record<string, unknown>>;
  if (typeof loss === 'number') return `loss ${loss.toFixed(3)}`;
  if (typeof steps === 'number' && typeof lanes === 'number') return `${steps} × ${lanes}`;
  if (windows !== undefined) return 'window';
  return Array.isArray(value) ? `[${value.length}]` : '';
}
