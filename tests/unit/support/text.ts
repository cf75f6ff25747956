import { UnitModule } from "./unit-module.ts";

const unit = new UnitModule();

/** The bytes as text, byte for byte: what is not ASCII stays visible. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** As `latin1`; null stays null. */
export function optionalLatin1(bytes: Uint8Array | null): string | null {
  return bytes && latin1(bytes);
}

/** Percent-decoding by RFC 3986 §2.1, byte for byte: each well-formed escape once; the rest stands. */
export function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

export const isUtf8 = unit.function("utf8Valid", ["bytes"], "bool");
export const utf8Encode = unit.function("utf8Encode", ["i32"], "bytes");
export const sipHash = unit.function("sipHashOf", ["bytes", "u64", "u64"], "u64");
export const base64 = unit.function("base64Of", ["bytes"], "bytes");
export const percentEncode = unit.function("percentEncode", ["bytes"], "bytes");
export const percentEncodeWithDots = unit.function("percentEncodeWithDots", ["bytes"], "bytes");
export const percentDecode = unit.function("percentDecode", ["bytes"], "bytes");
export const equalDecoded = unit.function("equalDecoded", ["bytes", "bytes"], "bool");
export const pathOf = unit.function("pathOf", ["bytes"], "bytes");
export const queryOf = unit.function("queryOf", ["bytes"], "optionalBytes");
export const pathSegment = unit.function("pathSegment", ["bytes", "i32"], "optionalBytes");
export const queryParameter = unit.function("queryParameter", ["optionalBytes", "bytes"], "optionalBytes");
export const cookieValue = unit.function("cookieValue", ["optionalBytes", "bytes"], "optionalBytes");
export const isValidBuiltPath = unit.function("builtPathValid", ["optionalBytes"], "bool");
export const pathFromSegment = unit.function("pathFromSegment", ["bytes", "i32"], "optionalBytes");
export const hasDotSegment = unit.function("pathClimbs", ["bytes"], "bool");
const partAsReceived = unit.function("partAsReceived", ["bytes", "bool"], "bytes");

export function asReceived(part: string | Uint8Array, isQuery: boolean): string {
  return latin1(partAsReceived(part, isQuery));
}

export const normalizedHost = unit.function("normalizedHost", ["bytes"], "bytes");
export const isValidAuthority = unit.function("authorityValid", ["optionalBytes"], "bool");
export const isFieldName = unit.function("fieldNameValid", ["optionalBytes"], "bool");
export const isFieldValue = unit.function("fieldValueValid", ["optionalBytes"], "bool");
export const isForbiddenName = unit.function("nameForbidden", ["optionalBytes"], "bool");
