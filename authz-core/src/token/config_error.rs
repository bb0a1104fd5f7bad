//! Mistakes in the configuration of a verifier. Each message names the field and the remedy.

/// Why a verifier could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Without an issuer no token could ever be valid.
    #[error("`issuer` is missing: add `.issuer(Issuer::new(\"https://id.example.com\", keys))`")]
    NoIssuer,
    /// An issuer without a name.
    #[error(
        "`issuer` is empty: give the exact `iss` of its tokens, such as `https://id.example.com`"
    )]
    EmptyIssuer,
    /// One issuer twice: which keys are meant would depend on the order.
    #[error(
        "`issuer` `{issuer}` is given twice: put its keys together with `KeySet::and` and give it once"
    )]
    DuplicateIssuer {
        /// The issuer.
        issuer: Box<str>,
    },
    /// Several issuers, of which one could grant every role unsaid (ASVS V6.8.1).
    #[error(
        "`claims` of the issuer `{issuer}` doesn't say which roles it can grant, beside another \
         issuer: add `.only_roles([\"...\"])`, `.role_prefix(\"...\")`, `.no_roles()`, or \
         `.all_roles()` to mean it"
    )]
    RolesOfSeveralIssuers {
        /// The issuer.
        issuer: Box<str>,
    },
    /// Two issuers, of which the same subject would own the same objects (ASVS V10.3.3).
    #[error(
        "`claims` of the issuer `{issuer}` says `home_issuer`, as another one does: objects that \
         name no issuer can belong to subjects of one issuer only"
    )]
    SeveralHomeIssuers {
        /// The issuer.
        issuer: Box<str>,
    },
    /// Without an audience, tokens for every other service would be accepted (ASVS V9.2.3).
    #[error(
        "`audience` is missing for the issuer `{issuer}`: \
         name this service with `.audience(\"orders-api\")`, on the verifier or on the issuer"
    )]
    NoAudience {
        /// The issuer.
        issuer: Box<str>,
    },
    /// An audience without a name.
    #[error("`audience` is empty: give the name of this service as it stands in `aud`")]
    EmptyAudience,
    /// More leeway than clocks need.
    #[error(
        "`leeway` is {seconds} s; the limit is 60 s: \
         set the clocks right, or say `danger_leeway` to mean it"
    )]
    Leeway {
        /// The leeway in seconds.
        seconds: u64,
    },
    /// No token is that young.
    #[error("`max_token_age` is less than a second: give the longest age of a token")]
    MaxTokenAge,
    /// No token is that short, or none that long is ever read.
    #[error("`max_token_length` is {bytes}: give between 1 and 1048576 bytes")]
    MaxTokenLength {
        /// The length in bytes.
        bytes: usize,
    },
    /// The realm can't stand in a header.
    #[error("`realm` must be visible ASCII or spaces, without `\"` and `\\`, and not empty")]
    Realm,
    /// The address of the metadata is none that a client may fetch (RFC 9728 section 3).
    #[error(
        "`resource_metadata` is `{url}`: give an `https` address without spaces, quotes and fragment"
    )]
    ResourceMetadata {
        /// The address.
        url: Box<str>,
    },
    /// A mapping without the name of a claim, or with an empty name.
    #[error("`{field}` of the issuer `{issuer}` has an empty name: name the claim or the value")]
    EmptyName {
        /// The issuer.
        issuer: Box<str>,
        /// The method at fault.
        field: &'static str,
    },
    /// More places to look for roles than a token is searched for.
    #[error("`roles_from` of the issuer `{issuer}` is given more than {limit} times")]
    TooManyRoleClaims {
        /// The issuer.
        issuer: Box<str>,
        /// Places allowed.
        limit: usize,
    },
    /// `{client}` in a path, and no client to put there.
    #[error(
        "`roles_from` of the issuer `{issuer}` has `{{client}}`, and the mapping has no client: \
         start from `ClaimMapping::keycloak(\"orders-api\")`, or write the client out"
    )]
    NoClient {
        /// The issuer.
        issuer: Box<str>,
    },
    /// A mapping to a name that the policy does not have.
    #[error("`{field}` of the issuer `{issuer}` names the unknown {kind} `{name}`{hint}")]
    UnknownName {
        /// The issuer.
        issuer: Box<str>,
        /// The method at fault.
        field: &'static str,
        /// `role` or `scope`.
        kind: &'static str,
        /// The name as given.
        name: Box<str>,
        /// What may have been meant.
        hint: Box<str>,
    },
    /// One name of a token mapped to two names of the policy.
    #[error("`{field}` of the issuer `{issuer}` maps `{name}` twice: keep one")]
    DuplicateName {
        /// The issuer.
        issuer: Box<str>,
        /// The method at fault.
        field: &'static str,
        /// The name in the token.
        name: Box<str>,
    },
    /// A method for keys that are fetched, on an issuer whose keys are given.
    #[error(
        "`{field}` of the issuer `{issuer}` means nothing: its keys are given; remove the call"
    )]
    NotFetched {
        /// The issuer.
        issuer: Box<str>,
        /// The method at fault.
        field: &'static str,
    },
    /// Keys have to be fetched, and nobody waits for them.
    #[error(
        "the keys of the issuer `{issuer}` have to be fetched: \
         begin with `Verifier::discover(...)`, or call `.connect().await` in the place of `.build()`"
    )]
    NotConnected {
        /// The issuer.
        issuer: Box<str>,
    },
    /// A logout has to be remembered somewhere.
    #[error("the verifier has no revocations to add a logout to: add `.revocations(&revocations)`")]
    NoRevocations,
    /// An opaque token does not say which issuer to ask.
    #[error(
        "`introspection` is given for several issuers: a verifier can ask one about opaque tokens"
    )]
    SeveralIntrospections,
    /// No address that clients could write into proofs.
    #[error(
        "`dpop` has the address `{address}`: give it as clients write it, without user, query and \
         fragment, such as `https://api.example.com`"
    )]
    DpopAddress {
        /// The address.
        address: Box<str>,
    },
    /// Too short for any request, or long enough for proofs to be stolen.
    #[error("`dpop` has a `max_age` of {seconds} s: give 1 second to 10 minutes")]
    DpopMaxAge {
        /// The age in seconds.
        seconds: u64,
    },
    /// A limit that stops everybody, or nobody.
    #[cfg(feature = "limit")]
    #[error(
        "`limit_failures` is given {} failures in {:?} for {} sources: give 1 to 1000000 failures, \
         1 second to 24 hours, and 1 to 10000000 sources",
        limit.failures, limit.period, limit.sources
    )]
    FailureLimit {
        /// The limit.
        limit: crate::http::FailureLimit,
    },
    /// A secret that could be guessed.
    #[error("`shared_nonces` has a secret of {bytes} bytes: give at least 32 random ones")]
    DpopNonceSecret {
        /// The length in bytes.
        bytes: usize,
    },
    /// The platform has no random numbers for the nonces of DPoP.
    #[error("the platform has no random numbers: give `shared_nonces` a secret")]
    NoRandomness,
    /// No HTTP client to fetch keys with.
    #[error("`http_client` is missing: switch on the feature `reqwest`, or give one of your own")]
    NoHttpClient,
    /// The HTTP client could not be set up.
    #[cfg(feature = "reqwest")]
    #[error("the HTTP client could not be set up: {reason}")]
    HttpClient {
        /// Why.
        reason: super::remote::FetchError,
    },
    /// The refreshing of keys runs on tokio.
    #[error(
        "there is no tokio runtime: build the verifier inside of one, such as `#[tokio::main]`"
    )]
    NoRuntime,
    /// The keys of an issuer could not be got at the start.
    #[cfg(feature = "remote")]
    #[error("the keys of the issuer `{issuer}` could not be got: {reason}")]
    Discovery {
        /// The issuer.
        issuer: Box<str>,
        /// Why.
        reason: super::remote::DiscoveryError,
    },
}
