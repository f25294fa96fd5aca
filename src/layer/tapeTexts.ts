import type { Layer } from './layer.js';

/**
 * The text of the function by which a layer unrolls itself, and of its kind of cell, by the layer's `tape` where that does
 * not show it. Layers that one maker makes have the same; one that was copied and given another tape or cell differs.
 */
export const tapeTexts: WeakMap<Layer['tape'], string> = new WeakMap();
