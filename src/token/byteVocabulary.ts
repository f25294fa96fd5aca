import { type Vocabulary, vocabularyOf } from './vocabularyOf.js';

/**
 * The vocabulary of the 256 bytes, for models of bytes: the token is the byte, so what `bytes` emits needs no `encode`.
 * The symbol of byte `b` is the character U+00`b`; join the symbols and encode them as Latin-1 to get the bytes back.
 */
export const byteVocabulary: Vocabulary = /* @__PURE__ */ vocabularyOf(
  /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)),
);
