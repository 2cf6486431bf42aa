//! Lines of the AWS logs: load balancer, CDN, flow logs.

use super::Generator;
use super::fragments::{
    METHOD_SLOTS, METHODS, STATUS_SLOTS, STATUSES, VHOSTS, jittered, push_clock, push_hex, push_number, push_padded,
    put, query, size,
};

/// 2026-03-05 00:00:00 UTC in seconds since 1970.
const DAY_SECONDS: u64 = 1_772_668_800;
const ACCOUNT: &[u8] = b"111122223333";
const EDGES: [&str; 8] =
    ["FRA56-P4", "FRA60-C1", "NRT12-P2", "NRT57-P1", "IAD89-C2", "LHR50-P5", "GRU3-C1", "SYD62-P3"];
const BALANCERS: [&str; 3] =
    ["app/web-prod/50dc6c495c0c9188", "app/api-prod/8d3a71b2f0c4e596", "app/shop-blue/1f9e8d7c6b5a4032"];
const GROUPS: [&str; 4] =
    ["web-prod/73e2d6bc24d8a067", "api-prod/0e1d2c3b4a596877", "shop-blue/943f017f100becff", "images/6d0ecf831eec9f09"];
const CIPHERS: [(&str, &str); 3] = [
    ("TLS_AES_128_GCM_SHA256", "TLSv1.3"),
    ("TLS_AES_256_GCM_SHA384", "TLSv1.3"),
    ("ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"),
];
const SERVICE_PORTS: [u64; 8] = [443, 443, 80, 22, 53, 5432, 6379, 8080];
pub(super) const CLOUDFRONT_HEADER: &str = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method \
    cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type \
    x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher \
    x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte \
    x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n";
pub(super) const VPC_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets \
    bytes start end action log-status\n";

