//! Time patterns: what the formats need to know about them before any time is read.
//!
//! The tokens are listed at [`super::TypeSpec::format`]; the decoder gives them meaning.

/// Which parts of a time a pattern holds, as a set of bits.
pub(super) type Fields = u16;

const YEAR: Fields = 1;
const MONTH: Fields = 2;
const DAY: Fields = 4;
const HOUR: Fields = 8;
const MINUTE: Fields = 16;
const SECOND: Fields = 32;
/// The fraction of a second.
pub(super) const FRACTION: Fields = 64;
const ZONE: Fields = 128;
const HALF: Fields = 256;
const WEEKDAY: Fields = 512;
/// A day.
pub(super) const DATE: Fields = YEAR | MONTH | DAY;
const CLOCK: Fields = HOUR | MINUTE | SECOND;

/// The formats that are words instead of patterns.
pub(super) const WORDS: [&str; 7] = ["iso8601", "syslog", "epoch", "epoch_ms", "epoch_us", "epoch_ns", "auto"];

/// The one that only dates have.
pub(super) const DAYS: &str = "epoch_days";
/// What Java's `Timestamp.valueOf` and `Date.valueOf` take.
pub(super) const JAVA: &str = "java";

/// One token or run of plain text.
pub(super) enum Piece<'p> {
    Text(&'p str),
    Token(&'p str),
}

/// Cuts a pattern into tokens (`%d`, `%3f`, `%.f`) and the text between them.
pub(super) fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, tail) = match rest.find('%') {
            Some(0) => {
                let mut chars = rest.char_indices().skip(1);
                let mut end = chars.next();
                if let Some((_, '0'..='9' | '.')) = end {
                    end = chars.next();
                }
                let (head, tail) = rest.split_at(end.map_or(rest.len(), |(at, c)| at + c.len_utf8()));
                (Piece::Token(head), tail)
            }
            at => {
                let (head, tail) = rest.split_at(at.unwrap_or(rest.len()));
                (Piece::Text(head), tail)
            }
        };
        rest = tail;
        Some(piece)
    })
}

/// The fields of a token, `None` where the token is unknown.
fn token_fields(token: &str) -> Option<Fields> {
    Some(match token {
        "%Y" | "%y" => YEAR,
        "%m" | "%b" | "%B" => MONTH,
        "%d" | "%e" => DAY,
        "%j" => MONTH | DAY,
        "%H" | "%I" => HOUR,
        "%M" => MINUTE,
        "%S" => SECOND,
        "%p" => HALF,
        "%a" | "%A" => WEEKDAY,
        "%z" | "%Z" => ZONE,
        "%T" => CLOCK,
        "%R" => HOUR | MINUTE,
        "%D" | "%F" => DATE,
        "%s" => DATE | CLOCK | ZONE,
        "%f" | "%.f" => FRACTION,
        "%n" | "%t" | "%%" => 0,
        _ => match token.as_bytes() {
            [b'%', b'1'..=b'9', b'f'] => FRACTION,
            _ => return None,
        },
    })
}

/// The fields a pattern holds.
///
/// **Errors**: the first token that is unknown.
pub(super) fn fields(pattern: &str) -> Result<Fields, &str> {
    pieces(pattern).try_fold(0, |all, piece| match piece {
        Piece::Text(_) => Ok(all),
        Piece::Token(token) => token_fields(token).map(|fields| all | fields).ok_or(token),
    })
}

/// Whether a pattern tells enough to be read as a point in time: a month and a day, at least.
pub(super) fn has_day(pattern: &str) -> bool {
    fields(pattern).is_ok_and(|fields| fields & (MONTH | DAY) == MONTH | DAY)
}

/// One pattern out of two with text between them, where they tell different parts of one time.
pub(super) fn join(left: &str, between: &str, right: &str) -> Option<String> {
    let apart = fields(left).ok()? & fields(right).ok()? == 0;
    (apart && !between.contains('\n')).then(|| format!("{left}{}{right}", between.replace('%', "%%")))
}

