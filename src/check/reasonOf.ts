/** What a caught value says of itself: the message of an Error, else its text. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