impl Generator {
    /// The 33 fields of an Application Load Balancer.
    pub(super) fn alb(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(6));
        let ticks = jittered(self.clock, &mut self.rng);
        let plain = self.rng.one_in(10);
        let balancer = *self.rng.pick(&BALANCERS);
        put(out, &[if plain { b"http " } else { b"h2 " }]);
        push_iso(ticks, 6, out);
        put(out, &[b"Z ", balancer.as_bytes(), b" "]);
        let rank = self.client_ranks.draw(&mut self.rng);
        put(out, &[&self.clients[rank].address, b":"]);
        push_number(1_024 + self.rng.below(64_000) as u64, out);
        let status = if odd == Some(0) { 400 } else { self.status() };
        // What was never dispatched has no target: bad requests, redirects of the balancer itself, and some timeouts.
        let dispatched = !(odd == Some(0) || status == 301 || status == 503);
        let target = (self.rng.below(4), self.rng.below(250) as u64);
        if dispatched {
            out.extend_from_slice(b" ");
            push_target(target, out);
            out.extend_from_slice(b" 0.");
            push_padded(self.rng.below(4) as u64, 3, out);
            out.extend_from_slice(b" ");
            push_milliseconds(size(&mut self.rng) / 64, out);
            out.extend_from_slice(b" 0.000 ");
        } else {
            out.extend_from_slice(b" - -1 -1 -1 ");
        }
        push_number(u64::from(status), out);
        out.extend_from_slice(b" ");
        push_status(dispatched, status, out);
        out.extend_from_slice(b" ");
        push_number(150 + self.rng.below(2_000) as u64, out);
        out.extend_from_slice(b" ");
        let sent = size(&mut self.rng);
        push_number(sent, out);
        self.count(status, sent);
        out.extend_from_slice(b" \"");
        self.alb_request(plain, odd, out);
        out.extend_from_slice(b"\" \"");
        self.agent(rank, odd, out);
        let (cipher, protocol) = if plain { ("-", "-") } else { *self.rng.pick(&CIPHERS) };
        put(out, &[b"\" ", cipher.as_bytes(), b" ", protocol.as_bytes(), b" "]);
        self.alb_tail(ticks, status, dispatched.then_some(target), (plain, odd), out);
    }

    fn alb_request(&mut self, plain: bool, odd: Option<usize>, out: &mut Vec<u8>) {
        if odd == Some(0) {
            return out.extend_from_slice(b"- http://web-prod-1.elb.example.com:80- -");
        }
        let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
        let (scheme, host) = if plain { ("http", "www.example.org:80") } else { ("https", VHOSTS[self.rng.below(3)]) };
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[method.as_bytes(), b" ", scheme.as_bytes(), b"://", host.as_bytes(), &self.paths[path]]);
        if self.rng.one_in(3) {
            query(&mut self.rng, out);
        }
        if odd == Some(1) {
            out.extend_from_slice("?q=größe".as_bytes());
        }
        put(out, &[if plain { b" HTTP/1.1" } else { b" HTTP/2.0" }]);
    }

    fn alb_tail(
        &mut self,
        ticks: u64,
        status: u16,
        target: Option<(usize, u64)>,
        (plain, odd): (bool, Option<usize>),
        out: &mut Vec<u8>,
    ) {
        if target.is_some() {
            put(out, &[b"arn:aws:elasticloadbalancing:eu-west-1:", ACCOUNT, b":targetgroup/"]);
            out.extend_from_slice(self.rng.pick(&GROUPS).as_bytes());
        } else {
            out.extend_from_slice(b"-");
        }
        let id = self.rng.next();
        out.extend_from_slice(b" \"Root=1-69a8c");
        push_hex_digits(ticks >> 16, 3, out);
        out.extend_from_slice(b"-");
        push_hex(id, out);
        push_hex_digits(id >> 7, 8, out);
        let domain = if plain { "-" } else { "shop.example.com" };
        put(out, &[b"\" \"", domain.as_bytes(), b"\" \""]);
        if plain {
            out.extend_from_slice(b"-");
        } else {
            put(out, &[b"arn:aws:acm:eu-west-1:", ACCOUNT, b":certificate/7b2f4c1e-5d3a-4f60-9e8b-2a1c0d9f8e7b"]);
        }
        out.extend_from_slice(b"\" ");
        push_number(self.rng.below(12) as u64, out);
        out.extend_from_slice(b" ");
        push_iso(ticks.saturating_sub(4_000), 6, out);
        let action = match (status, odd) {
            (301, _) => "redirect",
            (_, Some(2)) => "waf,authenticate,forward",
            _ => "forward",
        };
        put(out, &[b"Z \"", action.as_bytes(), b"\" \""]);
        put(out, &[if status == 301 { b"https://www.example.com:443/" } else { b"-" }]);
        put(out, &[b"\" \"", if odd == Some(3) { b"LambdaInvalidResponse" } else { b"-" }, b"\" \""]);
        match target {
            Some(target) => push_target(target, out),
            None => out.extend_from_slice(b"-"),
        }
        out.extend_from_slice(b"\" \"");
        push_status(target.is_some(), status, out);
        let classes: &[u8] = if odd == Some(4) { b"Ambiguous\" \"SpaceInUri" } else { b"-\" \"-" };
        put(out, &[b"\" \"", classes, b"\" TID_"]);
        push_hex(id.rotate_left(17), out);
        push_hex(id.rotate_left(41), out);
        let rewritten = odd == Some(5);
        put(
            out,
            &[if rewritten {
                b" \"new.example.com\" \"/v3/orders\" \"TransformSuccess\""
            } else {
                b" \"-\" \"-\" \"-\""
            }],
        );
    }

    /// A line of a CDN's log: tabs, everything percent-encoded.
    pub(super) fn cloudfront(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(4));
        out.extend_from_slice(b"2026-03-05\t");
        push_clock(jittered(self.clock, &mut self.rng) >> 16, out);
        put(out, &[b"\t", self.rng.pick(&EDGES).as_bytes(), b"\t"]);
        let sent = size(&mut self.rng);
        push_number(sent, out);
        let rank = self.client_ranks.draw(&mut self.rng);
        let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
        put(out, &[b"\t", &self.clients[rank].address, b"\t", method.as_bytes(), b"\td111111abcdef8.cloudfront.net\t"]);
        let path = self.path_ranks.draw(&mut self.rng);
        out.extend_from_slice(&self.paths[path]);
        out.extend_from_slice(b"\t");
        // The viewer left before the answer: CloudFront writes 000.
        let status = if odd == Some(0) { 0 } else { self.status() };
        push_padded(u64::from(status), 3, out);
        self.count(status, sent);
        out.extend_from_slice(b"\t");
        if self.rng.one_in(2) {
            let referer = self.rng.below(self.referers.len());
            out.extend_from_slice(&self.referers[referer]);
        } else {
            out.extend_from_slice(b"-");
        }
        out.extend_from_slice(b"\t");
        let agent =
            if self.rng.one_in(8) { self.rng.below(self.agents.len()) } else { self.clients[rank].agent as usize };
        out.extend_from_slice(&self.encoded_agents[agent]);
        out.extend_from_slice(b"\t");
        let before = out.len();
        if self.rng.one_in(3) {
            query(&mut self.rng, out);
            // The query string stands without its question mark.
            out.remove(before);
        } else {
            out.extend_from_slice(b"-");
        }
        put(out, &[if odd == Some(1) { b"\tsession=0a1b;%20theme=dark\t" } else { b"\t-\t" }]);
        self.cloudfront_tail(status, sent, odd, out);
    }

    fn cloudfront_tail(&mut self, status: u16, sent: u64, odd: Option<usize>, out: &mut Vec<u8>) {
        let result = match (status, self.rng.below(8)) {
            (0 | 400.., _) => "Error",
            (301 | 302, _) => "Redirect",
            (_, 0..=5) => "Hit",
            (_, 6) => "RefreshHit",
            _ => "Miss",
        };
        let id = self.rng.next();
        put(out, &[result.as_bytes(), b"\t"]);
        push_hex(id, out);
        push_hex(id.rotate_left(29), out);
        let (cipher, protocol) = *self.rng.pick(&CIPHERS);
        put(out, &[b"NRT0dQ==\twww.example.com\thttps\t"]);
        push_number(60 + self.rng.below(900) as u64, out);
        out.extend_from_slice(b"\t");
        let taken = size(&mut self.rng) / 128;
        push_milliseconds(taken, out);
        put(out, &[if odd == Some(2) { b"\t203.0.113.7,%2010.0.3.7\t" } else { b"\t-\t" }]);
        put(out, &[protocol.as_bytes(), b"\t", cipher.as_bytes(), b"\t", result.as_bytes(), b"\tHTTP/2.0\t-\t-\t"]);
        push_number(1_024 + self.rng.below(64_000) as u64, out);
        out.extend_from_slice(b"\t");
        push_milliseconds(taken / 2, out);
        put(out, &[b"\t", result.as_bytes(), b"\t"]);
        if status == 200 {
            out.extend_from_slice(
                self.rng.pick(&["text/html", "image/png", "application/json", "text/css"]).as_bytes(),
            );
            out.extend_from_slice(b"\t");
            push_number(sent.saturating_sub(300), out);
        } else {
            out.extend_from_slice(b"-\t-");
        }
        put(out, &[if odd == Some(3) { b"\t0\t1048575" } else { b"\t-\t-" }]);
    }

    /// A flow of the default format, version 2.
    pub(super) fn vpc_flow(&mut self, odd: bool, out: &mut Vec<u8>) {
        let start = DAY_SECONDS + (jittered(self.clock, &mut self.rng) >> 16);
        put(out, &[b"2 ", ACCOUNT, b" eni-0a1b2c3d4e5f6"]);
        push_hex_digits(self.rng.below(64) as u64 * 0x1F3, 4, out);
        if odd {
            let skipped = self.rng.one_in(4);
            out.extend_from_slice(b" - - - - - - - ");
            push_number(start, out);
            out.extend_from_slice(b" ");
            push_number(start + 60, out);
            put(out, &[if skipped { b" - SKIPDATA" } else { b" - NODATA" }]);
            self.counts.null_bytes += 1;
            return;
        }
        out.extend_from_slice(b" ");
        let rank = self.client_ranks.draw(&mut self.rng);
        let (host, inward) = (self.rng.below(250), self.rng.one_in(2));
        let client = &self.clients[rank].address;
        if inward {
            put(out, &[client, b" "]);
        }
        out.extend_from_slice(b"10.0.3.");
        push_number(host as u64, out);
        if !inward {
            put(out, &[b" ", client]);
        }
        let (high, low) = (1_024 + self.rng.below(64_000) as u64, *self.rng.pick(&SERVICE_PORTS));
        for port in if inward { [high, low] } else { [low, high] } {
            out.extend_from_slice(b" ");
            push_number(port, out);
        }
        put(out, &[if low == 53 { b" 17 " } else { b" 6 " }]);
        let bytes = size(&mut self.rng);
        for number in [1 + bytes / 700, bytes, start, start + 10 + self.rng.below(50) as u64] {
            push_number(number, out);
            out.extend_from_slice(b" ");
        }
        self.counts.sum_bytes += bytes;
        put(out, &[if self.rng.one_in(12) { b"REJECT OK" } else { b"ACCEPT OK" }]);
    }

    /// A status as web servers give them.
    pub(super) fn status(&mut self) -> u16 {
        STATUSES[STATUS_SLOTS[self.rng.below(STATUS_SLOTS.len())] as usize]
    }

    /// A row with this status and size was made.
    pub(super) fn count(&mut self, status: u16, bytes: u64) {
        *self.counts.status.entry(status).or_default() += 1;
        self.counts.sum_bytes += bytes;
    }

    /// The browser of a client, or now and then of someone else behind its address.
    pub(super) fn agent(&mut self, rank: usize, odd: Option<usize>, out: &mut Vec<u8>) {
        if odd == Some(5) {
            return out.extend_from_slice(b"Mozilla/5.0 (compatible; \\x22Crawler\\x22 2.1)");
        }
        let own = self.clients[rank].agent as usize;
        let agent = if self.rng.one_in(8) { self.rng.below(self.agents.len()) } else { own };
        out.extend_from_slice(&self.agents[agent]);
    }
}

