//! What lines are made of: the random numbers, the pools of addresses, paths and browsers, and the pieces of text.

/// 2026-03-05 00:00:00 in the log's own zone, which is +0900.
pub(super) const DAY: (&str, &str) = ("05/Mar/2026", "Thu Mar 05");
pub(super) const SECONDS_A_DAY: u64 = 86_400;

/// SplitMix64: one multiplication chain per draw, and any seed is a good seed.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..limit`, by a multiplication; the bias is under one in 2^32 / limit.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (((self.next() >> 32) * limit as u64) >> 32) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of the words of `text`; for set-up, not for each line.
    pub(super) fn word(&mut self, text: &'static str) -> &'static str {
        let words: Vec<&str> = text.split_whitespace().collect();
        words[self.below(words.len())]
    }

    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Ranks drawn with weight 1/(rank + 1), by one look-up in a table of 65,536 slots.
pub(super) struct Zipf(Vec<u16>);

impl Zipf {
    pub(super) fn new(ranks: usize) -> Zipf {
        let weights: Vec<u64> = (0..ranks as u64).map(|rank| (1 << 40) / (rank + 1)).collect();
        let total: u64 = weights.iter().sum();
        let (mut table, mut rank, mut reached) = (Vec::with_capacity(1 << 16), 0, weights[0]);
        for slot in 0..1u64 << 16 {
            while rank + 1 < ranks && reached <= (total >> 16) * slot {
                rank += 1;
                reached += weights[rank];
            }
            table.push(rank as u16);
        }
        Zipf(table)
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        self.0[(rng.next() >> 48) as usize] as usize
    }
}

/// One client: an address, the browser it uses, and its name if it ever logs in.
pub(super) struct Client {
    pub(super) address: Vec<u8>,
    pub(super) agent: u16,
    pub(super) user: Option<&'static str>,
}

pub(super) const CLIENTS: usize = 4096;
pub(super) const PATHS: usize = 2048;
pub(super) const REFERERS: usize = 512;

pub(super) const VHOSTS: [&str; 4] =
    ["www.example.com:443", "shop.example.com:443", "api.example.com:8443", "www.example.org:80"];
pub(super) const METHODS: [&str; 6] = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE"];
pub(super) const METHOD_SLOTS: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3];
/// Lists of words are one string each: shorter to read, and split when the generator is made.
pub(super) const USERS: &str = "ana bruno chidi d.okafor emi fatima g_larsen hiro ines jo kai@example.com lwazi";
pub(super) const STATUSES: [u16; 16] = [200, 206, 301, 302, 304, 400, 401, 403, 404, 405, 429, 499, 500, 502, 503, 504];
/// How often each status comes, in 200; those of 500 and over have four slots, so 2%.
pub(super) const STATUS_SHARES: [u8; 16] = [158, 2, 4, 5, 12, 1, 1, 2, 9, 0, 1, 1, 1, 1, 1, 1];
pub(super) const STATUS_SLOTS: [u8; 200] = {
    let mut slots = [0; 200];
    let (mut code, mut at) = (0, 0);
    while code < STATUS_SHARES.len() {
        let mut share = 0;
        while share < STATUS_SHARES[code] {
            slots[at] = code as u8;
            at += 1;
            share += 1;
        }
        code += 1;
    }
    slots
};
pub(super) const SECTIONS: &str = "/ /api/v2/orders /api/v2/items /static/js /static/css /images/products /blog/2026/03 /account \
    /search /cart /docs/reference /feeds /.well-known /help/articles /media/video /wp-content/themes";
pub(super) const SITES: &str =
    "https://www.example.com https://shop.example.com https://search.example http://example.org";
