//! Time patterns in the manner of strftime, compiled once to a list of steps.
//!
//! **Source**: POSIX.1-2017, `strptime`, for the directives; `%f`, `%3f` and `%.f` as in Python and chrono. Stricter
//! than strptime: a year has four digits, numbers are in range, and the whole text must be used.

use super::calendar::{month_name, weekday_name};
use super::number::trimmed;
use super::time_parts::{Cursor, Parts, Place};
use crate::error::{Error, ErrorKind, Result};

/// A compiled time pattern.
///
/// `%Y %y %m %d %e %j %b %B %h %a %A`, `%H %I %p %M %S`, `%T %D %F %R`, `%s` (seconds since 1970), `%f` (a fraction of
/// any length), `%1f` to `%9f` (of that length), `%.f` (with its point or comma, if there is one), `%z` (`+0900`,
/// `+09:00`, `+09`, `Z`), `%Z` (`UTC`, or the name that the column's zone has at that time), `%n %t` (white space),
/// `%%`. A space stands for one or more. Names are English, in any case; names of weekdays are not compared with the
/// date. A time without a year is the closest one that is not after the reference time and a day.
#[derive(Clone, Debug, PartialEq)]
pub struct TimePattern {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// These bytes.
    Text(Vec<u8>),
    /// One space or more.
    Spaces,
    /// One byte of white space or more.
    Blank,
    Year,
    YearOfCentury,
    Month,
    MonthName,
    Day,
    DayOfYear,
    WeekdayName,
    Hour,
    Hour12,
    AmPm,
    Minute,
    Second,
    Epoch,
    /// So many digits.
    Fraction(usize, usize),
    /// A point or comma and digits, or nothing.
    PointFraction,
    Offset,
    ZoneName,
}

impl TimePattern {
    /// Stands between patterns, the first of which that fits a text reads it.
    pub(super) const OR: char = '|';

    /// **Errors**: `FormatSyntax` for an unknown directive or a pattern that does not name a day.
    pub(super) fn new(pattern: &str) -> Result<Self> {
        let mut steps = Vec::new();
        compile(pattern, pattern, &mut steps)?;
        let has = |step: Step| steps.contains(&step);
        let has_month = has(Step::Month) || has(Step::MonthName);
        if !(has(Step::Epoch) || has_month && has(Step::Day) || has(Step::DayOfYear)) {
            let hint = "a time pattern needs a month and a day (%m or %b, and %d), a day of the year (%j), or seconds \
                        since 1970 (%s)";
            return Err(syntax(pattern, "names no day", hint));
        }
        if has(Step::Hour12) != has(Step::AmPm) && !has(Step::Hour) {
            return Err(syntax(
                pattern,
                "has only half of a twelve-hour clock",
                "%I and %p go together; %H counts to 23",
            ));
        }
        Ok(Self { steps })
    }

    /// How many spaces a text of this pattern holds at least: what a tokenizer must pass over when it looks for the
    /// text's end. Exact unless a writer pads with spaces (`%e`).
    ///
    /// ```
    /// assert_eq!(logarrow::decode::TimePattern::spaces("%d/%b/%Y:%H:%M:%S %z"), 1);
    /// assert_eq!(logarrow::decode::TimePattern::spaces("%a %b %d %T %Y"), 4);
    /// ```
    pub fn spaces(pattern: &str) -> u8 {
        pattern.bytes().filter(|byte| *byte == b' ').count().try_into().unwrap_or(u8::MAX)
    }

