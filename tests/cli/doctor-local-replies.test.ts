import { describe, expect, it } from "vitest";
import {
  FILTER,
  RBAC,
  deliveredPlugin,
  discovered,
  doctorJson,
  gatewayDump,
  gatewayListener,
  pluginConfig,
} from "./support/dumps.ts";

const FINDING = "local-reply-config-rewrites-hits";

/** For Envoy's own errors: they have a flag. */
const ERRORS = { response_flag_filter: { flags: ["UH", "NR"] } };
const ABOVE_399 = { status_code_filter: { comparison: { op: "GE", value: { default_value: 400 } } } };
const BODY = { text_format_source: { inline_string: "%LOCAL_REPLY_BODY%" } };

/** What doctor says of a gateway with a response cache and this configuration of local replies. */
async function seenOf(
  localReplies: object | undefined,
  sections: object = { responseCache: {}, lookups: [] },
): Promise<unknown[]> {
  const config = { ...pluginConfig(), ...sections };
  const settings = localReplies === undefined ? {} : { local_reply_config: localReplies };
  const dump = gatewayDump({
    listeners: [gatewayListener("0.0.0.0_8080", [RBAC, discovered()], "http.8080", {}, settings)],
    extensions: { [FILTER]: { typed: deliveredPlugin(config) } },
  });
  const { findings } = await doctorJson({ dump });
  return findings.filter(({ id }) => id === FINDING).map(({ seen }) => seen);
}

describe("a local_reply_config beside a response cache", () => {
  it.each<[string, object, string]>([
    ["a body for all", { body_format: BODY }, "local_reply_config.body_format"],
    ["a mapper by status", { mappers: [{ filter: ABOVE_399 }] }, "local_reply_config.mappers[0]"],
    [
      "one of two mappers",
      { mappers: [{ filter: ERRORS }, { filter: { or_filter: { filters: [ERRORS, ABOVE_399] } } }] },
      "local_reply_config.mappers[1]",
    ],
  ])("is found where it rewrites hits: %s", async (_, config, what) => {
    expect(await seenOf(config)).toEqual([expect.stringContaining(`${what} of listener 0.0.0.0_8080`)]);
  });

  it.each<[string, object | undefined]>([
    ["none", undefined],
    ["an empty one", {}],
    ["mappers of errors", { mappers: [{ filter: ERRORS }] }],
    ["errors and a status", { mappers: [{ filter: { and_filter: { filters: [ABOVE_399, ERRORS] } } }] }],
    ["errors of either kind", { mappers: [{ filter: { or_filter: { filters: [ERRORS, ERRORS] } } }] }],
  ])("is none of its business where it does not: %s", async (_, config) => {
    expect(await seenOf(config)).toEqual([]);
  });

  it("is none of its business without a response cache", async () => {
    expect(await seenOf({ body_format: BODY }, {})).toEqual([]);
  });
});
