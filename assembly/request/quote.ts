/** So much of a text is repeated in a message about it. */
const MAX_QUOTED: i32 = 60;

const SPACE: i32 = 0x20;
const DELETE: i32 = 0x7f;

/** A text from outside as it can stand in one line of a log: cut when it is long, control characters replaced. */
export function printable(text: string): string {
  const shown = text.length <= MAX_QUOTED ? text : text.substring(0, cutAt(text)) + "…";
  let clean = "";
  let start = 0;
  for (let i = 0; i < shown.length; i++) {
    const code = shown.charCodeAt(i);
    if (code >= SPACE && code != DELETE) continue;
    clean += shown.substring(start, i) + "?";
    start = i + 1;
  }
  return clean + shown.substring(start);
}

/** Half of a surrogate pair is no text: the cut is before it. */
function cutAt(text: string): i32 {
  return (text.charCodeAt(MAX_QUOTED - 1) & 0xfc00) == 0xd800 ? MAX_QUOTED - 1 : MAX_QUOTED;
}
