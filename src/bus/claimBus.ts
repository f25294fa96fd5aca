import { choice, object, text } from '../check/schema.js';
import { visible } from '../check/visible.js';
import type { Bus } from './bus.js';
import { keptJson } from './keptJson.js';
import { Lost } from './Lost.js';
import type { Pipeline } from './pipeline.js';

/** The pipeline of a bus; its name is empty where the first worker gave none. */
interface Claim {
  readonly scope: 'key' | 'partition';
  readonly name: string;
}

const CLAIM = object<Claim>({ scope: choice('key', 'partition'), name: text });
/** The name of the claim among the states of partition 0. */
const NAME = 'pipeline';

/** Notes the pipeline of a bus that has none; `Lost` where the bus has another one. */
export async function claimBus(
  bus: Bus,
  { scope = 'key', name = '' }: Pick<Pipeline<unknown>, 'scope' | 'name'>,
): Promise<void> {
  const data = new TextEncoder().encode(JSON.stringify({ scope, name }));
  await bus.states.update(0, [{ name: NAME, data, revision: 0 }]);
  const [found] = await bus.states.get(0, [NAME]);
  if (!found) return;
  const claim = keptJson(CLAIM, found.data, `the pipeline of ${bus.name}`);
  const same = claim.scope === scope && (claim.name === name || claim.name === '' || name === '');
  if (!same) throw new Lost(`${bus.name} has another pipeline: ${shown(claim)}, not ${shown({ scope, name })}`);
}

function shown({ scope, name }: Claim): string {
  return name === '' ? `one with a state per ${scope}` : visible(name, { most: 200 });
}
