import type { LogLine, Severity } from './logRecord.js';

/** Says which lines may share a template. */
export interface LineScopes {
  /** The scope of a line: those of one severity and component, digits apart, and those of traces. */
  of(line: LogLine): string;
  /** The components that have scopes of their own, for a state. */
  readonly components: readonly string[];
}

const MOST_COMPONENTS = 100;
const OTHERS = '|*';

/** Makes scopes for up to 100 components; those beyond share one, since names of users and the like are without end. */
export function lineScopes(known: readonly string[] = []): LineScopes {
  const components = new Set(known);
  let latest: { readonly severity: Severity | null; readonly component: string; readonly scope: string } | undefined;

  return {
    of({ continues, severity, component }) {
      if (continues) return 'trace';
      if (latest?.component === component && latest.severity === severity) return latest.scope;
      let own = `|${/\d/.test(component) ? component.replaceAll(/\d+/g, '#') : component}`; // holds no line in memory
      if (!components.has(own)) {
        if (components.size < MOST_COMPONENTS) components.add(own);
        else own = OTHERS;
      }
      const scope = `${severity ?? ''}${own}`;
      latest = { severity, component, scope };
      return scope;
    },
    get components() {
      return Array.from(components);
    },
  };
}
