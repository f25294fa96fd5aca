/** The time of a date as ISO 8601 writes it, or of a number where its column is `named` after times; NaN for other texts. */
export function timeOf(text: string, named = true): number {
  const trimmed = text.trim();
  if (named && /^\d{9,}(?:\.\d*)?$/.test(trimmed)) return Number(trimmed);
  if (!/^\d{4}-\d\d(?:-\d\d)?(?:[ T]\d\d:\d\d|$)/.test(trimmed)) return NaN;
  const iso = trimmed.replace(' ', 'T');
  return Date.parse(/T/.test(iso) && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? `${iso}Z` : iso);
}
