// What the module exports; addresses are bytes, lengths count numbers.
export { useScratch } from './memory';
export { play } from './play';
export * from './activations';
export * from './cells';
export * from './losses';
export { pack, packRows } from './panels';
export * from './products';
export * from './rows';
export * from './updates';
