//! The Gregorian calendar. Times in logs are of the years 1 to 9999; the way back from a day takes any year.

/// Days from 0001-01-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_162;
/// 0001-01-01 and 9999-12-31 as days since 1970-01-01.
const FIRST_DAY: i64 = -DAYS_TO_1970;
const LAST_DAY: i64 = 2_932_896;
/// Days of a year without a leap day before each month.
const DAYS_BEFORE: [u32; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days since 1970-01-01; `None` if there is no such day.
pub(super) fn day_number(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = u32::from(is_leap(year));
    let month_days = match month {
        2 => 28 + leap,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=month_days).contains(&day) {
        return None;
    }
    let day_of_year = DAYS_BEFORE[month as usize] + day + if month > 2 { leap } else { 0 };
    day_of_year_number(year, day_of_year)
}

/// Days since 1970-01-01 of the given day of a year, counted from 1; `None` if there is no such day.
pub(super) fn day_of_year_number(year: i64, day_of_year: u32) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=365 + u32::from(is_leap(year))).contains(&day_of_year) {
        return None;
    }
    let before = year - 1;
    let leap_days = before / 4 - before / 100 + before / 400;
    Some(before * 365 + leap_days + i64::from(day_of_year) - 1 - DAYS_TO_1970)
}

/// The year that holds a day; the nearest of 1 and 9999 if it is out of range.
pub(super) fn year_of(day_number: i64) -> i64 {
    civil_date(day_number.clamp(FIRST_DAY, LAST_DAY)).0
}

/// Year, month and day of a day since 1970-01-01 (proleptic Gregorian, of any year).
///
/// **Source**: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
pub(crate) fn civil_date(day_number: i64) -> (i64, i64, i64) {
    let days = day_number + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The month, from 1, whose English name `text` starts with, short or in full, and the length of the name there.
pub(super) fn month_name(text: &[u8]) -> Option<(u32, usize)> {
    let (at, len) = name(&MONTHS, text)?;
    Some((at as u32 + 1, len))
}

/// The length of the English weekday name that `text` starts with, short or in full.
pub(super) fn weekday_name(text: &[u8]) -> Option<usize> {
    name(&WEEKDAYS, text).map(|(_, len)| len)
}

fn name(names: &[&str], text: &[u8]) -> Option<(usize, usize)> {
    let short = text.first_chunk::<3>()?.map(|byte| byte.to_ascii_lowercase());
    let at = names.iter().position(|name| name.as_bytes().starts_with(&short))?;
    let full = names[at].as_bytes();
    let is_full = text.get(..full.len()).is_some_and(|start| start.eq_ignore_ascii_case(full));
    Some((at, if is_full { full.len() } else { 3 }))
}
