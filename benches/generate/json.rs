//! Records of services that log JSON lines; each is valid JSON, with no white space between its tokens.
//!
//! - `json_app`: twelve members with an object `http` of four; one record in ten has its keys in another order, 2% a text
//!   that is not ASCII, 3% one with escapes; some values are null, some members are missing.
//! - `json_shuffled`: the same, but every record has its keys in an order of its own.
//! - `json_nested`: objects five deep, and lists of objects that hold lists.
//! - `json_wide`: 200 members, most of them numbers.
//! - `json_long`: stack traces of about 2 KB, whose newlines and tabs are escaped.
//!
//! `status` counts `http.status`, `sum_bytes` sums `http.bytes` (nested: the quantities of items; wide: the members that
//! end in `_count`; long: the lengths of the traces, decoded). `noted` has what makes records unlike one another.

use super::Generator;
use super::aws::{push_hex_digits, push_iso, push_milliseconds};
use super::fragments::{
    METHOD_SLOTS, METHODS, NOUNS, Rng, jittered, push_hex, push_number, push_padded, put, query, size,
};
use super::messages::{EXCEPTIONS, FRAMES};

const LEVELS: [&str; 4] = ["INFO", "DEBUG", "WARN", "ERROR"];
/// How often each level comes, in 32.
const LEVEL_SLOTS: [u8; 32] =
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3];
const SERVICES: [&str; 6] = ["checkout", "catalog", "payment", "search", "session", "shipping"];
const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "ap-northeast-1"];
const THREADS: [&str; 4] = ["main", "http-nio-8080-exec-3", "scheduling-1", "kafka-consumer-0-C-1"];
const CITIES: [&str; 6] = ["Lisbon", "Nairobi", "Osaka", "Montevideo", "Tromso", "Pune"];
/// Texts with escapes of each kind, and what is written as it is.
const ESCAPED: [&str; 4] = [
    r#"could not open \"stock.db\": no such file"#,
    r"loaded C:\\shop\\prices.csv\n\t3 columns\n\t12 rows",
    r"order of caf\u00e9 \ud83d\ude80 placed",
    r"see https:\/\/status.example.com\/incidents\/17\r\nand \u0007",
];
const NOT_ASCII: [&str; 3] = ["größer als erwartet: 12 Stück", "在庫がありません", "déjà livré 🚀"];
/// What is measured of each of these, in `json_wide`.
const MEASURED: [&str; 18] = [
    "cpu_user",
    "cpu_system",
    "cpu_wait",
    "disk_read",
    "disk_write",
    "net_in",
    "net_out",
    "heap_young",
    "heap_old",
    "gc_minor",
    "gc_major",
    "pool_wait",
    "pool_use",
    "queue_in",
    "queue_out",
    "cache_get",
    "cache_put",
    "http_serve",
];
/// Statistics that are numbers with a fraction; before them come a count and a sum, behind them a unit and a flag.
const STATISTICS: [&str; 7] = ["min", "max", "mean", "p50", "p90", "p99", "rate"];
const UNITS: [&str; 4] = ["ms", "bytes", "percent", "count"];

/// An object under way. Where its members start is kept, so that they can be put into another order.
struct Object(Vec<usize>);

impl Object {
    fn open(out: &mut Vec<u8>) -> Object {
        out.push(b'{');
        Object(Vec::new())
    }

    /// A key; its value is written behind it.
    fn key(&mut self, key: &str, out: &mut Vec<u8>) {
        if !self.0.is_empty() {
            out.push(b',');
        }
        self.0.push(out.len());
        put(out, &[b"\"", key.as_bytes(), b"\":"]);
    }

    fn text(&mut self, key: &str, value: &[u8], out: &mut Vec<u8>) {
        self.key(key, out);
        put(out, &[b"\"", value, b"\""]);
    }

    fn number(&mut self, key: &str, value: u64, out: &mut Vec<u8>) {
        self.key(key, out);
        push_number(value, out);
    }

    /// A number with three digits behind the point.
    fn decimal(&mut self, key: &str, thousandths: u64, out: &mut Vec<u8>) {
        self.key(key, out);
        push_milliseconds(thousandths, out);
    }

