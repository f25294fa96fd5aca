import type { OptimizerRule, OptimizerState, Trainable } from './optimizer.js';

/** Throws a RangeError unless a rule can go on from a state with a model: kind, counts, and every moment's shape. */
export function checkState(rule: OptimizerRule, model: Trainable, state: OptimizerState): void {
  const { kind, factors = {} } = rule;
  const { updates, powers, moments } = state;
  if (state.kind !== kind) throw new RangeError(`${kind}: restore needs a state of ${kind}, got one of ${state.kind}`);
  if (!(Number.isSafeInteger(updates) && updates >= 0)) {
    throw new RangeError(`${kind}: restore needs a count of updates from 0 up, got ${updates}`);
  }
  checkNames(kind, 'powers', Object.keys(factors), Object.keys(powers));
  for (const [name, power] of Object.entries(powers)) {
    if (!(power >= 0 && power <= 1)) throw new RangeError(`${kind}: power ${name} must be in [0, 1], got ${power}`);
  }
  const shapes = new Map<string, readonly number[]>();
  for (const moment of Object.keys(rule.moments)) {
    for (const [name, { shape }] of model.weights.tensors) {
      if (!model.frozen.has(name)) shapes.set(`${moment}.${name}`, shape);
    }
  }
  // An optimizer that has not met its model yet has no moments, and starts from those it would make.
  if (updates === 0 && moments.size === 0) return;
  checkNames(kind, 'moments', [...shapes.keys()], [...moments.keys()]);
  for (const [name, shape] of shapes) {
    const given = moments.get(name)!;
    if (given.shape.join() !== shape.join()) {
      throw new RangeError(`${kind}: ${name} has shape [${shape.join(', ')}], got [${given.shape.join(', ')}]`);
    }
    const size = shape.reduce((product, side) => product * side, 1);
    if (given.data.length !== size) {
      throw new RangeError(`${kind}: ${name} has ${size} numbers, got ${given.data.length}`);
    }
  }
}

function checkNames(kind: string, what: string, own: readonly string[], given: readonly string[]): void {
  const missing = own.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !own.includes(name));
  if (missing.length > 0) throw new RangeError(`${kind}: restore misses the ${what} ${missing.join(', ')}`);
  if (unknown.length > 0) throw new RangeError(`${kind}: restore knows no ${what} ${unknown.join(', ')}`);
}
