import { type UnknownSymbols, unknownSymbols } from '../cli/unknownSymbols.js';
import type { Example } from './readExamples.js';

/** Counts the examples to test with whose label was never learned. */
export function unlearnedLabels(labels: readonly string[], held: readonly Example[]): UnknownSymbols {
  const known = new Set(labels);
  const never = unknownSymbols({
    text: 'example',
    symbol: 'label',
    where: 'in no example that was learned',
    so: 'they count as wrong',
  });
  for (const { label } of held) if (!known.has(label)) never.add([label]);
  return never;
}