    fn flag(&mut self, key: &str, value: bool, out: &mut Vec<u8>) {
        self.key(key, out);
        out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn null(&mut self, key: &str, out: &mut Vec<u8>) {
        self.key(key, out);
        out.extend_from_slice(b"null");
    }

    /// Puts the members into an order drawn from `rng`.
    fn shuffle(&self, rng: &mut Rng, out: &mut Vec<u8>) {
        let (Some(first), end) = (self.0.first(), out.len()) else { return };
        let ends = self.0[1..].iter().map(|next| next - 1).chain([end]);
        let mut members: Vec<&[u8]> = self.0.iter().zip(ends).map(|(start, end)| &out[*start..end]).collect();
        for at in (1..members.len()).rev() {
            members.swap(at, rng.below(at + 1));
        }
        let shuffled = members.join(&b',');
        out.truncate(*first);
        out.extend_from_slice(&shuffled);
    }

    fn close(self, out: &mut Vec<u8>) {
        out.push(b'}');
    }
}

impl Generator {
    /// An event of a service.
    pub(super) fn json_app(&mut self, every: bool, out: &mut Vec<u8>) {
        let shuffled = every || self.rng.one_in(10);
        let level = self.level();
        let client = self.client_ranks.draw(&mut self.rng);
        let mut object = Object::open(out);
        self.json_time(&mut object, out);
        object.text("level", level.as_bytes(), out);
        object.text("service", self.rng.pick(&SERVICES).as_bytes(), out);
        object.key("host", out);
        put(out, &[b"\"ip-10-0-"]);
        push_number(self.rng.below(8) as u64, out);
        put(out, &[b"-"]);
        push_number(self.rng.below(250) as u64, out);
        put(out, &[b"\""]);
        object.number("pid", 1_000 + self.rng.below(9_000) as u64, out);
        object.key("trace_id", out);
        put(out, &[b"\""]);
        push_hex(self.rng.next(), out);
        push_hex(self.rng.next(), out);
        put(out, &[b"\""]);
        match self.rng.below(32) {
            0 => self.counts.note("missing"),
            1..=4 => {
                object.null("user_id", out);
                self.counts.note("null");
            }
            _ => object.number("user_id", self.rng.next() >> 40, out),
        }
        object.key("http", out);
        self.json_http(shuffled, out);
        object.decimal("duration_ms", size(&mut self.rng), out);
        object.text("client_ip", &self.clients[client].address, out);
        if self.rng.one_in(20) {
            self.counts.note("missing");
        } else {
            object.flag("cached", self.rng.one_in(3), out);
        }
        object.key("message", out);
        self.json_message(out);
        if shuffled {
            object.shuffle(&mut self.rng, out);
            self.counts.note("shuffled");
        }
        object.close(out);
    }

    fn level(&mut self) -> &'static str {
        let level = LEVELS[LEVEL_SLOTS[self.rng.below(32)] as usize];
        self.counts.note(level);
        level
    }

    fn json_time(&mut self, object: &mut Object, out: &mut Vec<u8>) {
        object.key("ts", out);
        put(out, &[b"\""]);
        push_iso(jittered(self.clock, &mut self.rng), 3, out);
        put(out, &[b"Z\""]);
    }

