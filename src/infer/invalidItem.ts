/** An item with the reason why it is refused, and the members of it that can be read: a getter of it may throw. */
export function invalidItem<T>(item: T, reason: string): T & { readonly reason: string } {
  try {
    return { ...item, reason };
  } catch {
    return { ...readable(item), reason } as T & { readonly reason: string };
  }
}

function readable(item: unknown): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  try {
    for (const name of Object.keys(item as object)) {
      try {
        members[name] = (item as Record<string, unknown>)[name];
      } catch {
        // left out
      }
    }
  } catch {
    // a revoked proxy has none
  }
  return members;
}
