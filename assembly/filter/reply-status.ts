import { Slice, byteAt, lengthOf, persist } from "as-bytes/assembly";
import { RESET } from "../tier/replies";

export const STATUS = persist(":status");

/** A three-digit status code; `RESET` for anything else. */
export function statusOf(text: Slice): i32 {
  if (lengthOf(text) != 3) return RESET;
  let number = 0;
  for (let i = 0; i < 3; i++) {
    const digit = byteAt(text, i) - 0x30;
    if (digit < 0 || digit > 9) return RESET;
    number = number * 10 + digit;
  }
  return number;
}
