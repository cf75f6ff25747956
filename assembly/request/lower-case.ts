import { ByteBuffer, Slice, copy } from "as-bytes/assembly";

/** The UTF-8 bytes of a text with its ASCII letters in lower case. The caller gives them to `release`. */
export function persistLowerCase(text: string): Slice {
  const buffer = new ByteBuffer().text(text).toLowerCase();
  const bytes = copy(buffer.view());
  buffer.dispose();
  return bytes;
}
