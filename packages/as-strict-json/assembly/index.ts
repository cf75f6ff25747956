export { JsonDocument } from "./document";
export { JsonKind } from "./nodes";
export { JsonPointer } from "./pointer";
