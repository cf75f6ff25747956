import { randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { digestOfFile } from "../../deploy/module.ts";
import { freePort } from "../../envoy-local/lib/ports.ts";
import { FILTER_WASM } from "../../envoy-local/lib/project.ts";
import { digestInRegistry } from "../../image/registry.ts";
import { Deploying } from "./support/deploying.ts";
import { meshForTests } from "./support/for-tests.ts";
import { gateway } from "./support/manifests.ts";

const PLUGIN = ["wasmplugin", "signpost-routing"] as const;
const CHANGE = ["--set", "config.debugHeader=x-signpost"] as const;
/** What a DaemonSet's or Deployment's controller says when all is done, whatever the generation. */
const DONE = { observedGeneration: 99 };

const mesh = meshForTests(undefined, async (started) => {
  await started.apply([gateway("gateway", [started.gatewayPort])]);
});
let deploying: Deploying;

beforeAll(() => {
  deploying = new Deploying(mesh());
});

describe("deploy.sh full", () => {
  it("builds, pushes and deploys, and ends when the gateway runs this very module", { timeout: 600_000 }, async () => {
    const { code, stdout, stderr } = await deploying.run("full", "--yes", "--timeout", "60s");
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("the gateway runs it");
    const image = await digestInRegistry(`${mesh().registry.host}/team/signpost:1`, { plainHttp: true });
    expect(await deploying.specOf(...PLUGIN)).toMatchObject({
      url: `oci://${mesh().registry.host}/team/signpost:1`,
      sha256: image.replace("sha256:", ""),
    });
    expect(stdout).toContain(
      `manifest sha256 ${image.replace("sha256:", "")}, file sha256 ${digestOfFile(FILTER_WASM)}`,
    );
  });

  it("has nothing to change when it is done", async () => {
    const { code, stdout } = await deploying.run("deploy");
    expect(stdout).toContain("nothing to change");
    expect(code).toBe(0);
  });
});

describe("deploy.sh status", () => {
  it("says that the gateway runs what the values say, and what it lacks where it does not", async () => {
    const well = await deploying.run("status");
    expect(well).toMatchObject({ code: 0, stderr: "" });
    expect(well.stdout).toContain("there   WasmPlugin istio-system/signpost-routing");
    const other = await deploying.run("status", ...CHANGE);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain("runs with another configuration (debugHeader)");
  });
});

describe("deploy.sh deploy", () => {
  it("shows with --dry-run what would change, and changes nothing", async () => {
    const before = await deploying.specOf(...PLUGIN);
    const { code, stdout } = await deploying.run("deploy", "--dry-run", ...CHANGE);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\+ +debugHeader: x-signpost$/m);
    expect(await deploying.specOf(...PLUGIN)).toEqual(before);
  });

  it("changes nothing where nobody can be asked", async () => {
    const before = await deploying.specOf(...PLUGIN);
    const { code, stderr } = await deploying.run("deploy", ...CHANGE);
    expect(code).toBe(2);
    expect(stderr).toContain("no terminal to ask on");
    expect(await deploying.specOf(...PLUGIN)).toEqual(before);
  });

  it("waits until a changed configuration is at work", async () => {
    const { code, stdout } = await deploying.run("deploy", "--yes", ...CHANGE);
    expect(code, stdout).toBe(0);
    expect((await deploying.run("status", ...CHANGE)).code).toBe(0);
  });

  it("goes back to what was there where the gateway does not take it", async () => {
    const before = await deploying.specOf(...PLUGIN);
    // An image whose module is none, which the agent sees.
    const garbage = `${mesh().directory}/garbage.wasm`;
    writeFileSync(garbage, randomBytes(1000));
    const { url } = await mesh().pushImage(garbage, "team/garbage", "1");
    const { code, stdout, stderr } = await deploying.run("deploy", "--yes", "--timeout", "5s", "--image", url);
    expect(code).toBe(1);
    expect(stdout).toContain("RBAC stands in for it");
    expect(stdout).toContain("restored WasmPlugin istio-system/signpost-routing");
    expect(stderr).toContain("rolled back");
    expect(await deploying.specOf(...PLUGIN)).toEqual(before);
    await mesh().eventually(
      "the gateway runs the old module",
      async () => (await deploying.run("status", ...CHANGE)).code === 0,
    );
  });

  it("goes back to what was there where Envoy refuses it", async () => {
    const before = await deploying.specOf(...PLUGIN);
    // A module by its first bytes, which is all that the agent looks at.
    const empty = `${mesh().directory}/empty.wasm`;
    writeFileSync(empty, Buffer.from("0061736d01000000", "hex"));
    const { url } = await mesh().pushImage(empty, "team/empty", "1");
    const { code, stdout } = await deploying.run("deploy", "--yes", "--timeout", "5s", "--image", url);
    expect(code).toBe(1);
    expect(stdout).toContain("refused by Envoy");
    expect(await deploying.specOf(...PLUGIN)).toEqual(before);
  });

  it("goes back to nothing where there was nothing, and leaves other objects alone", async () => {
    const options = ["--timeout", "3s", "--set", "name=second", "--admin", "http://127.0.0.1:9"];
    const { code, stdout } = await deploying.run("deploy", "--yes", ...options);
    expect(code).toBe(1);
    expect(stdout).toContain("deleted  WasmPlugin istio-system/second-routing");
    expect(await deploying.specOf("wasmplugin", "second-routing")).toBeUndefined();
    expect(await deploying.specOf(...PLUGIN)).toBeDefined();
  });

  it("names what others have added, which would stay, and takes it away on request", async () => {
    const theirs = ["patch", ...PLUGIN, "--namespace", "istio-system", "--type=merge", "--field-manager=kubectl-edit"];
    await mesh().kubectl(...theirs, "--patch", '{"spec": {"pluginConfig": {"shadow": true}}}');
    const before = await deploying.specOf(...PLUGIN);
    const refused = await deploying.run("deploy", "--yes", ...CHANGE, "--set", "priority=11");
    expect(refused.code).toBe(1);
    const added = "WasmPlugin istio-system/signpost-routing: spec.pluginConfig.shadow (set by kubectl-edit)";
    expect(refused.stderr).toContain(added);
    expect(refused.stderr).toContain("--force-conflicts");
    expect(await deploying.specOf(...PLUGIN)).toEqual(before);
    const taken = await deploying.run("deploy", "--yes", "--force-conflicts", ...CHANGE);
    expect(taken.code, taken.stdout + taken.stderr).toBe(0);
    expect(taken.stdout).toContain(`remove ${added}`);
    expect(await deploying.specOf(...PLUGIN)).not.toHaveProperty("pluginConfig.shadow");
  });

  it("takes over what kubectl apply has made before, and names that owner where a field changes", async () => {
    const { stdout: manifests } = await deploying.run("render");
    const file = `${mesh().directory}/by-hand.yaml`;
    writeFileSync(file, manifests);
    await mesh().kubectl("delete", ...PLUGIN, "--namespace", "istio-system");
    await mesh().kubectl("apply", "-f", file);
    const same = await deploying.run("deploy", "--yes");
    expect(same.code, same.stdout + same.stderr).toBe(0);
    const priority = ["--set", "priority=11"];
    const refused = await deploying.run("deploy", "--yes", ...priority);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("kubectl-client-side-apply");
    expect(refused.stderr).toContain("spec.priority");
    expect(refused.stderr).toContain("--force-conflicts");
    const taken = await deploying.run("deploy", "--yes", "--force-conflicts", ...priority);
    expect(taken.code, taken.stderr).toBe(0);
    const back = await deploying.run("deploy", "--yes");
    expect(back.code, back.stderr).toBe(0);
    expect(await deploying.specOf(...PLUGIN)).toMatchObject({ priority: 10 });
  });

  it("does not take what others own, unless told to", async () => {
    const theirs = ["patch", ...PLUGIN, "--namespace", "istio-system", "--type=merge", "--field-manager=somebody"];
    await mesh().kubectl(...theirs, "--patch", '{"spec": {"priority": 77}}');
    const refused = await deploying.run("deploy", "--yes", ...CHANGE);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("conflict");
    expect(refused.stderr).toContain("--force-conflicts");
    expect(await deploying.specOf(...PLUGIN)).toMatchObject({ priority: 77 });
    const taken = await deploying.run("deploy", "--yes", "--force-conflicts", ...CHANGE);
    expect(taken.code, taken.stderr).toBe(0);
    expect(await deploying.specOf(...PLUGIN)).toMatchObject({ priority: 10 });
  });
});

