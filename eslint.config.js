import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  // AssemblyScript is not TypeScript to a type checker: its compiler and the formatter watch over it.
  { ignores: ["build/", "**/dist/", "node_modules/", ".cache/", "**/assembly/**"] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["eslint.config.js", "dependency-cruiser.config.js"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", 500],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
    },
  },
  // They reach into the compiler, whose declarations of its inside are const enums and private members.
  { files: ["packages/*/transform.js", "packages/*/transform/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
