import { readFileSync } from "node:fs";
import { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { json } from "../../envoy-local/lib/http-client.ts";
import { WEBDIS_CREDENTIALS } from "../../envoy-local/lib/webdis.ts";
import { Deploying } from "./support/deploying.ts";
import { meshForTests } from "./support/for-tests.ts";
import { SHIPPED_VALUES } from "./support/shipped.ts";
import { SHOP, Shop } from "./support/shop.ts";

const FORMS = ["wasmplugin", "trafficextension", "envoyfilter"] as const;
type Form = (typeof FORMS)[number];

const CLIENTS = 4;
const TENANTS = 10;

const shop = new Shop();
let deploying: Deploying;

beforeAll(async () => {
  await shop.start();
});

afterAll(async () => {
  await shop.stop();
});

// Yesterday's installation: the worked example, deployed as a WasmPlugin.
const mesh = meshForTests(
  { workers: 2, pod: { env: { WEBDIS_PASSWORD: WEBDIS_CREDENTIALS.password } } },
  async (started) => {
    await started.pushImage(undefined, "team/signpost", "1");
    await shop.open(started);
    for (let tenant = 0; tenant < TENANTS; tenant++) {
      await shop.addTenant(SHOP, `t${tenant}`, {
        cell: `cell-${1 + (tenant % 2)}`,
        path: `/stores/t${tenant}`,
        headers: {},
      });
    }
    deploying = new Deploying(started, parse(readFileSync(SHIPPED_VALUES, "utf8")) as object);
    await deploy("wasmplugin");
  },
);

async function deploy(form: Form, ...options: readonly string[]): Promise<void> {
  const node = form === "envoyfilter" ? deploying.playNode() : Promise.resolve();
  const [{ code, stdout, stderr }] = await Promise.all([
    deploying.run("deploy", "--form", form, "--yes", ...options),
    node,
  ]);
  expect(code, stdout + stderr).toBe(0);
}

/** What is wrong with the reply to a tenant's request; undefined when nothing is. */
async function faultOf(tenant: number, agent: Agent): Promise<string | undefined> {
  const path = `/api/t${tenant}/orders`;
  // A client that names a cell itself: only the record's counts.
  const headers = { host: SHOP, "x-cell": `cell-${2 - (tenant % 2)}` };
  const { status, body, ...reply } = await mesh().send({ path, headers, agent });
  if (status !== 200) return `${path}: status ${status}: ${body.toString()}`;
  const { name, path: routed } = json({ status, body, ...reply }) as { name: string; path: string };
  const isRight = name === `cell-${1 + (tenant % 2)}` && routed === `/stores/t${tenant}`;
  return isRight ? undefined : `${path} went to ${name} as ${routed}`;
}

/** Asks for tenants in turn over one connection until it is told to stop. */
async function client(first: number, stopped: () => boolean): Promise<{ requests: number; faults: string[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const faults: string[] = [];
  let requests = 0;
  for (; !stopped(); requests++) {
    const fault = await faultOf((first + requests) % TENANTS, agent).catch(String);
    if (fault !== undefined) faults.push(fault);
  }
  agent.destroy();
  return { requests, faults };
}

/** The forms in which the cluster has roles of the filter. */
async function formsThere(): Promise<string[]> {
  const listed = await mesh().kubectl("get", FORMS.join(","), "--namespace", "istio-system", "-o", "name");
  return listed
    .split("\n")
    .filter((line) => /\/signpost-(routing|caching)$/.test(line))
    .sort();
}

describe("going from one form to another under load", () => {
  it.each<[Form, string]>([
    ["trafficextension", "trafficextension.extensions.istio.io"],
    ["envoyfilter", "envoyfilter.networking.istio.io"],
    ["wasmplugin", "wasmplugin.extensions.istio.io"],
  ])("to %s loses no request, misroutes none, and leaves this form only", { timeout: 300_000 }, async (form, kind) => {
    let stopped = false;
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(index, () => stopped));
    await deploy(form).finally(() => {
      stopped = true;
    });
    const outcomes = await Promise.all(clients);
    expect(outcomes.flatMap(({ faults }) => faults).slice(0, 5)).toEqual([]);
    expect(outcomes.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(CLIENTS);
    expect(await formsThere()).toEqual([`${kind}/signpost-caching`, `${kind}/signpost-routing`]);
    expect((await deploying.run("status", "--form", form)).code).toBe(0);
  });
});

describe("deploy.sh deploy", () => {
  it("refuses to change the form and the configuration at once, and changes nothing", async () => {
    const { code, stderr } = await deploying.run(
      ...(["deploy", "--form", "trafficextension", "--yes", "--set", "config.debugHeader=x-signpost"] as const),
    );
    expect(code).toBe(2);
    expect(stderr).toContain("WasmPlugin istio-system/signpost-routing has another configuration than the values");
    expect(await formsThere()).toHaveLength(2);
  });
});

describe("deploy.sh remove", () => {
  it("removes the filter in the form that is there, whichever is named", { timeout: 300_000 }, async () => {
    const { code, stdout } = await deploying.run("remove", "--form", "trafficextension", "--yes");
    expect(code).toBe(0);
    expect(stdout).toContain("delete WasmPlugin istio-system/signpost-routing\n");
    expect(await formsThere()).toEqual([]);
  });
});
