/** What may import what, beyond the folders of assembly/ (tests/unit/architecture/layers.test.ts). Part of `./test.sh lint`. */
export default {
  forbidden: [
    {
      name: "no-circular",
      comment: "A file that imports itself by way of others cannot be understood, or changed, without them.",
      severity: "error",
      // The host's contexts, its VM and its host calls still know each other.
      from: { pathNot: "^packages/proxy-wasm-host/src/" },
      to: { circular: true },
    },
    {
      name: "no-harness-in-what-ships",
      comment: "What users install must work without the local harness and the tests.",
      severity: "error",
      from: { path: "^(assembly|cli/src|deploy|packages/[^/]+/(assembly|src|transform))/", pathNot: "[.]test[.]ts$" },
      to: { path: "^(envoy-local|tests|bench)/" },
    },
    {
      name: "not-to-unresolvable",
      severity: "error",
      // Its packages are installed when the conformance tier runs.
      from: { pathNot: "^tests/conformance/suite/" },
      // The compiler's own library.
      to: { couldNotResolve: true, pathNot: "^rt/" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|dist|build|[.]cache)/" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
