import type { Examined, ExaminedInstance } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placesOf } from "../instance.ts";

/** Whether the proxy runs the module that is meant. */
export function* digest({ instances, expectedDigest, ownDigest }: Examined): Iterable<Finding> {
  for (const instance of instances) {
    if (expectedDigest !== undefined) yield* comparedWithExpected(instance, expectedDigest);
    else yield* comparedWithOurs(instance, ownDigest);
  }
  const digests = new Map(
    instances.flatMap(({ name, digest: known }) => (known === undefined ? [] : [[known.sha256, name]])),
  );
  if (digests.size > 1) {
    const seen = [...digests].map(([sha256, name]) => `${name}: sha256:${sha256}`).join("; ");
    yield finding("modules-differ", { seen, where: instances.map(placesOf).join("; ") });
  }
}

function* comparedWithExpected(instance: ExaminedInstance, expected: string): Iterable<Finding> {
  const { digest: known, message } = instance;
  const where = placesOf(instance);
  if (known === undefined) {
    const seen = `the module is ${message.module ?? "part of the configuration"}, expected is sha256:${expected}`;
    yield finding("digest-unknown", { seen, where });
  } else if (known.sha256 !== expected) {
    yield finding("digest-unexpected", { seen: `sha256:${known.sha256}, expected is sha256:${expected}`, where });
  }
}

function* comparedWithOurs(instance: ExaminedInstance, ours: string): Iterable<Finding> {
  const { digest: known } = instance;
  // A file that Istio's agent has named may be called after the digest of an image: that tells nothing of the module's.
  if (known === undefined || known.of === "name" || known.sha256 === ours) return;
  const seen = `the proxy's module has sha256:${known.sha256}, this command's has sha256:${ours}`;
  yield finding("digest-not-ours", { seen, where: placesOf(instance) });
}
