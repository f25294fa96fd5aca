import { burstModel, type BurstModel, type BurstPrior, type BurstState } from './burstModel.js';
import { hashOf } from './hashOf.js';
import { rushModel, type RushModel, type RushState } from './rushModel.js';
import { shapeOf } from './shapeOf.js';
import type { TemplateMatch } from './templateMiner.js';

/** What is remembered of a template beside its text. */
export interface RememberedTemplate {
  /** Lines of it so far. */
  count: number;
  /** Bits per character of its last line whose characters were read. */
  text: number;
  /** Of all templates of the same text, whatever their component. */
  burst: BurstModel;
  rush: RushModel;
  /** A hash of its text, and what it has in common with lines that differ in few words. */
  wording: number;
  shape: number;
}

/** What is remembered of all templates; plain JSON. */
export interface TemplateMemoryState {
  readonly prior: BurstPrior;
  readonly known: readonly (readonly [id: number, count: number, text: number, burst: BurstState, rush: RushState])[];
}

/** Remembers templates by their numbers. */
export interface TemplateMemory {
  /** What is remembered of the template of a line of some scope; forgets the one that was dropped for it. */
  of(match: TemplateMatch, scope: string): RememberedTemplate;
  state(): TemplateMemoryState;
}

const BURST_INTERVAL = 1500; // milliseconds

/** What counts lines of one text. */
type Counted = Pick<RememberedTemplate, 'burst' | 'rush'>;

/** A template with the text by which its bursts are counted. */
interface Known extends RememberedTemplate {
  name: string;
  /** That of the lines of which its hashes are; undefined until they are computed, when a line comes. */
  scope: string | undefined;
}

/**
 * Makes a memory of templates: how often each came, how unlike the text before it, and in what bursts. Templates of the same
 * text, such as those of several services, have their bursts in common. `textOf` gives the texts of a state's templates.
 */
export function templateMemory(
  from: TemplateMemoryState | undefined,
  textOf: (id: number) => string | undefined,
): TemplateMemory {
  const prior: BurstPrior = { sum: from?.prior.sum ?? 0, count: from?.prior.count ?? 0 };
  const known = new Map<number, Known>();
  const bursts = new Map<string, Counted & { templates: number }>(); // by text
  for (const [id, count, text, burst, rush] of from?.known ?? []) {
    const name = textOf(id) ?? '';
    known.set(id, knownOf(count, text, name, enter(name, burst, rush)));
  }

  function enter(name: string, burst?: BurstState, rush?: RushState): Counted {
    let found = bursts.get(name);
    if (!found)
      bursts.set(
        name,
        (found = { burst: burstModel(BURST_INTERVAL, prior, burst), rush: rushModel(rush), templates: 0 }),
      );
    found.templates += 1;
    return found;
  }
  function leave({ name }: Known): void {
    const found = bursts.get(name);
    if (found && --found.templates === 0) bursts.delete(name);
  }

  return {
    of({ id, template, dropped }, scope) {
      const gone = dropped === undefined ? undefined : known.get(dropped);
      if (gone) {
        leave(gone);
        known.delete(dropped!);
      }
      let found = known.get(id);
      if (!found) known.set(id, (found = knownOf(0, 0, template, enter(template))));
      else if (found.name !== template) {
        leave(found);
        const { burst, rush } = enter(template, found.burst.state(), found.rush.state());
        found.burst = burst;
        found.rush = rush;
        found.name = template;
        found.scope = undefined;
      }
      if (found.scope !== scope) {
        found.wording = hashOf(template);
        found.shape = shapeOf(template, scope);
        found.scope = scope;
      }
      return found;
    },
    state: () => ({
      prior,
      known: Array.from(
        known,
        ([id, { count, text, burst, rush }]) => [id, count, text, burst.state(), rush.state()] as const,
      ),
    }),
  };
}

function knownOf(count: number, text: number, name: string, { burst, rush }: Counted): Known {
  return { count, text, name, burst, rush, wording: 0, shape: 0, scope: undefined };
}
