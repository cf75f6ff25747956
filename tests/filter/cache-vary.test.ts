import { beforeEach, describe, expect, it } from "vitest";
import type { Plugin, ProxyHost } from "proxy-wasm-host";
import { answer, cacheStatus, cacheWith, fill, get, hitOf, SECOND } from "./support/cache.ts";

const FRESH = { "cache-control": "max-age=60" };
const BY_LANGUAGE = { ...FRESH, vary: "Accept-Language" };

let proxy: ProxyHost;
let plugin: Plugin;

beforeEach(async () => {
  ({ proxy, plugin } = await cacheWith());
});

describe("responses that depend on a request's fields", () => {
  it("are stored side by side, and each client gets its own", () => {
    const languages = ["de", "en", "fr", "da, en-gb;q=0.8"];
    for (const language of languages) {
      const stream = fill(plugin, "/a", answer(BY_LANGUAGE, language), { "accept-language": language });
      expect(hitOf(stream)).toBe("forwarded");
    }
    for (const language of languages) expect(hitOf(get(plugin, "/a", { "accept-language": language }))).toBe(language);
  });

  it("are none for a client whose fields no stored one was for", () => {
    fill(plugin, "/a", answer(BY_LANGUAGE, "de"), { "accept-language": "de" });
    const stream = get(plugin, "/a", { "accept-language": "en" }).respond(answer(BY_LANGUAGE, "en"));
    expect(cacheStatus(stream)).toBe("signpost; fwd=vary-miss; stored");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("tell a missing field from an empty one", () => {
    fill(plugin, "/a", answer(BY_LANGUAGE, "none"));
    expect(hitOf(get(plugin, "/a", { "accept-language": "" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a"))).toBe("none");
  });

  it("are one where the values differ in space or order only, and where the field is repeated or listed", () => {
    fill(plugin, "/a", answer(BY_LANGUAGE, "both"), { "accept-language": "de, en" });
    expect(hitOf(get(plugin, "/a", { "accept-language": "de ,  en" }))).toBe("both");
    expect(hitOf(get(plugin, "/a", { "accept-language": ["de", "en"] }))).toBe("both");
    expect(hitOf(get(plugin, "/a", { "accept-language": "en, de" }))).toBe("both");
  });

  it("may depend on several fields, in any number of field lines", () => {
    const vary = ["Accept-Language, X-Device", "accept-encoding"];
    const fields = { "accept-language": "de", "x-device": "tv", "accept-encoding": "gzip" };
    fill(plugin, "/a", answer({ ...FRESH, vary }, "tv"), fields);
    expect(hitOf(get(plugin, "/a", fields))).toBe("tv");
    for (const name of Object.keys(fields))
      expect(hitOf(get(plugin, "/a", { ...fields, [name]: "other" }))).toBe("forwarded");
  });

  it("may depend on other fields than an earlier one: the most recent that fits is served", () => {
    fill(plugin, "/a", answer(BY_LANGUAGE, "german"), { "accept-language": "de" });
    fill(plugin, "/a", answer({ ...FRESH, vary: "x-device" }, "tv"), { "accept-language": "en", "x-device": "tv" });
    expect(hitOf(get(plugin, "/a", { "accept-language": "de" }))).toBe("german");
    expect(hitOf(get(plugin, "/a", { "accept-language": "fr", "x-device": "tv" }))).toBe("tv");
    expect(hitOf(get(plugin, "/a", { "accept-language": "fr" }))).toBe("forwarded");
  });

  it("that say nothing of it any more are for everybody", () => {
    fill(plugin, "/a", answer(BY_LANGUAGE, "german"), { "accept-language": "de" });
    proxy.clock.advance(1);
    fill(plugin, "/a", answer(FRESH, "all"), { "accept-language": "en" });
    expect(hitOf(get(plugin, "/a", { "accept-language": "fr" }))).toBe("all");
    expect(hitOf(get(plugin, "/a", { "accept-language": "de" }))).toBe("all");
  });

  it("that depend on who knows what are not stored", () => {
    const stream = fill(plugin, "/a", answer({ ...FRESH, vary: "Accept, *" }));
    expect(cacheStatus(stream)).toBe("signpost; fwd=uri-miss; detail=vary-any");
    expect(hitOf(get(plugin, "/a"))).toBe("forwarded");
  });

  it("are compared in full where they depend on cookies or credentials", () => {
    const vary = { "cache-control": "public, max-age=60", vary: "cookie, authorization" };
    fill(plugin, "/a", answer(vary, "ann"), { cookie: "user=ann", authorization: "Basic YTph" });
    expect(hitOf(get(plugin, "/a", { cookie: "user=ann", authorization: "Basic YTph" }))).toBe("ann");
    expect(hitOf(get(plugin, "/a", { cookie: "user=bob", authorization: "Basic YTph" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", { cookie: "user=ann", authorization: "basic YTph" }))).toBe("forwarded");
    expect(hitOf(get(plugin, "/a", { cookie: "user=ann" }))).toBe("forwarded");
  });

  it("are validated each for itself", () => {
    const stored = { "cache-control": "max-age=10", "content-type": "text/plain", vary: "accept-language" };
    for (const language of ["de", "en"]) {
      fill(plugin, "/a", answer({ ...stored, etag: `"${language}"` }, language), { "accept-language": language });
    }
    proxy.clock.advance(11 * SECOND);
    const stream = get(plugin, "/a", { "accept-language": "en" });
    expect(stream.request.headers.get("if-none-match")).toBe('"en"');
    stream.respond(answer({ ...stored, etag: '"en"' }, "", 304));
    expect(stream.response?.text).toBe("en");
    expect(hitOf(get(plugin, "/a", { "accept-language": "en" }))).toBe("en");
    expect(hitOf(get(plugin, "/a", { "accept-language": "de" }))).toBe("forwarded");
  });
});