    /// Reads a whole text; `None` if it is none of this pattern.
    pub(super) fn read<'a>(&self, text: &'a [u8]) -> Option<Parts<'a>> {
        let mut cursor = Cursor::new(text);
        let mut parts = Parts::default();
        for step in &self.steps {
            step.read(&mut cursor, &mut parts)?;
        }
        cursor.is_done().then_some(parts)
    }

    /// Whether the time of day stands in each text as `HH:MM:SS`, once, and a fraction only right behind it, so that
    /// texts that differ in these digits alone differ by these digits' worth.
    pub(super) fn is_regular(&self) -> bool {
        let is_colon = |step: &Step| *step == Step::Text(b":".to_vec());
        let count = |what: fn(&Step) -> bool| self.steps.iter().filter(|step| what(step)).count();
        let other = count(|step| matches!(step, Step::Epoch | Step::Hour12 | Step::AmPm));
        let times = count(|step| matches!(step, Step::Hour | Step::Minute | Step::Second));
        let fractions = count(|step| matches!(step, Step::Fraction(..) | Step::PointFraction));
        let at = self.steps.windows(5).position(|steps| match steps {
            [Step::Hour, one, Step::Minute, two, Step::Second] => is_colon(one) && is_colon(two),
            _ => false,
        });
        at.is_some() && (other, times) == (0, 3) && fractions <= 1
    }
}

/// Appends the steps of `pattern`, which is `whole` or stands for one of its directives.
fn compile(pattern: &str, whole: &str, steps: &mut Vec<Step>) -> Result<()> {
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            match c {
                ' ' if steps.last() == Some(&Step::Spaces) => {}
                ' ' => steps.push(Step::Spaces),
                c => push_text(c, steps),
            }
            continue;
        }
        let directive =
            rest.next().ok_or_else(|| syntax(whole, "ends with a lone %", "write %% for a percent sign"))?;
        steps.push(match directive {
            'Y' => Step::Year,
            'y' => Step::YearOfCentury,
            'm' => Step::Month,
            'b' | 'B' | 'h' => Step::MonthName,
            'd' | 'e' => Step::Day,
            'j' => Step::DayOfYear,
            'a' | 'A' => Step::WeekdayName,
            'H' => Step::Hour,
            'I' => Step::Hour12,
            'p' => Step::AmPm,
            'M' => Step::Minute,
            'S' => Step::Second,
            's' => Step::Epoch,
            'z' => Step::Offset,
            'Z' => Step::ZoneName,
            'f' => Step::Fraction(1, usize::MAX),
            'n' | 't' => Step::Blank,
            digits @ '1'..='9' if rest.as_str().starts_with('f') => {
                rest.next();
                let len = digits as usize - '0' as usize;
                Step::Fraction(len, len)
            }
            '.' if rest.as_str().starts_with('f') => {
                rest.next();
                Step::PointFraction
            }
            '%' => {
                push_text('%', steps);
                continue;
            }
            'T' => {
                compile("%H:%M:%S", whole, steps)?;
                continue;
            }
            'R' => {
                compile("%H:%M", whole, steps)?;
                continue;
            }
            'F' => {
                compile("%Y-%m-%d", whole, steps)?;
                continue;
            }
            'D' => {
                compile("%m/%d/%y", whole, steps)?;
                continue;
            }
            other => {
                let hint = "directives are %Y %y %m %d %e %j %b %B %h %a %A %H %I %p %M %S %T %D %F %R %s %f %1f..%9f \
                            %.f %z %Z %n %t %%";
                return Err(syntax(whole, &format!("has the unknown directive %{}", other.escape_debug()), hint));
            }
        });
    }
    Ok(())
}

fn push_text(c: char, steps: &mut Vec<Step>) {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).as_bytes();
    match steps.last_mut() {
        Some(Step::Text(text)) => text.extend_from_slice(bytes),
        _ => steps.push(Step::Text(bytes.to_vec())),
    }
}

#[cold]
fn syntax(pattern: &str, what: &str, hint: &str) -> Error {
    let shown = crate::error::quoted(pattern.as_bytes());
    Error::new(ErrorKind::FormatSyntax, format!("the time pattern {shown} {what}")).with_hint(hint)
}

