import { refuse } from '../check/refuse.js';
import type { Action } from './messages.js';

const NUMBERS: Readonly<Record<string, readonly [allowed: (x: number) => boolean, what: string]>> = {
  learningRate: [(x) => x >= 0, 'a number from 0 up'],
  temperature: [(x) => x >= 0 && x <= 100, 'in [0, 100]'],
  topP: [(x) => x > 0 && x <= 1, 'in (0, 1]'],
  step: [(x) => Number.isInteger(x) && x >= 1 && x <= 1_000_000, 'an integer from 1 to 1000000'],
};

/** Accepts actions: what a person can do to a run. */
export function checkAction(who: string, option: string, value: unknown): asserts value is Action {
  const { name, value: to } = (value ?? {}) as { readonly name?: unknown; readonly value?: unknown };
  if (typeof name === 'string' && Object.hasOwn(NUMBERS, name)) {
    const [allowed, what] = NUMBERS[name]!;
    if (!(typeof to === 'number' && Number.isFinite(to) && allowed(to))) refuse(who, name, what, to, 'number');
    return;
  }
  if (name === 'reset') {
    if (typeof to !== 'string' || to.length > 200) refuse(who, name, 'the name of a checkpoint', to, 'string');
    return;
  }
  if (name === 'pause' || name === 'resume' || name === 'checkpoint') return;
  refuse(who, option, 'an action such as { name: "pause" }', value, 'none');
}
