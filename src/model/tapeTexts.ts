import type { Layer } from '../layer/layer.js';

/**
 * The text of the function by which a layer unrolls itself, by the function that a checked layer wraps it in. Layers that
 * one maker makes have the same; a layer that was copied and given another tape does not.
 */
export const tapeTexts: WeakMap<Layer['tape'], string> = new WeakMap();
