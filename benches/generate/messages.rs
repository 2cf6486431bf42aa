//! Lines of services: syslog of both kinds, pairs, and Java with its stack traces.

use super::Generator;
use super::aws::{push_hex_digits, push_iso, push_milliseconds};
use super::fragments::{
    METHOD_SLOTS, METHODS, NOUNS, clf_time, jittered, push_clock, push_hex, push_number, push_padded, put, query, size,
};

const PROGRAMS: [&str; 10] =
    ["sshd", "nginx", "systemd", "kernel", "postfix/smtpd", "CRON", "dockerd", "shop-api", "haproxy", "NetworkManager"];
/// The facility of each program, and what severities come how often.
const FACILITIES: [u64; 10] = [10, 23, 3, 0, 2, 9, 3, 16, 17, 3];
const SEVERITIES: [u64; 8] = [6, 6, 6, 6, 5, 6, 4, 3];
const LEVELS: [&str; 4] = ["info", "debug", "warn", "error"];
/// How often each level comes, in 32.
const LEVEL_SLOTS: [u8; 32] =
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3];
const JAVA_LEVELS: [&str; 4] = ["INFO ", "DEBUG", "WARN ", "ERROR"];
const LOGGERS: [&str; 8] = [
    "org.example.shop.order.OrderService",
    "org.example.shop.store.StockRepository",
    "org.example.shop.web.CartController",
    "o.s.web.servlet.DispatcherServlet",
    "com.zaxxer.hikari.pool.HikariPool",
    "org.apache.kafka.clients.NetworkClient",
    "org.example.shop.payment.PaymentGateway",
    "o.a.c.c.C.[Tomcat].[localhost]",
];
const THREADS: [&str; 6] = [
    "http-nio-8080-exec-1",
    "http-nio-8080-exec-17",
    "main",
    "scheduling-1",
    "kafka-producer-network-thread",
    "pool-3-thread-2",
];
pub(super) const EXCEPTIONS: [&str; 4] = [
    "java.lang.IllegalStateException: stock is not loaded",
    "java.net.SocketTimeoutException: Read timed out",
    "java.sql.SQLTransientConnectionException: shop - Connection is not available, request timed out after 30000ms.",
    "java.lang.NullPointerException",
];
pub(super) const FRAMES: [&str; 10] = [
    "org.example.shop.order.OrderService.place(OrderService.java:",
    "org.example.shop.store.StockRepository.find(StockRepository.java:",
    "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:",
    "org.springframework.aop.framework.CglibAopProxy$CglibMethodInvocation.proceed(CglibAopProxy.java:",
    "org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:",
    "jakarta.servlet.http.HttpServlet.service(HttpServlet.java:",
    "java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:",
    "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:",
    "org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:",
    "java.base/java.lang.Thread.run(Thread.java:",
];

impl Generator {
    /// RFC 5424; half of the messages have structured data.
    pub(super) fn rfc5424(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(6));
        let program = self.rng.below(PROGRAMS.len());
        self.priority(program, out);
        out.extend_from_slice(b"1 ");
        push_iso(jittered(self.clock, &mut self.rng), 6, out);
        if odd == Some(0) {
            // A device without a clock, name or program.
            out.truncate(out.len() - 26);
            out.extend_from_slice(b"- - - - - - ");
            return self.message(program, None, out);
        }
        put(out, &[if odd == Some(1) { b"+09:00 web-" } else { b"Z web-" }]);
        push_padded(self.rng.below(40) as u64, 2, out);
        put(out, &[b".example.com ", PROGRAMS[program].as_bytes(), b" "]);
        push_number(300 + self.rng.below(32_000) as u64, out);
        out.extend_from_slice(b" ID");
        push_number(10 + self.rng.below(80) as u64, out);
        out.extend_from_slice(b" ");
        if odd == Some(2) {
            out.extend_from_slice(br#"[note@32473 text="a \"quoted\" [text\] with \\"]"#);
        } else if self.rng.one_in(2) {
            self.elements(out);
        } else {
            out.extend_from_slice(b"-");
        }
        match odd {
            Some(3) => {}
            Some(4) => {
                out.extend_from_slice(b" \xef\xbb\xbf");
                self.message(program, Some("größer als erwartet"), out);
            }
            Some(5) => {
                out.extend_from_slice(b" ");
                self.message(program, Some("two\t\"quoted\" [words] \\n"), out);
            }
            _ => {
                out.extend_from_slice(b" ");
                self.message(program, None, out);
            }
        }
    }

