import { describe, expect, it } from "vitest";
import {
  type PluginConfig,
  withLookup,
  withLocal,
  withService,
  withTop,
  withWebdis,
} from "../../fixtures/config/fixture.ts";
import { UnitModule } from "../support/unit-module.ts";

const module = new UnitModule();
const configure = module.function("configure", ["bytes"], "text");
const identity = module.function("identity", [], "text");

function identityOf(config: PluginConfig): string {
  const errors = configure(JSON.stringify(config));
  if (errors !== "") throw new Error(errors);
  return identity();
}

const base = identityOf(withService({}));

describe("what is stored stays good", () => {
  it.each<[string, PluginConfig]>([
    ["when nothing changes", withService({})],
    ["when limits of the service change", withService({ timeout: "1s", maxBytes: "1KiB" })],
    ["when limits of webdis change", { ...withService({}), webdis: { cluster: "webdis", timeout: "1s" } }],
    [
      "when name, match, times, owned headers and actions change",
      withLookup({
        name: "other",
        match: { paths: ["/api/*"] },
        service: { cluster: "routing", path: "/routes" },
        local: { ttl: "1s", maxEntries: 1 },
        owns: ["x-a"],
        onMiss: { status: 404 },
        onError: { status: 503 },
      }),
    ],
  ])("%s", (_, config) => {
    expect(identityOf(config)).toBe(base);
  });

  it("when the password changes", () => {
    const before = identityOf(withWebdis({ username: "a", password: "b" }));
    expect(identityOf(withWebdis({ username: "a", password: "c" }))).toBe(before);
  });
});

describe("what is stored is of no use any more", () => {
  it.each<[string, PluginConfig]>([
    ["when the key changes", withLookup({ key: "route:{host|}", service: { cluster: "routing", path: "/routes" } })],
    ["when the service goes", withLocal({})],
    ["when Redis goes", withLookup({ webdis: false, service: { cluster: "routing", path: "/routes" } })],
    ["when the service's cluster changes", withService({ cluster: "other", authority: "routing" })],
    ["when the service's authority changes", withService({ authority: "other" })],
    ["when the service's method changes", withService({ method: "POST" })],
    ["when the service's path changes", withService({ path: "/routes?x" })],
    ["when a service's header comes", withService({ headers: { "x-a": "1" } })],
    ...[
      { cluster: "other", authority: "webdis" },
      { authority: "other" },
      { database: 1 },
      { keyPrefix: "" },
      {
        username: "a",
        password: "b",
      },
    ].map((webdis): [string, PluginConfig] => [
      `when webdis gets ${Object.keys(webdis).join(" and ")}`,
      { ...withService({}), webdis: { cluster: "webdis", ...webdis } },
    ]),
  ])("%s", (_, config) => {
    expect(identityOf(config)).not.toBe(base);
  });

  it("when a later lookup takes a value out of the record that only apply has used so far", () => {
    const apply = { headers: [{ name: "x-b", value: "{record:/b}" }] };
    const withLater = (key: string): PluginConfig =>
      withTop({
        lookups: [
          { name: "first", key: "first:{host}", apply },
          { name: "later", key },
        ],
      });
    expect(identityOf(withLater("later:{first:/a}:{first:/b}"))).not.toBe(identityOf(withLater("later:{first:/a}")));
  });

  it("when a header's name and value trade letters", () => {
    const one = identityOf(withService({ headers: { "x-a": "bc" } }));
    expect(identityOf(withService({ headers: { "x-ab": "c" } }))).not.toBe(one);
  });
});
