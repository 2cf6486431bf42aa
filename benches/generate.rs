//! Makes large logs from a seed, of web servers and others: the same bytes for the same seed, on every machine.
//!
//! No dependencies, and used in two ways. As a program:
//!
//! ```text
//! rustc --edition 2024 -O benches/generate.rs -o target/generate
//! target/generate --seed 7 --format combined --counts 200MB -o access.log
//! ```
//!
//! and as a module of a benchmark: `#[path = "generate.rs"] mod generate;`, then `generate::combined(bytes, seed)`.
//!
//! What is in the log: about 250 bytes a line, client addresses and paths by Zipf's law, times that rise through one
//! day with a little jitter, about 2% of statuses at 500 and over, log-normal sizes, half of the referers `-`. One line
//! in 200 is odd as in real logs (escaped quotes, TLS bytes on a plain port, HTTP/0.9, an invalid byte, ...) but well
//! formed; one in 10,000 is cut short and one in 10,000 is blank. [`Counts`] says exactly how many of each there are, so
//! that a benchmark can check its result. All arithmetic is on integers: floating point may differ between machines.
//!
//! That is the web servers' logs. Those of the other families (AWS, syslog, pairs, Java) have the same clients, paths and
//! browsers, no malformed and no blank lines, and one odd record in 400. `generate/json.rs` says what the JSON ones have.
#![allow(dead_code, unreachable_pub)]

#[path = "generate/aws.rs"]
mod aws;
#[path = "generate/cloudtrail.rs"]
mod cloudtrail;
#[path = "generate/counts.rs"]
mod counts;
#[path = "generate/errors.rs"]
mod errors;
#[path = "generate/fragments.rs"]
mod fragments;
#[path = "generate/json.rs"]
mod json;
#[path = "generate/messages.rs"]
mod messages;

pub use counts::Counts;
use fragments::*;
use std::io::{self, Write};

/// A combined log of at least `bytes` bytes, ending with a whole line.
pub fn combined(bytes: usize, seed: u64) -> Vec<u8> {
    let mut generator = Generator::new(Format::Combined, seed, bytes as u64);
    let mut out = Vec::with_capacity(bytes + MAX_LINE_BYTES);
    while out.len() < bytes {
        generator.line(&mut out);
    }
    out
}

/// Writes a log of at least `bytes` bytes, ending with a whole line, and says what it holds.
pub fn write(out: &mut impl Write, format: Format, bytes: u64, seed: u64) -> io::Result<Counts> {
    let mut generator = Generator::new(format, seed, bytes);
    let mut buf = Vec::with_capacity(BUFFER_BYTES + MAX_LINE_BYTES);
    let mut written = 0;
    while written < bytes {
        buf.clear();
        let wanted = BUFFER_BYTES.min((bytes - written) as usize);
        while buf.len() < wanted {
            generator.line(&mut buf);
        }
        out.write_all(&buf)?;
        written += buf.len() as u64;
    }
    out.write_all(format.footer().as_bytes())?;
    out.flush()?;
    generator.counts.bytes_written += format.footer().len() as u64;
    Ok(generator.counts)
}

/// The same in memory.
pub fn log(format: Format, bytes: usize, seed: u64) -> (Vec<u8>, Counts) {
    let mut out = Vec::with_capacity(bytes + MAX_LINE_BYTES);
    let counts = write(&mut out, format, bytes as u64, seed).expect("memory takes what is written");
    (out, counts)
}

/// Large enough that system calls do not show, small enough for the second-level cache.
const BUFFER_BYTES: usize = 256 * 1024;
/// The long path (4 KB) and everything beside it fit.
const MAX_LINE_BYTES: usize = 8 * 1024;
/// The kinds of log this file can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Combined,
    Common,
    VhostCombined,
    ApacheError,
    NginxError,
    NginxMain,
    Alb,
    Cloudfront,
    VpcFlow,
    Rfc5424,
    Rfc3164,
    Logfmt,
    Ltsv,
    Log4j,
    JsonApp,
    JsonShuffled,
    JsonNested,
    JsonWide,
    JsonLong,
    Cloudtrail,
}

