/** Whether a value is an object with no other members than these; asked for every window, so it copies nothing. */
export function hasOnly(value: unknown, members: object): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const name in value) if (!Object.hasOwn(members, name)) return false;
  return true;
}
