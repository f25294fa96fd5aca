import type { ErrorText, Marble } from './recording.js';

/** What a message says of what is none. */
export const MARBLE = "a marble such as { step: 1, kind: 'C' }";

/** Whether a value is a marble: a step, and a value, an error's name and message, or the end. */
export function isMarble(value: unknown): value is Marble {
  if (typeof value !== 'object' || value === null) return false;
  const { step, kind, error } = value as { readonly step?: unknown; readonly kind?: unknown; readonly error?: unknown };
  if (typeof step !== 'number' || Number.isNaN(step)) return false;
  return kind === 'N' || kind === 'C' || (kind === 'E' && isErrorText(error));
}

function isErrorText(value: unknown): value is ErrorText {
  if (typeof value !== 'object' || value === null) return false;
  const { name, message } = value as Partial<ErrorText>;
  return typeof name === 'string' && typeof message === 'string';
}
