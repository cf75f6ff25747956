//! Counts the requests of all VMs in shared data, and tells clients.
use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::{Action, Status};

const KEY: &str = "requests";

proxy_wasm::main! {{
    proxy_wasm::set_http_context(|_, _| -> Box<dyn HttpContext> { Box::new(Stream) });
}}

struct Stream;

impl Stream {
    fn increment(&self) -> Result<u64, Status> {
        let (value, cas) = self.get_shared_data(KEY);
        let count = value.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes) + 1;
        self.set_shared_data(KEY, Some(&count.to_le_bytes()), cas).map(|()| count)
    }
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_response_headers(&mut self, _: usize, _: bool) -> Action {
        let mut count = self.increment();
        while let Err(Status::CasMismatch) = count {
            count = self.increment();
        }
        if let Ok(count) = count {
            self.add_http_response_header("x-count", &count.to_string());
        }
        Action::Continue
    }
}
