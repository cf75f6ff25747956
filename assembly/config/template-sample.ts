import { ByteBuffer, Slice, isPresent } from "as-bytes/assembly";
import { Encoding } from "../request/encoding";
import { Template } from "../request/template";
import { PartKind, TemplatePart } from "../request/template-part";
import { appendPercentEncoded } from "../text/url";

/** What to put in the place of values. */
export enum SampleOf {
  /** A harmless value: what is wrong then is wrong with the literals. */
  Literals,
  /** Each value's default, where it has one. */
  Defaults,
}

const sample = new ByteBuffer();

/**
 * A template filled in without a request, so that a literal or default that can never make a good path, host or header
 * value is found with the configuration and not request by request. `value` stands for a value. Good until the next.
 */
export function sampleOf(template: Template, places: SampleOf, encoding: Encoding, value: string): Slice {
  sample.clear();
  for (let i = 0; i < template.parts.length; i++) {
    const part = template.parts[i];
    if (part.isLiteral) sample.bytes(part.text);
    else if (places == SampleOf.Defaults && isPresent(part.fallback)) appendDefault(part, encoding);
    else appendSample(part, encoding, value);
  }
  return sample.view();
}

function appendDefault(part: TemplatePart, encoding: Encoding): void {
  const isEncoded = encoding == Encoding.Key || encoding == Encoding.ServicePath;
  if (isEncoded) appendPercentEncoded(sample, part.fallback);
  else sample.bytes(part.fallback);
}

function appendSample(part: TemplatePart, encoding: Encoding, value: string): void {
  if (encoding == Encoding.ApplyPath) {
    // A client's path brings its slash along. What a pattern such as /v1* left of it may, and so may a record's value.
    const mayBring = part.kind == PartKind.Rest || part.isFromRecord;
    if (part.kind == PartKind.Path || (mayBring && sample.length == 0)) sample.text("/");
  }
  sample.text(value);
}
