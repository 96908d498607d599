//! [`Timestamp`], [`Skew`] and the two comparisons that every validity window is made of.
//!
//! Nothing here reads a clock: `now` is an argument everywhere. Times are read as XML Schema
//! [`xs:dateTime`](https://www.w3.org/TR/xmlschema11-2/#dateTime) with four-digit years, of which the time
//! stamps of RFC 3339 are a part, and are written in the one form that SAML, SCIM and RFC 3339 share.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time, in milliseconds of UTC, between the years 0001 and 9999.
///
/// Printed and serialised as `2026-11-22T00:01:00.000Z`. On the way in, serde takes every form that names its
/// zone. Leap seconds are not counted, as in Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A time as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParsedTime {
    /// The instant meant; a time without a zone is read as UTC.
    pub at: Timestamp,
    /// How the zone was written.
    pub zone: Zone,
}

/// How a time names its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// `Z`.
    Utc,
    /// Hours and minutes, `+00:00` among them.
    Offset,
    /// Not at all. `xs:dateTime` leaves the meaning open; SAML (Core 1.3.3) means UTC.
    Absent,
}

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not of the form `2026-11-22T00:01:00.000Z`.
    #[error("not a date and time: unexpected content at byte {offset}")]
    Syntax {
        /// Where the text leaves the form, in bytes from its beginning.
        offset: usize,
    },
    /// A number that its place in the calendar or on the clock does not have.
    #[error("not a date and time: no such {field}")]
    OutOfRange {
        /// `year`, `month`, `day`, `hour`, `minute`, `second` or `offset`.
        field: &'static str,
    },
}

/// How far two clocks may be apart: whole seconds, applied in favour of the message at both ends of a window.
///
/// Serialised as a number of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Skew(Duration);

impl Timestamp {
    /// `0001-01-01T00:00:00.000Z`.
    pub const MIN: Self = Self(-62_135_596_800_000);

    /// `9999-12-31T23:59:59.999Z`.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// Reads an `xs:dateTime`: any number of fraction digits, of which three count; `Z`, an offset up to
    /// ±14:00, or no zone at all. White space is not trimmed.
    ///
    /// # Errors
    /// [`TimeError`] for another form (year signs and five-digit years, lower-case `t` and `z` included), for
    /// a number out of range (`24:00:00` and the leap second `:60` included), and for an instant that its
    /// offset moves out of the years 0001 to 9999.
    pub fn parse(text: &str) -> Result<ParsedTime, TimeError> {
        let mut scan = Scan { rest: text.as_bytes(), offset: 0 };
        let year = scan.digits(4)?;
        scan.literal(b'-')?;
        let month = scan.digits(2)?;
        scan.literal(b'-')?;
        let day = scan.digits(2)?;
        scan.literal(b'T')?;
        let hour = scan.digits(2)?;
        scan.literal(b':')?;
        let minute = scan.digits(2)?;
        scan.literal(b':')?;
        let second = scan.digits(2)?;
        let millis = scan.fraction()?;
        let (zone, offset_minutes) = scan.zone()?;
        scan.end()?;

        let local = Self::from_civil(year, month, day, hour, minute, second)?;
        let utc = local.0.saturating_add(millis).saturating_sub(offset_minutes.saturating_mul(60_000));
        let at = Self::from_unix_millis(utc).ok_or(TimeError::OutOfRange { field: "year" })?;
        Ok(ParsedTime { at, zone })
    }

    /// The instant so many milliseconds after 1970-01-01T00:00:00Z, or before it when negative; `None`
    /// outside of the years 0001 to 9999.
    #[must_use]
    pub const fn from_unix_millis(millis: i64) -> Option<Self> {
        if millis < Self::MIN.0 || millis > Self::MAX.0 { None } else { Some(Self(millis)) }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    #[must_use]
    pub const fn to_unix_millis(self) -> i64 {
        self.0
    }

    /// This much later, cut to whole milliseconds; `None` after the year 9999.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let millis = i64::try_from(duration.as_millis()).ok()?;
        self.0.checked_add(millis).and_then(Self::from_unix_millis)
    }

    /// This much earlier, cut to whole milliseconds; `None` before the year 0001.
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let millis = i64::try_from(duration.as_millis()).ok()?;
        self.0.checked_sub(millis).and_then(Self::from_unix_millis)
    }

    /// This much later, at most [`Timestamp::MAX`].
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or(Self::MAX)
    }

    /// This much earlier, at least [`Timestamp::MIN`].
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).unwrap_or(Self::MIN)
    }

    /// How long after `earlier` this is; `None` when it is before.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Option<Duration> {
        let millis = self.0.checked_sub(earlier.0)?;
        u64::try_from(millis).ok().map(Duration::from_millis)
    }

    /// With `self` as now: has a window begun whose first instant is `not_before`? True from
    /// `not_before − skew` on.
    #[must_use]
    pub fn reaches(self, not_before: Self, skew: Skew) -> bool {
        self.saturating_add(skew.0) >= not_before
    }

    /// With `self` as now: has a window ended whose first instant outside is `not_on_or_after`? True from
    /// `not_on_or_after + skew` on.
    #[must_use]
    pub fn is_past(self, not_on_or_after: Self, skew: Skew) -> bool {
        self >= not_on_or_after.saturating_add(skew.0)
    }

    /// A calendar date and time of day in UTC.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] names the number that does not exist.
    pub(crate) fn from_civil(
        year: u32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Result<Self, TimeError> {
        in_range(year, 1, 9999, "year")?;
        in_range(month, 1, 12, "month")?;
        in_range(day, 1, days_in_month(year, month), "day")?;
        in_range(hour, 0, 23, "hour")?;
        in_range(minute, 0, 59, "minute")?;
        in_range(second, 0, 59, "second")?;
        let days = days_from_civil(i64::from(year), i64::from(month), i64::from(day));
        let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Ok(Self(days * MILLIS_PER_DAY + seconds * 1000))
    }
}

