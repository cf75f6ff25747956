// Holds each request until the cluster `backend` has said 200; any other answer is a 403.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const (
	cluster = "backend"
	timeout = 1000
)

func main() {}

func init() {
	proxywasm.SetPluginContext(func(uint32) types.PluginContext { return &plugin{} })
}

type plugin struct{ types.DefaultPluginContext }

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{} }

type stream struct{ types.DefaultHttpContext }

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	path, err := proxywasm.GetHttpRequestHeader(":path")
	if err != nil {
		proxywasm.LogErrorf("path: %v", err)
	}
	headers := [][2]string{{":method", "GET"}, {":path", path}, {":authority", cluster}}
	if _, err := proxywasm.DispatchHttpCall(cluster, headers, nil, nil, timeout, answered); err != nil {
		proxywasm.LogErrorf("call: %v", err)
		return types.ActionContinue
	}
	return types.ActionPause
}

func answered(int, int, int) {
	headers, err := proxywasm.GetHttpCallResponseHeaders()
	if err != nil {
		proxywasm.LogErrorf("answer: %v", err)
	}
	for _, header := range headers {
		if header[0] == ":status" && header[1] == "200" {
			if err := proxywasm.ResumeHttpRequest(); err != nil {
				proxywasm.LogErrorf("resume: %v", err)
			}
			return
		}
	}
	headers = [][2]string{{"x-denied-by", "go"}}
	if err := proxywasm.SendHttpResponse(403, headers, []byte("denied"), -1); err != nil {
		proxywasm.LogErrorf("deny: %v", err)
	}
}
