import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Gives a text a style, where that makes sense. */
export type Paint = (style: Style, text: string) => string;

/** Colours for a terminal, unless NO_COLOR (https://no-color.org) is set; plain text for everything else. */
export function paintFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv = process.env): Paint {
  const plain = stream.isTTY !== true || Boolean(environment["NO_COLOR"]) || environment["TERM"] === "dumb";
  return plain ? (_, text) => text : (style, text) => styleText(style, text);
}

/** `1 error`, `2 errors`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
