/** Whether a value is a proxy that was revoked: whatever is asked of one throws the engine's own error. */
export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value);
    return false;
  } catch {
    return true;
  }
}
