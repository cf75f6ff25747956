import { describe, expect, it } from "vitest";
import { isValidAuthority, latin1, normalizedHost } from "../support/text.ts";

describe("a host", () => {
  it.each([
    ["Example.COM", "example.com"],
    ["example.com:8080", "example.com"],
    ["example.com.", "example.com"],
    ["EXAMPLE.com.:443", "example.com"],
    ["example.com:", "example.com"],
    ["localhost", "localhost"],
    ["10.0.0.1:80", "10.0.0.1"],
    ["[::1]", "[::1]"],
    ["[::1]:8080", "[::1]"],
    ["[2001:DB8::A]:443", "[2001:db8::a]"],
    ["[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]"],
    ["example.com..", "example.com."],
    [".", "."],
    ["", ""],
    [":80", ""],
    ["[::1", "[::1"],
    ["a:b:c", "a"],
    ["ex\xc3\x84mple", "ex\xc3\x84mple"],
  ])("%j is compared as %j", (authority, host) => {
    expect(latin1(normalizedHost(Buffer.from(authority, "latin1")))).toBe(host);
  });
});

describe("an authority", () => {
  it.each([
    "example.com",
    "Example.com.",
    "example.com:1",
    "example.com:65535",
    "a",
    "10.0.0.1:8080",
    "orders_v2.internal",
    "a%20b",
    "[::]",
    "[::1]:443",
    "[1:2:3:4:5:6:7:8]",
    "[::ffff:10.0.0.1]",
  ])("may be %s", (authority) => {
    expect(isValidAuthority(authority)).toBe(true);
  });

  it.each([
    "",
    ":80",
    "example.com:",
    "example.com:0",
    "example.com:65536",
    "example.com:99999999999",
    "example.com:8a",
    "example.com:80:80",
    "user@example.com",
    "user:password@example.com",
    "example.com/a",
    "example.com?a",
    "example.com#a",
    "a b",
    " example.com",
    "example.com\r\nx: y",
    "ex\0mple",
    "exämple.com",
    "a%2",
    "a\\b",
    "[",
    "]",
    "[]",
    "[::1",
    "::1",
    "[::1]x",
    "[::1]]",
    "[::1]:",
    "[[::1]]",
    "[1]",
    "[::g]",
    "[::1%25eth0]",
    "[:::::::::]",
  ])("is not %j", (authority) => {
    expect(isValidAuthority(authority)).toBe(false);
  });

  it("is there", () => {
    expect(isValidAuthority(null)).toBe(false);
  });
});
