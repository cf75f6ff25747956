import { Slice, empty, equal, persist, release } from "as-bytes/assembly";
import { JsonPointer } from "as-strict-json/assembly";
import { isFieldName } from "../text/header-value";
import { persistLowerCase } from "./lower-case";
import { printable } from "./quote";
import { Template } from "./template";
import { PartKind, TemplatePart } from "./template-part";
import { ALL_VALUES, isLookupName, kindOfIndexedWord, kindOfWord } from "./template-words";

/** Path segments are counted up to here: no path that anybody routes has more. */
const MAX_SEGMENT: i32 = 255;

/** Behind a segment's number: that one and all that follow. */
const ON: string = "..";

/** What `{/path[N..]}` begins with. */
const SLASH_PATH: string = "/path[";

const HOST: Slice = persist("host");

/** Compiles templates. Whatever the text is, the result is a template or a problem. */
export class TemplateCompiler {
  /** Why the latest `compile` gave null: where (in characters, from 1), what, and what would be right. */
  problem: string = "";

  private parts: Array<TemplatePart> = [];

  /** The template that `text` writes; null when it is none. The caller disposes of it. */
  compile(text: string): Template | null {
    this.problem = "";
    this.parts = [];
    for (let at = 0; at < text.length && this.problem.length == 0;) at = this.compileNext(text, at);
    if (this.problem.length == 0) return new Template(text, this.parts);
    for (let i = 0; i < this.parts.length; i++) this.parts[i].dispose();
    return null;
  }

  /** Compiles the literal or the value that begins at `at`; returns where the next one does. */
  private compileNext(text: string, at: i32): i32 {
    const open = text.indexOf("{", at);
    const close = text.indexOf("}", at);
    if (open != at) {
      const end = open < 0 ? text.length : open;
      if (close >= 0 && close < end) {
        this.fail(close, "'}' without '{' (a literal brace is not possible)");
        return text.length;
      }
      this.add(PartKind.Literal, at).text = persist(text.substring(at, end));
      return end;
    }
    const nested = text.indexOf("{", at + 1);
    if (close < 0 || (nested >= 0 && nested < close)) {
      this.fail(at, "'{' without '}' (a literal brace is not possible)");
      return text.length;
    }
    this.compileValue(text.substring(at + 1, close), at);
    return close + 1;
  }

  /** `/path[N..]`; or `word`, `word[argument]` or `word:pointer`, each with `|default` behind it or not. */
  private compileValue(value: string, at: i32): void {
    if (value.startsWith("/")) return this.compileSlash(value, at);
    const wordEnd = endOfWord(value);
    const word = value.substring(0, wordEnd);
    let part: TemplatePart | null = null;
    let end = wordEnd;
    if (value.charAt(wordEnd) == "[") {
      const bracket = value.indexOf("]", wordEnd);
      if (bracket < 0) return this.fail(at, "'[' without ']' in {" + printable(value) + "}");
      end = bracket + 1;
      part = this.compileIndexed(word, value.substring(wordEnd + 1, bracket), at);
    } else if (value.charAt(wordEnd) == ":") {
      const bar = value.indexOf("|", wordEnd);
      end = bar < 0 ? value.length : bar;
      part = this.compilePointer(word, value.substring(wordEnd + 1, end), at);
    } else {
      part = this.compileWord(word, at);
    }
    if (!part || end == value.length) return;
    if (value.charAt(end) == "|") part.fallback = persist(value.substring(end + 1));
    else this.fail(at, "{" + printable(value) + "} goes on after its ']' (only |default may follow)");
  }

  /** The end of a path with its slash: there is nothing to say for a path that does not go so far, and so no default. */
  private compileSlash(value: string, at: i32): void {
    const argument = value.startsWith(SLASH_PATH) && value.endsWith("]") ? value.slice(SLASH_PATH.length, -1) : "";
    const segment = argument.endsWith(ON) ? segmentOf(argument) : -1;
    if (segment >= 0) this.add(PartKind.SlashPathFrom, at).segment = segment;
    else this.fail(at, "{" + printable(value) + "}: a slash stands before path[N..] only, without a default");
  }

