import { hashOf } from './hashOf.js';

/** What lines have in common that differ in few words: a hash of scope, number of tokens and the first token. */
export function shapeOf(template: string, scope: string): number {
  let tokens = 1;
  for (let at = template.indexOf(' '); at >= 0; at = template.indexOf(' ', at + 1)) tokens += 1;
  const first = template.indexOf(' ');
  return hashOf(`${scope} ${tokens} ${first < 0 ? '' : template.slice(0, first)}`);
}
