// What the module exports; addresses are bytes, lengths count numbers.
export { useScratch } from './memory';
export { play } from './play';
export * from './elementwise';
export * from './halves';
export * from './losses';
export { pack, packRows } from './panels';
export * from './products';
export * from './rows';
