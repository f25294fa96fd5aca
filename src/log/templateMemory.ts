import { burstModel, type BurstModel, type BurstPrior, type BurstState } from './burstModel.js';
import { rushModel, type RushModel, type RushState } from './rushModel.js';
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
}

/** What is remembered of all templates; plain JSON. */
export interface TemplateMemoryState {
  readonly prior: BurstPrior;
  readonly known: readonly (readonly [id: number, count: number, text: number, burst: BurstState, rush: RushState])[];
}

/** Remembers templates by their numbers. */
export interface TemplateMemory {
  /** What is remembered of the template of a line; forgets the one that was dropped for it. */
  of(match: TemplateMatch): RememberedTemplate;
  state(): TemplateMemoryState;
}

const BURST_INTERVAL = 1500; // milliseconds

/** What counts lines of one text. */
type Counted = Pick<RememberedTemplate, 'burst' | 'rush'>;

/** A template with the text by which its bursts are counted. */
interface Known extends RememberedTemplate {
  name: string;
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
    const counted = enter(name, burst, rush);
    known.set(id, { count, text, name, burst: counted.burst, rush: counted.rush });
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
    of({ id, template, dropped }) {
      const gone = dropped === undefined ? undefined : known.get(dropped);
      if (gone) {
        leave(gone);
        known.delete(dropped!);
      }
      let found = known.get(id);
      if (!found) {
        const { burst, rush } = enter(template);
        known.set(id, (found = { count: 0, text: 0, name: template, burst, rush }));
      }
      if (found.name !== template) {
        leave(found);
        const { burst, rush } = enter(template, found.burst.state(), found.rush.state());
        found.burst = burst;
        found.rush = rush;
        found.name = template;
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
