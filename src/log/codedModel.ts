import { type ByteModel, byteModel } from './byteModel.js';

/** What the output of a compressor begins with. */
export const MAGIC = 'rxlog2';

/** Bytes of a code word. */
export const WORD = 4;

/** The model that both sides of a compression use. */
export function codedModel(): ByteModel {
  return byteModel({ tableBits: 22, bufferBits: 22 });
}
