import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { annotationsOf, webAddress } from "../../image/annotations.ts";
import { componentsOf } from "../../image/components.ts";
import { layerOf } from "../../image/layer.ts";
import { writeLayout } from "../../image/layout.ts";
import { OrasError, oras } from "../../image/oras.ts";
import { digestInLayout, digestInRegistry, pushImage } from "../../image/registry.ts";
import { ROOT, fileWith, run, temporaryDirectory } from "../cli/support/cli.ts";
import { useRegistry } from "./support/registry.ts";

interface Manifest {
  artifactType?: string;
  config: { mediaType: string; digest: string };
  layers: { mediaType: string; digest: string }[];
  annotations: Record<string, string>;
}

const LAYOUT = join(ROOT, "build/image");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

/** What `./build.sh image` says the image's digest is. */
async function buildImage(): Promise<string> {
  const { code, stdout, stderr } = await run("./build.sh", ["image"]);
  expect(code, stderr).toBe(0);
  const [, digest = ""] = /build\/image:\S+ {2}(sha256:[0-9a-f]{64})\n$/.exec(stdout) ?? [];
  return digest;
}

const registry = useRegistry();
const plainHttp = { plainHttp: true };
let digest: string;

beforeAll(async () => {
  digest = await buildImage();
});

describe("./build.sh image", () => {
  it("writes the same image from the same tree", async () => {
    expect(digest).toMatch(/^sha256:/);
    expect(await buildImage()).toBe(digest);
  });

  it("writes an image whose last layer is a tar.gz with plugin.wasm, which is build/signpost.wasm", async () => {
    const manifest = JSON.parse(await oras(["manifest", "fetch", "--oci-layout", `${LAYOUT}:${version}`])) as Manifest;
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(["application/vnd.oci.image.layer.v1.tar+gzip"]);
    const layer = join(LAYOUT, "blobs/sha256", manifest.layers[0]?.digest.slice("sha256:".length) ?? "");
    expect(execFileSync("tar", ["-tvf", layer], { encoding: "utf8" })).toMatch(
      /^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 plugin\.wasm\n$/,
    );
    const module = execFileSync("tar", ["-xzOf", layer, "plugin.wasm"], { maxBuffer: Infinity });
    expect(module.equals(readFileSync(join(ROOT, "build/signpost.wasm")))).toBe(true);
    const config = JSON.parse(
      readFileSync(join(LAYOUT, "blobs/sha256", manifest.config.digest.slice("sha256:".length)), "utf8"),
    ) as { rootfs: { diff_ids: string[] } };
    const tar = execFileSync("gzip", ["-dc", layer], { maxBuffer: Infinity });
    expect(config.rootfs.diff_ids).toEqual([`sha256:${createHash("sha256").update(tar).digest("hex")}`]);
  });

  it("says what it is in the standard annotations, and tells no time", async () => {
    const text = await oras(["manifest", "fetch", "--oci-layout", `${LAYOUT}:${version}`]);
    const { annotations } = JSON.parse(text) as Manifest;
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
    expect(annotations).toMatchObject({
      "org.opencontainers.image.title": "signpost",
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.licenses": "Apache-2.0",
      "module.wasm.image/variant": "compat",
    });
    expect(annotations["org.opencontainers.image.revision"]?.replace(/-dirty$/, "")).toBe(commit);
    expect(annotations).not.toHaveProperty("org.opencontainers.image.created");
  });
});