/// Writes strftime's shorthands out, as the C locale has them, and drops its flags for padding, case and locale.
pub(super) fn plain(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut token = chars.next();
        let mut is_spaced = false;
        while let Some(flag @ ('E' | 'O' | '-' | '_' | '^' | '#')) = token {
            is_spaced |= flag == '_';
            token = chars.next();
        }
        match token {
            Some('d') if is_spaced => out.push_str("%e"),
            Some('P') => out.push_str("%p"),
            Some('c') => out.push_str("%a %b %e %H:%M:%S %Y"),
            Some('x') => out.push_str("%D"),
            Some('X') => out.push_str("%T"),
            Some('r') => out.push_str("%I:%M:%S %p"),
            Some('h') => out.push_str("%b"),
            Some(c) => out.extend(['%', c]),
            None => out.push('%'),
        }
    }
    out
}

/// How many spaces a time written by this pattern holds; `None` where that varies (`%e`, alternatives), or the format is
/// a word.
pub(super) fn spaces(pattern: &str) -> Option<u8> {
    if let Some((first, others)) = pattern.split_once('|') {
        return spaces(first).filter(|count| spaces(others) == Some(*count));
    }
    if WORDS.contains(&pattern) || [DAYS, JAVA].contains(&pattern) {
        return None;
    }
    let mut count = 0;
    for piece in pieces(pattern) {
        match piece {
            Piece::Text(text) => count += text.matches(' ').count(),
            Piece::Token("%e") => return None,
            Piece::Token(_) => {}
        }
    }
    u8::try_from(count).ok()
}

/// How many bytes each time written by this pattern has, where strftime always writes as many.
pub(super) fn fixed_len(pattern: &str) -> Option<u8> {
    let mut len = 0;
    for piece in pieces(pattern) {
        len += match piece {
            Piece::Text(text) => text.len(),
            Piece::Token("%Y") => 4,
            Piece::Token("%y" | "%m" | "%d" | "%e" | "%H" | "%I" | "%M" | "%S" | "%p") => 2,
            Piece::Token("%b" | "%a" | "%j") => 3,
            Piece::Token("%T" | "%D") => 8,
            Piece::Token("%R") => 5,
            Piece::Token("%F") => 10,
            Piece::Token("%%" | "%n" | "%t") => 1,
            Piece::Token(token) => match token.as_bytes() {
                [b'%', count @ b'1'..=b'9', b'f'] => usize::from(count - b'0'),
                _ => return None,
            },
        };
    }
    u8::try_from(len).ok().filter(|len| *len > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tokens_have_fields() {
        assert_eq!(fields("%d/%b/%Y:%H:%M:%S %z"), Ok(DATE | CLOCK | ZONE));
        assert_eq!(fields("%F %T%.f%%"), Ok(DATE | CLOCK | FRACTION));
        assert_eq!(fields("%s.%6f"), Ok(DATE | CLOCK | ZONE | FRACTION));
        assert_eq!(fields("%Q"), Err("%Q"));
        assert_eq!(fields("%0f"), Err("%0f"));
        assert_eq!(fields("%é"), Err("%é"));
        assert_eq!(fields("50%"), Err("%"));
    }

    #[test]
    fn shorthands_of_strftime() {
        assert_eq!(plain("%c|%x %X|%h %OS"), "%a %b %e %H:%M:%S %Y|%D %T|%b %S");
        assert_eq!(plain("%-d/%_d %^b %-I:%M %P 5%"), "%d/%e %b %I:%M %p 5%");
        assert_eq!(plain("%r"), "%I:%M:%S %p");
    }

    #[test]
    fn patterns_are_joined() {
        assert_eq!(join("%F %T", ".", "%3f").as_deref(), Some("%F %T.%3f"));
        assert_eq!(join("%F", " 100% ", "%T").as_deref(), Some("%F 100%% %T"));
        assert_eq!(join("%F %T", " ", "%T"), None);
        assert_eq!(join("%F", "\n", "%T"), None);
        assert_eq!((has_day("%m-%d %T"), has_day("%T"), has_day("%s")), (true, false, true));
    }

    #[test]
    fn spaces_are_counted() {
        assert_eq!(spaces("%d/%b/%Y:%H:%M:%S %z"), Some(1));
        assert_eq!(spaces("%b %e %T"), None);
        assert_eq!(spaces("epoch"), None);
        assert_eq!(fixed_len("%a %b %e %T.%3f %Y"), Some(28));
        assert_eq!((fixed_len("%e %B"), fixed_len("%e %z"), fixed_len("")), (None, None, None));
        assert_eq!(spaces("%F %T|%d.%m.%Y %T"), Some(1));
        assert_eq!(spaces("%F %T|%s"), None);
    }
}
