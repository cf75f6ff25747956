import { PartKind } from "./template-part";

/** For messages: everything that can stand between braces. */
export const ALL_VALUES: string =
  "host, path, path[N], path[N..], /path[N..], rest, query, query[name], method, scheme, header[name], cookie[name], record:/pointer, " +
  "lookup-name:/pointer";

/**
 * The words that values of templates begin with; no lookup may be named so. `path` and `query` mean something else when
 * followed by brackets.
 */
export function isTemplateWord(word: string): bool {
  return kindOfWord(word) != PartKind.Literal || kindOfIndexedWord(word) != PartKind.Literal || word == "record";
}

/** What a word without brackets stands for; `Literal` when nothing does. */
export function kindOfWord(word: string): PartKind {
  if (word == "host") return PartKind.Host;
  if (word == "path") return PartKind.Path;
  if (word == "rest") return PartKind.Rest;
  if (word == "query") return PartKind.Query;
  if (word == "method") return PartKind.Method;
  if (word == "scheme") return PartKind.Scheme;
  return PartKind.Literal;
}

/** What a word followed by brackets stands for; `Literal` when nothing does. */
export function kindOfIndexedWord(word: string): PartKind {
  if (word == "path") return PartKind.PathSegment;
  if (word == "query") return PartKind.QueryParameter;
  if (word == "header") return PartKind.Header;
  if (word == "cookie") return PartKind.Cookie;
  return PartKind.Literal;
}

/** Whether a lookup may be called so: `[a-z][a-z0-9-]*`. */
export function isLookupName(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = code >= 0x61 && code <= 0x7a;
    const isLater = (code >= 0x30 && code <= 0x39) || code == 0x2d;
    if (!isLetter && (i == 0 || !isLater)) return false;
  }
  return text.length > 0;
}
