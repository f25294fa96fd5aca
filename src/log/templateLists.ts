/** Lists of templates by name, in the order in which they were added. */
export interface TemplateLists<T> {
  add(name: string, template: T): void;
  /** Notes that a template of a list is not kept any more; the list forgets it when a quarter of its own are dropped. */
  drop(name: string): void;
  /** The latest ones that are kept, the oldest of them first. */
  latest(name: string): readonly T[];
}

const MOST_COMPARED = 256;
const NONE: readonly never[] = [];

/** Makes lists of templates to compare lines with, whose memory is that of the templates that are kept. */
export function templateLists<T extends { readonly kept: boolean }>(): TemplateLists<T> {
  const lists = new Map<string, { templates: T[]; kept: number }>();

  return {
    add(name, template) {
      const list = lists.get(name) ?? { templates: [], kept: 0 };
      lists.set(name, list);
      list.templates.push(template);
      list.kept += 1;
    },
    drop(name) {
      const list = lists.get(name)!;
      list.kept -= 1;
      if (list.kept === 0) lists.delete(name);
      else if (4 * list.kept < 3 * list.templates.length) list.templates = list.templates.filter(({ kept }) => kept);
    },
    latest(name) {
      const templates = lists.get(name)?.templates;
      if (!templates) return NONE;
      const found: T[] = [];
      for (let i = templates.length - 1; i >= 0 && found.length < MOST_COMPARED; i--) {
        if (templates[i]!.kept) found.push(templates[i]!);
      }
      return found.toReversed();
    },
  };
}