/// `2026-03-05T` and the time of day with `digits` of its second.
pub(super) fn push_iso(ticks: u64, digits: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"2026-03-05T");
    push_clock(ticks >> 16, out);
    out.extend_from_slice(b".");
    push_padded(((ticks & 0xFFFF) * 10_u64.pow(digits as u32)) >> 16, digits, out);
}

/// A number of milliseconds in seconds: `1.234`.
pub(super) fn push_milliseconds(milliseconds: u64, out: &mut Vec<u8>) {
    push_number(milliseconds / 1000, out);
    if milliseconds < 1000 {
        out.pop();
        out.extend_from_slice(b"0");
    }
    out.extend_from_slice(b".");
    push_padded(milliseconds % 1000, 3, out);
}

/// The last `digits` hexadecimal digits of `value`.
pub(super) fn push_hex_digits(value: u64, digits: usize, out: &mut Vec<u8>) {
    let start = out.len();
    push_hex(value, out);
    out.drain(start..start + 16 - digits);
}

fn push_target((network, host): (usize, u64), out: &mut Vec<u8>) {
    out.extend_from_slice(b"10.0.");
    push_number(network as u64, out);
    out.extend_from_slice(b".");
    push_number(host, out);
    out.extend_from_slice(b":8080");
}

fn push_status(dispatched: bool, status: u16, out: &mut Vec<u8>) {
    if dispatched { push_number(u64::from(status), out) } else { out.extend_from_slice(b"-") }
}