describe("deploy.sh without", () => {
  it("rights says which are missing, and tries nothing", async () => {
    const kubeconfig = await deploying.kubeconfigOf("nobody-yet");
    const { code, stderr } = await deploying.runWith(kubeconfig, "deploy", "--yes");
    expect(code).toBe(2);
    expect(stderr).toContain("not allowed to this user");
    expect(stderr).toContain("  patch wasmplugins.extensions.istio.io in istio-system\n");
    expect(stderr).toContain("  create pods/exec in istio-system\n");
    // Without --admin there is no Envoy to ask but those in pods.
    const status = await deploying.runWith(kubeconfig, "status");
    expect(status.code).toBe(2);
    expect(status.stderr).toContain("  list pods in istio-system\n");
  });

  it("a cluster names the one it cannot reach", async () => {
    const port = await freePort();
    const { code, stderr } = await deploying.runWith(deploying.kubeconfigOfNobody(port), "deploy", "--yes");
    expect(code).toBe(2);
    expect(stderr).toContain(`the cluster at https://127.0.0.1:${port} (context nobody) cannot be used`);
  });

  it("pods of the gateway says so", async () => {
    const elsewhere = ["--set", "gateway.selector.istio=elsewhere"];
    const { code, stdout } = await deploying.runWith(mesh().kubernetes.kubeconfig, "status", ...elsewhere);
    expect(code).toBe(1);
    expect(stdout).toContain("there is no pod of the gateway: are the labels of its selector right?");
  });
});