    fn json_http(&mut self, shuffled: bool, out: &mut Vec<u8>) {
        let mut http = Object::open(out);
        http.text("method", METHODS[METHOD_SLOTS[self.rng.below(16)] as usize].as_bytes(), out);
        http.key("path", out);
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[b"\"", &self.paths[path]]);
        if self.rng.one_in(3) {
            query(&mut self.rng, out);
        }
        put(out, &[b"\""]);
        let (status, bytes) = (self.status(), size(&mut self.rng));
        http.number("status", u64::from(status), out);
        if status == 304 {
            http.null("bytes", out);
            self.counts.null_bytes += 1;
            self.count(status, 0);
        } else {
            http.number("bytes", bytes, out);
            self.count(status, bytes);
        }
        if shuffled {
            http.shuffle(&mut self.rng, out);
        }
        http.close(out);
    }

    fn json_message(&mut self, out: &mut Vec<u8>) {
        let kind = self.rng.below(100);
        put(out, &[b"\""]);
        match kind {
            0..=2 => {
                put(out, &[self.rng.pick(&ESCAPED).as_bytes()]);
                self.counts.note("escaped");
            }
            3..=4 => {
                put(out, &[self.rng.pick(&NOT_ASCII).as_bytes()]);
                self.counts.note("not_ascii");
            }
            _ => {
                let (first, second) = (self.rng.pick(&NOUNS).as_bytes(), self.rng.pick(&NOUNS).as_bytes());
                put(out, &[b"order "]);
                push_number(self.rng.below(900_000) as u64, out);
                put(out, &[b" accepted: ", first, b", ", second]);
                if kind < 50 {
                    put(out, &[b"; stock is reserved for fifteen minutes"]);
                }
            }
        }
        put(out, &[b"\""]);
    }

    /// An order: its customer's place is five levels down, its items are objects with lists.
    pub(super) fn json_nested(&mut self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        self.json_time(&mut object, out);
        object.key("resource", out);
        let mut resource = Object::open(out);
        resource.key("service", out);
        let mut service = Object::open(out);
        service.text("name", self.rng.pick(&SERVICES).as_bytes(), out);
        service.key("instance", out);
        let mut instance = Object::open(out);
        instance.key("id", out);
        put(out, &[b"\"i-0"]);
        push_hex(self.rng.next(), out);
        put(out, &[b"\""]);
        instance.key("zone", out);
        let mut zone = Object::open(out);
        zone.text("region", self.rng.pick(&REGIONS).as_bytes(), out);
        zone.number("rack", self.rng.below(40) as u64, out);
        zone.close(out);
        instance.close(out);
        service.close(out);
        resource.close(out);
        object.key("order", out);
        self.json_order(out);
        object.flag("paid", self.rng.one_in(2), out);
        object.close(out);
    }

    fn json_order(&mut self, out: &mut Vec<u8>) {
        let mut order = Object::open(out);
        order.number("id", self.rng.next() >> 30, out);
        order.key("customer", out);
        let mut customer = Object::open(out);
        customer.text("name", self.rng.pick(&NOUNS).as_bytes(), out);
        customer.key("address", out);
        if self.rng.one_in(12) {
            out.extend_from_slice(b"null");
            self.counts.note("null");
        } else {
            let mut address = Object::open(out);
            address.text("city", self.rng.pick(&CITIES).as_bytes(), out);
            address.key("geo", out);
            let mut geo = Object::open(out);
            for (key, half) in [("lat", 90_000), ("lon", 180_000)] {
                geo.key(key, out);
                if self.rng.one_in(2) {
                    out.push(b'-');
                }
                push_milliseconds(self.rng.below(half) as u64, out);
            }
            geo.close(out);
            address.close(out);
        }
        customer.close(out);
        order.key("items", out);
        out.push(b'[');
        let items = self.rng.below(7);
        for number in 0..items {
            if number > 0 {
                out.push(b',');
            }
            self.json_item(out);
        }
        out.push(b']');
        if items == 0 {
            self.counts.note("empty");
        }
        order.close(out);
    }

    fn json_item(&mut self, out: &mut Vec<u8>) {
        let mut item = Object::open(out);
        item.key("sku", out);
        put(out, &[b"\"SKU-"]);
        push_hex_digits(self.rng.next(), 8, out);
        put(out, &[b"\""]);
        let quantity = 1 + self.rng.below(9) as u64;
        item.number("qty", quantity, out);
        self.counts.sum_bytes += quantity;
        item.decimal("price", 100 + self.rng.below(500_000) as u64, out);
        item.key("tags", out);
        out.push(b'[');
        for number in 0..self.rng.below(4) {
            if number > 0 {
                out.push(b',');
            }
            put(out, &[b"\"", self.rng.pick(&NOUNS).as_bytes(), b"\""]);
        }
        out.push(b']');
        item.close(out);
        self.counts.note("items");
    }

    /// What a host measures in a second.
    pub(super) fn json_wide(&mut self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        self.json_time(&mut object, out);
        object.key("host", out);
        put(out, &[b"\"ip-10-0-7-"]);
        push_number(self.rng.below(250) as u64, out);
        put(out, &[b"\""]);
        for measured in MEASURED {
            let named = |suffix: &str| format!("{measured}_{suffix}");
            let count = self.rng.next() >> 48;
            self.counts.sum_bytes += count;
            object.number(&named("count"), count, out);
            object.number(&named("sum"), size(&mut self.rng) * 997, out);
            for statistic in STATISTICS {
                if self.rng.one_in(100) {
                    object.null(&named(statistic), out);
                    self.counts.note("null");
                } else {
                    object.decimal(&named(statistic), size(&mut self.rng), out);
                }
            }
            object.text(&named("unit"), self.rng.pick(&UNITS).as_bytes(), out);
            object.flag(&named("ok"), !self.rng.one_in(50), out);
        }
        object.close(out);
    }

    /// An error with the trace of its stack.
    pub(super) fn json_long(&mut self, out: &mut Vec<u8>) {
        let level = self.level();
        let mut object = Object::open(out);
        self.json_time(&mut object, out);
        object.text("level", level.as_bytes(), out);
        object.text("thread", self.rng.pick(&THREADS).as_bytes(), out);
        object.key("message", out);
        self.json_message(out);
        object.key("stack", out);
        put(out, &[b"\""]);
        let start = out.len();
        put(out, &[self.rng.pick(&EXCEPTIONS).as_bytes()]);
        let mut escapes = 0;
        for _ in 0..14 + self.rng.below(18) {
            put(out, &[br"\n\tat ", self.rng.pick(&FRAMES).as_bytes()]);
            push_padded(self.rng.below(1_000) as u64, 2, out);
            put(out, &[b")"]);
            escapes += 2;
        }
        self.counts.sum_bytes += (out.len() - start) as u64 - escapes;
        put(out, &[b"\""]);
        object.close(out);
    }
}
