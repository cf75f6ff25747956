/** Questions about single bytes. All take -1 ("no byte", see `byteAt`) and answer no. */

@inline
export function isDigit(byte: i32): bool {
  return <u32>(byte - 0x30) < 10;
}


@inline
export function isLetter(byte: i32): bool {
  return byte >= 0 && <u32>((byte | 0x20) - 0x61) < 26;
}

/** The value of a hexadecimal digit in either case, or -1. */
export function hexValue(byte: i32): i32 {
  if (isDigit(byte)) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return byte >= 0 && <u32>letter < 6 ? letter + 10 : -1;
}
