//! Base64, percent-encoding and DEFLATE read one form each.

use admittance::{
    encoding::{
        Base64Error, InflateError, PercentError, Plus, base64_decode, base64_encode, base64url_decode,
        base64url_encode, deflate, inflate, percent_decode, percent_encode,
    },
    limits::{Budget, Limits, Resource},
};
use proptest::prelude::*;

#[test]
fn base64_passes_over_white_space() {
    for text in ["YWJj\nZGVm", "YWJj\r\nZGVm\r\n", "  YWJjZGVm", "Y W\tJjZGVm", "YWJjZGVm\n\n", "YWJj\rZGVm"]
    {
        assert_eq!(base64_decode(text.as_bytes()).unwrap(), b"abcdef", "{text:?}");
    }
    assert_eq!(base64_decode(b"").unwrap(), b"");
    assert_eq!(base64_decode(b" \r\n").unwrap(), b"");
    assert_eq!(base64_decode(b"YQ=\n=").unwrap(), b"a");
}

#[test]
fn base64_in_lines_of_76_with_crlf() {
    let bytes: Vec<u8> = (0..=255).cycle().take(20_000).collect();
    let line: String = base64_encode(&bytes);
    let lines: Vec<&str> = line.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    assert_eq!(base64_decode(lines.join("\r\n").as_bytes()).unwrap(), bytes);
    assert_eq!(base64_decode(format!("{}\n", lines.join("\n")).as_bytes()).unwrap(), bytes);
}

#[test]
fn base64_errors_carry_the_offset_in_the_text_as_given() {
    for (text, error) in [
        ("YWJj\nZG-m", Base64Error::Symbol { offset: 7, byte: b'-' }),
        ("\r\n\r\nYW_j", Base64Error::Symbol { offset: 6, byte: b'_' }),
        ("YWJj\u{b}ZGVm", Base64Error::Symbol { offset: 4, byte: 0x0b }),
        ("YWJj%0A", Base64Error::Symbol { offset: 4, byte: b'%' }),
        ("YQ==YQ==", Base64Error::Symbol { offset: 2, byte: b'=' }),
        ("Y\nQ", Base64Error::Length { offset: 3 }),
        ("YQ=", Base64Error::Length { offset: 3 }),
        ("YQ", Base64Error::Length { offset: 2 }),
        ("YWJjZ", Base64Error::Length { offset: 5 }),
        ("Y R\n==", Base64Error::TrailingBits { offset: 2 }),
        ("YWK=", Base64Error::TrailingBits { offset: 2 }),
    ] {
        let actual = base64_decode(text.as_bytes()).unwrap_err();
        assert_eq!(actual, error, "{text:?}");
        assert_eq!(actual.code(), "encoding.base64");
    }
}

#[test]
fn base64url_is_unpadded_and_without_white_space() {
    assert_eq!(base64url_encode(b"\xfb\xff\xfe?"), "-__-Pw");
    assert_eq!(base64url_decode(b"-__-Pw").unwrap(), b"\xfb\xff\xfe?");
    for text in ["-__-Pw==", "+//+Pw", "-__-\nPw", "-__-Px", "A"] {
        assert!(base64url_decode(text.as_bytes()).is_err(), "{text:?}");
    }
}

#[test]
fn percent_encoding_is_undone_once() {
    assert_eq!(percent_decode(b"a%2fb%2Bc+d%25%32%35", Plus::Space).unwrap(), b"a/b+c d%25");
    assert_eq!(percent_decode(b"a+b", Plus::Literal).unwrap(), b"a+b");
    assert_eq!(percent_decode("é=%C3%A9".as_bytes(), Plus::Space).unwrap(), "é=é".as_bytes());
    for (text, offset) in [("%", 0), ("ab%2", 2), ("%GG", 0), ("%20%+1", 3), ("%2 0", 0)] {
        assert_eq!(percent_decode(text.as_bytes(), Plus::Space), Err(PercentError { offset }), "{text}");
    }
}

#[test]
fn percent_encoding_keeps_unreserved_characters_alone() {
    assert_eq!(percent_encode(b"aZ09-._~"), "aZ09-._~");
    assert_eq!(percent_encode("+/= &é".as_bytes()), "%2B%2F%3D%20%26%C3%A9");
    assert_eq!(percent_encode(b"\x00\x0a\xff"), "%00%0A%FF");
}

