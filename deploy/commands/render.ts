import { stringify } from "yaml";
import { Kubectl } from "../kubectl.ts";
import type { Options } from "../options.ts";
import { allObjects, wantedOf } from "../wanted.ts";

/** `render`: the manifests that `deploy` would apply, with the digests in them, to standard output. Needs no cluster. */
export async function render(file: string, options: Options): Promise<void> {
  const wanted = await wantedOf(file, options, new Kubectl(options), { isLive: false });
  process.stdout.write(
    allObjects(wanted)
      .map((object) => stringify(object, { version: "1.1", lineWidth: 0 }))
      .join("---\n"),
  );
}
