import { ByteBuffer, NONE, Slice, copy, equal, lengthOf, sub, textOf } from "as-bytes/assembly";
import { JsonDocument } from "as-strict-json/assembly";
import { ClientRequest, HeaderSource } from "../../../assembly/request/client-request";
import { Encoding } from "../../../assembly/request/encoding";
import { RecordSource } from "../../../assembly/request/record-source";
import { Template } from "../../../assembly/request/template";
import { TemplatePart } from "../../../assembly/request/template-part";
import { TemplateCompiler } from "../../../assembly/request/template-compiler";
import { bytesOf, optionalBytesOf, optionalCopyOf } from "./bytes";

/** Headers as a test gives them; counts what is read. */
class TestHeaders extends HeaderSource {
  names: Array<Slice> = [];
  values: Array<Slice> = [];
  reads: Array<string> = [];

  get(name: Slice): Slice {
    this.reads.push(textOf(name));
    for (let i = 0; i < this.names.length; i++) {
      if (equal(this.names[i], name)) return this.values[i];
    }
    return NONE;
  }
}

let headers: TestHeaders = new TestHeaders();
export const request: ClientRequest = new ClientRequest();

/** A request without headers, for the functions below. */
export function beginRequest(): void {
  headers = new TestHeaders();
  request.begin(headers);
}

export function addHeader(name: Uint8Array, value: Uint8Array): void {
  headers.names.push(copy(bytesOf(name)));
  headers.values.push(copy(bytesOf(value)));
}

/** The headers that were read since `beginRequest`, in their order. */
export function headersRead(): string {
  return headers.reads.join(" ");
}

/** `property` is `host`, `path`, `query`, `method`, `scheme`, `segment`, `parameter`, `header` or `cookie`. */
export function propertyOf(property: string, name: Uint8Array, index: i32): Uint8Array | null {
  return optionalCopyOf(readProperty(property, bytesOf(name), index));
}

/** Whether two values of a request stand side by side: the first must not change when the second is read. */
export function pathSegments(first: i32, second: i32): string {
  const one = request.pathSegment(first);
  const two = request.pathSegment(second);
  return textOf(one) + "|" + textOf(two);
}

/** Why a template does not compile; empty when it does. */
export function compileProblem(text: string): string {
  const compiler = new TemplateCompiler();
  const template = compiler.compile(text);
  if (template) template.dispose();
  return compiler.problem;
}

export function needsOfTemplate(text: string): i32 {
  const template = new TemplateCompiler().compile(text);
  return template ? template.needs : -1;
}

/** Fills a template in for the request; null when a value is missing. `record` is JSON, the record of every lookup. */
export function fillTemplate(
  text: string,
  encoding: i32,
  rest: Uint8Array | null,
  record: Uint8Array,
): Uint8Array | null {
  const template = new TemplateCompiler().compile(text);
  if (!template) return null;
  const filled = fill(template, encoding, optionalBytesOf(rest), new TestRecords(record));
  template.dispose();
  return filled;
}

class TestRecords extends RecordSource {
  private document: JsonDocument = new JsonDocument();
  private value: ByteBuffer = new ByteBuffer();

  constructor(record: Uint8Array) {
    super();
    this.document.parse(bytesOf(record), 1 << 20, 32);
  }

  valueOf(part: TemplatePart): Slice {
    const pointer = part.pointer;
    const value = this.value.clear();
    if (!pointer) return NONE;
    // So that a test can tell which record was asked for.
    if (lengthOf(part.text) > 0) value.bytes(part.text).byte(0x3d);
    return this.document.appendText(this.document.at(pointer), value) ? value.view() : NONE;
  }
}

export function fill(
  template: Template,
  encoding: Encoding,
  rest: Slice,
  records: RecordSource | null = null,
): Uint8Array | null {
  const into = new ByteBuffer().text("before:");
  const isFilled = template.append(into, request, rest, encoding, records);
  const written = into.view();
  // Nothing may be left of a template that could not be filled in.
  if (!isFilled) assert(into.length == 7);
  const filled = isFilled ? optionalCopyOf(sub(written, 7)) : null;
  into.dispose();
  return filled;
}

function readProperty(property: string, name: Slice, index: i32): Slice {
  if (property == "host") return request.host;
  if (property == "path") return request.path;
  if (property == "query") return request.query;
  if (property == "method") return request.method;
  if (property == "scheme") return request.scheme;
  if (property == "segment") return request.pathSegment(index);
  if (property == "parameter") return request.queryParameter(name);
  if (property == "header") return request.header(name);
  return request.cookie(name);
}
