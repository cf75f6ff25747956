import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { JSON_TEXT } from "../support/json-arbitraries.ts";
import { followPointer } from "../support/json-reference.ts";
import { children, json, valueOf } from "../support/json.ts";

const NO_NODES = [-1, -2, -2147483648, 1000, 2147483647];

function parse(text: string): number {
  expect(json.parse(text)).toBe(true);
  return json.root();
}

function member(text: string, name: string): unknown {
  return valueOf(json.member(parse(text), name));
}

describe("a node", () => {
  it("knows its kind", () => {
    const kinds = children(parse('[null,false,true,0,"",[],{}]')).map(json.kind);
    expect(kinds).toEqual(["null", "false", "true", "number", "string", "array", "object"]);
  });

  it("has its bytes as written, strings and keys without their quotes", () => {
    const root = parse(' {"\\u0061" : [ 1.0e0 , "\\n" ] } ');
    const array = json.firstChild(root);
    const raw = (node: number) => Buffer.from(json.raw(node) ?? []).toString();
    expect(raw(root)).toBe('{"\\u0061" : [ 1.0e0 , "\\n" ] }');
    expect(Buffer.from(json.rawKey(array) ?? []).toString()).toBe("\\u0061");
    expect(children(array).map(raw)).toEqual(["1.0e0", "\\n"]);
  });

  it("has a key only in an object", () => {
    expect(children(parse('{"":1,"é":2}')).map(json.key)).toEqual(["", "é"]);
    expect(json.key(json.root())).toBeNull();
    expect(children(parse('[1,{"a":[2]}]')).map(json.key)).toEqual([null, null]);
    expect(json.key(json.at("/1/a/0"))).toBeNull();
  });

  it("has text when it is a scalar with a value", () => {
    const text = '["a\\u0062\\ud83d\\ude00","",-1.50e+2,true,false,null,[],{}]';
    expect(children(parse(text)).map(json.scalar)).toEqual(["ab😀", "", "-1.50e+2", "true", "false", null, null, null]);
  });

  it("counts its elements and members", () => {
    expect(json.childCount(parse('[1,[2,3,4],{"a":5}]'))).toBe(3);
    expect(children(json.root()).map(json.childCount)).toEqual([0, 3, 1]);
  });
});

describe("what is no node", () => {
  beforeEach(() => {
    parse('{"a":[1]}');
  });

  it.each(NO_NODES)("%i has nothing", (node) => {
    expect(json.kind(node)).toBe("missing");
    expect(json.firstChild(node)).toBe(-1);
    expect(json.nextSibling(node)).toBe(-1);
    expect(json.childCount(node)).toBe(0);
    expect(json.raw(node)).toBeNull();
    expect(json.rawKey(node)).toBeNull();
    expect(json.key(node)).toBeNull();
    expect(json.scalar(node)).toBeNull();
    expect(json.member(node, "a")).toBe(-1);
    expect(json.element(node, 0)).toBe(-1);
    expect(json.duplicateKey(node)).toBe(-1);
    expect(json.number(node)).toBeNaN();
    expect(json.isInteger(node)).toBe(false);
    expect(json.integer(node)).toBe(0n);
  });

  it("is every node after the memory was given back", () => {
    json.dispose();
    expect(json.root()).toBe(-1);
    expect(json.kind(0)).toBe("missing");
    expect(json.at("")).toBe(-1);
  });
});

describe("a member", () => {
  it("is found by its decoded name", () => {
    expect(member('{"caf\\u00e9":1,"\\ud83d\\ude00":2}', "café")).toBe(1);
    expect(valueOf(json.member(json.root(), "😀"))).toBe(2);
    expect(valueOf(json.member(json.root(), "caf\\u00e9"))).toBeUndefined();
  });

  it("of a repeated name is the last one, however the name is written", () => {
    expect(member('{"a":1,"b":2,"\\u0061":3}', "a")).toBe(3);
  });

  it("is not found in what is no object, nor one level down", () => {
    expect(member('["a"]', "a")).toBeUndefined();
    expect(member('{"b":{"a":1}}', "a")).toBeUndefined();
    expect(member('"a"', "a")).toBeUndefined();
  });
});

describe("a repeated name", () => {
  const repeated = (text: string): unknown => valueOf(json.duplicateKey(parse(text)));

  it("is found at its second member", () => {
    expect(repeated('{"a":1,"b":2,"a":3,"b":4}')).toBe(3);
    expect(repeated('{"":1,"":2}')).toBe(2);
  });

  it("is found however it is written", () => {
    expect(repeated('{"a":1,"\\u0061":2}')).toBe(2);
    expect(repeated('{"\\u0061":1,"\\u0061b":2,"\\u0061":3}')).toBe(3);
  });

  it("is none in an array, in different objects or in different cases", () => {
    expect(repeated('["a","a"]')).toBeUndefined();
    expect(repeated('{"a":{"a":1},"A":{"a":1}}')).toBeUndefined();
  });

  it("is found as a set finds it", () => {
    const names = fc.array(fc.oneof(fc.string({ unit: "binary", maxLength: 3 }), fc.constantFrom("a", "b")));
    fc.assert(
      fc.property(names, (keys) => {
        const first = keys.findIndex((key, i) => keys.indexOf(key) < i);
        const text = `{${keys.map((key, i) => `${JSON.stringify(key)}:${i}`).join(",")}}`;
        expect(repeated(text)).toBe(first < 0 ? undefined : first);
      }),
    );
  });

  it("is found among very many names", () => {
    const many = Array.from({ length: 50_000 }, (_, i) => `"key-${i}":${i}`);
    expect(repeated(`{${many.join(",")}}`)).toBeUndefined();
    expect(repeated(`{${many.join(",")},"key-7":-7}`)).toBe(-7);
  });
});

describe("a JSON Pointer", () => {
  const RFC_6901 = '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}';

  it.each([
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/foo", ["bar", "baz"]],
  ])("%s of RFC 6901 §5 leads to %j", (pointer, value) => {
    parse(RFC_6901);
    expect(valueOf(json.at(pointer))).toEqual(value);
  });

  it("that is empty is the whole document", () => {
    expect(valueOf(json.at(""))).toEqual(valueOf(parse(RFC_6901)));
  });

  it.each(["a", "a/b", "~", "/~", "/~2", "/a~", "/~01~", " /a"])("%j is none", (pointer) => {
    parse(RFC_6901);
    expect(json.at(pointer)).toBe(-2);
  });

  it.each(["/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/+1", "/foo/1e0", "/foo/", "/foo/4294967296", "/foo/0/0"])(
    "%s leads nowhere",
    (pointer) => {
      parse(RFC_6901);
      expect(json.at(pointer)).toBe(-1);
    },
  );

  it("decodes ~01 to ~1 and not to a slash", () => {
    parse('{"~1":"tilde","/":"slash"}');
    expect(valueOf(json.at("/~01"))).toBe("tilde");
  });

  it("leads where a plain reading of RFC 6901 leads", () => {
    const token = fc.constantFrom(
      "a",
      "b",
      "",
      "0",
      "1",
      "2",
      "00",
      "-",
      "__proto__",
      "a~1b~0c",
      "length",
      "constructor",
    );
    const pointers = fc.array(token, { maxLength: 4 }).map((tokens) => tokens.map((name) => `/${name}`).join(""));
    fc.assert(
      fc.property(JSON_TEXT, pointers, (text, pointer) => {
        parse(text);
        expect(valueOf(json.at(pointer))).toEqual(followPointer(JSON.parse(text), pointer));
      }),
      { numRuns: 5000 },
    );
  });
});
