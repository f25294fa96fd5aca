import type { Layer } from '../layer/layer.js';
import type { Model } from './model.js';

/**
 * Describes a model in lines, for `console.log`: what computes it, its layers with their sizes and the shapes of their
 * parameters, how many numbers these are, and the bytes that they take.
 */
export function describeModel({ kind, dtype, kernel, layers, skip, weights }: Model): string {
  const all: (readonly [string, Layer])[] = [...layers, ...(skip ? [['skip', skip] as const] : [])];
  const rows = all.map(([name, { kind, inputSize, outputSize, parameters }]) => {
    const numbers = parameters.reduce((sum, { shape }) => sum + countOf(shape), 0);
    const shapes = parameters.map(({ name, shape }) => `${name} ${shape.join('×')}`).join(', ');
    return [name, kind, `${inputSize} → ${outputSize}`, grouped(numbers), shapes];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => {
    const cells = row.slice(0, 4).map((cell, i) => (i === 3 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
    return `  ${[...cells, row[4]].join('  ')}`.trimEnd();
  });
  const bytes = weights.half ? weights.numbers.length * 2 : weights.numbers.byteLength;
  const vectors = kernel.vectorBits === undefined ? '' : ` with vectors of ${kernel.vectorBits} bits`;
  return [
    `${kind}, ${weights.half ?? dtype}, ${kernel.backend}${vectors}`,
    ...lines,
    `  ${grouped(weights.numbers.length)} parameters, ${grouped(bytes)} bytes`,
  ].join('\n');
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A count with commas between groups of three digits. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
