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
pub(super) const WORDS: [&str; 6] = ["iso8601", "syslog", "epoch", "epoch_ms", "epoch_us", "epoch_ns"];

/// One token or run of plain text.
enum Piece<'p> {
    Text(&'p str),
    Token(&'p str),
}

/// Cuts a pattern into tokens (`%d`, `%3f`, `%.f`) and the text between them.
fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
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

/// How many spaces a time written by this pattern holds; `None` where that varies (`%e`, alternatives), or the format is
/// a word.
pub(super) fn spaces(pattern: &str) -> Option<u8> {
    if let Some((first, others)) = pattern.split_once('|') {
        return spaces(first).filter(|count| spaces(others) == Some(*count));
    }
    if WORDS.contains(&pattern) {
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
    fn spaces_are_counted() {
        assert_eq!(spaces("%d/%b/%Y:%H:%M:%S %z"), Some(1));
        assert_eq!(spaces("%b %e %T"), None);
        assert_eq!(spaces("epoch"), None);
        assert_eq!(spaces("%F %T|%d.%m.%Y %T"), Some(1));
        assert_eq!(spaces("%F %T|%s"), None);
    }
}
