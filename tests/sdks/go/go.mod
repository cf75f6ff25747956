// Filters written with the official Go SDK: github.com/proxy-wasm/proxy-wasm-go-sdk.
module signpost/tests/sdks/go

go 1.24

require github.com/proxy-wasm/proxy-wasm-go-sdk v0.0.0-20250212164326-ab4161dcf924
