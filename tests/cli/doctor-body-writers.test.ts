import { describe, expect, it } from "vitest";
import { CLUSTERS, deliveredPlugin, doctorJson, gatewayDump, gatewayListener } from "./support/dumps.ts";
import type { Fields } from "./support/manifests.ts";

const TYPE = "type.googleapis.com/";
const HTTP = `${TYPE}envoy.extensions.filters.http`;
const ROUTE_FILTER = `${TYPE}envoy.config.route.v3.FilterConfig`;

const WRITES = 'function envoy_on_response(handle) handle:body():setBytes("written") end';
const READS = "function envoy_on_response(handle) handle:body():length() end";
const WRITES_REQUESTS = 'function envoy_on_request(handle) handle:body():setBytes("written") end';
const CHECKS = WRITES.replace("handle:body", 'if handle:headers():get(":status") ~= "304" then handle:body').concat(
  " end",
);

function lua(fields: Fields, more: Fields = {}): Fields {
  return { name: "writer", typed_config: { "@type": `${HTTP}.lua.v3.Lua`, ...fields }, ...more };
}

function inline(text: string): Fields {
  return { default_source_code: { inline_string: text } };
}

function extProc(fields: Fields): Fields {
  return { name: "writer", typed_config: { "@type": `${HTTP}.ext_proc.v3.ExternalProcessor`, ...fields } };
}

function responseBodies(mode: unknown): Fields {
  return { processing_mode: { response_body_mode: mode } };
}

/** What the doctor says of these filters before a response cache; `ofRoute` is what a route says for `writer`. */
async function seenOf(filters: readonly Fields[], ofRoute?: Fields): Promise<unknown[]> {
  const cache = { name: "signpost", typed_config: deliveredPlugin({ responseCache: {} }) };
  const settings = ofRoute === undefined ? {} : { typed_per_filter_config: { writer: ofRoute } };
  const route = { match: { prefix: "/" }, route: { cluster: CLUSTERS.cell }, ...settings };
  const hosts = [{ name: "shop", domains: ["shop.example.com"], routes: [route] }];
  const dump = gatewayDump({
    listeners: [gatewayListener("0.0.0.0_8080", [...filters, cache])],
    routeConfig: { name: "http.8080", virtual_hosts: hosts },
  });
  const { findings } = await doctorJson({ dump });
  return findings.filter(({ id }) => id === "body-writer-before-cache").map(({ seen }) => seen);
}

const FOUND = ["writer is before the responseCache of signpost, and may write response bodies"];

describe("a filter before a response cache is found to write response bodies:", () => {
  it.each<[string, Fields]>([
    ["Lua", lua(inline(WRITES))],
    ["Lua in the old field", lua({ inline_code: WRITES })],
    ["Lua in base64", lua({ default_source_code: { inline_bytes: Buffer.from(WRITES).toString("base64") } })],
    ["one of several scripts", lua({ ...inline(CHECKS), source_codes: { other: { inline_string: WRITES } } })],
    ["Lua that speaks of 304 in comments only", lua(inline(`-- not 304\n--[[ 304 ]] ${WRITES}`))],
    ["Lua that is not in the configuration", lua({ default_source_code: { filename: "/etc/envoy/filter.lua" } })],
    ["ext_proc with whole bodies", extProc(responseBodies("BUFFERED"))],
    ["ext_proc with streamed bodies", extProc(responseBodies("FULL_DUPLEX_STREAMED"))],
    ["ext_proc that chooses by itself", extProc({ allow_mode_override: true })],
    [
      "Lua in a TypedStruct",
      {
        name: "writer",
        typed_config: {
          "@type": `${TYPE}udpa.type.v1.TypedStruct`,
          type_url: `${HTTP}.lua.v3.Lua`,
          value: inline(WRITES),
        },
      },
    ],
  ])("%s", async (_, filter) => {
    expect(await seenOf([filter])).toEqual(FOUND);
  });

  it.each<[string, Fields, Fields]>([
    ["a route's Lua", lua({}), { "@type": `${HTTP}.lua.v3.LuaPerRoute`, source_code: { inline_string: WRITES } }],
    ["Lua that a route enables", lua(inline(WRITES), { disabled: true }), { "@type": ROUTE_FILTER, config: {} }],
    [
      "a route's mode for ext_proc",
      extProc({}),
      { "@type": `${HTTP}.ext_proc.v3.ExtProcPerRoute`, overrides: responseBodies("STREAMED") },
    ],
  ])("%s", async (_, filter, ofRoute) => {
    expect(await seenOf([filter], ofRoute)).toEqual(FOUND);
  });

  it("several at once", async () => {
    const other = { ...lua(inline(WRITES)), name: "other" };
    const seen = "writer, other is before the responseCache of signpost, and may write response bodies";
    expect(await seenOf([extProc(responseBodies("BUFFERED")), other])).toEqual([seen]);
  });
});

describe("a filter before a response cache is let be:", () => {
  it.each<[string, Fields]>([
    ["Lua that leaves a 304 alone", lua(inline(CHECKS))],
    ["Lua that reads bodies", lua(inline(READS))],
    ["Lua that writes those of requests", lua(inline(WRITES_REQUESTS))],
    ["Lua that does not write any more", lua(inline(`-- ${WRITES}\n${READS}`))],
    ["Lua without a script", lua({})],
    ["Lua that is disabled", lua(inline(WRITES), { disabled: true })],
    ["ext_proc for headers", extProc({})],
    ["ext_proc for request bodies", extProc({ processing_mode: { request_body_mode: "BUFFERED" } })],
    ["ext_proc that says NONE", extProc(responseBodies("NONE"))],
    ["ext_proc that only watches", extProc({ ...responseBodies("STREAMED"), observability_mode: true })],
  ])("%s", async (_, filter) => {
    expect(await seenOf([filter])).toEqual([]);
  });
});
