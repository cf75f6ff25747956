import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseRecordedReplies } from "../../cli/src/explain/recorded-reply.ts";
import { UsageError } from "../../cli/src/explain/usage-error.ts";
import { signpost, temporaryDirectory } from "./support/cli.ts";
import {
  PASSWORD,
  URL_OF_ACME,
  answersOf,
  config,
  explainJson,
  fromService,
  inRedis,
  stepsOf,
} from "./support/explain.ts";

describe("recorded replies", () => {
  it.each([
    [{ timeout: true }, "timeout: status 504", 50],
    [{ unreachable: true }, "unavailable: status 503", 0],
    [{ malformed: true }, "unavailable: status 502", 0],
    [{ reset: true }, "unavailable: reset", 0],
    [{ status: 500, milliseconds: 3 }, "unavailable: status 500", 3],
    [{ value: "x", milliseconds: 51 }, "timeout: status 504", 50],
    [{ body: 'MARK({"GET":[false,"WRONGTYPE x"]});\n' }, "invalid: redis WRONGTYPE", 0],
    [{ body: 'MARK({"GET":[false,"LOADING x"]});\n' }, "unavailable: redis LOADING", 0],
    [{ bodyBase64: Buffer.from('MARK({"GET":null});\n').toString("base64") }, "miss", 0],
  ])("of Webdis, %j, are read as the filter reads them: %s", async (reply, read, milliseconds) => {
    const explanations = await explainJson({ replies: [{ cluster: "webdis", ...reply }, fromService({})] });
    expect(answersOf(explanations)).toEqual([`webdis: ${read}`, "service: found"]);
    expect(stepsOf(explanations)[0]?.reply?.milliseconds).toBe(milliseconds);
  });

  it("are used once each, in their order, where cluster, method and path agree", async () => {
    const path = "/GET/signpost%3Aroute%3Ashop%2Eexample%2Ecom%3Aacme.json?jsonp=MARK";
    const [first, second] = await explainJson({
      config: config({ local: false }),
      replies: [
        { cluster: "webdis", path: "/GET/other.raw", value: { path: "/other" } },
        { cluster: "webdis", method: "PUT", path, value: { path: "/put" } },
        { cluster: "webdis", path, value: { path: "/first" } },
        inRedis({ path: "/second" }),
      ],
      args: ["--times", "2"],
    });
    const paths = [first, second].map((explanation) => explanation?.decision);
    expect(paths).toMatchObject([
      { changes: [{ name: "path", after: ["/first?x=1"] }] },
      { changes: [{ name: "path", after: ["/second?x=1"] }] },
    ]);
  });

  it.each([
    ["{}", "not a list of recorded replies"],
    ["- 5", "[0]: not an object"],
    ["- {}", "[0].cluster: missing"],
    ["- {cluster: a, stauts: 200}", "[0].stauts: unknown field"],
    ["- {cluster: a, status: 20}", "[0].status: not a number of 100 or more"],
    ["- {cluster: a, timeout: true, body: x}", "[0].body: goes not together with timeout"],
    ["- {cluster: a, body: x, value: x}", "[0].value: goes not together with body"],
    ["- {cluster: a, headers: {x: 1}}", "[0].headers.x: not a string"],
    ["- {cluster: a}\n- [", "replies.yaml: "],
  ])("that make no sense are refused: %s", (text, message) => {
    expect(() => parseRecordedReplies(text, "replies.yaml")).toThrow(UsageError);
    expect(() => parseRecordedReplies(text, "replies.yaml")).toThrow(message);
  });

  it("are a list or refused, whatever the file holds", () => {
    const field = fc.constantFrom("cluster", "status", "headers", "body", "bodyBase64", "value", "timeout", "path");
    const entry = fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.constant("a"), fc.constant(200), fc.constant(true)));
    fc.assert(
      fc.property(fc.oneof(fc.array(entry), fc.jsonValue()), (document) => {
        try {
          expect(Array.isArray(parseRecordedReplies(JSON.stringify(document), "f"))).toBe(true);
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("--record", () => {
  let server: Server;
  let address = "";

  beforeAll(async () => {
    server = createServer((request, response) => {
      const mark = /^\/GET\/.*jsonp=(\w+)$/.exec(request.url ?? "")?.[1];
      if (mark !== undefined) return response.end(`${mark}({"GET":null});\n`);
      response.writeHead(200, { "set-cookie": "sid=secret", "x-kept": "1" });
      return response.end('{"path":"/svc"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(["recorded.yaml", "recorded.json"])(
    "writes %s, which replays to the same, without credentials",
    async (file) => {
      const directory = temporaryDirectory();
      // Longer than a busy machine takes for a call: a late answer is a timeout, whoever waits for it.
      const patient = { webdis: { cluster: "webdis", username: "signpost", password: PASSWORD, timeout: "30s" } };
      const routing = { cluster: "routing", path: "/routes?host={host}&tenant={path[1]}", timeout: "30s" };
      writeFileSync(join(directory, "signpost.json"), JSON.stringify(config({ service: routing }, patient)));
      const args = ["explain", "signpost.json", "--url", URL_OF_ACME, "--json"];
      const addresses = ["--webdis", address, "--service", address, "--record", file, "--patient"];
      const live = await signpost([...args, ...addresses], { directory });
      const replayed = await signpost([...args, "--replies", file], { directory });
      const recorded = readFileSync(join(directory, file), "utf8");
      expect(recorded).toContain("x-kept");
      expect(recorded).not.toMatch(/secret|authorization/i);
      const comparable = (stdout: string): unknown =>
        JSON.parse(stdout, (name, value: unknown) =>
          ["answeredBy", "milliseconds", "headers"].includes(name) ? undefined : value,
        );
      expect(live.stderr + replayed.stderr).toBe("");
      expect(comparable(replayed.stdout)).toEqual(comparable(live.stdout));
    },
  );
});
