//! What comes after: links, invitations, and who keeps access.

use super::{StepData, copy, set, warn};
use crate::connection::assistant::step::OurValue;

pub(in crate::connection::assistant) const COMPLETION: &[StepData] = &[
    StepData {
        id: "one_click",
        title: "Configure one-click access",
        actions: &[
            warn("Sign-ins begin here, not at a tile of the identity provider. This link is the shortcut."),
            copy(OurValue::LoginUrl, "a bookmark or page for your people"),
        ],
    },
    StepData {
        id: "invite",
        title: "Invite users to sign in",
        actions: &[
            copy(OurValue::LoginUrl, "your invitation"),
            set("each person", "checks that the organizations are there"),
            set(
                "people who came from another sign-in method",
                "check that they can do their tasks, and make their tokens with the new account",
            ),
        ],
    },
    StepData {
        id: "terminate",
        title: "Terminate",
        actions: &[
            set(
                "the administrator's old account",
                "grants Administer Enterprise to the administrator's account of this connection",
            ),
            set("old accounts of other people", "can be removed from the organizations, then deleted")
                .optional(),
            warn(
                "Keep at least one administrator or service account that does not sign in with this connection: it recovers access when the identity provider fails.",
            ),
        ],
    },
];
