import { textOf } from "as-bytes/assembly";
import { Encoding } from "../request/encoding";
import { Template } from "../request/template";
import { TemplateCompiler } from "../request/template-compiler";
import { PartKind } from "../request/template-part";
import { isFieldValue } from "../text/header-value";
import { isValidAuthority, isValidBuiltPath } from "../text/url";
import { problemOfKey } from "./key-rules";
import { SampleOf, sampleOf } from "./template-sample";
import { Value } from "./value";

const NOT_A_PATH: string = "makes no path (it begins with /, without dot segments, of characters that a path may have)";
const NOT_A_HOST: string = "makes no host";
const NOT_A_HEADER_VALUE: string = "makes no header value (control characters, or spaces at an end)";

/**
 * Reads the templates of one lookup, each for the place where it stands. After an error the methods return a template
 * that writes nothing; every template is the caller's to dispose of.
 */
export class TemplateReader {
  private compiler: TemplateCompiler = new TemplateCompiler();

  constructor(
    /** The names of the lookups before this one: their records' values may be used. */
    private earlier: Array<string>,
  ) {}

  /** A template that writes nothing. */
  static nothing(): Template {
    return new Template("", []);
  }

  key(value: Value): Template {
    const template = this.read(value, "a template such as route:{host}");
    if (!template) return TemplateReader.nothing();
    if (this.usesOwnRecord(template, value)) return template;
    const problem = problemOfKey(template);
    if (problem.length > 0) value.refuse(problem);
    return template;
  }

  servicePath(value: Value): Template {
    const template = this.read(value, "a template such as /routes?host={host}");
    if (!template) return TemplateReader.nothing();
    if (!this.usesOwnRecord(template, value)) this.checkPath(template, value, Encoding.ServicePath);
    return template;
  }

  serviceHeader(value: Value): Template {
    const template = this.read(value, "a template");
    if (!template) return TemplateReader.nothing();
    if (!this.usesOwnRecord(template, value)) this.checkHeaderValue(template, value);
    return template;
  }

  /** Null when nothing is given. */
  applyPath(value: Value): Template | null {
    const template = value.isGiven ? this.read(value, "") : null;
    if (template) this.checkPath(template, value, Encoding.ApplyPath);
    return template;
  }

  /** Null when nothing is given. */
  applyHost(value: Value): Template | null {
    const template = value.isGiven ? this.read(value, "") : null;
    if (template && !makesHost(template)) value.refuse(value.quoted + " " + NOT_A_HOST);
    return template;
  }

  applyHeader(value: Value): Template {
    const template = this.read(value, "a template");
    if (!template) return TemplateReader.nothing();
    this.checkHeaderValue(template, value);
    return template;
  }

  private read(value: Value, what: string): Template | null {
    const text = value.requiredText(what);
    if (text.length == 0) return null;
    const template = this.compiler.compile(text);
    if (!template) value.refuse(this.compiler.problem);
    else this.checkLookups(template, value);
    return template;
  }

  /** Only `apply` knows the lookup's own record; elsewhere naming it is an error, which this reports. */
  private usesOwnRecord(template: Template, value: Value): bool {
    for (let i = 0; i < template.parts.length; i++) {
      const part = template.parts[i];
      if (part.kind != PartKind.Record) continue;
      value.refuse(`character ${part.position.toString()}: {record:…} is only known in apply`);
      return true;
    }
    return false;
  }

  private checkLookups(template: Template, value: Value): void {
    for (let i = 0; i < template.parts.length; i++) {
      const part = template.parts[i];
      if (part.kind == PartKind.Record) part.lookup = this.earlier.length;
      if (part.kind != PartKind.LookupRecord) continue;
      const name = textOf(part.text);
      part.lookup = this.earlier.indexOf(name);
      if (part.lookup < 0) {
        value.refuse(`character ${part.position.toString()}: no lookup before this one is called "${name}"`);
      }
    }
  }

  private checkPath(template: Template, value: Value, encoding: Encoding): void {
    const isPath =
      isValidBuiltPath(sampleOf(template, SampleOf.Literals, encoding)) &&
      isValidBuiltPath(sampleOf(template, SampleOf.Defaults, encoding));
    if (!isPath) value.refuse(value.quoted + " " + NOT_A_PATH);
  }

  private checkHeaderValue(template: Template, value: Value): void {
    const isValue =
      isFieldValue(sampleOf(template, SampleOf.Literals, Encoding.Raw)) &&
      isFieldValue(sampleOf(template, SampleOf.Defaults, Encoding.Raw));
    // Not repeated: it may hold a token.
    if (!isValue) value.refuse(NOT_A_HEADER_VALUE);
  }
}

function makesHost(template: Template): bool {
  return (
    isValidAuthority(sampleOf(template, SampleOf.Literals, Encoding.Raw)) &&
    isValidAuthority(sampleOf(template, SampleOf.Defaults, Encoding.Raw))
  );
}
