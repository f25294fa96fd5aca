// The entry point `rxrnn/onnx`: models as files of ONNX, as bytes, for browsers too.
export { fromOnnx } from './onnx/fromOnnx.js';
export { OnnxError } from './onnx/OnnxError.js';
export { toOnnx, type ToOnnxOptions } from './onnx/toOnnx.js';
