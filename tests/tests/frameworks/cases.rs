//! The list: who asks for what, and what has to come of it on every framework.

use crate::party::{self, Asks, Brings};

/// The handlers that every framework has, with the same requirements.
///
/// | name | asks for |
/// |---|---|
/// | `list` | scope `read:orders` |
/// | `place` | scope `write:orders`; reads the body |
/// | `refund` | role `manager`, scope `write:orders`, `mfa`, a log-in of 5 minutes; reads the body |
/// | `vault` | scope `read:orders`, `bound` |
/// | `me` | by its body |
/// | `health` | nothing |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    List,
    Place,
    Refund,
    Vault,
    Me,
    Health,
    /// `vault` once more, below a router that takes the prefix off.
    Nested,
    /// Where no handler is.
    Nothing,
}

impl Handler {
    /// Those that are there.
    pub const NAMES: [&str; 6] = ["list", "place", "refund", "vault", "me", "health"];

    /// The name of its function.
    pub fn name(self) -> String {
        match self {
            Self::Nested => Self::Vault.name(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    /// The method, over plain HTTP.
    pub fn method(self) -> &'static str {
        match self {
            Self::Place | Self::Refund => "POST",
            _ => "GET",
        }
    }

    /// The path, over plain HTTP.
    pub fn path(self) -> &'static str {
        match self {
            Self::List | Self::Place => "/orders",
            Self::Refund => "/orders/7/refund",
            Self::Vault => "/vault",
            Self::Me => "/me",
            Self::Health => "/health",
            Self::Nested => "/admin/vault",
            Self::Nothing => "/nothing",
        }
    }

    /// Whether it reads the body of a call.
    pub fn reads(self) -> bool {
        matches!(self, Self::Place | Self::Refund)
    }
}

/// What has to come of a call.
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// The handler runs, for this caller, and says so: `list for ann`. Objects of that name which name no
    /// issuer are the caller's.
    Ran(&'static str),
    /// The handler runs, for this caller of another issuer than the one that objects mean.
    RanForAnother(&'static str),
    /// No handler runs, and no byte of the body is read.
    Denied(Denial),
    /// There is no such handler.
    NotThere,
}

/// A denial in HTTP's terms; another protocol's adapter translates.
#[derive(Clone, Copy, Debug)]
pub struct Denial {
    pub status: u16,
    /// The last part of the problem's `type`.
    pub kind: &'static str,
    pub challenge: Option<&'static str>,
    /// Whether the answer has a nonce for the next proof.
    pub nonce: bool,
}

/// One line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub handler: Handler,
    pub caller: &'static str,
    pub brings: Brings,
    pub asks: Asks,
    /// How often it is sent as it is; the last answer counts.
    pub times: usize,
    pub expected: Expected,
}

const fn case(handler: Handler, caller: &'static str, brings: Brings, expected: Expected) -> Case {
    Case { handler, caller, brings, asks: Asks::Nothing, times: 1, expected }
}

impl Case {
    const fn asking(self, asks: Asks) -> Self {
        Self { asks, ..self }
    }

    const fn twice(self) -> Self {
        Self { times: 2, ..self }
    }

