/** Bytes in the units that bounds are given in. */
export const KIB: i64 = 1024;
export const MIB: i64 = 1024 * KIB;

/** What `parseSize` returns for a text that is no size. */
export const NOT_A_SIZE: i64 = -1;

/** A number over every bound in any unit, far from overflowing. */
const TOO_LARGE: i64 = 1 << 32;

/** The bytes of a size such as `64KiB` or `8MiB`; `NOT_A_SIZE` when it is none. */
export function parseSize(text: string): i64 {
  const unit = text.endsWith("KiB") ? KIB : text.endsWith("MiB") ? MIB : 0;
  const digits = text.length - 3;
  if (unit == 0 || digits == 0) return NOT_A_SIZE;
  let number: i64 = 0;
  for (let i = 0; i < digits; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return NOT_A_SIZE;
    // Saturating: what has so many digits is too large, however many follow.
    number = min(number * 10 + <i64>digit, TOO_LARGE);
  }
  return number * unit;
}

/** The size as a configuration would give it, for messages. */
export function formatSize(bytes: i64): string {
  return bytes % MIB == 0 ? (bytes / MIB).toString() + "MiB" : (bytes / KIB).toString() + "KiB";
}