impl Format {
    pub const ALL: [(&'static str, Format); 20] = [
        ("combined", Format::Combined),
        ("common", Format::Common),
        ("vhost_combined", Format::VhostCombined),
        ("apache_error", Format::ApacheError),
        ("nginx_error", Format::NginxError),
        ("nginx_main", Format::NginxMain),
        ("alb", Format::Alb),
        ("cloudfront", Format::Cloudfront),
        ("vpc_flow", Format::VpcFlow),
        ("rfc5424", Format::Rfc5424),
        ("rfc3164", Format::Rfc3164),
        ("logfmt", Format::Logfmt),
        ("ltsv", Format::Ltsv),
        ("log4j", Format::Log4j),
        ("json_app", Format::JsonApp),
        ("json_shuffled", Format::JsonShuffled),
        ("json_nested", Format::JsonNested),
        ("json_wide", Format::JsonWide),
        ("json_long", Format::JsonLong),
        ("cloudtrail", Format::Cloudtrail),
    ];

    fn named(name: &str) -> Option<Format> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|&(_, format)| format)
    }

    fn typical_line_bytes(self) -> u64 {
        match self {
            Format::Combined => 267,
            Format::Common => 122,
            Format::VhostCombined => 289,
            Format::ApacheError => 223,
            Format::NginxError => 357,
            Format::NginxMain => 277,
            Format::Alb => 715,
            Format::Cloudfront => 468,
            Format::VpcFlow => 114,
            Format::Rfc5424 => 196,
            Format::Rfc3164 => 117,
            Format::Logfmt => 320,
            Format::Ltsv => 358,
            Format::Log4j => 222,
            Format::JsonApp | Format::JsonShuffled => 403,
            Format::JsonNested => 506,
            Format::JsonWide => 4499,
            Format::JsonLong => 2108,
            Format::Cloudtrail => 1458,
        }
    }

    fn is_web(self) -> bool {
        use Format::{ApacheError, Combined, Common, NginxError, NginxMain, VhostCombined};
        matches!(self, Combined | Common | VhostCombined | ApacheError | NginxError | NginxMain)
    }

    fn is_json(self) -> bool {
        use Format::{Cloudtrail, JsonApp, JsonLong, JsonNested, JsonShuffled, JsonWide};
        matches!(self, JsonApp | JsonShuffled | JsonNested | JsonWide | JsonLong | Cloudtrail)
    }

    /// What stands before the first record, of no row's.
    fn header(self) -> &'static str {
        match self {
            Format::Cloudfront => aws::CLOUDFRONT_HEADER,
            Format::VpcFlow => aws::VPC_HEADER,
            Format::Cloudtrail => cloudtrail::HEADER,
            _ => "",
        }
    }

    /// What stands behind the last record.
    fn footer(self) -> &'static str {
        if self == Format::Cloudtrail { cloudtrail::FOOTER } else { "" }
    }
}

/// Makes lines one by one. Fragments are built once, so that a line is mostly copies.
pub struct Generator {
    format: Format,
    rng: Rng,
    clients: Vec<Client>,
    client_ranks: Zipf,
    paths: Vec<Vec<u8>>,
    path_ranks: Zipf,
    agents: Vec<Vec<u8>>,
    /// The same, percent-encoded.
    encoded_agents: Vec<Vec<u8>>,
    referers: Vec<Vec<u8>>,
    /// Time of day in 1/65536 seconds, and how far one line moves it on average.
    clock: u64,
    step: u64,
    counts: Counts,
}

impl Generator {
    /// A generator whose times spread over the day when about `bytes` bytes are made.
    pub fn new(format: Format, seed: u64, bytes: u64) -> Generator {
        let mut rng = Rng(seed);
        let agents = agents();
        let clients = (0..CLIENTS).map(|_| client(&mut rng, agents.len())).collect();
        let paths = (0..PATHS).map(|_| path(&mut rng)).collect();
        let referers = (0..REFERERS).map(|_| referer(&mut rng)).collect();
        let lines = (bytes / format.typical_line_bytes()).max(1);
        Generator {
            format,
            rng,
            clients,
            client_ranks: Zipf::new(CLIENTS),
            paths,
            path_ranks: Zipf::new(PATHS),
            encoded_agents: agents.iter().map(|agent| percent_encoded(agent)).collect(),
            agents,
            referers,
            clock: 0,
            step: (SECONDS_A_DAY << 16) / lines,
            counts: Counts::default(),
        }
    }

