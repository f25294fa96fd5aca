/** One error of all that failed: the only one, or one with their messages that came of the first. */
export function joinedErrors(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  return new Error(messages.join('; '), { cause: errors[0] });
}