pub(super) const NOUNS: [&str; 24] = [
    "arrow", "basket", "cedar", "delta", "engine", "falcon", "garden", "harbor", "island", "jacket", "kettle",
    "lantern", "market", "needle", "orchard", "pocket", "quarry", "river", "saddle", "timber", "umbrella", "valley",
    "window", "yard",
];
pub(super) const ENDINGS: [&str; 8] = ["", ".html", ".js", ".css", ".png", ".jpg", "/details", "/edit"];
pub(super) fn client(rng: &mut Rng, agents: usize) -> Client {
    let bits = rng.next();
    let address = if bits.is_multiple_of(11) {
        format!("2001:db8:{:x}:{:x}::{:x}", (bits >> 8) & 0xFFFF, (bits >> 24) & 0xFF, (bits >> 40) & 0xFFFF)
    } else {
        let [a, b, c, d, ..] = (bits >> 8).to_le_bytes();
        format!("{}.{b}.{c}.{d}", 1 + a % 223)
    };
    let user = rng.one_in(6).then(|| rng.word(USERS));
    // Every browser is used, the first ones most.
    let agent = rng.below(agents).min(rng.below(agents)) as u16;
    Client { address: address.into_bytes(), agent, user }
}

pub(super) fn path(rng: &mut Rng) -> Vec<u8> {
    let section = rng.word(SECTIONS);
    if section == "/" && rng.one_in(4) {
        return b"/".to_vec();
    }
    let mut path = section.trim_end_matches('/').to_owned();
    for _ in 0..1 + rng.below(2) {
        path += "/";
        path += rng.pick::<&str>(&NOUNS);
        if rng.one_in(2) {
            path += "-";
            path += rng.pick::<&str>(&NOUNS);
        }
    }
    if rng.one_in(2) {
        path += &format!("-{}", rng.below(100_000));
    }
    if rng.one_in(40) {
        path += "%20caf%C3%A9";
    }
    path += rng.pick::<&str>(&ENDINGS);
    path.into_bytes()
}

pub(super) fn query(rng: &mut Rng, out: &mut Vec<u8>) {
    match rng.below(4) {
        0 => {
            out.extend_from_slice(b"?page=");
            push_number(rng.below(500) as u64, out);
        }
        1 => {
            out.extend_from_slice(b"?q=");
            out.extend_from_slice(rng.pick(&NOUNS).as_bytes());
            out.extend_from_slice(b"+");
            out.extend_from_slice(rng.pick(&NOUNS).as_bytes());
            out.extend_from_slice(b"&sort=price&order=desc");
        }
        2 => {
            out.extend_from_slice(b"?utm_source=newsletter&utm_medium=email&utm_campaign=");
            out.extend_from_slice(rng.pick(&NOUNS).as_bytes());
        }
        _ => {
            out.extend_from_slice(b"?session=");
            push_hex(rng.next(), out);
            out.extend_from_slice(b"&id=");
            push_number(rng.next() >> 40, out);
        }
    }
}

pub(super) fn referer(rng: &mut Rng) -> Vec<u8> {
    let site = rng.word(SITES);
    let mut referer = site.as_bytes().to_vec();
    referer.extend_from_slice(&path(rng));
    if rng.one_in(2) {
        query(rng, &mut referer);
    }
    referer
}

