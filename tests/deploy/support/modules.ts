import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { layerOf } from "../../../image/layer.ts";
import { writeLayout } from "../../../image/layout.ts";
import { pushImage } from "../../../image/registry.ts";
import { temporaryDirectory } from "../../cli/support/cli.ts";

/** An image in a registry, and the module in it. */
export interface PushedModule {
  readonly bytes: Buffer;
  /** Of the module, in hexadecimal. */
  readonly sha256: string;
  /** `host/repository@sha256:…` */
  readonly pinned: string;
  /** `host/repository:tag` */
  readonly tagged: string;
}

/** Pushes an image with a module of random bytes, or of these. */
export async function pushModule(
  host: string,
  { bytes = randomBytes(200_000), tag = "1", repository = "team/signpost" } = {},
): Promise<PushedModule> {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "context"));
  const file = join(directory, "context/plugin.wasm");
  writeFileSync(file, bytes);
  const layout = join(directory, "layout");
  const digest = await writeLayout(layout, tag, { layer: layerOf(file), annotations: {}, sbom: "{}" });
  const tagged = `${host}/${repository}:${tag}`;
  await pushImage(layout, tag, tagged, { plainHttp: true });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { bytes, sha256, pinned: `${host}/${repository}@${digest}`, tagged };
}