    /// What has been made so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Appends one record with its newline, the first one behind the header.
    pub fn line(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        self.clock += ((self.rng.next() & 0xFFFF) * 2 * self.step) >> 16;
        if self.format.is_web() {
            self.web_line(out)
        } else {
            self.family_line(out)
        }
        if self.format != Format::Cloudtrail {
            out.push(b'\n');
            self.counts.lines += 1;
        }
        self.counts.bytes_written += (out.len() - start) as u64;
    }

    /// A record of the other families: none is malformed.
    fn family_line(&mut self, out: &mut Vec<u8>) {
        if self.counts.rows == 0 {
            let header = self.format.header();
            out.extend_from_slice(header.as_bytes());
            self.counts.header = header.matches('\n').count() as u64;
            self.counts.lines += self.counts.header;
        }
        let odd = !self.format.is_json() && self.rng.one_in(400);
        let continued = self.counts.continued;
        match self.format {
            Format::Alb => self.alb(odd, out),
            Format::Cloudfront => self.cloudfront(odd, out),
            Format::VpcFlow => self.vpc_flow(odd, out),
            Format::Rfc5424 => self.rfc5424(odd, out),
            Format::Rfc3164 => self.rfc3164(odd, out),
            Format::Logfmt => self.logfmt(odd, out),
            Format::Ltsv => self.ltsv(odd, out),
            Format::JsonApp => self.json_app(false, out),
            Format::JsonShuffled => self.json_app(true, out),
            Format::JsonNested => self.json_nested(out),
            Format::JsonWide => self.json_wide(out),
            Format::JsonLong => self.json_long(out),
            Format::Cloudtrail => self.cloudtrail(out),
            _ => self.log4j(odd, out),
        }
        self.counts.rows += 1;
        self.counts.odd += u64::from(odd);
        self.counts.lines += self.counts.continued - continued;
    }

    fn web_line(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        match self.rng.below(10_000) {
            0 => self.counts.blank += 1,
            1 => {
                let rows = self.counts.clone();
                let safe = self.record(out, None);
                self.counts = rows;
                self.counts.malformed += 1;
                let keep = 5 + self.rng.below(safe - start - 5);
                out.truncate(start + keep);
            }
            2..=51 => {
                let odd = Odd::draw(&mut self.rng);
                self.record(out, Some(odd));
                self.counts.odd += 1;
            }
            _ => {
                self.record(out, None);
            }
        }
    }

    /// Appends one record and gives a length below which cutting it always leaves it malformed.
    fn record(&mut self, out: &mut Vec<u8>, odd: Option<Odd>) -> usize {
        self.counts.rows += 1;
        match self.format {
            Format::ApacheError => self.apache_error(out, odd),
            Format::NginxError => self.nginx_error(out, odd),
            _ => self.access(out, odd),
        }
    }

