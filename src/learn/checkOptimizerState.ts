import { finite } from '../check/finite.js';
import { fraction } from '../check/fraction.js';
import { listNames } from '../check/listNames.js';
import { refuse } from '../check/refuse.js';
import { show } from '../check/show.js';
import { showName } from '../check/showName.js';
import { isTensor, tensorText } from '../model/isTensor.js';

/** What a state of an optimizer must have to be restored. */
export interface ExpectedState {
  readonly kind: string;
  readonly powers: readonly string[];
  readonly scalars: readonly string[];
  /** The shapes of the moments by name. */
  readonly moments: ReadonlyMap<string, readonly number[]>;
}

const finiteNumber = finite();

/** Throws a RangeError unless a rule can continue from a state: kind, counts, and every moment's shape. */
export function checkOptimizerState({ kind, ...own }: ExpectedState, given: unknown): void {
  const state = (given ?? {}) as Readonly<Record<'kind' | 'updates' | 'powers' | 'scalars' | 'moments', unknown>>;
  const { updates, powers, scalars = {}, moments } = state;
  if (!(moments instanceof Map) || !isObject(powers) || !isObject(scalars) || typeof state.kind !== 'string') {
    refuse(kind, 'the state to restore', 'what state() of such an optimizer gives', given, 'none');
  }
  if (state.kind !== kind) {
    throw new RangeError(`${kind}: restore needs a state of ${kind}, got one of ${showName(state.kind)}`);
  }
  if (!(Number.isSafeInteger(updates) && (updates as number) >= 0)) {
    throw new RangeError(`${kind}: restore needs a count of updates from 0 up, got ${show(updates)}`);
  }
  checkNames(kind, 'powers', own.powers, Object.keys(powers));
  for (const [name, power] of Object.entries(powers)) fraction(kind, `power ${name}`, power);
  checkNames(kind, 'scalars', own.scalars, Object.keys(scalars));
  for (const [name, scalar] of Object.entries(scalars)) finiteNumber(kind, `scalar ${name}`, scalar);
  // An optimizer that has not met its model yet has no moments, and starts from those it would make.
  if (updates === 0 && moments.size === 0) return;
  checkNames(kind, 'moments', [...own.moments.keys()], [...(moments as Map<string, unknown>).keys()]);
  for (const [name, shape] of own.moments) {
    const tensor: unknown = moments.get(name);
    if (!isTensor(tensor)) {
      throw new TypeError(`${kind}: ${showName(name)} must be a tensor, got ${tensorText(tensor)}`);
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new RangeError(
        `${kind}: ${showName(name)} has shape [${shape.join(', ')}], got [${tensor.shape.join(', ')}]`,
      );
    }
    const size = shape.reduce((product, side) => product * side, 1);
    if (tensor.data.length !== size) {
      throw new RangeError(`${kind}: ${showName(name)} has ${size} numbers, got ${tensor.data.length}`);
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function checkNames(kind: string, what: string, own: readonly string[], given: readonly string[]): void {
  const [known, found] = [new Set(own), new Set(given)];
  const missing = own.filter((name) => !found.has(name));
  const unknown = given.filter((name) => !known.has(name));
  if (missing.length > 0) throw new RangeError(`${kind}: restore misses the ${what} ${listNames(missing)}`);
  if (unknown.length > 0) throw new RangeError(`${kind}: restore does not know the ${what} ${listNames(unknown)}`);
}
