import { ByteBuffer, NONE, Slice, byteAt, isPresent } from "as-bytes/assembly";
import { Encoding } from "../request/encoding";
import { RecordSource } from "../request/record-source";
import { MAX_FILLED, Template } from "../request/template";
import { PartKind, TemplatePart } from "../request/template-part";
import { appendPercentEncoded } from "../text/url";

const OPEN_BRACKET: i32 = 0x5b;

/** What to put in the place of values. */
export enum SampleOf {
  /** A harmless value: what is wrong then is wrong with the literals. */
  Literals,
  /** Each value's default, where it has one. */
  Defaults,
  /** What records have: what is wrong then is wrong with a record, or with how the template puts it. */
  Records,
}

const sample = new ByteBuffer();

/**
 * A template filled in without a request, so that a literal or default that can never make a good path, host or header
 * value is found with the configuration and not request by request. Good until the next one; `NONE` for what is too long.
 */
export function sampleOf(
  template: Template,
  places: SampleOf,
  encoding: Encoding,
  records: RecordSource | null = null,
): Slice {
  sample.clear();
  for (let i = 0; i < template.parts.length; i++) {
    const part = template.parts[i];
    if (sample.length > MAX_FILLED) return NONE;
    if (part.isLiteral) sample.bytes(part.text);
    else if (places == SampleOf.Records && records && part.isFromRecord) appendRecordValue(part, records);
    else if (places == SampleOf.Defaults && isPresent(part.fallback)) appendDefault(part, encoding);
    else appendSample(part, encoding);
  }
  return sample.view();
}

function appendRecordValue(part: TemplatePart, records: RecordSource): void {
  const value = records.valueOf(part);
  sample.bytes(isPresent(value) ? value : part.fallback);
}

function appendDefault(part: TemplatePart, encoding: Encoding): void {
  const isEncoded = encoding == Encoding.Key || encoding == Encoding.ServicePath;
  if (isEncoded) appendPercentEncoded(sample, part.fallback);
  else sample.bytes(part.fallback);
}

function appendSample(part: TemplatePart, encoding: Encoding): void {
  if (encoding == Encoding.ApplyPath) {
    // A client's path brings its slash along. What a pattern such as /v1* left of it may, and so may a record's value.
    const mayBring = part.kind == PartKind.Rest || part.isFromRecord;
    if (part.kind == PartKind.Path || (mayBring && sample.length == 0)) sample.text("/");
  }
  // Its slash begins no path, since it may be missing with the rest.
  if (part.kind == PartKind.SlashPathFrom && (encoding == Encoding.Raw || sample.length > 0)) sample.text("/");
  // Between brackets stands an IPv6 address; elsewhere a number can be a name, a segment and a port.
  sample.text(byteAt(sample.view(), sample.length - 1) == OPEN_BRACKET ? "::1" : "1");
}
