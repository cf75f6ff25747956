import type { Examined } from "../examined.ts";
import { type Finding, finding } from "../finding.ts";
import { placeOf } from "../instance.ts";

/** Whether the connection manager of a response cache leaves its answers as they are. */
export function* localReplies({ instances }: Examined): Iterable<Finding> {
  for (const { name, configuration, places } of instances) {
    if (!configuration.hasResponseCache) continue;
    for (const place of places) {
      const rewrites = place.chain.localReplyRewrites;
      if (rewrites.length === 0) continue;
      const seen = `${rewrites.join(", ")} of ${place.chain.label} also matches what ${name} answers from the store`;
      yield finding("local-reply-config-rewrites-hits", { seen, where: placeOf(place, name) });
    }
  }
}