impl Skew {
    /// Clocks must agree.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The same as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        self.0
    }

    /// The number of seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }
}

impl TimeError {
    /// The rule that failed: `time.syntax` or `time.out_of_range`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "time.syntax",
            Self::OutOfRange { .. } => "time.out_of_range",
        }
    }
}

/// Times outside of the years 0001 to 9999 become the nearest of them.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let epoch = Self(0);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => epoch.saturating_add(after),
            Err(before) => epoch.saturating_sub(before.duration()),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MILLIS_PER_DAY));
        let millis = self.0.rem_euclid(MILLIS_PER_DAY);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, millis) = (millis / 1000 % 60, millis % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::parse(&text).map_err(de::Error::custom)? {
            ParsedTime { zone: Zone::Absent, .. } => Err(de::Error::custom("a time without a zone")),
            ParsedTime { at, .. } => Ok(at),
        }
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.as_secs())
    }
}

impl Serialize for Skew {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_secs())
    }
}

impl<'de> Deserialize<'de> for Skew {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Self::from_secs)
    }
}

/// What is left of a text that is read from left to right.
struct Scan<'t> {
    rest: &'t [u8],
    offset: usize,
}

impl Scan<'_> {
    fn digits(&mut self, count: usize) -> Result<u32, TimeError> {
        let mut value = 0;
        for _ in 0..count {
            value = value * 10 + self.digit().ok_or(self.unexpected())?;
        }
        Ok(value)
    }

    fn literal(&mut self, byte: u8) -> Result<(), TimeError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// Milliseconds of an optional fraction; at least one digit follows a point.
    fn fraction(&mut self) -> Result<i64, TimeError> {
        if !self.take(b'.') {
            return Ok(0);
        }
        let first = self.digit().ok_or(self.unexpected())?;
        let mut millis = i64::from(first) * 100;
        let mut weight = 10;
        while let Some(digit) = self.digit() {
            millis += i64::from(digit) * weight;
            weight /= 10;
        }
        Ok(millis)
    }

    /// The zone and its minutes east of UTC.
    fn zone(&mut self) -> Result<(Zone, i64), TimeError> {
        let sign = if self.rest.is_empty() {
            return Ok((Zone::Absent, 0));
        } else if self.take(b'Z') {
            return Ok((Zone::Utc, 0));
        } else if self.take(b'+') {
            1
        } else if self.take(b'-') {
            -1
        } else {
            return Err(self.unexpected());
        };
        let hours = self.digits(2)?;
        self.literal(b':')?;
        let minutes = self.digits(2)?;
        in_range(minutes, 0, 59, "offset")?;
        in_range(hours * 60 + minutes, 0, 14 * 60, "offset")?;
        Ok((Zone::Offset, sign * i64::from(hours * 60 + minutes)))
    }

    fn end(&self) -> Result<(), TimeError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected()) }
    }

    fn digit(&mut self) -> Option<u32> {
        match self.rest.split_first() {
            Some((byte @ b'0'..=b'9', rest)) => {
                self.advance(rest);
                Some(u32::from(byte - b'0'))
            }
            _ => None,
        }
    }

    fn take(&mut self, expected: u8) -> bool {
        match self.rest.split_first() {
            Some((byte, rest)) if *byte == expected => {
                self.advance(rest);
                true
            }
            _ => false,
        }
    }

    fn unexpected(&self) -> TimeError {
        TimeError::Syntax { offset: self.offset }
    }
}

impl<'t> Scan<'t> {
    fn advance(&mut self, rest: &'t [u8]) {
        self.rest = rest;
        self.offset += 1;
    }
}

fn in_range(value: u32, first: u32, last: u32, field: &'static str) -> Result<(), TimeError> {
    if (first..=last).contains(&value) { Ok(()) } else { Err(TimeError::OutOfRange { field }) }
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, so
/// that the leap day is the last of its year, in eras of 400 years, which all have the same length.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_ERA
}

/// The reverse of [`days_from_civil`]: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_FROM_ERA;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / (DAYS_PER_ERA - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Days of 400 years.
const DAYS_PER_ERA: i64 = 146_097;

/// Days from 0000-03-01, the first day of era 0, to 1970-01-01.
const EPOCH_FROM_ERA: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_agrees_with_itself_on_every_day() {
        let mut expected = (1, 1, 1);
        let first = Timestamp::MIN.0 / MILLIS_PER_DAY;
        let last = Timestamp::MAX.0 / MILLIS_PER_DAY;
        for day in first..=last {
            assert_eq!(civil_from_days(day), expected);
            assert_eq!(days_from_civil(expected.0, expected.1, expected.2), day);
            let (year, month, date) = expected;
            let length = days_in_month(u32::try_from(year).unwrap(), u32::try_from(month).unwrap());
            expected = match (month, date) {
                (12, 31) => (year + 1, 1, 1),
                (_, date) if date == i64::from(length) => (year, month + 1, 1),
                _ => (year, month, date + 1),
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
    }
}