  private compileWord(word: string, at: i32): TemplatePart | null {
    const kind = kindOfWord(word);
    if (kind != PartKind.Literal) return this.add(kind, at);
    if (word == "record") this.fail(at, "{record} needs a JSON pointer: {record:/pointer}");
    else if (isKnown(word)) this.fail(at, `{${word}} needs a name: {${word}[name]}`);
    else this.fail(at, `no value is called {${printable(word)}} (there are ${ALL_VALUES})`);
    return null;
  }

  private compileIndexed(word: string, argument: string, at: i32): TemplatePart | null {
    let kind = kindOfIndexedWord(word);
    if (kind == PartKind.PathSegment && argument.endsWith(ON)) kind = PartKind.PathFrom;
    if (kind == PartKind.Literal) {
      if (isKnown(word)) this.fail(at, `{${word}} takes no brackets`);
      else this.fail(at, `no value is called {${printable(word)}[…]} (there are ${ALL_VALUES})`);
      return null;
    }
    const problem = problemOfArgument(kind, argument);
    if (problem.length > 0) {
      this.fail(at, `{${word}[${printable(argument)}]}: ${problem}`);
      return null;
    }
    const part = this.add(kind, at);
    if (part.isFromPath) part.segment = segmentOf(argument);
    else part.text = kind == PartKind.Header ? persistLowerCase(argument) : persist(argument);
    return part;
  }

  private compilePointer(word: string, pointer: string, at: i32): TemplatePart | null {
    if (word != "record" && (isKnown(word) || !isLookupName(word))) {
      if (isKnown(word)) this.fail(at, `{${word}} takes no JSON pointer`);
      else this.fail(at, `"${printable(word)}" is not a lookup's name`);
      return null;
    }
    const text = persist(pointer);
    // The empty pointer leads to the whole record, which is no scalar.
    let compiled: JsonPointer | null = null;
    if (pointer.length > 0) compiled = JsonPointer.parse(text);
    release(text);
    if (!compiled) {
      this.fail(at, `"${printable(pointer)}" is not a JSON pointer (use e.g. {${word}:/headers/x-cell})`);
      return null;
    }
    const part = this.add(word == "record" ? PartKind.Record : PartKind.LookupRecord, at);
    part.text = word == "record" ? empty() : persist(word);
    part.pointer = compiled;
    return part;
  }

  private add(kind: PartKind, at: i32): TemplatePart {
    const part = new TemplatePart(kind, at + 1);
    this.parts.push(part);
    return part;
  }

  private fail(at: i32, problem: string): void {
    this.problem = "character " + (at + 1).toString() + ": " + problem;
  }
}

/** Where the word that a value begins with ends: before its brackets, its pointer or its default. */
function endOfWord(value: string): i32 {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code == 0x5b || code == 0x3a || code == 0x7c) return i;
  }
  return value.length;
}

function isKnown(word: string): bool {
  return kindOfWord(word) != PartKind.Literal || kindOfIndexedWord(word) != PartKind.Literal;
}

/** Why nothing can be read under this name; empty when it can. */
function problemOfArgument(kind: PartKind, argument: string): string {
  if (kind == PartKind.PathSegment || kind == PartKind.PathFrom) {
    if (segmentOf(argument) >= 0) return "";
    return `not a segment's number from 0 to ${MAX_SEGMENT} (use e.g. path[1], or path[1..] for all from there on)`;
  }
  if (kind == PartKind.QueryParameter) return argument.length > 0 ? "" : "no name";
  const name = persistLowerCase(argument);
  const isName = isFieldName(name);
  const isHost = equal(name, HOST);
  release(name);
  if (!isName) return kind == PartKind.Header ? "not a header's name" : "not a cookie's name";
  // Proxies keep it as `:authority`.
  return kind == PartKind.Header && isHost ? "use {host}" : "";
}

/** The number from 0 to `MAX_SEGMENT` that a text writes, with `..` behind it or not; -1 when it writes none. */
function segmentOf(argument: string): i32 {
  const text = argument.endsWith(ON) ? argument.substring(0, argument.length - ON.length) : argument;
  if (text.length == 0 || text.length > 3) return -1;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number <= MAX_SEGMENT ? number : -1;
}
