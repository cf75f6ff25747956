import { UnitModule } from "./unit-module.ts";

/** A message's field: its name and its value, as text or as bytes. */
export type Field = readonly [string | Uint8Array, string | Uint8Array];

const unit = new UnitModule();

const begin = unit.function("headerListBegin", ["bytes"], "void");
const next = unit.function("headerListNext", [], "bool");
const name = unit.function("headerListName", [], "optionalBytes");
const value = unit.function("headerListValue", [], "optionalBytes");
const isAtEnd = unit.function("headerListAtEnd", [], "bool");
const clear = unit.function("headerListClear", [], "void");
const add = unit.function("headerListAdd", ["bytes", "optionalBytes"], "void");
const view = unit.function("headerListView", [], "bytes");

export const lookAtHeaders = unit.function("storedHeadersBegin", ["bytes"], "void");
export const headerValue = unit.function("storedHeadersGet", ["bytes"], "optionalBytes");
export const firstValue = unit.function("storedHeadersFirst", ["bytes"], "optionalBytes");
export const nextValue = unit.function("storedHeadersNext", ["bytes"], "optionalBytes");
export const bothValues = unit.function("storedHeadersBoth", ["bytes", "bytes"], "bytes");

/** A header list written down a second time: for each field the two lengths, and then the two texts. */
export function headerList(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([fieldName, fieldValue]) => {
      const [key, content] = [Buffer.from(fieldName), Buffer.from(fieldValue)];
      const lengths = Buffer.alloc(8);
      lengths.writeUInt32LE(key.length, 0);
      lengths.writeUInt32LE(content.length, 4);
      return [lengths, key, content];
    }),
  );
}

/** The list as the filter writes it. */
export function writeHeaderList(fields: readonly (readonly [string, string | null])[]): Uint8Array {
  clear();
  for (const [fieldName, fieldValue] of fields) add(fieldName, fieldValue);
  return view();
}

/** The fields that the filter reads, byte for byte, and whether the bytes were a whole list. */
export function readHeaderList(bytes: Uint8Array): { fields: [string, string][]; isWhole: boolean } {
  begin(bytes);
  const fields: [string, string][] = [];
  while (next()) {
    fields.push([Buffer.from(name() ?? []).toString("latin1"), Buffer.from(value() ?? []).toString("latin1")]);
  }
  return { fields, isWhole: isAtEnd() };
}