describe("deploy.sh restart", () => {
  const deployment = (name: string, labels: Record<string, string>) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "istio-system" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "istio-proxy", image: "auto" }] } },
    },
  });
  const restartedAt = async (name: string): Promise<unknown> => {
    const { template } = (await deploying.specOf("deployment", name)) as {
      template: { metadata: { annotations?: Record<string, string> } };
    };
    return template.metadata.annotations?.["kubectl.kubernetes.io/restartedAt"];
  };

  it("restarts the gateway and nothing else", async () => {
    await mesh().apply([
      deployment("edge", { istio: "ingressgateway", app: "edge" }),
      deployment("other", { app: "other" }),
    ]);
    const replicas = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    await deploying.setStatus("deployment", "edge", "istio-system", { ...DONE, ...replicas });
    const looked = await deploying.run("restart", "--dry-run");
    expect(looked.stdout).toContain("restart Deployment istio-system/edge\n");
    expect(await restartedAt("edge")).toBeUndefined();
    const { code, stdout, stderr } = await deploying.run("restart", "--yes", "--timeout", "20s");
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("restarted Deployment edge");
    expect(await restartedAt("edge")).toMatch(/^\d{4}-/);
    expect(await restartedAt("other")).toBeUndefined();
  });
});

describe("deploy.sh remove", () => {
  it("shows what it deletes, and deletes that", async () => {
    const looked = await deploying.run("remove", "--dry-run");
    expect(looked.stdout).toContain("delete WasmPlugin istio-system/signpost-routing\n");
    expect(await deploying.specOf(...PLUGIN)).toBeDefined();
    expect((await deploying.run("remove", "--yes")).code).toBe(0);
    expect(await deploying.specOf(...PLUGIN)).toBeUndefined();
    expect((await deploying.run("remove", "--yes")).stdout).toContain("nothing to remove");
  });
});

describe("deploy.sh deploy --form envoyfilter", () => {
  it("has the nodes keep the module first, and then the gateway load it from there", async () => {
    const [outcome] = await Promise.all([
      deploying.run("deploy", "--form", "envoyfilter", "--yes"),
      deploying.playNode(),
    ]);
    expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
    expect(outcome.stdout).toContain("the gateway runs it");
    expect(readdirSync(deploying.cache)).toEqual([`${digestOfFile(FILTER_WASM)}.wasm`]);
    expect((await deploying.run("status", "--form", "envoyfilter")).code).toBe(0);
    expect((await deploying.run("remove", "--form", "envoyfilter", "--yes")).code).toBe(0);
  });
});
