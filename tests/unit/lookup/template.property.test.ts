import fc from "fast-check";
import { expect, it } from "vitest";
import { TestRequest, textOf } from "./client-request-fixture.ts";

const KEY = 0;

const request = new TestRequest();

/** A literal or a value, as the template writes it and as a request fills it in. */
interface Part {
  text: string;
  /** Null for a value that the request does not have. */
  filled: string | null;
  header?: [name: string, value: string];
}

/** The reference: RFC 3986 unreserved characters stand, everything else is escaped. */
function encoded(value: string): string {
  return Buffer.from(value)
    .toString("latin1")
    .replace(/[^A-Za-z0-9._~-]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}

const printable = fc.string({ unit: "grapheme", maxLength: 8 });

const literal: fc.Arbitrary<Part> = printable
  .map((text) => text.replace(/[{}]/g, ""))
  .map((text) => ({ text, filled: text }));

const present: fc.Arbitrary<Part> = fc
  .tuple(fc.nat(1e9), printable, fc.option(printable))
  .map(([number, value, fallback]) => ({
    text: `{header[x-${number}]${fallback === null ? "" : `|${fallback.replace(/[{}]/g, "")}`}}`,
    filled: encoded(value),
    header: [`x-${number}`, value],
  }));

const missing: fc.Arbitrary<Part> = fc
  .option(printable.map((fallback) => fallback.replace(/[{}]/g, "")))
  .map((fallback) => ({
    text: `{header[missing]${fallback === null ? "" : `|${fallback}`}}`,
    filled: fallback === null ? null : encoded(fallback),
  }));

it("a template is its literals, its values encoded, and nothing without all of them", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(literal, present, present, missing), { maxLength: 8 }), (parts) => {
      request.begin();
      // The first of two headers of one name counts; so does it here.
      const names = new Map<string, string>();
      for (const { header } of parts) if (header && !names.has(header[0])) names.set(...header);
      for (const [name, value] of names) request.with(name, value);
      const text = parts.map((part) => part.text).join("");
      const expected = parts.map((part) => {
        const value = part.header ? names.get(part.header[0]) : undefined;
        return value === undefined ? part.filled : encoded(value);
      });
      const filled = textOf(request.fill(text, KEY, null));
      expect(filled).toBe(expected.includes(null) ? null : expected.join(""));
    }),
    { numRuns: 2000 },
  );
});
