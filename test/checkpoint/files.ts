import { Buffer } from 'node:buffer';

/** The bytes of a safetensors file, well-formed or not: the header as it stands, and what follows it. */
export function fileOf(header: string | Uint8Array, numbers: Uint8Array | number = 0, length?: bigint): Uint8Array {
  const text = Buffer.from(header);
  const rest = typeof numbers === 'number' ? new Uint8Array(numbers) : numbers;
  const file = new Uint8Array(8 + text.length + rest.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  file.set(rest, 8 + text.length);
  return file;
}

/** The bytes of numbers, as they lie in memory. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