    /// One to three elements.
    fn elements(&mut self, out: &mut Vec<u8>) {
        let rank = self.client_ranks.draw(&mut self.rng);
        put(out, &[b"[origin ip=\"", &self.clients[rank].address, b"\" software=\"shop\" swVersion=\"4.2."]);
        push_number(self.rng.below(30) as u64, out);
        out.extend_from_slice(b"\"]");
        if self.rng.one_in(2) {
            out.extend_from_slice(b"[request@32473 id=\"");
            push_hex(self.rng.next(), out);
            let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
            put(out, &[b"\" method=\"", method.as_bytes(), b"\" ms=\""]);
            push_number(self.rng.below(900) as u64, out);
            out.extend_from_slice(b"\"]");
        }
        if self.rng.one_in(6) {
            out.extend_from_slice(b"[meta sequenceId=\"");
            push_number(self.counts.rows, out);
            out.extend_from_slice(b"\"]");
        }
    }

    /// RFC 3164, as a relay writes it to a file: with its priority.
    pub(super) fn rfc3164(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(5));
        let program = self.rng.below(PROGRAMS.len());
        self.priority(program, out);
        let ticks = jittered(self.clock, &mut self.rng);
        if odd == Some(0) {
            push_iso(ticks, 6, out);
            out.extend_from_slice(b"Z");
        } else {
            out.extend_from_slice(b"Mar  5 ");
            push_clock(ticks >> 16, out);
        }
        out.extend_from_slice(b" web-");
        push_padded(self.rng.below(40) as u64, 2, out);
        out.extend_from_slice(b" ");
        if odd == Some(1) {
            let message = b"last message repeated 2 times";
            self.counts.sum_bytes += message.len() as u64;
            return out.extend_from_slice(message);
        }
        out.extend_from_slice(PROGRAMS[program].as_bytes());
        if program != 3 && odd != Some(2) {
            out.extend_from_slice(b"[");
            push_number(300 + self.rng.below(32_000) as u64, out);
            out.extend_from_slice(b"]");
        }
        out.extend_from_slice(b": ");
        let text = match odd {
            Some(3) => Some("größer als erwartet"),
            Some(4) => Some("two\t\"quoted\" [words]: \\n"),
            _ => None,
        };
        self.message(program, text, out);
    }

    /// `<134>`.
    fn priority(&mut self, program: usize, out: &mut Vec<u8>) {
        let severity = *self.rng.pick(&SEVERITIES);
        self.count_status(severity as u16);
        out.extend_from_slice(b"<");
        push_number(FACILITIES[program] * 8 + severity, out);
        out.extend_from_slice(b">");
    }

    /// What a program says; its length is counted.
    fn message(&mut self, program: usize, text: Option<&str>, out: &mut Vec<u8>) {
        let start = out.len();
        let rank = self.client_ranks.draw(&mut self.rng);
        let noun = NOUNS[self.rng.below(NOUNS.len())].as_bytes();
        let number = self.rng.below(60_000) as u64;
        let client = &self.clients[rank].address;
        match (text, program) {
            (Some(text), _) => out.extend_from_slice(text.as_bytes()),
            (_, 0) => {
                put(out, &[b"Accepted publickey for ", noun, b" from ", client, b" port "]);
                push_number(number, out);
                out.extend_from_slice(b" ssh2: ED25519 SHA256:Vx1yQp0rT7u");
            }
            (_, 1 | 7 | 8) => {
                let path = self.path_ranks.draw(&mut self.rng);
                put(out, &[client, b" \"GET ", &self.paths[path], b" HTTP/1.1\" 200 "]);
                push_number(number, out);
                out.extend_from_slice(b" bytes, upstream 10.0.3.7:8080");
            }
            (_, 2) => put(out, &[b"Started ", noun, b".service - ", noun, b" of the shop, with its dependencies."]),
            (_, 3) => {
                out.extend_from_slice(b"[");
                push_number(number * 7, out);
                out.extend_from_slice(b".123456] ");
                put(out, &[b"audit: type=1400 profile=\"", noun, b"\" operation=\"open\" denied"]);
            }
            (_, 4) => put(out, &[b"connect from ", noun, b".example.net[", client, b"]"]),
            (_, 5) => put(out, &[b"(root) CMD (/usr/local/bin/", noun, b" --quiet > /dev/null 2>&1)"]),
            _ => {
                put(out, &[b"level=info msg=\"task ", noun, b" done\" id="]);
                push_number(number, out);
            }
        }
        self.counts.sum_bytes += (out.len() - start) as u64;
    }

    fn count_status(&mut self, status: u16) {
        *self.counts.status.entry(status).or_default() += 1;
    }

    /// Pairs as Go services write them: most about requests, some about other work.
    pub(super) fn logfmt(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(4));
        let level = LEVELS[LEVEL_SLOTS[self.rng.below(32)] as usize];
        out.extend_from_slice(b"ts=");
        push_iso(jittered(self.clock, &mut self.rng), 3, out);
        put(out, &[b"Z level=", level.as_bytes(), b" caller=server.go:"]);
        push_number(20 + self.rng.below(300) as u64, out);
        if self.rng.below(8) == 0 {
            put(out, &[b" msg=\"cache refreshed\" cache=", self.rng.pick(&NOUNS).as_bytes(), b" entries="]);
            push_number(self.rng.below(90_000) as u64, out);
        } else {
            let rank = self.client_ranks.draw(&mut self.rng);
            let path = self.path_ranks.draw(&mut self.rng);
            let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
            put(out, &[b" msg=\"request served\" method=", method.as_bytes(), b" path=", &self.paths[path]]);
            if self.rng.one_in(3) {
                query(&mut self.rng, out);
            }
            let (status, bytes) = (self.status(), size(&mut self.rng));
            self.count(status, bytes);
            put(out, &[b" status="]);
            push_number(u64::from(status), out);
            out.extend_from_slice(b" bytes=");
            push_number(bytes, out);
            put(out, &[b" remote=", &self.clients[rank].address, b" agent=\""]);
            self.agent(rank, None, out);
            out.extend_from_slice(b"\"");
        }
        out.extend_from_slice(b" duration=");
        push_milliseconds(size(&mut self.rng) / 64, out);
        out.extend_from_slice(b"s trace_id=");
        push_hex(self.rng.next(), out);
        match odd {
            Some(0) => out.extend_from_slice(br#" err="open \"stock.db\": no such file\n""#),
            Some(1) => out.extend_from_slice(" user=größer note=\"two words\"".as_bytes()),
            Some(2) => out.extend_from_slice(b" debug retry="),
            Some(_) => out.extend_from_slice(b"  dir=C:\\stock\\new expr=a=b"),
            None => {}
        }
    }

    /// Labelled values of a web server.
    pub(super) fn ltsv(&mut self, odd: bool, out: &mut Vec<u8>) {
        let odd = odd.then(|| self.rng.below(4));
        out.extend_from_slice(b"time:[");
        clf_time(self.clock, &mut self.rng, out);
        let rank = self.client_ranks.draw(&mut self.rng);
        put(out, &[b"]\thost:", &self.clients[rank].address, b"\tforwardedfor:"]);
        if self.rng.one_in(4) {
            let rank = self.client_ranks.draw(&mut self.rng);
            out.extend_from_slice(&self.clients[rank].address);
        } else {
            out.extend_from_slice(b"-");
        }
        let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
        let path = self.path_ranks.draw(&mut self.rng);
        put(out, &[b"\treq:", method.as_bytes(), b" ", &self.paths[path]]);
        if self.rng.one_in(3) {
            query(&mut self.rng, out);
        }
        let (status, bytes) = (self.status(), size(&mut self.rng));
        self.count(status, bytes);
        put(out, &[b" HTTP/1.1\tstatus:"]);
        push_number(u64::from(status), out);
        out.extend_from_slice(b"\tsize:");
        push_number(bytes, out);
        out.extend_from_slice(b"\treferer:");
        if odd == Some(0) {
            // An empty value, and a label of later days behind it.
            out.extend_from_slice(b"\tx-request-id:0a1b2c3d");
        } else if self.rng.one_in(2) {
            let referer = self.rng.below(self.referers.len());
            out.extend_from_slice(&self.referers[referer]);
        } else {
            out.extend_from_slice(b"-");
        }
        out.extend_from_slice(b"\tua:");
        match odd {
            Some(1) => out.extend_from_slice("Lesegerät/3.0 \"größer\": \\x".as_bytes()),
            _ => self.agent(rank, None, out),
        }
        out.extend_from_slice(b"\treqtime:");
        push_milliseconds(size(&mut self.rng) / 64, out);
        put(out, &[b"\tcache:", if self.rng.one_in(4) { b"MISS" } else { b"HIT" }, b"\tvhost:www.example.com"]);
        match odd {
            Some(2) => out.extend_from_slice(b"\truntime:0.002"),
            Some(3) => out.extend_from_slice(b"\t"),
            _ => {}
        }
    }

    /// An event of a Java service; one in twenty has a stack trace of ten to thirty lines.
    pub(super) fn log4j(&mut self, odd: bool, out: &mut Vec<u8>) {
        let traced = self.rng.one_in(20);
        let level = if traced { 3 } else { LEVEL_SLOTS[self.rng.below(29)] as usize };
        let ticks = jittered(self.clock, &mut self.rng);
        put(out, &[b"2026-03-05 "]);
        push_clock(ticks >> 16, out);
        out.extend_from_slice(b",");
        push_padded(((ticks & 0xFFFF) * 1000) >> 16, 3, out);
        put(out, &[b" ", JAVA_LEVELS[level].as_bytes(), b" [", self.rng.pick(&THREADS).as_bytes(), b"] "]);
        put(out, &[self.rng.pick(&LOGGERS).as_bytes(), b": "]);
        let start = out.len();
        let noun = *self.rng.pick(&NOUNS);
        match self.rng.below(4) {
            0 => {
                out.extend_from_slice(b"order ");
                push_number(self.rng.below(900_000) as u64, out);
                put(out, &[b" placed: 2 items, first ", noun.as_bytes(), b", total 41.50 EUR"]);
            }
            1 => {
                put(out, &[b"stock of ", noun.as_bytes(), b" loaded in "]);
                push_number(self.rng.below(900) as u64, out);
                out.extend_from_slice(b" ms");
            }
            2 => {
                put(out, &[b"Completed request [id="]);
                push_hex_digits(self.rng.next(), 12, out);
                out.extend_from_slice(b", status=200] -> view ");
                out.extend_from_slice(noun.as_bytes());
            }
            _ => put(out, &[b"could not reach ", noun.as_bytes(), b".internal:9092, will try again in 500 ms"]),
        }
        if odd {
            out.extend_from_slice(" [größer] a: b - c".as_bytes());
        }
        if traced {
            self.trace(out);
        }
        self.count_status(level as u16);
        self.counts.sum_bytes += (out.len() - start) as u64;
    }

    fn trace(&mut self, out: &mut Vec<u8>) {
        put(out, &[b"\n", self.rng.pick(&EXCEPTIONS).as_bytes()]);
        let lines = 9 + self.rng.below(20);
        let cause = self.rng.below(2 * lines);
        for number in 0..lines {
            if number == cause {
                put(out, &[b"\nCaused by: ", self.rng.pick(&EXCEPTIONS).as_bytes()]);
            } else {
                put(out, &[b"\n\tat ", self.rng.pick(&FRAMES).as_bytes()]);
                push_number(30 + self.rng.below(900) as u64, out);
                out.extend_from_slice(b")");
            }
        }
        self.counts.continued += 1 + lines as u64;
    }
}
