import { flag } from '../check/flag.js';
import { callable } from '../check/callable.js';
import { checkRecord } from '../check/checkRecord.js';
import { oneOf } from '../check/oneOf.js';
import { optional } from '../check/optional.js';
import { positiveInteger } from '../check/positiveInteger.js';
import { refuse } from '../check/refuse.js';
import type { Layer, Parameter } from '../layer/layer.js';
import { tapeTexts } from '../layer/tapeTexts.js';

const takes = oneOf('tokens', 'features', 'either');
const perhapsFlag = optional(flag);
const perhapsCallable = optional(callable);

/**
 * Copies what a layer says of itself, so that it cannot say anything else later, and refuses what is not a layer: sizes
 * and shapes that are not positive integers, and parameters or a state of another form. `who` makes a model, in which the
 * layer is called `name`.
 */
export function checkedLayer(who: string, name: string, value: Layer): Layer {
  if (typeof (value as Partial<Layer> | null | undefined)?.tape !== 'function') {
    refuse(who, name, 'a layer such as linear({ … })', value, 'none');
  }
  const { kind, inputSize, outputSize, takes: given, parameters, state, bidirectional, options, check } = value;
  const refuseAs = (part: string, expected: string, got: unknown): never =>
    refuse(who, `${name}.${part}`, expected, got, 'none');
  if (typeof kind !== 'string' || kind === '') refuseAs('kind', 'the name of the function that made it', kind);
  positiveInteger(who, `${name}.inputSize`, inputSize);
  positiveInteger(who, `${name}.outputSize`, outputSize);
  takes(who, `${name}.takes`, given);
  if (!Array.isArray(parameters)) refuseAs('parameters', 'an array', parameters);
  checkRecord(who, `${name}.state`, state);
  checkRecord(who, `${name}.options`, options);
  perhapsFlag(who, `${name}.bidirectional`, bidirectional);
  perhapsCallable(who, `${name}.check`, check);
  const checked: Layer = {
    kind,
    inputSize,
    outputSize,
    takes: given,
    parameters: Array.from(parameters, (parameter, i) => checkedParameter(who, `${name}.parameters[${i}]`, parameter)),
    state: Object.fromEntries(
      Object.entries(state).map(([key, size]) => [key, checkedStateSize(who, `${name}.state.${key}`, size)]),
    ),
    ...(bidirectional !== undefined && { bidirectional }),
    options: { ...options },
    tape: (context) => value.tape(context),
    ...(check !== undefined && { check: check.bind(value) }),
  };
  tapeTexts.set(checked.tape, tapeTexts.get(value.tape) ?? String(value.tape));
  return checked;
}

function checkedParameter(who: string, where: string, value: Parameter): Parameter {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse(who, where, 'a parameter such as uniform(name, shape, fan)', value, 'none');
  const { name, shape, initialise } = value;
  if (typeof name !== 'string' || name === '') refuse(who, `${where}.name`, 'a name', name, 'none');
  if (!Array.isArray(shape)) refuse(who, `${where}.shape`, 'an array of sizes', shape, 'none');
  const sizes = Array.from(shape as readonly number[]);
  for (const [i, size] of sizes.entries()) positiveInteger(who, `${where}.shape[${i}]`, size);
  callable(who, `${where}.initialise`, initialise);
  return { name, shape: sizes, initialise: (data, random) => initialise.call(value, data, random) };
}

function checkedStateSize(who: string, where: string, value: unknown): readonly [layers: number, size: number] {
  if (!Array.isArray(value) || value.length !== 2) refuse(who, where, '[layers, size]', value, 'none');
  const [layers, size] = value as unknown[];
  positiveInteger(who, `${where}[0]`, layers);
  positiveInteger(who, `${where}[1]`, size);
  return [layers, size];
}
