import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Explanation } from "../../cli/src/explain/explanation.ts";
import { type Outcome, signpost, temporaryDirectory } from "./support/cli.ts";
import { config, fromService } from "./support/explain.ts";

/** A record for every tenant: a reply is used once, and there are as many as requests may need. */
const ACME = fromService({ path: "/svc/acme", headers: { "x-cell": "7" } });
const NO_REDIS = config({ webdis: false });

/** Replays these requests; Redis is not asked, and the service knows `replies`. */
async function replay(
  requests: string,
  args: readonly string[] = [],
  replies: readonly object[] = [ACME],
  configuration: object = NO_REDIS,
): Promise<Outcome> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "signpost.json"), JSON.stringify(configuration));
  writeFileSync(join(directory, "replies.json"), JSON.stringify(replies));
  writeFileSync(join(directory, "requests"), requests);
  const files = ["--requests", "requests", "--replies", "replies.json"];
  return signpost(["explain", "signpost.json", ...files, "--offline", ...args], { directory });
}

const JSON_LINE =
  '{"method": "GET", "authority": "shop.example.com", "path": "/api/acme/orders?x=1", "request_id": "r-1"';

describe("requests of a file", () => {
  it("are told in a line each, with a tally", async () => {
    const { stdout, code } = await replay(`# recorded yesterday
GET https://shop.example.com/api/acme/orders?x=1
  x-tenant: acme

POST http://shop.example.com/health
`);
    expect(stdout)
      .toBe(`GET https://shop.example.com/api/acme/orders?x=1 -> path /svc/acme?x=1; x-cell 7 (lookup=route; tier=service; age=0)
POST http://shop.example.com/health -> as it came (lookup=route; tier=none; reason=no match)
2 requests: 1 changed, 1 as they came, 0 answered
`);
    expect(code).toBe(0);
  });

  it("may be entries of an access log, in JSON", async () => {
    const { stdout } = await replay(`${JSON_LINE}, "response_code": 200, "user_agent": "-"}\n`, ["--json"]);
    const { requests } = JSON.parse(stdout) as { requests: Explanation[] };
    expect(requests[0]?.request).toEqual({
      method: "GET",
      url: "http://shop.example.com/api/acme/orders?x=1",
      headers: [["x-request-id", "r-1"]],
    });
  });

  it("have the path that the client sent where the log has that, too", async () => {
    const line =
      '{"authority": "shop.example.com", "path": "/svc", "x_envoy_original_path": "/api/acme", "headers": {"x-a": ["1", "2"]}}';
    const { stdout } = await replay(line, ["--json", "-H", "x-all: yes"]);
    const { requests } = JSON.parse(stdout) as { requests: Explanation[] };
    expect(requests[0]?.request).toEqual({
      method: "GET",
      url: "http://shop.example.com/api/acme",
      headers: [
        ["x-all", "yes"],
        ["x-a", "1"],
        ["x-a", "2"],
      ],
    });
  });

  it.each([true, { path: "x-client-path" }])("are decided as without shadow: %j", async (shadow) => {
    const line = `${JSON_LINE}, "expect": {"path": "/svc/acme?x=1", "headers": {"x-cell": "7"}}}`;
    const { stdout, stderr, code } = await replay(line, [], [ACME], { ...NO_REDIS, shadow });
    expect(stdout).toMatch(/1 changed, .* of 1 with an expectation 0 differ\n$/);
    expect(stderr).toBe("note: shadow is left out: the requests are decided as without it\n");
    expect(code).toBe(0);
  });

  it("are compared with what is expected of them", async () => {
    const expected = (expect: object): string => `${JSON_LINE}, "expect": ${JSON.stringify(expect)}}`;
    const { stdout, code } = await replay(
      [
        expected({ path: "/svc/acme?x=1", host: "shop.example.com", headers: { "x-cell": "7", "x-none": null } }),
        expected({ path: "/old?x=1", headers: { "X-Cell": "8", "x-request-id": null } }),
        expected({ status: 404 }),
        `${JSON_LINE}}`,
      ].join("\n"),
    );
    expect(code).toBe(1);
    expect(stdout.split("\n").filter((line) => line.startsWith("  "))).toEqual([
      "  differs: path is /svc/acme?x=1, expected /old?x=1",
      "  differs: x-cell is 7, expected 8",
      "  differs: x-request-id is r-1, expected not there",
      "  differs: goes on, expected 404",
    ]);
    expect(stdout).toContain("4 requests: 4 changed, 0 as they came, 0 answered; of 3 with an expectation 2 differ\n");
  });

  it("are not what Envoy logs of what was no HTTP: such lines are passed over, and it is said", async () => {
    const nothing = '{"method": null, "authority": null, "path": null, "response_flags": "DPE"}';
    const connect = '{"method": "CONNECT", "authority": "a:443", "path": "-", "x_envoy_original_path": "-"}';
    const omitted = '{"response_code": 400, "response_flags": "DPE"}';
    const { stdout, stderr, code } = await replay(`${nothing}\n${JSON_LINE}}\n${connect}\n${omitted}\n`);
    expect(stdout).toMatch(/\n1 request: 1 changed, /);
    expect(stderr).toBe("note: 3 lines of the log passed over, without a host and path (requests:1)\n");
    expect(code).toBe(0);
  });

  it("may have the status that is expected as text, or as null", async () => {
    const line = (status: string): string => `${JSON_LINE}, "expect": {"status": ${status}}}`;
    const { stdout } = await replay(`${line("null")}\n${line('"404"')}\n`);
    expect(stdout).toContain("differs: goes on, expected 404\n");
    expect(stdout).toContain("of 2 with an expectation 1 differ");
  });

  it("are many: five hundred are one run", async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `GET https://shop.example.com/api/tenant-${i}/orders`);
    const { stdout, code } = await replay(
      lines.join("\n"),
      [],
      lines.map(() => ACME),
    );
    expect(stdout).toContain("\n500 requests: 500 changed, 0 as they came, 0 answered\n");
    expect(code).toBe(0);
  });
});

