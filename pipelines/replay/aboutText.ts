import { visible } from '../../src/index.js';

/** Says in a sentence what a recording says about itself: `a run of names with seed 0: hidden 50, learning rate 0.01`. */
export function aboutText(about: unknown): string {
  const { settings, ...outer } = Object(about) as Readonly<Record<string, unknown>>;
  const { system, pipeline = system, seed, ...others } = { ...outer, ...(Object(settings) as typeof outer) };
  const what = typeof pipeline === 'string' ? `a run of ${pipeline}` : 'a recorded run';
  const chance = seed === undefined ? '' : ` with seed ${textOf(seed)}`;
  const details = Object.entries(others).map(([name, value]) => `${wordsOf(name)} ${textOf(value)}`);
  return visible(`${what}${chance}${details.length > 0 ? `: ${details.join(', ')}` : ''}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A name in camelCase as words. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
}
