import { describe, expect, it } from "vitest";
import { overlaps } from "../../cli/src/doctor/host-patterns.ts";

describe("a lookup's host and a virtual host's domain", () => {
  it.each([
    ["shop.example.com", "shop.example.com"],
    ["shop.example.com", "SHOP.example.com:443"],
    ["shop.example.com", "*"],
    ["shop.example.com", "*:8080"],
    ["shop.example.com", "*.example.com"],
    ["shop.example.com", "*.com"],
    ["shop.example.com", "shop.*"],
    ["*.example.com", "shop.example.com"],
    ["*.example.com", "a.shop.example.com"],
    ["*.example.com", "*.example.com"],
    ["*.example.com", "*.shop.example.com"],
    ["*.example.com", "*.com"],
    ["*.example.com", "shop.*"],
    ["*.example.com", "*"],
    ["*", "shop.example.com"],
  ])("can be one: %s, %s", (pattern, domain) => {
    expect(overlaps(pattern, domain)).toBe(true);
  });

  it.each([
    ["shop.example.com", "www.example.com"],
    ["shop.example.com", "*.shop.example.com"],
    ["example.com", "*.example.com"],
    ["shop.example.com", "www.*"],
    ["*.example.com", "example.com"],
    ["*.example.com", "myexample.com"],
    ["*.example.com", "*.example.org"],
    ["*.example.com", "*.myexample.com"],
  ])("cannot be one: %s, %s", (pattern, domain) => {
    expect(overlaps(pattern, domain)).toBe(false);
  });
});