    fn access(&mut self, out: &mut Vec<u8>, odd: Option<Odd>) -> usize {
        if self.format == Format::VhostCombined {
            out.extend_from_slice(self.rng.pick(&VHOSTS).as_bytes());
            out.extend_from_slice(b" ");
        }
        let rank = self.client_ranks.draw(&mut self.rng);
        let client = &self.clients[rank];
        put(out, &[&client.address, b" - "]);
        let user = match (odd, client.user) {
            (Some(Odd::UserWithSpace), _) => "Mary Ann",
            (_, Some(user)) if self.rng.one_in(4) => user,
            _ => "-",
        };
        put(out, &[user.as_bytes(), b" ["]);
        clf_time(self.clock, &mut self.rng, out);
        out.extend_from_slice(b"] \"");

        let method = METHODS[METHOD_SLOTS[self.rng.below(16)] as usize];
        let nginx = self.format == Format::NginxMain;
        let quote: &[u8] = if nginx { b"\\x22" } else { b"\\\"" };
        let status = match odd {
            Some(Odd::TlsBytes) => {
                out.extend_from_slice(b"\\x16\\x03\\x01");
                400
            }
            Some(Odd::EmptyRequest) => 408,
            Some(Odd::DashRequest) => {
                out.extend_from_slice(b"-");
                408
            }
            Some(Odd::OldHttp) => {
                out.extend_from_slice(b"GET /");
                200
            }
            _ => {
                put(out, &[method.as_bytes(), b" "]);
                let rank = self.path_ranks.draw(&mut self.rng);
                out.extend_from_slice(&self.paths[rank]);
                if odd == Some(Odd::QuotedPath) {
                    put(out, &[b"?q=", quote, b"exact+words", quote]);
                } else if odd == Some(Odd::LongPath) {
                    out.extend_from_slice(b"?token=");
                    for _ in 0..256 {
                        push_hex(self.rng.next(), out);
                    }
                } else if self.rng.one_in(3) {
                    query(&mut self.rng, out);
                }
                let protocol = if self.rng.below(10) < 6 { " HTTP/1.1" } else { " HTTP/2.0" };
                out.extend_from_slice(protocol.as_bytes());
                STATUSES[STATUS_SLOTS[self.rng.below(STATUS_SLOTS.len())] as usize]
            }
        };
        let safe = out.len();
        out.extend_from_slice(b"\" ");
        push_number(u64::from(status), out);
        out.extend_from_slice(b" ");
        *self.counts.status.entry(status).or_default() += 1;
        if status == 304 || method == "HEAD" || self.rng.one_in(32) {
            out.extend_from_slice(b"-");
            self.counts.null_bytes += 1;
        } else {
            let bytes = size(&mut self.rng);
            push_number(bytes, out);
            self.counts.sum_bytes += bytes;
        }
        if self.format == Format::Common {
            return safe;
        }

        // Who sends no request sends no headers either.
        let bare = matches!(odd, Some(Odd::TlsBytes | Odd::EmptyRequest | Odd::DashRequest | Odd::OldHttp));
        out.extend_from_slice(b" \"");
        if odd == Some(Odd::QuotedReferer) {
            put(out, &[b"https://search.example/?q=", quote, b"arrow tables", quote]);
        } else if bare || self.rng.next() & 1 == 0 {
            out.extend_from_slice(b"-");
        } else {
            let referer = self.rng.pick(&self.referers);
            out.extend_from_slice(referer);
        }
        out.extend_from_slice(b"\" \"");
        match odd {
            Some(Odd::QuotedAgent) => {
                put(
                    out,
                    &[b"Mozilla/5.0 (compatible; ", quote, b"Crawler", quote, b" 2.1; +https://crawler.example/about)"],
                );
            }
            Some(Odd::BackslashAgent) => {
                out.extend_from_slice(if nginx { b"C:\\x5CTools\\x5Cfetch.exe" } else { b"C:\\\\Tools\\\\fetch.exe" })
            }
            Some(Odd::EscapedUtf8Agent) => out.extend_from_slice(if nginx {
                b"\\xE3\\x83\\xAA\\xE3\\x83\\xBC\\xE3\\x83\\x80/1.2"
            } else {
                b"\\xe3\\x83\\xaa\\xe3\\x83\\xbc\\xe3\\x83\\x80/1.2"
            }),
            Some(Odd::RawUtf8Agent) => out.extend_from_slice("Lesegerät/3.0 (中文; größer)".as_bytes()),
            Some(Odd::InvalidUtf8Agent) => {
                out.extend_from_slice(b"Lecteur\xE9/0.9 (latin)");
                self.counts.invalid_utf8 += 1;
            }
            Some(Odd::DashAgent) => out.push(b'-'),
            _ if bare => out.push(b'-'),
            _ => {
                // A client keeps its browser; now and then someone else sits behind the same address.
                let own = self.clients[rank].agent as usize;
                let agent = if self.rng.one_in(8) { self.rng.below(self.agents.len()) } else { own };
                out.extend_from_slice(&self.agents[agent]);
            }
        }
        out.extend_from_slice(b"\"");
        if self.format == Format::NginxMain {
            out.extend_from_slice(b" \"");
            if self.rng.one_in(4) {
                let rank = self.client_ranks.draw(&mut self.rng);
                put(out, &[&self.clients[rank].address, b", 10.0.3.7"]);
            } else {
                out.extend_from_slice(b"-");
            }
            out.extend_from_slice(b"\"");
        }
        safe
    }
}