impl Step {
    /// Reads this part of a text; `None` if it is not there.
    #[inline]
    fn read<'a>(&self, cursor: &mut Cursor<'a>, parts: &mut Parts<'a>) -> Option<()> {
        match self {
            Self::Text(text) => cursor.literal(text)?,
            Self::Spaces => {
                cursor.literal(b" ")?;
                cursor.take_while(|byte| byte == b' ');
            }
            Self::Blank => {
                let blank = cursor.take_while(|byte| byte.is_ascii_whitespace());
                (!blank.is_empty()).then_some(())?;
            }
            Self::Year => parts.year = Some(cursor.number(4, 4)?),
            Self::YearOfCentury => {
                let year = cursor.number(2, 2)?;
                parts.year = Some(if year < 69 { 2000 + year } else { 1900 + year });
            }
            Self::Month => parts.month = cursor.two_digits(1..=12)?,
            Self::MonthName => {
                let (month, len) = month_name(cursor.rest())?;
                parts.month = month;
                cursor.skip(len);
            }
            Self::Day => {
                // Padded with a space by `%e`.
                if cursor.peek() == Some(b' ') {
                    cursor.skip(1);
                }
                parts.day = cursor.two_digits(1..=31)?;
            }
            Self::DayOfYear => parts.day_of_year = cursor.number(1, 3).filter(|day| (1..=366).contains(day))?,
            Self::WeekdayName => cursor.skip(weekday_name(cursor.rest())?),
            Self::Hour => {
                parts.hour_at = cursor.at();
                parts.hour = cursor.two_digits(0..=23)?;
            }
            Self::Hour12 => parts.hour12 = Some(cursor.two_digits(1..=12)?),
            Self::AmPm => {
                parts.afternoon = matches!(cursor.one_of(b"aApP")?, b'p' | b'P');
                cursor.one_of(b"mM")?;
            }
            Self::Minute => parts.minute = cursor.two_digits(0..=59)?,
            // A leap second is the first second of the next minute.
            Self::Second => parts.second = cursor.two_digits(0..=60)?,
            Self::Epoch => {
                let before = cursor.one_of(b"-").is_some();
                let digits = cursor.take_while(|byte| byte.is_ascii_digit());
                parts.epoch = Some((super::int::parse_int(digits)?, before));
            }
            Self::Fraction(min, max) => parts.read_fraction(cursor, *min, *max)?,
            Self::PointFraction => {
                if cursor.one_of(b".,").is_some() {
                    parts.read_fraction(cursor, 1, usize::MAX)?;
                }
            }
            Self::Offset => parts.place = Place::Offset(cursor.offset()?),
            Self::ZoneName => {
                let name = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'));
                parts.place = Place::Name((!name.is_empty()).then_some(name)?);
            }
        }
        Some(())
    }
}

/// Reads a time of ISO 8601 or RFC 3339, as logs have them: `T` or a space, seconds perhaps left out, a fraction behind
/// a point or comma, `Z` or an offset or nothing (a space may stand before it), or a date alone. The basic form
/// without `-` and `:` is read too.
pub(super) fn read_iso8601(text: &[u8]) -> Option<Parts<'_>> {
    let mut cursor = Cursor::new(text);
    let mut parts = Parts { year: Some(cursor.number(4, 4)?), ..Parts::default() };
    let dash = cursor.one_of(b"-").is_some();
    parts.month = cursor.number(2, 2).filter(|month| (1..=12).contains(month))?;
    if dash {
        cursor.literal(b"-")?;
    }
    parts.day = cursor.number(2, 2)?;
    if cursor.is_done() {
        return Some(parts);
    }
    cursor.one_of(b"Tt ")?;
    parts.hour_at = cursor.at();
    parts.hour = cursor.number(2, 2).filter(|hour| *hour < 24)?;
    let colon = cursor.one_of(b":").is_some();
    parts.minute = cursor.number(2, 2).filter(|minute| *minute < 60)?;
    let more =
        if colon { cursor.one_of(b":").is_some() } else { cursor.peek().is_some_and(|byte| byte.is_ascii_digit()) };
    if more {
        parts.second = cursor.number(2, 2).filter(|second| *second <= 60)?;
        if cursor.one_of(b".,").is_some() {
            parts.read_fraction(&mut cursor, 1, usize::MAX)?;
        }
    }
    if cursor.is_done() {
        return Some(parts);
    }
    cursor.one_of(b" ");
    parts.place = match cursor.rest() {
        name if name.eq_ignore_ascii_case(b"utc") => {
            cursor.skip(3);
            Place::Offset(0)
        }
        _ => Place::Offset(cursor.offset()?),
    };
    cursor.is_done().then_some(parts)
}

