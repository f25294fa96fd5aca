/** The beginning of a temporary name for a file, before `PID-RANDOM`: a part of its name, which may be as long as names can be. */
export function temporaryName(name: string, hidden: boolean): string {
  return `${hidden ? '.' : ''}${name.slice(0, 48)}.tmp-`;
}
