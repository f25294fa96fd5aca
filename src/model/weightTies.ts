import { checkRecord } from '../check/checkRecord.js';
import { listNames } from '../check/listNames.js';
import { refuse } from '../check/refuse.js';
import { showName } from '../check/showName.js';
import type { Tensor, Tensors } from '../types.js';

/** Which parameters are others: the name of each, and of the one whose numbers it has. */
export type WeightTies = ReadonlyMap<string, string>;

/**
 * Checks which parameters share the numbers of others, `{ name: kept }`, against the shapes of all parameters. A
 * TypeError for what is not names, a RangeError where there is no such parameter, where shapes differ, and where one that
 * is kept shares another's numbers itself.
 */
export function weightTies(kind: string, given: unknown, shapes: ReadonlyMap<string, readonly number[]>): WeightTies {
  if (given === undefined) return new Map();
  checkRecord(kind, 'weightTying', given);
  const ties = new Map(Object.entries(given as Readonly<Record<string, unknown>>));
  for (const [name, kept] of ties) {
    if (typeof kept !== 'string') {
      refuse(kind, `weightTying of ${showName(name)}`, 'the name of a parameter', kept, 'none');
    }
    const [shape, other] = [name, kept].map((one) => shapes.get(one));
    if (!shape || !other) {
      const missing = showName(shape ? kept : name);
      throw new RangeError(`${kind}: weightTying has no parameter ${missing}, there are ${listNames(shapes.keys())}`);
    }
    if (name === kept || ties.has(kept)) {
      throw new RangeError(
        `${kind}: weightTying needs a parameter of its own for ${showName(name)}, got ${showName(kept)}`,
      );
    }
    if (shape.join() !== other.join()) {
      throw new RangeError(
        `${kind}: weightTying needs one shape, ${showName(name)} has [${shape.join(', ')}] and ${showName(kept)} ` +
          `[${other.join(', ')}]`,
      );
    }
  }
  return ties as WeightTies;
}

/**
 * Parameters without those that share the numbers of others, as torch's `state_dict` has both: a RangeError where the two
 * differ. One that is there without the one that is kept takes its place.
 */
export function withoutTied(who: string, parameters: Tensors, ties: WeightTies): Tensors {
  if (ties.size === 0) return parameters;
  const own = new Map<string, Tensor>([...parameters].filter(([name]) => !ties.has(name)));
  for (const [name, kept] of ties) {
    const tensor = parameters.get(name);
    if (tensor === undefined) continue;
    const other = own.get(kept);
    if (other === undefined) own.set(kept, tensor);
    else if (!isEqual(tensor, other)) {
      throw new RangeError(`${who}: ${showName(name)} must be ${showName(kept)}, whose numbers it shares, got others`);
    }
  }
  return own;
}

function isEqual(one: Tensor, other: Tensor): boolean {
  const [a, b] = [one, other] as Partial<Tensor>[];
  if (a?.shape?.join() !== b?.shape?.join() || a?.data?.length !== b?.data?.length) return false;
  return a!.data!.every((number, i) => Object.is(number, b!.data![i]));
}
