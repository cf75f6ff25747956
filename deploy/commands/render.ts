import { stringify } from "yaml";
import type { Options } from "../options.ts";
import { wantedOf } from "../wanted.ts";

/** `render`: the manifests that `deploy` would apply, with the digests in them, to standard output. Needs no cluster. */
export async function render(file: string, options: Options): Promise<void> {
  const { objects } = await wantedOf(file, options);
  process.stdout.write(objects.map((object) => stringify(object, { version: "1.1", lineWidth: 0 })).join("---\n"));
}
