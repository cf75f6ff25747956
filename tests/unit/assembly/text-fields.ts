import { ByteBuffer, textOf } from "as-bytes/assembly";
import { parseDeltaSeconds } from "../../../assembly/text/delta-seconds";
import { appendHttpDate, parseHttpDate } from "../../../assembly/text/http-date";
import { StructuredDictionary } from "../../../assembly/text/structured-dictionary";
import { atMemoryEnd, copyOf } from "./bytes";

const written = new ByteBuffer();
const dictionary = new StructuredDictionary();

export function httpDateOf(value: Uint8Array, now: i64): i64 {
  return parseHttpDate(atMemoryEnd(value), now);
}

export function httpDateText(time: i64): Uint8Array {
  appendHttpDate(written.clear(), time);
  return copyOf(written.view());
}

export function deltaSecondsOf(value: Uint8Array): i64 {
  return parseDeltaSeconds(atMemoryEnd(value));
}

/** The members as `key type value`, one a line; `failed` behind them where the field is no dictionary. */
export function dictionaryOf(field: Uint8Array): string {
  let lines = "";
  dictionary.begin(atMemoryEnd(field));
  while (dictionary.next()) {
    lines += textOf(dictionary.key) + " " + dictionary.type.toString() + " " + textOf(dictionary.value) + "\n";
  }
  return dictionary.failed ? lines + "failed" : lines;
}
