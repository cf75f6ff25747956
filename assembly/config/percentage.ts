/** What `parsePercentage` returns for a text that is no percentage. */
export const NOT_A_PERCENTAGE: f64 = -1;

/** A percentage such as `10%` or `2.5%`, from 0 to 100; `NOT_A_PERCENTAGE` for anything else. */
export function parsePercentage(text: string): f64 {
  const end = text.length - 1;
  if (end < 1 || text.charCodeAt(end) != 0x25) return NOT_A_PERCENTAGE;
  let number: f64 = 0;
  let scale: f64 = 0;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code == 0x2e && scale == 0 && i > 0 && i + 1 < end) {
      scale = 1;
    } else if (code >= 0x30 && code <= 0x39) {
      number = number * 10 + <f64>(code - 0x30);
      scale *= 10;
    } else {
      return NOT_A_PERCENTAGE;
    }
  }
  const percentage = scale > 0 ? number / scale : number;
  return percentage <= 100 ? percentage : NOT_A_PERCENTAGE;
}
