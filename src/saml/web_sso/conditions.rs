//! Conditions and authentication statements (Core 2.5, 2.7.2).

use crate::saml::assertion::{AuthnStatement, is};
use crate::saml::error::{Error, Hint};
use crate::saml::message::{Judge, expanded_name};
use crate::saml::names;
use crate::saml::protocol::AuthnContextComparison;
use crate::time::Timestamp;
use crate::xml::Read as _;
use crate::xmldsig::VerifiedElement;

/// Validates Conditions. Returns whether the assertion asks for one-time use.
pub(super) fn validate(assertion: VerifiedElement<'_>, judge: &mut Judge<'_>) -> Result<bool, Error> {
    let expected = audiences(judge);
    // Profiles 4.1.4.2: exactly one Conditions.
    let conditions = assertion.children().find(|child| is(*child, "Conditions"));
    let conditions = conditions.ok_or_else(|| Error::AudienceMissing { expected: expected.clone() })?;

    // Core 2.5.1.2: NotBefore and NotOnOrAfter.
    let not_before = judge.time(conditions, "NotBefore")?;
    let not_on_or_after = judge.time(conditions, "NotOnOrAfter")?;
    if let (Some(not_before), Some(end)) = (not_before, not_on_or_after)
        && not_before >= end
    {
        return Err(Error::TimeInvalid { attribute: "NotOnOrAfter", actual: Some(end.to_string()) });
    }
    if let Some(bound) = not_before.filter(|not_before| !judge.has_begun(*not_before)) {
        return Err(Error::NotYetValid(judge.bound(bound)));
    }
    if let Some(bound) = not_on_or_after.filter(|end| !judge.is_before(*end)) {
        return Err(Error::AssertionExpired(judge.bound(bound)));
    }

    // Core 2.5.1.4: we are in each audience restriction, of which there is at least one.
    let mut restrictions = conditions.children().filter(|child| is(*child, "AudienceRestriction")).peekable();
    if restrictions.peek().is_none() {
        return Err(Error::AudienceMissing { expected });
    }
    for restriction in restrictions {
        let named = restriction.children().filter(|child| is(*child, "Audience"));
        let actual: Vec<String> = named.map(|audience| judge.name_text(audience)).collect();
        if !actual.iter().any(|audience| !audience.is_empty() && expected.contains(audience)) {
            let mut hints: Vec<Hint> =
                actual.iter().flat_map(|audience| Hint::of(&expected, audience)).collect();
            if actual.iter().any(|audience| judge.is_acs_url(audience)) {
                hints.push(Hint::EqualsAcsUrl);
            }
            return Err(Error::AudienceMismatch { expected, actual, hints });
        }
    }

    // Core 2.5.1: a condition that is not understood makes the assertion invalid.
    let (mut one_time_use, mut proxy_restriction) = (0, 0);
    for condition in conditions.children().filter(|child| !is(*child, "AudienceRestriction")) {
        if is(condition, "OneTimeUse") {
            one_time_use += 1;
        } else if is(condition, "ProxyRestriction") {
            proxy_restriction += 1;
        }
        let known = is(condition, "OneTimeUse") || is(condition, "ProxyRestriction");
        if !known || one_time_use > 1 || proxy_restriction > 1 {
            let xsi_type =
                condition.attribute_ns(names::XSI, "type").map(|name| name.chars().take(256).collect());
            return Err(Error::ConditionUnknown { name: expanded_name(condition), xsi_type });
        }
    }
    Ok(one_time_use == 1)
}

/// Validates the authentication statements, of which there is at least one.
pub(super) fn authn_statements(
    assertion: VerifiedElement<'_>,
    judge: &mut Judge<'_>,
) -> Result<Vec<AuthnStatement>, Error> {
    let mut statements = Vec::new();
    for element in assertion.children().filter(|child| is(*child, "AuthnStatement")) {
        let statement = read(element, judge)?;
        // Core 2.7.2: SessionNotOnOrAfter.
        if let Some(bound) = statement.session_not_on_or_after.filter(|end| !judge.is_before(*end)) {
            return Err(Error::SessionExpired(judge.bound(bound)));
        }
        authn_instant(statement.authn_instant, judge)?;
        statements.push(statement);
    }
    // Profiles 4.1.4.2: at least one.
    if statements.is_empty() {
        return Err(Error::AuthnStatementMissing);
    }
    requested_context(&statements, judge)?;
    Ok(statements)
}

/// Core 2.7.2, 3.4.1: AuthnInstant is possible, and as recent as was asked for.
fn authn_instant(instant: Timestamp, judge: &Judge<'_>) -> Result<(), Error> {
    let skew = judge.policy.clock_skew.as_duration();
    if !judge.has_begun(instant) {
        return Err(Error::AuthnInstantInvalid(judge.bound(instant)));
    }
    if let Some(pending) = judge.pending.filter(|pending| pending.force_authn())
        && instant < pending.issued_at().saturating_sub(skew)
    {
        return Err(Error::AuthnInstantInvalid(judge.bound(pending.issued_at())));
    }
    let requested = judge.pending.and_then(|pending| pending.max_authn_age());
    if let Some(age) = [judge.policy.max_authn_age, requested].into_iter().flatten().min() {
        let earliest = judge.now.saturating_sub(age);
        if instant < earliest.saturating_sub(skew) {
            return Err(Error::AuthnTooOld(judge.bound(earliest)));
        }
    }
    Ok(())
}

/// Core 3.3.2.2.1: one of the requested classes, where the request asked for exactly those.
fn requested_context(statements: &[AuthnStatement], judge: &Judge<'_>) -> Result<(), Error> {
    let Some(requested) = judge.pending.and_then(|pending| pending.requested_authn_context()) else {
        return Ok(());
    };
    if requested.comparison != AuthnContextComparison::Exact {
        return Ok(());
    }
    let actual: Vec<String> = statements.iter().filter_map(|s| s.authn_context_class_ref.clone()).collect();
    match actual.iter().any(|class| requested.class_refs.contains(class)) {
        true => Ok(()),
        false => Err(Error::AuthnContextMismatch { expected: requested.class_refs.clone(), actual }),
    }
}

fn read(element: VerifiedElement<'_>, judge: &mut Judge<'_>) -> Result<AuthnStatement, Error> {
    let instant = judge.time(element, "AuthnInstant")?;
    let context = element.children().find(|child| is(*child, "AuthnContext"));
    let texts = |name: &'static str| {
        let children = context.into_iter().flat_map(|context| context.children());
        children.filter(move |child| is(*child, name)).map(|child| child.text().trim().to_owned())
    };
    Ok(AuthnStatement {
        authn_instant: instant.ok_or(Error::TimeInvalid { attribute: "AuthnInstant", actual: None })?,
        session_index: element.attribute("SessionIndex").map(str::to_owned),
        session_not_on_or_after: judge.time(element, "SessionNotOnOrAfter")?,
        authn_context_class_ref: texts("AuthnContextClassRef").next(),
        authenticating_authorities: texts("AuthenticatingAuthority").collect(),
    })
}

fn audiences(judge: &Judge<'_>) -> Vec<String> {
    std::iter::once(&judge.sp.entity_id).chain(&judge.sp.additional_audiences).cloned().collect()
}