/// Browsers with their versions, then tools and robots: sixty in all, the common ones first.
pub(super) const AGENTS: [(&str, &str); 13] = [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) $K Chrome/#.0.0.0 Safari/537.36", "145 144 143 141 138 131 124"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) $K Chrome/#.0.0.0 Safari/537.36", "145 144 143 138 126"),
    ("Mozilla/5.0 (X11; Linux x86_64) $K Chrome/#.0.0.0 Safari/537.36", "145 143 140 131"),
    ("Mozilla/5.0 (Linux; Android 10; K) $K Chrome/#.0.0.0 Mobile Safari/537.36", "145 144 142 137 130"),
    ("Mozilla/5.0 (Linux; Android 15; Pixel 9) $K Chrome/#.0.6943.89 Mobile Safari/537.36", "143 141"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) $A Version/# Mobile/15E148 Safari/604.1",
        "18.5 18.3.1 17.7",
    ),
    ("Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) $A Version/# Mobile/15E148 Safari/604.1", "17.6 16.6"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) $A Version/# Safari/605.1.15", "26.1 18.5 17.6"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:#.0) Gecko/20100101 Firefox/#.0", "147 146 140 128"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:#.0) Gecko/20100101 Firefox/#.0", "147 140 115"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) $K Chrome/#.0.0.0 Safari/537.36 Edg/#.0.0.0", "145 143 138"),
    ("Mozilla/5.0 (compatible; #)", "Googlebot/2.1 bingbot/2.0 AhrefsBot/7.0 YandexBot/3.0 SemrushBot/7 PetalBot"),
    (
        "#",
        "curl/8.12.1 curl/7.88.1 Wget/1.21.4 python-requests/2.32.5 python-httpx/0.28.1 Go-http-client/2.0 \
         okhttp/4.12.0 kube-probe/1.33 ELB-HealthChecker/2.0 Prometheus/3.5.0 facebookexternalhit/1.1 UptimeRobot/2.0 \
         Slackbot/1.0",
    ),
];

pub(super) fn agents() -> Vec<Vec<u8>> {
    let expand = |(template, versions): &(&str, &'static str)| {
        let template = template.replace("$K", "AppleWebKit/537.36 (KHTML, like Gecko)");
        let template = template.replace("$A", "AppleWebKit/605.1.15 (KHTML, like Gecko)");
        versions.split_whitespace().map(move |version| template.replace('#', version).into_bytes())
    };
    AGENTS.iter().flat_map(expand).collect()
}

/// A browser's name as a CDN writes it.
pub(super) fn percent_encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 3 / 2);
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-_.~/()*:;,!@$&+=?".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

/// A size whose logarithm is close to normal: mean 2^12.5, standard deviation a factor of about 2^2.3.
pub(super) fn size(rng: &mut Rng) -> u64 {
    // 2^(i/16) in units of 2^-16.
    const ROOTS: [u64; 16] = [
        65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752, 92682, 96785, 101070, 105545, 110218, 115098, 120194,
        125515,
    ];
    let bits = rng.next();
    // Four uniform numbers of 0..=63 each: mean 126, standard deviation 37, in sixteenths of a power of two.
    let sum: u64 = (0..4).map(|i| (bits >> (6 * i)) & 63).sum::<u64>() + 74;
    let base = (ROOTS[(sum % 16) as usize] << (sum / 16)) >> 16;
    base + ((bits >> 32) & 0xFF) * base / 4096
}

/// The clock, up to two seconds late: servers log when a request ends, not when it starts.
pub(super) fn jittered(clock: u64, rng: &mut Rng) -> u64 {
    let late = if rng.one_in(8) { rng.next() & 0x1_FFFF } else { 0 };
    clock.saturating_sub(late).min((SECONDS_A_DAY << 16) - 1)
}

pub(super) fn clf_time(clock: u64, rng: &mut Rng, out: &mut Vec<u8>) {
    put(out, &[DAY.0.as_bytes(), b":"]);
    push_clock(jittered(clock, rng) >> 16, out);
    out.extend_from_slice(b" +0900");
}

/// `hh:mm:ss` of a second of the day.
pub(super) fn push_clock(second: u64, out: &mut Vec<u8>) {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let digit = |value: u64| b'0' + value as u8;
    out.extend_from_slice(&[
        digit(hour / 10),
        digit(hour % 10),
        b':',
        digit(minute / 10),
        digit(minute % 10),
        b':',
        digit(second / 10),
        digit(second % 10),
    ]);
}

pub(super) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

pub(super) fn push_number(value: u64, out: &mut Vec<u8>) {
    push_padded(value, 1, out);
}

pub(super) fn push_padded(mut value: u64, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while value > 0 {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&digits[at.min(digits.len() - width)..]);
}

pub(super) fn push_hex(value: u64, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend((0..16).rev().map(|i| DIGITS[(value >> (4 * i)) as usize & 15]));
}
