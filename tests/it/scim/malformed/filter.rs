//! Filters that do not parse, or compare what cannot be compared. None of them matches everything.

use super::{Case, FILTER, case, filtered};

pub(super) fn cases() -> Vec<Case> {
    let deep = format!("{}title pr{}", "(".repeat(17), ")".repeat(17));
    let deeper = "(".repeat(8_000);
    let nots = format!("{}title pr{}", "not (".repeat(1_000), ")".repeat(1_000));
    let terms = vec!["title pr"; 65].join(" or ");
    let long = format!("title eq \"{}\"", "x".repeat(8 * 1024));
    let malformed = [
        ("filter_empty", ""),
        ("filter_space", "   "),
        ("filter_name_alone", "userName"),
        ("filter_value_missing", "userName eq"),
        ("filter_name_missing", "eq \"ada\""),
        ("filter_operator_missing", "userName \"ada\""),
        ("filter_operator_unknown", "userName like \"ada\""),
        ("filter_operator_symbol", "userName = \"ada\""),
        ("filter_text_open", "userName eq \"ada"),
        ("filter_text_escape_unknown", r#"userName eq "\x""#),
        ("filter_text_lone_surrogate", r#"userName eq "\ud800""#),
        ("filter_text_control", "userName eq \"a\nb\""),
        ("filter_text_after_it", "userName eq \"ada\" x"),
        ("filter_two_texts", "userName eq \"ada\" \"boss\""),
        ("filter_value_object", "userName eq {}"),
        ("filter_value_list", "userName eq [\"ada\"]"),
        ("filter_value_after_pr", "userName pr \"ada\""),
        ("filter_and_at_start", "and userName pr"),
        ("filter_and_at_end", "userName pr and"),
        ("filter_or_at_end", "userName pr or "),
        ("filter_or_twice", "userName pr or or title pr"),
        ("filter_join_unknown", "userName pr xor title pr"),
        ("filter_join_missing", "userName pr title pr"),
        ("filter_join_symbol", "userName pr && title pr"),
        ("filter_not_alone", "not"),
        ("filter_not_of_nothing", "not ()"),
        ("filter_parentheses_empty", "()"),
        ("filter_parenthesis_open", "(userName pr"),
        ("filter_parenthesis_closes", "userName pr)"),
        ("filter_bracket_open", "emails[type eq \"work\""),
        ("filter_bracket_closes", "emails type eq \"work\"]"),
        ("filter_bracket_twice", "emails[type eq \"work\"]]"),
        ("filter_bracket_empty", "emails[]"),
        ("filter_bracket_in_bracket", "emails[emails[type eq \"work\"]]"),
        ("filter_bracket_on_text", "userName[value eq \"ada\"]"),
        ("filter_dot_at_start", ".userName pr"),
        ("filter_dot_at_end", "name. pr"),
        ("filter_dots", "name..givenName pr"),
        ("filter_star", "* pr"),
        ("filter_name_quoted", "\"userName\" eq \"ada\""),
        ("filter_numbers", "1 eq 1"),
        ("filter_sql", "userName eq \"a\"; DROP TABLE users"),
        ("filter_nul", "userName\0 pr"),
        ("filter_of_text_by_number", "userName eq 1"),
        ("filter_of_text_by_boolean", "userName eq true"),
        ("filter_of_boolean_by_text", "active eq \"yes\""),
        ("filter_of_boolean_by_number", "active eq 1"),
        ("filter_of_boolean_greater", "active gt true"),
        ("filter_of_boolean_contains", "active co true"),
        ("filter_of_part_greater", "emails.primary le true"),
        ("filter_of_binary_greater", "x509Certificates.value gt \"a\""),
        ("filter_of_time_by_word", "meta.created gt \"yesterday\""),
        ("filter_of_time_by_number", "meta.lastModified ge 5"),
        ("filter_null_greater", "userName gt null"),
        ("filter_null_contains", "userName co null"),
        ("filter_of_complex", "name eq \"Ada\""),
        ("filter_of_password", "password eq \"secret\""),
        ("filter_of_password_present", "password pr"),
        ("filter_of_password_inside", "userName pr or not (password sw \"a\")"),
        ("filter_depth_17", &deep),
        ("filter_depth_8000", &deeper),
        ("filter_depth_of_not", &nots),
        ("filter_terms_65", &terms),
        ("filter_long", &long),
    ];
    let strict = [
        ("strict_filter_without_quotes", "userName eq ada"),
        ("strict_filter_single_quotes", "userName eq 'ada'"),
        ("strict_filter_unknown_attribute", "shoeSize eq \"44\""),
        ("strict_filter_unknown_part", "emails.colour eq \"red\""),
        ("strict_filter_unknown_urn", "urn:example:X:colour pr"),
    ];
    let get = |(name, filter): (&'static str, &str)| case(name, "GET", &filtered(filter), "", FILTER);
    malformed.into_iter().map(get).chain(strict.into_iter().map(|one| get(one).in_strict())).collect()
}