/// Reads a time as Java's `Timestamp.valueOf` does, or a day as `Date.valueOf`: months, days, hours, minutes and seconds of
/// one or two digits. What is no day of the calendar is none here.
pub(super) fn read_java(text: &[u8], is_day: bool) -> Option<Parts<'_>> {
    let mut cursor = Cursor::new(if is_day { text } else { trimmed(text) });
    let mut parts = Parts { year: Some(cursor.number(4, 4)?), ..Parts::default() };
    cursor.literal(b"-")?;
    parts.month = cursor.number(1, 2).filter(|month| (1..=12).contains(month))?;
    cursor.literal(b"-")?;
    parts.day = cursor.number(1, 2)?;
    if is_day {
        return cursor.is_done().then_some(parts);
    }
    cursor.literal(b" ")?;
    parts.hour = cursor.number(1, 2).filter(|hour| *hour < 24)?;
    cursor.literal(b":")?;
    parts.minute = cursor.number(1, 2).filter(|minute| *minute < 60)?;
    cursor.literal(b":")?;
    parts.second = cursor.number(1, 2).filter(|second| *second < 60)?;
    if cursor.one_of(b".").is_some() {
        parts.read_fraction(&mut cursor, 1, 9)?;
    }
    cursor.is_done().then_some(parts)
}

/// Reads a time as RFC 3164 has it, perhaps with a year behind the day, a fraction, a zone's name and a
/// year behind that, or one of ISO 8601.
pub(super) fn read_syslog(text: &[u8]) -> Option<Parts<'_>> {
    if !text.first()?.is_ascii_alphabetic() {
        return read_iso8601(text);
    }
    let mut cursor = Cursor::new(text);
    let mut parts = Parts::default();
    let blanks = |cursor: &mut Cursor<'_>| (!cursor.take_while(|byte| byte == b' ').is_empty()).then_some(());
    let (month, len) = month_name(cursor.rest())?;
    parts.month = month;
    cursor.skip(len);
    blanks(&mut cursor)?;
    parts.day = cursor.number(1, 2).filter(|day| (1..=31).contains(day))?;
    blanks(&mut cursor)?;
    if cursor.rest().get(2) != Some(&b':') {
        parts.year = Some(cursor.number(4, 4)?);
        blanks(&mut cursor)?;
    }
    parts.hour_at = cursor.at();
    parts.hour = cursor.two_digits(0..=23)?;
    cursor.literal(b":")?;
    parts.minute = cursor.two_digits(0..=59)?;
    cursor.literal(b":")?;
    parts.second = cursor.two_digits(0..=60)?;
    if cursor.one_of(b".,").is_some() {
        parts.read_fraction(&mut cursor, 1, usize::MAX)?;
    }
    if !cursor.is_done() {
        cursor.literal(b" ")?;
        let name = cursor.take_while(|byte| byte.is_ascii_uppercase());
        parts.place = Place::Name((!name.is_empty()).then_some(name)?);
        if parts.year.is_none() && cursor.literal(b" ").is_some() {
            parts.year = Some(cursor.number(4, 4)?);
        }
    }
    cursor.is_done().then_some(parts)
}
