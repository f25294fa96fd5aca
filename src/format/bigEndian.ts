/** Whether the machine keeps the highest byte of a number first; files have the lowest first. */
export function bigEndian(): boolean {
  return new Uint16Array(Uint8Array.of(0, 1).buffer)[0] === 1;
}
