import { describe, expect, it } from "vitest";
import { signpost } from "./support/cli.ts";
import { NIL, config, explain, explainJson, inRedis, answersOf, fromService } from "./support/explain.ts";

describe("a command line that makes no sense ends with 2 and says why:", () => {
  it.each([
    [["--webdis", "127.0.0.1:7379"], '--webdis: "127.0.0.1:7379" is no address'],
    [["--webdis", "http://signpost:secret@127.0.0.1"], "--webdis: credentials are the filter's to send"],
    [["--service", "org=http://127.0.0.1"], '--service: the configuration has no lookup or service\'s cluster "org"'],
    [["--cluster", "nowhere=http://127.0.0.1"], '--cluster: the configuration has no cluster "nowhere"'],
    [["--cluster", "http://127.0.0.1"], "--cluster: "],
    [["--header", "no colon"], '--header: "no colon" is no header'],
    [["--method", "G T"], '--method: "G T" is no method'],
    [["--times", "0"], '--times: "0" is no number from 1 to 1000'],
    [["--every", "5x"], '--every: "5x" is not a duration'],
    [["--every", "169h"], '--every: "169h" is more than a week'],
    [["--env", "=x"], '--env: "=x" names no variable'],
    [["--env", "SIGNPOST_NOT_SET"], "--env: there is no environment variable SIGNPOST_NOT_SET here"],
    [["--replies", "nowhere.yaml"], "--replies: nowhere.yaml cannot be read: there is no such file"],
    [["--body", "@nowhere"], "--body: nowhere cannot be read: there is no such file"],
  ])("%s", async (args, message) => {
    const { code, stdout, stderr } = await explain({ args: ["--offline", ...args] });
    expect(stderr).toContain(`error: ${message}`);
    expect([code, stdout]).toEqual([2, ""]);
  });

  it.each(["shop.example.com", "ftp://a/", "http://", "http://a/b c", "http://user@a/"])("--url %s", async (url) => {
    const { code, stderr } = await explain({ url, args: ["--offline"] });
    expect(stderr).toContain("--url: ");
    expect(code).toBe(2);
  });
});

describe("replies that are missing", () => {
  it("end it with 2, and what to give is named", async () => {
    const { code, stdout, stderr } = await explain({ replies: [NIL] });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('cluster "routing": GET /routes?host=shop.example.com&tenant=acme');
    expect(stderr).toContain("no recorded reply is left for it");
    expect(stderr).toContain("--service route=http://");
    expect(stderr).toContain("--offline");
  });

  it("are failures with --offline, as the proxy has them", async () => {
    const explanations = await explainJson({ args: ["--offline"] });
    expect(answersOf(explanations)).toEqual(["webdis: unavailable: status 503", "service: unavailable: status 503"]);
  });

  it("of clusters that the proxy does not have are none", async () => {
    const explanations = await explainJson({ replies: [NIL], args: ["--cluster", "routing=unknown"] });
    expect(answersOf(explanations)).toEqual(["webdis: miss", "service: unavailable: unknown cluster"]);
  });

  it("of a Webdis with a password that nobody has given are asked for", async () => {
    const webdis = { cluster: "webdis", username: "signpost", passwordEnv: "WEBDIS_PASSWORD" };
    const { code, stderr } = await explain({
      config: config({}, { webdis }),
      args: ["--webdis", "http://127.0.0.1:1"],
    });
    expect(stderr).toContain("--env WEBDIS_PASSWORD");
    expect(code).toBe(2);
  });
});

describe("a configuration that is refused", () => {
  const bad = config({ onmiss: "continue" });

  it("ends it with 1 and the messages of check", async () => {
    const { code, stdout, stderr } = await explain({ config: bad });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/signpost\.json:1:\d+: error: lookups\[0\]\.onmiss: unknown field/);
  });

  it("is told as JSON with --json", async () => {
    const { code, stdout } = await explain({ config: bad, args: ["--json"] });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [{ valid: false, diagnostics: [{ path: "lookups[0].onmiss" }] }],
    });
  });
});

describe("--help", () => {
  it("fits into 100 columns and has examples", async () => {
    const { code, stdout } = await signpost(["explain", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });
});

describe("a configuration in a manifest", () => {
  it("is found, with the environment the manifest gives the VM", async () => {
    const webdis = { cluster: "webdis", username: "signpost", passwordEnv: "PASSWORD" };
    const manifest = {
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "WasmPlugin",
      metadata: { name: "signpost" },
      spec: {
        url: "oci://registry.example/signpost:1",
        phase: "AUTHN",
        vmConfig: { env: [{ name: "PASSWORD", value: "of the VM" }] },
        pluginConfig: config({}, { webdis }),
      },
    };
    const explanations = await explainJson({ config: manifest, replies: [inRedis({ path: "/svc" }), fromService({})] });
    expect(answersOf(explanations)).toEqual(["webdis: found"]);
  });
});
