/** Writes a value as JSON within an element: what an HTML parser could take for a tag or a reference is escaped. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', String.raw`\u003c`)
    .replaceAll('&', String.raw`\u0026`);
}
