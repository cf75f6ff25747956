/**
 * What a configuration's patterns and templates are to YAML where they stand without quotes: `*.example.com` is an alias, and
 * a value that begins with `{` is a map.
 */

/** What begins a value that begins with a template: `{record:/cell}/{rest}`, `{path[1]}`. */
const TEMPLATE = /(?:^\s*-|[:,[])\s+(?=\{[a-z][a-z0-9-]*(?:\[[^\]\s]*\]|:\/[^}\s]*)?(?:\|[^}]*)?\})/;

/** What to do about a `*` that is no alias; undefined where it may be one. */
export function unquotedStar(text: string, offset: number): string | undefined {
  const word = /^\*[^\s,\]}]*/.exec(text.slice(offset))?.[0] ?? "";
  const isPattern = word === "*" || /^\*[./*]/.test(word);
  return isPattern ? `put it in quotes: "${word}" (without them * is an alias in YAML)` : undefined;
}

/** What to do about a template in the line of a mistake; undefined where there is none without quotes. */
export function unquotedTemplate(text: string, offset: number): string | undefined {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  const line = text.slice(start, end < 0 ? undefined : end);
  const found = TEMPLATE.exec(line);
  return found === null ? undefined : quoted(valueIn(line.slice(found.index + found[0].length)));
}

/** What of the rest of a line is the value: up to a space, or to what ends it in a list or map. */
function valueIn(rest: string): string {
  let depth = 0;
  for (const [index, character] of Array.from(rest).entries()) {
    if (depth === 0 && /[\s,\]}]/.test(character)) return Array.from(rest).slice(0, index).join("");
    if (character === "{") depth++;
    if (character === "}") depth--;
  }
  return rest;
}

/** As in `put it in quotes: "{host}"`. */
export function quoted(template: string): string {
  return `put it in quotes: "${template}" (without them { begins a map in YAML)`;
}
