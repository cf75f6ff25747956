/** The releases that the module has to work in; test.sh installs them. 1.38.3 is on PyPI without any Wasm runtime. */
export const ENVOY_VERSIONS = ["1.36.4", "1.38.2", "1.40.0"];
