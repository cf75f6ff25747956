// Counts the requests of all VMs in shared data, and tells clients.
package main

import (
	"encoding/binary"
	"errors"
	"strconv"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

const key = "requests"

func main() {}

func init() {
	proxywasm.SetPluginContext(func(uint32) types.PluginContext { return &plugin{} })
}

type plugin struct{ types.DefaultPluginContext }

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{} }

type stream struct{ types.DefaultHttpContext }

func (s *stream) OnHttpResponseHeaders(int, bool) types.Action {
	count, err := increment()
	for errors.Is(err, types.ErrorStatusCasMismatch) {
		count, err = increment()
	}
	if err != nil {
		proxywasm.LogErrorf("count: %v", err)
		return types.ActionContinue
	}
	if err := proxywasm.AddHttpResponseHeader("x-count", strconv.FormatUint(count, 10)); err != nil {
		proxywasm.LogErrorf("response: %v", err)
	}
	return types.ActionContinue
}

func increment() (uint64, error) {
	value, cas, err := proxywasm.GetSharedData(key)
	if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
		return 0, err
	}
	var count uint64
	if len(value) == 8 {
		count = binary.LittleEndian.Uint64(value)
	}
	count++
	return count, proxywasm.SetSharedData(key, binary.LittleEndian.AppendUint64(nil, count), cas)
}