    const fn three_times(self) -> Self {
        Self { times: 3, ..self }
    }
}

const fn denied(status: u16, kind: &'static str, challenge: &'static str) -> Expected {
    Expected::Denied(Denial { status, kind, challenge: Some(challenge), nonce: false })
}

/// Where no credentials would help, none are asked for.
const fn unchallenged(status: u16, kind: &'static str) -> Expected {
    Expected::Denied(Denial { status, kind, challenge: None, nonce: false })
}

const NO_CREDENTIALS: Expected = denied(401, "no-credentials", r#"Bearer realm="shop""#);

const INVALID_TOKEN: Expected = denied(
    401,
    "invalid-token",
    r#"Bearer realm="shop", error="invalid_token", error_description="the access token is not valid""#,
);

const MALFORMED: Expected = denied(
    400,
    "invalid-request",
    r#"Bearer realm="shop", error="invalid_request", error_description="the credentials of the request could not be read""#,
);

const LACKS_WRITE: Expected = denied(
    403,
    "insufficient-scope",
    r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="write:orders""#,
);

const LACKS_READ: Expected = denied(
    403,
    "insufficient-scope",
    r#"Bearer error="insufficient_scope", error_description="the access token does not allow this", scope="read:orders""#,
);

/// Which role is lacking is the policy's own business.
const LACKS_ROLE: Expected = denied(
    403,
    "insufficient-scope",
    r#"Bearer error="insufficient_scope", error_description="the access token does not allow this""#,
);

const STALE: Expected = denied(
    401,
    "insufficient-user-authentication",
    r#"Bearer error="insufficient_user_authentication", error_description="a more recent authentication is required", max_age=300"#,
);

const NOT_BOUND: Expected = denied(
    401,
    "not-bound",
    r#"Bearer error="invalid_token", error_description="an access token that is bound to its sender is required""#,
);

const NOT_BOUND_TO_KEY: Expected = denied(
    401,
    "not-bound",
    r#"DPoP error="invalid_token", error_description="an access token that is bound to its sender is required", algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#,
);

const EITHER_SCHEME: Expected = denied(
    401,
    "no-credentials",
    r#"Bearer realm="shop", DPoP realm="shop", algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#,
);

const INVALID_PROOF: Expected = denied(
    401,
    "invalid-dpop-proof",
    r#"DPoP realm="shop", error="invalid_dpop_proof", error_description="the DPoP proof is not valid", algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#,
);

const PROOF_WANTED: Expected = denied(
    401,
    "invalid-token",
    r#"Bearer realm="shop", error="invalid_token", error_description="the access token is not valid", DPoP realm="shop", algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#,
);

const NONCE_WANTED: Expected = Expected::Denied(Denial {
    status: 401,
    kind: "use-dpop-nonce",
    challenge: Some(
        r#"DPoP realm="shop", error="use_dpop_nonce", error_description="the DPoP proof has to have the nonce of this answer", algs="ES256 ES384 EdDSA PS256 PS384 PS512 RS256 RS384 RS512""#,
    ),
    nonce: true,
});

const UNAVAILABLE: Expected = unchallenged(503, "unavailable");

const TOO_MANY_FAILURES: Expected = unchallenged(429, "too-many-failures");

const CROSS_SITE: Expected = unchallenged(403, "cross-site");

use Expected::{NotThere, Ran, RanForAnother};
use Handler::{Health, List, Me, Nested, Nothing, Place, Refund, Vault};

/// Every case.
pub const CASES: &[Case] = &[
    // Who is let in.
    case(List, "a reader", party::reader, Ran("ann")),
    case(List, "a writer, whose scope includes reading", party::writer, Ran("ann")),
    case(Place, "a writer", party::writer, Ran("ann")),
    case(Refund, "a manager who has just logged in", party::fresh_manager, Ran("ann")),
    case(Me, "somebody with a token for nothing", party::bare_token, Ran("ann")),
    case(
        Place,
        "somebody with a badge, who has to be waited for",
        party::by_badge,
        RanForAnother("bea"),
    ),
    case(Me, "somebody with a badge", party::by_badge, RanForAnother("bea")),
    // What is public asks nobody, and nobody's token is looked at.
    case(Health, "nobody", party::nothing, Ran("anybody")),
    case(Health, "somebody with garbage", party::garbage, Ran("anybody")),
    case(Health, "somebody nobody can tell", party::badge_while_the_server_is_down, Ran("anybody")),
    // Who is not known.
    case(List, "nobody", party::nothing, NO_CREDENTIALS),
    case(Place, "nobody", party::nothing, NO_CREDENTIALS),
    case(Refund, "nobody", party::nothing, NO_CREDENTIALS),
    case(Me, "nobody", party::nothing, NO_CREDENTIALS),
    case(Place, "somebody with a password", party::another_scheme, NO_CREDENTIALS),
    // RFC 6750 section 3.1: "lacks any authentication information", as front ends do before a log-in.
    case(Place, "a front end before the log-in", party::no_token, NO_CREDENTIALS),
    case(Place, "a scheme alone", party::scheme_alone, NO_CREDENTIALS),
    case(Place, "another scheme alone", party::no_bound_token, NO_CREDENTIALS),
    case(Place, "a badge beside a scheme alone", party::badge_and_no_token, RanForAnother("bea")),
    case(Place, "garbage", party::garbage, INVALID_TOKEN),
    case(Place, "an expired token", party::expired, INVALID_TOKEN),
    case(Place, "a token for another service", party::for_another_service, INVALID_TOKEN),
    case(Place, "a token that somebody else signed", party::of_another_issuer, INVALID_TOKEN),
    case(Place, "a forged badge, with all bytes as of a token", party::forged_badge, INVALID_TOKEN),
    case(Me, "an expired token", party::expired, INVALID_TOKEN),
    case(Place, "a badge that has ended", party::ended_badge, INVALID_TOKEN),
    case(Me, "a badge that has ended", party::ended_badge, INVALID_TOKEN),
    case(Place, "a header that can't be read", party::half_a_header, MALFORMED),
    case(Place, "two tokens", party::two_tokens, MALFORMED),
    case(Place, "half a badge", party::torn_badge, MALFORMED),
    // Who is known, and may not.
    case(List, "somebody with a token for nothing", party::bare_token, LACKS_READ),
    case(Place, "a reader", party::reader, LACKS_WRITE),
    case(Refund, "a reader who is a manager", party::manager_who_reads, LACKS_WRITE),
    case(Refund, "a clerk", party::clerk, LACKS_ROLE),
    case(Refund, "a manager who logged in an hour ago", party::stale_manager, STALE),
    case(Vault, "a reader whose token anybody could have stolen", party::reader, NOT_BOUND),
    case(Place, "a browser that another site lured", party::lured_badge, CROSS_SITE),
    // Identities that were there before, as a middleware leaves them.
    case(List, "whom this verifier found", party::found_here, Ran("ann")),
    case(List, "whom another verifier found", party::found_elsewhere, NO_CREDENTIALS),
    case(Me, "whom another verifier found", party::found_elsewhere, NO_CREDENTIALS),
    case(Place, "whom another verifier found", party::found_elsewhere, NO_CREDENTIALS),
    case(
        List,
        "whom another verifier found, with a token of this one",
        party::found_elsewhere_with_a_token,
        Ran("ann"),
    ),
    case(List, "who is vouched for", party::vouched_for, RanForAnother("bea")),
    case(Place, "who is vouched for", party::vouched_for, LACKS_WRITE),
    case(Place, "who was vouched for", party::vouched_for_once, INVALID_TOKEN),
    case(List, "who was vouched for, with a good token", party::vouched_for_once, INVALID_TOKEN),
    case(List, "whom a test made", party::made_by_a_test, Ran("tess")),
    case(List, "whom this verifier found", party::found_here, Ran("ann")).asking(Asks::Others),
    case(List, "whom the accepted verifier found", party::found_elsewhere, RanForAnother("ann"))
        .asking(Asks::Others),
    case(List, "whom a third verifier found", party::found_by_a_third, NO_CREDENTIALS)
        .asking(Asks::Others),
    // A token of the other issuer is one of a stranger still.
    case(List, "with a token for the other one", party::reader_elsewhere, INVALID_TOKEN)
        .asking(Asks::Others),
    // An authenticator that chooses between two verifiers: neither says whose objects are meant.
    case(List, "whom one verifier knows", party::reader, RanForAnother("ann")).asking(Asks::Choice),
    case(List, "whom the other verifier knows", party::reader_elsewhere, RanForAnother("ann"))
        .asking(Asks::Choice),
    // Nobody can tell: neither let in nor blamed.
    case(
        Place,
        "a badge while its server is down",
        party::badge_while_the_server_is_down,
        UNAVAILABLE,
    ),
    case(
        Me,
        "a badge while its server is down",
        party::badge_while_the_server_is_down,
        UNAVAILABLE,
    ),
    // Tokens that are bound to a key (RFC 9449).
    case(Vault, "the holder of the key", party::with_proof, Ran("ann")).asking(Asks::Proofs),
    case(List, "the holder of the key", party::with_proof, Ran("ann")).asking(Asks::Proofs),
    case(List, "a reader", party::reader, Ran("ann")).asking(Asks::Proofs),
    case(List, "nobody", party::nothing, EITHER_SCHEME).asking(Asks::Proofs),
    case(Vault, "a reader", party::reader, NOT_BOUND_TO_KEY).asking(Asks::Proofs),
    case(Vault, "who sends it twice", party::with_proof, INVALID_PROOF)
        .asking(Asks::Proofs)
        .twice(),
    case(Vault, "a proof for another path", party::proof_for_another_path, INVALID_PROOF)
        .asking(Asks::Proofs),
    case(List, "a front end before the log-in", party::no_bound_token, EITHER_SCHEME)
        .asking(Asks::Proofs),
    // The target is the one that the client sent, not what a router left of it.
    case(Nested, "the holder of the key", party::with_proof, Ran("ann")).asking(Asks::Proofs),
    case(Nested, "a proof for what is left", party::proof_without_the_prefix, INVALID_PROOF)
        .asking(Asks::Proofs),
    case(Vault, "a proof for below the prefix", party::proof_with_a_prefix, INVALID_PROOF)
        .asking(Asks::Proofs),
    case(Vault, "a proof for another method", party::proof_for_another_method, INVALID_PROOF)
        .asking(Asks::Proofs),
    case(Vault, "a proof of another key", party::proof_of_another_key, INVALID_PROOF)
        .asking(Asks::Proofs),
    case(List, "a thief of the token", party::bound_token_as_bearer, PROOF_WANTED)
        .asking(Asks::Proofs),
    case(Place, "the holder of the key, with another scope", party::with_proof, LACKS_WRITE)
        .asking(Asks::Proofs),
    case(Vault, "a proof without the nonce", party::with_proof, NONCE_WANTED).asking(Asks::Nonces),
    // Tokens that are bound to a certificate (RFC 8705).
    case(Vault, "the client of the certificate", party::with_certificate, Ran("ann"))
        .asking(Asks::Certificates),
    case(Vault, "another client", party::with_another_certificate, INVALID_TOKEN)
        .asking(Asks::Certificates),
    case(Vault, "a header about it", party::with_a_header_about_a_certificate, INVALID_TOKEN)
        .asking(Asks::Certificates),
    // Sources of too many failures, and others.
    case(Place, "who guesses", party::garbage_of_a_guesser, TOO_MANY_FAILURES)
        .asking(Asks::Patience)
        .three_times(),
    case(Place, "a writer beside them", party::writer_beside_the_guesser, TOO_MANY_FAILURES)
        .asking(Asks::Patience),
    case(Me, "a badge beside them", party::badge_beside_the_guesser, TOO_MANY_FAILURES)
        .asking(Asks::Patience),
    case(Health, "who guesses", party::garbage_of_a_guesser, Ran("anybody")).asking(Asks::Patience),
    case(Place, "who forges badges", party::badges_of_a_forger, TOO_MANY_FAILURES)
        .asking(Asks::Patience)
        .three_times(),
    case(Place, "a writer elsewhere", party::writer_elsewhere, Ran("ann")).asking(Asks::Patience),
    // Where nothing is.
    case(Nothing, "nobody", party::nothing, NotThere),
    case(Nothing, "a writer", party::writer, NotThere),
];
