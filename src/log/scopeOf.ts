import type { LogLine } from './logRecord.js';

/** Which lines may share a template: those of one severity and component, digits apart, and those of traces. */
export function scopeOf({ continues, severity, component }: LogLine): string {
  if (continues) return 'trace';
  return `${severity ?? ''}|${/\d/.test(component) ? component.replaceAll(/\d+/g, '#') : component}`;
}