describe("the image in a registry", () => {
  it("has the digest it had, its annotations and its layer, and the SBOM attached", async () => {
    const reference = `${registry.host}/team/signpost:${version}`;
    await pushImage(LAYOUT, version, reference, plainHttp);
    expect(await digestInRegistry(reference, plainHttp)).toBe(digest);

    const pulled = temporaryDirectory();
    await oras(["cp", "--recursive", "--from-plain-http", reference, "--to-oci-layout", `${pulled}:${version}`]);
    expect(await digestInLayout(pulled, version)).toBe(digest);
    const name = digest.slice("sha256:".length);
    expect(readFileSync(join(pulled, "blobs/sha256", name))).toEqual(readFileSync(join(LAYOUT, "blobs/sha256", name)));

    const discovered = JSON.parse(await oras(["discover", "--plain-http", "--format", "json", reference])) as {
      referrers: { artifactType: string; digest: string }[];
    };
    expect(discovered.referrers.map(({ artifactType }) => artifactType)).toEqual(["application/vnd.cyclonedx+json"]);
    const directory = temporaryDirectory();
    const attached = `${registry.host}/team/signpost@${discovered.referrers[0]?.digest ?? ""}`;
    await oras(["pull", "--plain-http", "--output", directory, attached]);
    expect(readFileSync(join(directory, "signpost.cdx.json"), "utf8")).toBe(
      readFileSync(join(ROOT, "build/signpost.cdx.json"), "utf8"),
    );
  });

  it("is pushed by deploy.sh where somebody says yes, and once", async () => {
    const reference = `${registry.host}/team/asked:1`;
    const values = fileWith(`module: { url: "oci://${reference}" }\n`, "values.yaml");
    const push = ["push", values, "--plain-http"];
    const unasked = await run("./deploy.sh", push);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain("give --yes, or --dry-run");
    expect((await run("./deploy.sh", [...push, "--dry-run"])).stdout).toContain(`push   ${reference} ${digest}`);
    await expect(digestInRegistry(reference, plainHttp)).rejects.toThrow("not found");
    expect((await run("./deploy.sh", [...push, "--yes"])).stdout).toContain(`pushed ${reference}@${digest}\n`);
    expect((await run("./deploy.sh", push)).stdout).toBe(`${reference} is ${digest} already\n`);
  });

  it("is not had from a registry that is not there, and the error names it", async () => {
    const push = pushImage(LAYOUT, version, "127.0.0.1:1/team/signpost:1", plainHttp);
    await expect(push).rejects.toThrow(OrasError);
    await expect(push).rejects.toThrow("127.0.0.1:1");
  });
});

describe("the layer and its layout", () => {
  it("differ where the module differs, and only there", async () => {
    const layouts = ["one", "one", "other"].map(async (content) => {
      const directory = temporaryDirectory();
      const file = join(directory, "plugin.wasm");
      execFileSync("sh", ["-c", 'printf %s "$1" >"$2"', "sh", content, file]);
      const parts = { layer: layerOf(file), annotations: { a: "b" }, sbom: "{}" };
      return writeLayout(join(directory, "layout"), "1", parts);
    });
    const [first, same, other] = await Promise.all(layouts);
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe("the SBOM", () => {
  it("lists every package whose code the compiler read, and the runtime", async () => {
    // The compiler's own word, asked for without optimization, which reads the same files.
    const asc = (await import("assemblyscript/asc")).default;
    const packages = new Set(["assemblyscript"]);
    const options = ["--config", "asconfig.json", "--noEmit", "--optimizeLevel", "0"];
    const { error } = await asc.main(["assembly/index.ts", ...options], {
      readFile: (name: string, base: string) => {
        const path = join(base, name);
        const [, package_] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(name) ?? [];
        if (!existsSync(path)) return null;
        if (package_ !== undefined) packages.add(package_);
        return readFileSync(path, "utf8");
      },
    });
    expect(error).toBeNull();
    expect(componentsOf(ROOT).map(({ name }) => name)).toEqual([...packages].sort());
  });

  it("names the module's digest, versions and licences, and what is not published is not said to be on npm", () => {
    const sbom = JSON.parse(readFileSync(join(ROOT, "build/signpost.cdx.json"), "utf8")) as {
      metadata: { component: { hashes: { content: string }[] } };
      components: { purl: string; licenses: { license: { id: string } }[] }[];
    };
    const module = readFileSync(join(ROOT, "build/signpost.wasm"));
    expect(sbom.metadata.component.hashes[0]?.content).toBe(createHash("sha256").update(module).digest("hex"));
    expect(sbom.components.map(({ purl }) => purl)).toEqual([
      `pkg:generic/as-bytes@${version}`,
      `pkg:generic/as-proxy-wasm-sdk@${version}`,
      `pkg:generic/as-strict-json@${version}`,
      expect.stringMatching(/^pkg:npm\/assemblyscript@\d/),
    ]);
    expect(sbom.components.flatMap(({ licenses }) => licenses.map(({ license }) => license.id))).toEqual(
      Array(4).fill("Apache-2.0"),
    );
  });
});

describe("annotations", () => {
  const origin = { version: "1", description: "d", licenses: "Apache-2.0", revision: null, source: null };

  it("leave out what is not known", () => {
    expect(Object.keys(annotationsOf(origin))).not.toContain("org.opencontainers.image.revision");
    expect(annotationsOf({ ...origin, source: "https://git.example/s" })).toMatchObject({
      "org.opencontainers.image.source": "https://git.example/s",
    });
  });

  it.each([
    ["https://git.example/team/signpost.git", "https://git.example/team/signpost"],
    ["https://user:secret@git.example/team/signpost.git", "https://git.example/team/signpost"],
    ["git@git.example:team/signpost.git", null],
    ["/srv/git/signpost", null],
    ["", null],
  ])("make of the remote %j the source %j", (remote, source) => {
    expect(webAddress(remote)).toBe(source);
  });
});
