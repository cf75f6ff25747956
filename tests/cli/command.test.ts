import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { paintFor } from "../../cli/src/terminal.ts";
import { checkJson, fileWith, signpost, temporaryDirectory } from "./support/cli.ts";
import { CONFIG, wasmPlugin, yamlOf } from "./support/manifests.ts";

const VALID = yamlOf(CONFIG);
const INVALID = "webdis: {cluster: webdis}\nlookups: 5\n";
const WARNED = yamlOf(wasmPlugin(CONFIG, { phase: "STATS" }));

describe("the exit code of check", () => {
  it.each([
    ["0: all is valid", [], [VALID, VALID], 0],
    ["0: there are warnings", [], [WARNED], 0],
    ["1: there are warnings, and they count", ["--strict"], [WARNED], 1],
    ["0: there are none, and they would count", ["--strict"], [VALID], 0],
    ["1: there are errors in one of the files", [], [VALID, INVALID], 1],
  ])("is %s", async (_, options, texts, code) => {
    const outcome = await signpost(["check", ...options, ...texts.map((text) => fileWith(text))]);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toBe("");
  });

  it("is 2 where one of the files is not there, and the others are checked", async () => {
    const { code, files } = await checkJson([fileWith(INVALID), join(temporaryDirectory(), "none.yaml")]);
    expect(code).toBe(2);
    expect(files.map(({ diagnostics }) => diagnostics[0]?.message)).toEqual([
      "5 is not an array",
      "cannot be read: there is no such file",
    ]);
  });

  it("is 2 for a directory", async () => {
    const { code, stdout } = await signpost(["check", temporaryDirectory()]);
    expect(code).toBe(2);
    expect(stdout).toContain("cannot be read: it is a directory");
  });

  it.each([
    ["no file", ["check"], "missing required argument 'file'"],
    ["an unknown option", ["check", "--nope", "x"], "unknown option '--nope'"],
    ["an unknown command", ["chekc"], "Did you mean check?"],
    ["standard input twice", ["check", "-", "-"], "can be read once only"],
    ["a module that is not there", ["check", "--module", "none.wasm", "-"], "none.wasm"],
  ])("is 2 for a wrong command line: %s", async (_, args, message) => {
    const { code, stdout, stderr } = await signpost(args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("is 2 where the module is none", async () => {
    const { code, stderr } = await signpost(["check", "--module", fileWith("nothing", "x.wasm"), fileWith(VALID)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^signpost: the module does not load: /);
  });
});

describe("what check prints", () => {
  it("is a line per mistake, as compilers write them, and one per file", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "a.yaml"), INVALID);
    writeFileSync(join(directory, "b.yaml"), VALID);
    const { stdout } = await signpost(["check", "a.yaml", "b.yaml"], { directory });
    expect(stdout).toBe("a.yaml:2:10: error: lookups: 5 is not an array\na.yaml: not valid, 1 error\nb.yaml: valid\n");
  });

  it("names the documents of a manifest", async () => {
    const text = yamlOf(wasmPlugin({ ...CONFIG, lookups: 5 }), wasmPlugin({}, { url: "x" }, "acl"));
    const { stdout } = await signpost(["check", fileWith(text)]);
    expect(stdout).toContain("error: lookups: 5 is not an array [WasmPlugin/signpost]\n");
    expect(stdout).toContain("not valid, 1 error (WasmPlugin/signpost; not Signpost's: WasmPlugin/acl)\n");
  });

  it("is about standard input for -", async () => {
    const { code, stdout } = await signpost(["check", "-"], { input: INVALID });
    expect(code).toBe(1);
    expect(stdout).toContain("-:2:10: error: lookups: 5 is not an array\n");
  });

  it("is one JSON document with --json", async () => {
    const file = fileWith(WARNED);
    const { files } = await checkJson([file]);
    expect(files).toEqual([
      {
        file,
        valid: true,
        diagnostics: [
          {
            severity: "warning",
            path: "spec.phase",
            line: 8,
            column: 10,
            message: expect.stringContaining("STATS is after authorization") as string,
            document: "WasmPlugin/signpost",
          },
        ],
      },
    ]);
  });

  it("has no colours where it is no terminal", async () => {
    const { stdout } = await signpost(["check", fileWith(INVALID)], { environment: { FORCE_COLOR: "1" } });
    expect(stdout).not.toContain("\u001b");
  });

  it.each([
    ["a terminal", true, {}, true],
    ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["a terminal that knows none", true, { TERM: "dumb" }, false],
    ["a file", false, {}, false],
  ])("is coloured for %s as it should be", (_, isTTY, environment, expected) => {
    const before = process.stdout.isTTY;
    process.stdout.isTTY = isTTY;
    try {
      expect(paintFor({ isTTY }, environment)("red", "x") !== "x").toBe(expected);
    } finally {
      process.stdout.isTTY = before;
    }
  });
});

describe("a file that cannot be taken as text", () => {
  it("is not guessed at", async () => {
    const file = join(temporaryDirectory(), "x.yaml");
    writeFileSync(file, Buffer.from([0x77, 0xff, 0xfe]));
    const { code, stdout } = await signpost(["check", file]);
    expect(code).toBe(2);
    expect(stdout).toContain("it is not UTF-8");
  });

  it("holds nothing when it is empty, which the filter accepts", async () => {
    const { code, stdout } = await signpost(["check", fileWith("# nothing\n")]);
    expect(code).toBe(0);
    expect(stdout).toContain("warning: neither lookups nor responseCache: all requests pass as they are");
  });
});

describe("help", () => {
  it.each([[["--help"]], [["check", "--help"]]])("fits into 100 columns: %j", async (args) => {
    const { code, stdout } = await signpost(args);
    expect(code).toBe(0);
    expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  });

  it("of check has examples and the exit codes", async () => {
    const { stdout } = await signpost(["check", "--help"]);
    expect(stdout).toContain("$ signpost check ");
    expect(stdout).toMatch(/Exit code: 0 .*1 .*2 /s);
  });

  it("is shown, with code 2, where no command is given", async () => {
    const { code, stderr } = await signpost([]);
    expect(code).toBe(2);
    expect(stderr).toContain("check");
  });
});
