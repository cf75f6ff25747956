import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync } from "node:fs";
import { Part } from "../../../envoy-local/lib/part.ts";
import { LOOPBACK } from "../../../envoy-local/lib/ports.ts";
import { until } from "../../../envoy-local/lib/readiness.ts";
import { output } from "./command.ts";
import { controlPlaneProgram } from "./programs.ts";

/** An image as a registry has it. */
export interface PushedImage {
  /** `oci://host:port/repository:tag`, as a WasmPlugin's `url` has it. */
  readonly url: string;
  /** The SHA-256 of its manifest, in hexadecimal: a WasmPlugin's `sha256` for `oci://`. */
  readonly digest: string;
}

/** An OCI registry that keeps everything in memory, without TLS or credentials. */
export class Registry extends Part {
  readonly #directory: string;

  constructor(directory: string) {
    super({
      name: "registry",
      directory,
      findsPort: true,
      program: () => ({
        command: controlPlaneProgram("crane"),
        args: ["registry", "serve", "--address", `${LOOPBACK}:0`],
      }),
      ready: ({ log, signal }) =>
        until(signal, () => {
          const port = /serving on port (\d+)/.exec(log.sinceStart())?.[1];
          return Promise.resolve(port === undefined ? undefined : Number(port));
        }),
    });
    this.#directory = directory;
  }

  /** As images name it. */
  get host(): string {
    return `${LOOPBACK}:${this.port}`;
  }

  /** Makes an image whose one layer holds the module as `plugin.wasm`, and pushes it. */
  async pushImage(wasm: string, repository: string, tag = "latest"): Promise<PushedImage> {
    const folder = mkdtempSync(`${this.#directory}/image-`);
    copyFileSync(wasm, `${folder}/plugin.wasm`);
    execFileSync("tar", ["--create", "--file", `${folder}/layer.tar`, "--directory", folder, "plugin.wasm"]);
    const reference = `${this.host}/${repository}:${tag}`;
    const crane = controlPlaneProgram("crane");
    await output(crane, ["append", "--oci-empty-base", "--new_layer", `${folder}/layer.tar`, "--new_tag", reference]);
    const digest = (await output(crane, ["digest", reference])).trim();
    return { url: `oci://${reference}`, digest: digest.replace(/^sha256:/, "") };
  }
}
