import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

const begin = unit.function("recordingBegin", ["i64", "i64"], "void");
const newRecording = unit.function("recordingNew", ["i64"], "void");
const held = unit.function("recordingHeld", [], "i64");

export const sibling = unit.function("recordingSibling", [], "object");
export const select = unit.function("recordingSelect", ["object"], "void");
export const addField = unit.function("recordingAddField", ["bytes", "bytes"], "void");
export const append = unit.function("recordingAppend", ["bytes", "i32", "i32"], "bool");
export const isActive = unit.function("recordingActive", [], "bool");
export const fieldList = unit.function("recordingFields", [], "bytes");
export const bodyLength = unit.function("recordingBodyLength", [], "i32");
export const bodyOf = unit.function("recordingBody", ["i32"], "optionalBytes");
export const recordedEnvelope = unit.function("recordingEnvelope", ["i32"], "optionalBytes");
export const drop = unit.function("recordingDrop", [], "void");
export const takePages = unit.function("memoryTake", ["i32"], "bool");
export const memoryPages = unit.function("memoryPages", [], "i32");

/** Drops the recording before; all recordings from now on hold that many bytes together. */
export function useBudget(bytes: number): void {
  newRecording(BigInt(bytes));
}

export function beginRecording(maxBodyBytes: number, contentLength = -1): void {
  begin(BigInt(maxBodyBytes), BigInt(contentLength));
}

/** The bytes that all recordings hold. */
export function heldBytes(): number {
  return Number(held());
}