describe("a file of requests that cannot be read", () => {
  it.each([
    ["a line that is none", "GET\n", [], "--requests: requests:1: no request (use e.g. GET https://"],
    ["an address that is none", "\nGET /api\n", [], '--requests: requests:2: "/api" is no address'],
    ["a header that is none", "GET http://a/\n  nope\n", [], '--requests: requests:1: "nope" is no header'],
    [
      "JSON that is none",
      '{"method": \n',
      [],
      "--requests: requests:1: no JSON object in one line (jq -c . makes lines of them)",
    ],
    ["JSON over several lines", '{\n  "path": "/"\n}', [], "--requests: requests:1: no JSON object in one line"],
    ["a status that is none", '{"url": "http://a/", "expect": {"status": "-"}}', [], 'a status that is none: "-"'],
    [
      "no entry with a host",
      '{"path": "/"}\n{"path": "/x"}\n',
      [],
      'no requests: its lines need "authority" and "path", or "url"',
    ],
    [
      "an expectation of something else",
      '{"url": "http://a/", "expect": {"cell": 1}}',
      [],
      "known here: path, host, headers, status",
    ],
    [
      "an expectation of a credential",
      '{"url": "http://a/", "expect": {"headers": {"authorization": "x"}}}',
      [],
      "not compared",
    ],
    ["nothing", "# nothing\n", [], "--requests: requests has no requests"],
    ["what is for one request", "GET http://a/\n", ["--times", "2"], "--requests cannot be combined with --times"],
    ["an address beside it", "GET http://a/\n", ["--url", "http://a/"], "give --url URL, or --requests FILE"],
  ])("is told: %s", async (_, text, args, message) => {
    const { code, stderr, stdout } = await replay(text, args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(stdout).toBe("");
  });
});
