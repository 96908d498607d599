use std::time::Duration;

/// Reads an `xs:duration` that is not negative. A year counts as 365 days and a month as 30; fractions of a
/// second are dropped. `None` for anything else.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let days = parts(date, &[('Y', 365 * DAY), ('M', 30 * DAY), ('D', DAY)])?;
    let seconds = parts(time, &[('H', 60 * 60), ('M', 60), ('S', 1)])?;
    Some(Duration::from_secs(days.saturating_add(seconds)))
}

/// Numbers, each with one of the letters, in the letters' order.
fn parts(text: &str, letters: &[(char, u64)]) -> Option<u64> {
    let mut rest = text;
    let mut sum = 0_u64;
    for &(letter, seconds) in letters {
        let Some((number, behind)) = rest.split_once(letter) else { continue };
        let whole = match number.split_once('.') {
            Some((whole, fraction)) if letter == 'S' && is_number(fraction) => whole,
            Some(_) => return None,
            None => number,
        };
        if !is_number(whole) {
            return None;
        }
        // INVARIANT (digits): only a number too large fails to parse.
        let count: u64 = whole.parse().unwrap_or(u64::MAX);
        sum = sum.saturating_add(count.saturating_mul(seconds));
        rest = behind;
    }
    rest.is_empty().then_some(sum)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_schema_allows() {
        for (text, seconds) in [
            ("PT1H", 3600),
            ("P7D", 7 * DAY),
            ("P1Y2M3DT4H5M6.789S", 365 * DAY + 60 * DAY + 3 * DAY + 4 * 3600 + 5 * 60 + 6),
            ("PT0S", 0),
            ("P1M", 30 * DAY),
            ("PT1M", 60),
            ("PT99999999999999999999S", u64::MAX),
            ("P99999999999999999999Y", u64::MAX),
        ] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "", "P", "PT", "P1", "1D", "-P1D", "P-1D", "P1DT", "P1H", "PT1D", "PT1S1M", "P1.5D", "PT1.S",
            "PT.5S", "P1D ", "P 1D", "P1S", "PT1H1H", "p1d", "PTS",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