#[test]
fn inflate_reads_raw_deflate() {
    // Python: zlib.compressobj(wbits=-15), which is what other service providers send.
    let foreign = b"\xb3)N\xcc\xcd\xd1\xb7\x03\x00";
    assert_eq!(unpack(foreign, &Limits::default()).unwrap(), b"<saml/>");
}

#[test]
fn inflate_refuses_headers_truncation_and_trailing_input() {
    let packed = deflate(b"<samlp:AuthnRequest/>");
    let limits = Limits::default();
    // A zlib header is a stored-type block with a wrong length, or an unknown block type.
    assert_eq!(unpack(&[b"\x78\x9c", packed.as_slice()].concat(), &limits), Err(InflateError::Corrupt));
    assert_eq!(unpack(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", &limits), Err(InflateError::Corrupt));
    assert_eq!(unpack(b"<samlp:AuthnRequest/>", &limits), Err(InflateError::Corrupt));
    for length in 0..packed.len() {
        assert_eq!(unpack(&packed[..length], &limits), Err(InflateError::Truncated), "{length}");
    }
    let trailing = [packed.as_slice(), b"\n"].concat();
    assert_eq!(unpack(&trailing, &limits), Err(InflateError::TrailingInput { count: 1 }));
    assert_eq!(unpack(&packed.repeat(2), &limits), Err(InflateError::TrailingInput { count: packed.len() }));
}

#[test]
fn inflate_is_bounded_by_output_and_by_ratio() {
    let mut limits = Limits::default();
    let random: Vec<u8> =
        (0..limits.inflated as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
    assert_eq!(unpack(&deflate(&random), &limits).unwrap(), random);
    let longer = [random.as_slice(), b"."].concat();
    assert_limit(unpack(&deflate(&longer), &limits), limits.inflated);

    let bomb = deflate(&vec![b' '; 100_000]);
    assert!(bomb.len() < 1000);
    assert_limit(unpack(&bomb, &limits), bomb.len() * limits.inflate_ratio);
    limits.inflate_ratio = 1100;
    assert_eq!(unpack(&bomb, &limits).unwrap().len(), 100_000);
}

#[test]
fn inflate_spends_the_budget_of_the_message() {
    let mut limits = Limits::default();
    limits.inflated = 10;
    let mut budget = Budget::new();
    let packed = deflate(b"123456");
    assert_eq!(inflate(&packed, &limits, &mut budget).unwrap(), b"123456");
    assert_eq!(budget.spent(Resource::Inflated), 6);
    assert_limit(inflate(&packed, &limits, &mut budget), 10);
    assert_eq!(budget.spent(Resource::Inflated), 6);
    assert_eq!(inflate(&deflate(b"1234"), &limits, &mut budget).unwrap(), b"1234");
}

fn unpack(input: &[u8], limits: &Limits) -> Result<Vec<u8>, InflateError> {
    inflate(input, limits, &mut Budget::new())
}

fn assert_limit(result: Result<Vec<u8>, InflateError>, limit: usize) {
    match result {
        Err(error @ InflateError::Limit(exceeded)) => {
            assert_eq!((exceeded.resource, exceeded.limit), (Resource::Inflated, limit));
            assert_eq!(error.code(), "encoding.inflate_limit");
        }
        other => panic!("{:?}", other.map(|bytes| bytes.len())),
    }
}

proptest! {
    #[test]
    fn every_encoding_gives_back_what_it_took(bytes in any::<Vec<u8>>()) {
        prop_assert_eq!(base64_decode(base64_encode(&bytes).as_bytes()).unwrap(), bytes.clone());
        prop_assert_eq!(base64url_decode(base64url_encode(&bytes).as_bytes()).unwrap(), bytes.clone());
        prop_assert_eq!(percent_decode(percent_encode(&bytes).as_bytes(), Plus::Space).unwrap(), bytes.clone());
        prop_assert_eq!(percent_decode(percent_encode(&bytes).as_bytes(), Plus::Literal).unwrap(), bytes.clone());
        prop_assert_eq!(unpack(&deflate(&bytes), &Limits::default()).unwrap(), bytes);
    }

    #[test]
    fn one_byte_string_has_one_base64_text(text in "[A-Za-z0-9+/=]{0,12}") {
        if let Ok(bytes) = base64_decode(text.as_bytes()) {
            prop_assert_eq!(base64_encode(&bytes), text);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = base64_decode(&bytes);
        let _ = base64url_decode(&bytes);
        let _ = percent_decode(&bytes, Plus::Space);
        let _ = unpack(&bytes, &Limits::default());
    }
}
