//! How pages say what the library has as values: states, times, severities. The word carries the meaning; the class only
//! colours it.

use admittance::{
    connection::{
        CertificateStatus, DomainStatus, FlowOutcome, Severity, Side, State, TestStatus,
        assistant::StepStatus,
    },
    profile::GroupsState,
    time::Timestamp,
};

/// A word, and the class of the style sheet that goes with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) text: &'static str,
    pub(crate) class: &'static str,
}

const fn word(text: &'static str, class: &'static str) -> Word {
    Word { text, class }
}

pub(crate) fn state(state: State) -> Word {
    match state {
        State::Draft => word("Draft", ""),
        State::Created => word("Created, not tested", "note"),
        State::Tested => word("Tested, not enabled", "note"),
        State::Enabled => word("Enabled", "good"),
        State::Disabled => word("Disabled", "warn"),
        State::Deleted => word("Deleted", "bad"),
    }
}

pub(crate) fn step(status: &StepStatus) -> Word {
    match status {
        StepStatus::Todo => word("To do", "note"),
        StepStatus::Done => word("Done", "good"),
        StepStatus::Blocked => word("Not yet possible", ""),
        StepStatus::Warning => word("Needs attention", "warn"),
    }
}

pub(crate) fn severity(severity: &Severity) -> Word {
    match severity {
        Severity::Error => word("Error", "error"),
        Severity::Warning => word("Warning", "warning"),
        Severity::Note => word("Note", "note"),
    }
}

pub(crate) fn side(side: &Side) -> &'static str {
    match side {
        Side::IdentityProvider => "At the identity provider",
        Side::Product => "Here, by an administrator",
        Side::User => "By the person who signs in",
        Side::Host => "By whoever runs this product",
    }
}

pub(crate) fn test(status: TestStatus) -> Word {
    match status {
        TestStatus::Ok => word("Passed", "good"),
        TestStatus::Warnings => word("Passed with warnings", "warn"),
        TestStatus::Failed => word("Failed", "bad"),
    }
}

pub(crate) fn outcome(outcome: &FlowOutcome) -> Word {
    match outcome {
        FlowOutcome::SignedIn => word("Signed in", "good"),
        FlowOutcome::Refused => word("Refused", "bad"),
        FlowOutcome::TestOk => word("Test passed", "good"),
        FlowOutcome::TestWarnings => word("Test passed with warnings", "warn"),
        FlowOutcome::TestFailed => word("Test failed", "bad"),
    }
}

pub(crate) fn domain(status: DomainStatus) -> Word {
    match status {
        DomainStatus::Pending => word("Pending", "note"),
        DomainStatus::Verified => word("Verified", "good"),
        DomainStatus::Failed => word("Record not found", "warn"),
    }
}

pub(crate) fn groups(state: &GroupsState) -> &'static str {
    match state {
        GroupsState::NotConfigured => "The mapping has no rule for groups.",
        GroupsState::Missing => "The groups attribute was not sent.",
        GroupsState::Empty => "The groups attribute was sent without a value.",
        GroupsState::Overage => "There were too many groups for the message.",
        GroupsState::Values => "Names of groups were sent.",
    }
}

pub(crate) fn certificate(status: &CertificateStatus) -> (String, &'static str) {
    match status {
        CertificateStatus::NotYetValid => ("Not yet valid".to_owned(), "warn"),
        CertificateStatus::Ok => ("Valid".to_owned(), "good"),
        CertificateStatus::ExpiresIn(0) => ("Expires today".to_owned(), "bad"),
        CertificateStatus::ExpiresIn(1) => ("Expires in 1 day".to_owned(), "bad"),
        CertificateStatus::ExpiresIn(days) => (format!("Expires in {days} days"), "warn"),
        CertificateStatus::Expired => ("Expired".to_owned(), "bad"),
    }
}

/// `2026-11-27 02:44 UTC`.
pub(crate) fn time(at: &Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

/// A way through the menus of a console.
pub(crate) fn path(text: &str) -> String {
    text.replace(" > ", " › ")
}

/// The event of an audit trail in words: `connection.idp_changed` is "Connection: idp changed".
pub(crate) fn event(code: &str) -> String {
    let words = match code.split_once('.') {
        Some((part, rest)) => format!("{part}: {rest}"),
        None => code.to_owned(),
    };
    let words = words.replace('_', " ").replace("scim:", "provisioning:").replace("idp", "identity provider");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What a page says after something was done, by the name in its address.
pub(crate) fn done(name: &str) -> &'static str {
    match name {
        "saved" => "Saved.",
        "chosen" => "Identity provider chosen. Create the application over there, with these values.",
        "reached" => "Connected: the identity provider was reached.",
        "enabled" => "Enabled. People sign in with the login link.",
        "disabled" => "Disabled. Nobody signs in through this connection; nothing was removed.",
        "deleted" => "Deleted. Groups, members and permissions stay as they are.",
        "provisioning" => "Provisioning is set up. Generate a token for the identity provider.",
        "revoked" => "The token is revoked.",
        "removed" => "Provisioning is removed. Groups come from sign-in again.",
        "refreshed" => "The metadata was fetched, and its certificates are in use.",
        "claimed" => "Claimed. Add the TXT record, then check it.",
        "checked" => "Checked.",
        _ => "",
    }
}
