//! Lines of the two error logs.

use super::fragments::{DAY, jittered, push_clock, push_hex, push_number, push_padded, put};
use super::{Generator, Odd};

const APACHE_ERRORS: [(&str, &str); 6] = [
    ("core:error", "AH00126: Invalid URI in request GET "),
    ("core:info", "AH00128: File does not exist: /srv/www"),
    ("authz_core:error", "AH01630: client denied by server configuration: /srv/www"),
    ("proxy_http:error", "AH01114: HTTP: failed to make connection to backend: 10.0.3.7, asked for "),
    ("php:warn", "PHP Warning:  Undefined array key \"page\" in /srv/www"),
    ("ssl:warn", "AH01909: server certificate does NOT include an ID which matches the server name for "),
];
const NGINX_ERRORS: [(&str, &str, &str); 4] = [
    ("error", "open() \"/srv/www", "\" failed (2: No such file or directory)"),
    ("error", "upstream timed out (110: Connection timed out) while reading ", " from upstream"),
    ("warn", "an upstream response is buffered to a temporary file /var/cache", ".tmp while reading upstream"),
    ("notice", "client closed connection before ", " was sent"),
];

impl Generator {
    pub(super) fn apache_error(&mut self, out: &mut Vec<u8>, odd: Option<Odd>) -> usize {
        let ticks = jittered(self.clock, &mut self.rng);
        put(out, &[b"[", DAY.1.as_bytes(), b" "]);
        push_clock(ticks >> 16, out);
        out.extend_from_slice(b".");
        push_padded(((ticks & 0xFFFF) * 1_000_000) >> 16, 6, out);
        out.extend_from_slice(b" 2026");
        let safe = out.len();
        let (module, message) = *self.rng.pick(&APACHE_ERRORS);
        put(out, &[b"] [", module.as_bytes(), b"] [pid "]);
        push_number(2_000 + self.rng.below(64) as u64, out);
        out.extend_from_slice(b":tid 1400737");
        push_number(10_000_000 + self.rng.below(80_000_000) as u64, out);
        out.extend_from_slice(b"] ");
        if odd != Some(Odd::DashAgent) {
            let rank = self.client_ranks.draw(&mut self.rng);
            put(out, &[b"[client ", &self.clients[rank].address, b":"]);
            push_number(1_024 + self.rng.below(60_000) as u64, out);
            out.extend_from_slice(b"] ");
        }
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[message.as_bytes(), &self.paths[path]]);
        self.odd_tail(odd, out);
        if self.rng.next() & 3 == 0 {
            out.extend_from_slice(b", referer: ");
            let referer = self.rng.pick(&self.referers);
            out.extend_from_slice(referer);
        }
        safe
    }

    pub(super) fn nginx_error(&mut self, out: &mut Vec<u8>, odd: Option<Odd>) -> usize {
        out.extend_from_slice(b"2026/03/05 ");
        push_clock(jittered(self.clock, &mut self.rng) >> 16, out);
        let safe = out.len();
        let (level, before, after) = *self.rng.pick(&NGINX_ERRORS);
        put(out, &[b" [", level.as_bytes(), b"] "]);
        let process = 800 + self.rng.below(8) as u64;
        push_number(process, out);
        out.extend_from_slice(b"#");
        push_number(process, out);
        out.extend_from_slice(b": *");
        push_number(self.counts.lines * 3 + 17, out);
        out.extend_from_slice(b" ");
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[before.as_bytes(), &self.paths[path], after.as_bytes()]);
        self.odd_tail(odd, out);
        out.extend_from_slice(b", client: ");
        let rank = self.client_ranks.draw(&mut self.rng);
        put(
            out,
            &[
                &self.clients[rank].address,
                b", server: www.example.com, request: \"GET ",
                &self.paths[path],
                b" HTTP/1.1\"",
            ],
        );
        if level == "error" {
            put(out, &[b", upstream: \"http://10.0.3.7:8080", &self.paths[path], b"\""]);
        }
        out.extend_from_slice(b", host: \"www.example.com\"");
        if self.rng.next() & 1 == 0 {
            out.extend_from_slice(b", referrer: \"");
            let referer = self.rng.pick(&self.referers);
            put(out, &[referer, b"\""]);
        }
        safe
    }

    /// What an odd line of an error log has in its message.
    fn odd_tail(&mut self, odd: Option<Odd>, out: &mut Vec<u8>) {
        match odd {
            Some(Odd::RawUtf8Agent) => out.extend_from_slice(" größer (中文)".as_bytes()),
            Some(Odd::InvalidUtf8Agent) => {
                out.extend_from_slice(b" caf\xE9");
                self.counts.invalid_utf8 += 1;
            }
            Some(Odd::TlsBytes) => out.extend_from_slice(b" \\x16\\x03\\x01"),
            Some(Odd::LongPath) => (0..256).for_each(|_| push_hex(self.rng.next(), out)),
            Some(_) => out.extend_from_slice(b" [retry] \\\"again\\\", twice"),
            None => {}
        }
    }
}
