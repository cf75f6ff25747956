import { readFileSync } from "node:fs";
import { CHECKOUT } from "../checkout.ts";
import { OrasError } from "../../image/oras.ts";
import { digestInLayout, digestInRegistry, pushImage } from "../../image/registry.ts";
import type { Conversation } from "../conversation.ts";
import { Failure, unusable } from "../failure.ts";
import { imageReference } from "../module.ts";
import type { Options } from "../options.ts";
import { moduleUrl } from "../wanted.ts";

const LAYOUT = `${CHECKOUT}build/image`;

/** `push`: the image of build/image to where the values say the module comes from. */
export async function push(file: string, options: Options, { say, confirm }: Conversation): Promise<void> {
  const url = moduleUrl(file, options);
  const reference = imageReference(url);
  if (reference === undefined) {
    throw unusable(`${url} is in no registry: bring build/signpost.wasm there yourself; there is nothing to push`);
  }
  if (reference.includes("@")) throw unusable(`${url} has a digest: an image is pushed under a tag`);
  const { version } = JSON.parse(readFileSync(`${CHECKOUT}package.json`, "utf8")) as { version: string };
  const built = await builtDigest(version);
  const there = await digestInRegistry(reference, options).catch(() => undefined);
  if (there === built) {
    say(`${reference} is ${built} already`);
    return;
  }
  say(`push   ${reference} ${built}${there === undefined ? "" : `, in place of ${there}`}`);
  if (options.dryRun) return;
  await confirm("Push it?");
  try {
    await pushImage(LAYOUT, version, reference, options);
  } catch (error) {
    if (error instanceof OrasError) throw new Failure(`${reference} is not pushed: ${error.message}`);
    throw error;
  }
  const pushed = await digestInRegistry(reference, options);
  if (pushed !== built) throw new Failure(`the registry says ${reference} is ${pushed}, and ${built} was pushed`);
  say(`pushed ${reference}@${pushed}`);
}

async function builtDigest(version: string): Promise<string> {
  try {
    return await digestInLayout(LAYOUT, version);
  } catch {
    throw unusable(`there is no image of version ${version} in build/image: run ./deploy.sh build`);
  }
}
