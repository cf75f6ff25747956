import { describe, expect, it } from "vitest";
import { withLookup, withService, withTop, withWebdis } from "../../fixtures/config/fixture.ts";
import { UnitModule } from "../support/unit-module.ts";

const module = new UnitModule();
const configure = module.function("configure", ["bytes"], "text");
const describeTop = module.function("describeTop", [], "text");
const describeWebdis = module.function("describeWebdis", [], "text");
const describeLookup = module.function("describeLookup", [], "text");
const describeSection = module.function("describeSection", ["text", "bytes"], "text");
const setPassword = module.function("setPassword", ["text"], "void");

function use(config: unknown): void {
  const errors = configure(JSON.stringify(config));
  if (errors !== "") throw new Error(errors);
}

function fieldsOf(description: string): Record<string, string> {
  return Object.fromEntries(
    description.split("\n").map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}

describe("what is not given has its default", () => {
  it("in a configuration as a whole", () => {
    use({});
    expect(fieldsOf(describeTop())).toEqual({
      lookups: "0",
      debugHeader: "(none)",
      shadow: "false",
      webdis: "none",
      needsManyHeaders: "false",
    });
  });

  it("in webdis", () => {
    use({ webdis: { cluster: "webdis" } });
    expect(fieldsOf(describeWebdis())).toEqual({
      cluster: "webdis",
      authority: "webdis",
      timeout: "50",
      maxInFlight: "256",
      breaker: "5 1000",
      database: "0",
      keyPrefix: "signpost:",
      authorization: "(none)",
      passwordEnv: "",
      writeQueue: "4096 16777216",
    });
  });

  it("in a lookup, its service and its local tier", () => {
    use(withService({}));
    expect(fieldsOf(describeLookup())).toEqual({
      name: "route",
      key: "route:{host}",
      webdis: "true",
      owns: "",
      onMiss: "0 (none)",
      onError: "0 (none)",
      cluster: "routing",
      authority: "routing",
      timeout: "250",
      maxInFlight: "256",
      breaker: "5 1000",
      method: "GET",
      path: "/routes",
      maxBytes: "65536",
      fill: "false 300000",
      ttl: "30000",
      jitter: "10.0",
      negativeTtl: "5000",
      refreshAhead: "3000",
      staleWhileRevalidate: "60000",
      staleIfError: "600000",
      maxEntries: "10000",
      localMaxBytes: "8388608",
    });
  });

  it("in a response cache, invalidation and tracing", () => {
    expect(fieldsOf(describeSection("responseCache", "{}"))).toEqual({
      ignoredQuery: "",
      keyHeaders: "origin",
      shared: "true",
      local: "10000 33554432",
      maxBodyBytes: "1048576",
      heuristic: "10.0",
      defaultTtl: "0",
      staleWhileRevalidate: "0",
      staleIfError: "0",
      collapseWait: "2000",
      tagsHeader: "surrogate-key",
    });
    expect(describeSection("invalidation", "{}")).toBe("poll=1000");
    expect(fieldsOf(describeSection("tracing", '{"cluster": "otel"}'))).toEqual({
      path: "/v1/traces",
      service: "signpost",
      authority: "otel",
    });
  });
});

describe("what is given is taken over", () => {
  it("in a lookup", () => {
    use(
      withLookup({
        webdis: true,
        owns: ["X-Cell", "x-org"],
        onMiss: { status: 404, body: "no such tenant" },
        onError: { status: 503 },
        service: {
          cluster: "routing",
          authority: "a.example:8080",
          method: "POST",
          path: "/r?h={host}",
          headers: { "X-A": "{host}" },
          timeout: "1s",
          maxBytes: "2KiB",
        },
        local: { ttl: "1m", jitter: "0%", negativeTtl: "0s", maxEntries: 5, maxBytes: "64KiB" },
      }),
    );
    expect(fieldsOf(describeLookup())).toMatchObject({
      webdis: "true",
      owns: "x-cell x-org",
      onMiss: "404 no such tenant",
      onError: "503 ",
      authority: "a.example:8080",
      method: "POST",
      path: "/r?h={host}",
      "header x-a": "{host}",
      timeout: "1000",
      maxBytes: "2048",
      ttl: "60000",
      jitter: "0.0",
      negativeTtl: "0",
      maxEntries: "5",
      localMaxBytes: "65536",
    });
  });

  it("in a response cache", () => {
    const cache = {
      key: { query: { ignore: ["utm_*", "sid"] }, headers: ["Origin"] },
      shared: false,
      local: { maxEntries: 3, maxBytes: "64KiB" },
      heuristic: "0%",
      collapse: { wait: "0s" },
      tagsHeader: "X-Tags",
    };
    expect(fieldsOf(describeSection("responseCache", JSON.stringify(cache)))).toMatchObject({
      ignoredQuery: "utm_* sid",
      keyHeaders: "origin",
      shared: "false",
      local: "3 65536",
      heuristic: "0.0",
      collapseWait: "0",
      tagsHeader: "x-tags",
    });
  });

  it("of a field in any notation of its number", () => {
    expect(configure('{"webdis": {"cluster": "w", "database": 1.0e1}}')).toBe("");
    expect(fieldsOf(describeWebdis())).toMatchObject({ database: "10" });
  });

  it("as the debug header's name in lower case", () => {
    use(withTop({ debugHeader: "X-Signpost" }));
    expect(fieldsOf(describeTop())).toMatchObject({ debugHeader: "x-signpost" });
  });
});

describe("the authority", () => {
  it.each([
    ["webdis", "webdis"],
    ["outbound|7379||webdis.signpost.svc.cluster.local", "webdis.signpost.svc.cluster.local"],
    ["outbound|7379|v1|webdis.signpost", "webdis.signpost"],
    ["webdis:7379", "webdis:7379"],
  ])("of the cluster %s is %s", (cluster, authority) => {
    use(withWebdis({ cluster }));
    expect(fieldsOf(describeWebdis())).toMatchObject({ cluster, authority });
  });

  it("is what is given before what the cluster's name says", () => {
    use(withWebdis({ cluster: "outbound|7379||webdis", authority: "other:1" }));
    expect(fieldsOf(describeWebdis())).toMatchObject({ authority: "other:1" });
  });
});

describe("the credentials", () => {
  it("are those of basic authentication, in UTF-8", () => {
    use(withWebdis({ username: "Aladdin", password: "open sesame:ü" }));
    const expected = Buffer.from("Aladdin:open sesame:ü").toString("base64");
    expect(fieldsOf(describeWebdis())).toMatchObject({ authorization: `Basic ${expected}` });
  });

  it("are complete when the variable's value is known", () => {
    use(withWebdis({ username: "signpost", passwordEnv: "WEBDIS_PASSWORD" }));
    expect(fieldsOf(describeWebdis())).toMatchObject({ authorization: "(none)", passwordEnv: "WEBDIS_PASSWORD" });
    setPassword("secret");
    const expected = Buffer.from("signpost:secret").toString("base64");
    expect(fieldsOf(describeWebdis())).toMatchObject({ authorization: `Basic ${expected}` });
  });
});

describe("all headers are read at once", () => {
  it.each([
    ["route:{host}:{path[1]}", {}, false],
    ["route:{host}:{path[1]}:{method}", {}, true],
    ["route:{header[x-tenant]}", {}, true],
    ["route:{cookie[plan]}", {}, true],
    ["route", { headers: { "x-tenant": "*" } }, true],
    ["route:{host}", { paths: ["/a"], methods: ["GET"] }, true],
    ["route:{host}", { paths: ["/a"], hosts: ["a"] }, false],
  ])("for the key %j and the match %j: %j", (key, match, expected) => {
    use(withLookup({ key, match }));
    expect(fieldsOf(describeTop())).toMatchObject({ needsManyHeaders: String(expected) });
  });

  it("not for what only a call to the service needs", () => {
    use(withService({ headers: { "x-a": "{header[x-a]}" } }));
    expect(fieldsOf(describeTop())).toMatchObject({ needsManyHeaders: "false" });
  });
});