/// Well-formed lines that real logs have and that careless parsers get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    QuotedAgent,
    QuotedReferer,
    QuotedPath,
    BackslashAgent,
    EscapedUtf8Agent,
    RawUtf8Agent,
    InvalidUtf8Agent,
    DashAgent,
    TlsBytes,
    EmptyRequest,
    DashRequest,
    OldHttp,
    LongPath,
    UserWithSpace,
}

impl Odd {
    /// The long path is rare, as it is as long as sixteen lines; dashes and TLS bytes are the commonest in the wild.
    fn draw(rng: &mut Rng) -> Odd {
        match rng.below(32) {
            0..=1 => Odd::QuotedAgent,
            2..=3 => Odd::QuotedReferer,
            4 => Odd::QuotedPath,
            5 => Odd::BackslashAgent,
            6 => Odd::EscapedUtf8Agent,
            7..=8 => Odd::RawUtf8Agent,
            9 => Odd::InvalidUtf8Agent,
            10..=15 => Odd::DashAgent,
            16..=21 => Odd::TlsBytes,
            22..=23 => Odd::EmptyRequest,
            24..=26 => Odd::DashRequest,
            27..=29 => Odd::OldHttp,
            30 => Odd::LongPath,
            _ => Odd::UserWithSpace,
        }
    }
}

const USAGE: &str = "usage: generate [--seed N] [--format F] [--counts] [-o FILE] SIZE

  SIZE       bytes to make, such as 1000000, 64MB, 1GiB
  --seed N   the same seed gives the same bytes (default 1)
  --format   combined (default), common, vhost_combined, apache_error, nginx_error, nginx_main, alb, cloudfront,
             vpc_flow, rfc5424, rfc3164, logfmt, ltsv, log4j, json_app, json_shuffled, json_nested, json_wide,
             json_long, cloudtrail
  --counts   report lines, malformed, blank, statuses and bytes as JSON on stderr
  -o FILE    write to FILE, not to stdout";

struct Arguments {
    seed: u64,
    format: Format,
    counts: bool,
    output: Option<String>,
    bytes: u64,
}

fn parse_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut parsed = Arguments { seed: 1, format: Format::Combined, counts: false, output: None, bytes: 0 };
    let mut size = None;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--seed" => parsed.seed = value()?.parse().map_err(|_| "--seed needs a whole number".to_owned())?,
            "--format" => {
                let name = value()?;
                parsed.format = Format::named(&name).ok_or(format!("no format is named {name:?}"))?;
            }
            "--counts" => parsed.counts = true,
            "-o" => parsed.output = Some(value()?),
            other if other.starts_with('-') => return Err(format!("no option is named {other:?}")),
            other => size = Some(parse_size(other).ok_or(format!("not a size: {other:?}"))?),
        }
    }
    parsed.bytes = size.ok_or("the size is missing")?;
    Ok(parsed)
}

fn parse_size(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn main() {
    let arguments = parse_arguments(std::env::args().skip(1)).unwrap_or_else(|message| {
        eprintln!("generate: {message}\n{USAGE}");
        std::process::exit(2);
    });
    let run = || -> io::Result<Counts> {
        let mut out: Box<dyn Write> = match &arguments.output {
            Some(path) => Box::new(std::fs::File::create(path)?),
            None => Box::new(io::stdout().lock()),
        };
        write(&mut out, arguments.format, arguments.bytes, arguments.seed)
    };
    match run() {
        Ok(counts) if arguments.counts => eprintln!("{}", counts.to_json()),
        Ok(_) => {}
        // `generate 1GB | head` is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("generate: {error}");
            std::process::exit(1);
        }
    }
}
