//! The denial matrix: that every handler refuses whom it must, without anybody writing the tests.
//!
//! The manifest says who may call each function. From that alone come callers ([`plan`]): the weakest
//! who pass ([`frontier`]), everybody one step weaker, and whoever has no good token; and what each
//! has to be answered ([`answer`]). They are sent to the real router in this process ([`run`]), and
//! what has to be is a table for people to review ([`table`]).
//!
//! Absent on purpose: the code that it tests. What a requirement means and what a challenge says is
//! worked out a second time here, on names. Absent too: what a handler does once it is called.

#[cfg(feature = "actix")]
mod actix;
mod answer;
#[cfg(feature = "axum")]
mod axum;
mod caller;
mod endpoint;
mod frontier;
mod observe;
mod plan;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
#[cfg(feature = "tonic")]
mod tonic;
mod tree;
mod vocabulary;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::path::PathBuf;
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{Request, Response, request};

use self::caller::Caller;
pub use self::endpoint::Endpoint;
use self::observe::Observer;
pub use self::observe::Payload;
use self::plan::Plan;
use self::run::{Bench, Prepare, Service};
use self::table::{Contents, Exemption};
use self::tokens::{AUDIENCE, Finish, ISSUER, Tokens};
use self::vocabulary::Vocabulary;
use super::golden::{self, Update};
use super::{Clock, TestIssuer, TokenBuilder};
use crate::manifest::{self, Function};
use crate::policy::Policy;
use crate::token::{Issuer, Verifier, VerifierBuilder};

/// Begins the [`DenialMatrix`] of an application: of a [`Router`](crate::axum::Router) or an
/// [`App`](crate::actix::App) of actix-web or the [`Routes`](crate::tonic::Routes) of gRPC before
/// `secured_by`, or of anything else that it can be made [`From`].
///
/// The table is `authz.matrix` beside the `Cargo.toml` of the test. Where it is not there yet, or a
/// change of it is meant, run the test with `AUTHZ_UPDATE=1`.
///
/// # Examples
///
/// ```no_run
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// # fn main() {}
/// use authz_core::axum::Router;
/// use authz_core::requires;
/// use authz_core::testing::denial_matrix;
///
/// #[requires(role = "clerk", scope = "write:orders", route = "POST /orders")]
/// async fn place_order() {}
///
/// fn router() -> Router<policy::Policy> {
///     Router::new().mount(place_order)
/// }
///
/// # // Above the function: #[tokio::test]
/// async fn every_handler_refuses_whom_it_must() {
///     denial_matrix!(router()).await;
/// }
/// ```
#[macro_export]
macro_rules! denial_matrix {
    ($application:expr $(,)?) => {
        $crate::testing::DenialMatrix::from($application)
            .golden(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/authz.matrix"))
    };
}

/// Sends whoever must be refused to every handler of an application, and whoever must pass.
///
/// For each routed function of the manifest it works out the weakest identities that pass. Then it
/// sends, to the real application in this process,
///
/// - these, and sees that the guard lets them pass, whatever the handler answers then;
/// - everybody one step weaker: a role less, or what it includes in its place; a scope likewise; no
///   second factor, another `acr` or none, a log-in a second too old or none, a token that is not
///   bound; and, under a `not`, whoever has in addition what is forbidden;
/// - the strongest who must be refused all the same, and the strongest who must pass;
/// - nobody, and tokens that are expired, for another audience, of another issuer, signed with another
///   key, or bound to a certificate or a key and sent without it;
///
/// and sees that whoever must be refused gets the status and the challenge that the manifest calls for
/// (RFC 6750, RFC 9470), from the guard of that function, with no byte of the request's body read.
///
/// What has to happen is written into a table, whose changes people review. It says the same of two
/// requirements only if these let the same callers pass: an annotation that is loosened, tightened,
/// removed or given to a new handler changes it. `.await` it: it panics with everything that is wrong.
///
/// The handlers are called for real, by whoever passes, with a body that is no JSON and with `1` for
/// every name in a path: give the application the state of a test. Once the guard has let a caller
/// pass, a handler that waits is left alone, and one that panics may.
///
/// # Examples
///
/// ```
/// # mod policy {
/// #     use authz_core::{Roles, Scopes};
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
/// #     pub enum Role { Clerk }
/// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
/// #     pub enum Scope { #[scope("write:orders")] WriteOrders }
/// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
/// # }
/// use authz_core::axum::Router;
/// use authz_core::requires;
/// use authz_core::testing::DenialMatrix;
///
/// #[requires(role = "clerk", max_age = "5m", route = "DELETE /orders/{id}")]
/// async fn cancel() {}
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let router: Router<policy::Policy> = Router::new().mount(cancel);
/// let matrix = DenialMatrix::from(router).sample("id", "7");
/// assert!(matrix.table().ends_with("\
/// ::cancel (requires)
///   passes: role clerk, logged in 5m ago
///   401 insufficient_user_authentication, max_age 300: role clerk
///   401 insufficient_user_authentication, max_age 300: role clerk, logged in 301s ago
///   403 insufficient_scope: any identity
///   403 insufficient_scope: logged in 5m ago
///   401: no credentials
///   401 invalid_token: any spoilt token
/// "));
/// matrix.await;
/// # Ok(())
/// # })
/// # }
/// ```
#[must_use = "a matrix does nothing until it is awaited"]
pub struct DenialMatrix<P: Policy> {
    vocabulary: Vocabulary,
    endpoints: Vec<(Endpoint, Plan)>,
    services: Vec<String>,
    unrouted: Vec<Function>,
    /// What the manifest does not know of the application.
    unknown: Vec<String>,
    exempt: Vec<Exemption>,
    secure: Box<dyn FnOnce(Verifier<P>) -> Service>,
    settings: Settings<P>,
}

/// The longest token, in bytes: the strongest callers name most of a vocabulary.
const LONGEST: usize = 1024 * 1024;

/// What the test says about the application.
struct Settings<P: Policy> {
    golden: Option<PathBuf>,
    samples: HashMap<String, String>,
    issuer: Box<dyn FnOnce(Issuer) -> Issuer>,
    verifier: Box<dyn FnOnce(VerifierBuilder<P>) -> VerifierBuilder<P>>,
    token: Finish,
    request: Prepare,
}

impl<P: Policy> DenialMatrix<P> {
    /// The matrix of any application: where its functions answer, and how it is made once there is a
    /// verifier.
    ///
    /// For a [`Router`](crate::axum::Router), an [`App`](crate::actix::App) and
    /// [`Routes`](crate::tonic::Routes) this is done by [`From`]. Elsewhere `secure` builds the
    /// application around the verifier and returns what answers a request in this process. Functions
    /// of the manifest under the same policy that are at no endpoint are listed in the table, and not
    /// called.
    ///
    /// # Examples
    ///
    /// A function that takes whole requests, without a framework:
    ///
    /// ```
    /// # mod policy {
    /// #     use authz_core::{Roles, Scopes};
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    /// #     pub enum Role { Clerk }
    /// #     #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    /// #     pub enum Scope { #[scope("read:orders")] ReadOrders }
    /// #     authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
    /// # }
    /// use authz_core::http::RequestHead;
    /// use authz_core::testing::{DenialMatrix, Endpoint, Payload};
    /// use authz_core::{Denied, requires};
    /// use http::{HeaderValue, Method, Request, Response};
    ///
    /// #[requires(scope = "read:orders", identity = who)]
    /// fn list(who: &policy::Identity) -> Result<&'static str, Denied> {
    ///     Ok("orders")
    /// }
    ///
    /// async fn answer(verifier: policy::Verifier, request: Request<Payload>) -> Response<String> {
    ///     let answer = match verifier.authenticate(RequestHead::of(&request)).await {
    ///         Ok(identity) => list(&identity),
    ///         Err(denied) => Err(denied),
    ///     };
    ///     let mut response = Response::new(String::new());
    ///     if let Err(denied) = answer {
    ///         *response.status_mut() = denied.status();
    ///         let challenge = denied.challenge();
    ///         response.headers_mut().extend(challenge.map(|it| (http::header::WWW_AUTHENTICATE, it)));
    ///     }
    ///     response
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let manifest = authz_core::manifest()?;
    /// let list = manifest.functions.into_iter().find(|one| one.id.ends_with("::list")).unwrap();
    /// let endpoint = Endpoint::new(list, Method::GET, "/orders");
    /// let matrix = DenialMatrix::of(vec![endpoint], |verifier: policy::Verifier| {
    ///     move |request| answer(verifier.clone(), request)
    /// });
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// matrix.check().await?;
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    pub fn of<S, F, B>(
        endpoints: Vec<Endpoint>,
        secure: impl FnOnce(Verifier<P>) -> S + 'static,
    ) -> Self
    where
        S: Fn(Request<Payload>) -> F + 'static,
        F: Future<Output = Response<B>> + 'static,
    {
        let secure = |verifier| -> Service {
            let service = secure(verifier);
            Box::new(move |request| {
                let answer = service(request);
                Box::pin(async move { answer.await.map(drop) })
            })
        };
        let manifest = crate::manifest().map(|manifest| manifest.functions);
        let ours = |function: &&Function| function.policy == P::RECORD.id();
        let mut vocabulary = Vocabulary::of(&manifest::Policy::from(P::RECORD));
        let known = manifest.iter().flatten().filter(ours);
        let functions = known.chain(endpoints.iter().map(|endpoint| &endpoint.function));
        functions.for_each(|function| vocabulary.learn(&function.requirement));
        let mut endpoints: Vec<_> = endpoints
            .into_iter()
            .map(|endpoint| {
                let plan = Plan::of(&endpoint.function, &vocabulary);
                (endpoint, plan)
            })
            .collect();
        endpoints.sort_by(|(left, _), (right, _)| left.order().cmp(&right.order()));
        let (unknown, unrouted) = match &manifest {
            Ok(functions) => beside_manifest(&endpoints, functions, P::RECORD.id()),
            Err(error) => (vec![error.to_string()], Vec::new()),
        };
        Self {
            vocabulary,
            endpoints,
            services: Vec::new(),
            unrouted,
            unknown,
            exempt: Vec::new(),
            secure: Box::new(secure),
            settings: Settings::default(),
        }
    }

    /// Compares the table with this file; a path that is relative is so to the test's package.
    ///
    /// Without a file the answers are looked at and no table is.
    pub fn golden(mut self, path: impl Into<PathBuf>) -> Self {
        self.settings.golden = Some(path.into());
        self
    }

    /// The value for a name in paths: `sample("id", "7")` asks for `/orders/7` where the route is
    /// `/orders/{id}`. Without it the value is `1`.
    pub fn sample(mut self, name: &str, value: &str) -> Self {
        self.settings.samples.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Does not hold a function to what the manifest promises, by its id; the reason stands in the
    /// table.
    ///
    /// The list may only shrink. One that is not needed (all answers are as promised) or names no
    /// function fails the test. One that is not in the table yet does too, and `AUTHZ_UPDATE=1` does
    /// not write it: somebody who means it writes the line.
    pub fn exempt(mut self, function: &str, reason: &str) -> Self {
        self.exempt.push(Exemption { function: function.to_owned(), reason: reason.to_owned() });
        self.exempt.sort();
        self
    }

    /// Says more about the issuer that the verifier trusts, such as the
    /// [`ClaimMapping`](crate::token::ClaimMapping) of the real one; [`token`](Self::token) then has to
    /// write such tokens.
    pub fn issuer(mut self, change: impl FnOnce(Issuer) -> Issuer + 'static) -> Self {
        self.settings.issuer = Box::new(change);
        self
    }

    /// Says more about the verifier, such as its realm. Issuer, audience and clock are set, and tokens
    /// that are bound to a certificate are taken.
    pub fn verifier(
        mut self,
        change: impl FnOnce(VerifierBuilder<P>) -> VerifierBuilder<P> + 'static,
    ) -> Self {
        self.settings.verifier = Box::new(change);
        self
    }

    /// Writes more into each token before it is signed, such as a claim that middleware asks for.
    ///
    /// # Examples
    ///
    /// The tokens of an issuer that writes roles elsewhere:
    ///
    /// ```
    /// # use authz_core::Policy;
    /// use authz_core::testing::DenialMatrix;
    /// use authz_core::token::ClaimMapping;
    ///
    /// fn in_groups<P: Policy>(matrix: DenialMatrix<P>) -> DenialMatrix<P> {
    ///     matrix
    ///         .issuer(|issuer| issuer.claims(ClaimMapping::okta().roles_from("groups")))
    ///         .token(|token| {
    ///             let (groups, scopes) = (token.roles().to_vec(), token.scopes().to_vec());
    ///             token.claim("groups", groups).claim("scp", scopes).claim("cid", "till")
    ///         })
    /// }
    /// ```
    pub fn token(
        mut self,
        change: impl Fn(TokenBuilder<'_>) -> TokenBuilder<'_> + 'static,
    ) -> Self {
        self.settings.token = Box::new(change);
        self
    }

    /// Changes the head of each request before the credentials come in, such as a header field that
    /// middleware asks for.
    pub fn request(mut self, change: impl Fn(&mut request::Parts) + 'static) -> Self {
        self.settings.request = Box::new(change);
        self
    }

    /// The text of the table.
    #[must_use]
    pub fn table(&self) -> String {
        let Self { endpoints, services, unrouted, exempt, vocabulary, .. } = self;
        Contents { endpoints, services, unrouted, exempt, vocabulary }.text()
    }

    /// Runs it, and compares the table.
    ///
    /// # Errors
    ///
    /// With everything that is not as the manifest promises, what of the table is not as it was
    /// reviewed, and exemptions that are not needed.
    ///
    /// # Panics
    ///
    /// When the verifier can't be built as [`verifier`](Self::verifier) and [`issuer`](Self::issuer)
    /// want it, or a path of the application takes no [`sample`](Self::sample).
    pub async fn check(self) -> Result<(), Findings> {
        let table = self.table();
        let Self { vocabulary, endpoints, unknown, exempt, secure, settings, .. } = self;
        let mut findings = unknown;
        let (clock, issuer) = (now(), TestIssuer::new(ISSUER));
        let builder = Verifier::builder()
            .issuer((settings.issuer)(issuer.trusted()))
            .audience(AUDIENCE)
            .clock(&clock)
            .max_token_length(LONGEST)
            .mutual_tls();
        let verifier = match (settings.verifier)(builder).build() {
            Ok(verifier) => verifier,
            Err(error) => panic!("the verifier of the matrix can't be built: {error}"),
        };
        let observer = Observer::default();
        let bench = Bench {
            service: secure(verifier.clone()),
            prepare: &settings.request,
            samples: &settings.samples,
            tokens: Tokens {
                issuer: &issuer,
                forger: TestIssuer::new(ISSUER),
                clock: &clock,
                finish: &settings.token,
                vocabulary: &vocabulary,
                signed: RefCell::default(),
            },
            dispatch: observer.dispatch(),
            observer,
        };
        findings.extend(misread(&bench.tokens, &verifier, &endpoints));
        let mut of_functions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (endpoint, plan) in &endpoints {
            let found = bench.run(endpoint, plan).await;
            of_functions.entry(&endpoint.function.id).or_default().extend(found);
        }
        findings.extend(without_exempt(of_functions, &exempt));
        if let Some(path) = &settings.golden {
            findings.extend(compare_table(path, &table, &exempt, Update::from_environment()).err());
        }
        if findings.is_empty() { Ok(()) } else { Err(Findings(findings)) }
    }
}

/// What answers and is not in the manifest, in words, and what is in it and answers nowhere.
fn beside_manifest(
    endpoints: &[(Endpoint, Plan)],
    functions: &[Function],
    policy: &str,
) -> (Vec<String>, Vec<Function>) {
    let routed: BTreeSet<_> = endpoints.iter().map(|(one, _)| &*one.function.id).collect();
    let known: BTreeSet<_> = functions.iter().map(|function| &*function.id).collect();
    let unknown = routed
        .difference(&known)
        .map(|id| format!("`{id}` answers, and is not in the manifest of this program"));
    let is_unrouted =
        |function: &&Function| function.policy == policy && !routed.contains(&*function.id);
    (unknown.collect(), functions.iter().filter(is_unrouted).cloned().collect())
}

/// Callers whose tokens say something else to the verifier, so that nothing can be learnt from them.
fn misread<P: Policy>(
    tokens: &Tokens<'_>,
    verifier: &Verifier<P>,
    endpoints: &[(Endpoint, Plan)],
) -> Vec<String> {
    let callers: BTreeSet<&Caller> = endpoints
        .iter()
        .flat_map(|(_, plan)| plan.callers.keys().chain(plan.strongest.keys()))
        .collect();
    let misread = callers.into_iter().filter_map(|caller| {
        let read = tokens.require_read(caller, verifier).err()?;
        let caller = caller.in_words(tokens.vocabulary);
        Some(format!(
            "the token of `{caller}` is read as `{read}`; say with `issuer` and `token` how the \
             verifier takes its claims"
        ))
    });
    misread.collect()
}

/// What is found of functions that are not exempt, and what is wrong with the exemptions.
fn without_exempt(
    mut of_functions: BTreeMap<&str, Vec<String>>,
    exempt: &[Exemption],
) -> Vec<String> {
    let mut findings = Vec::new();
    for Exemption { function, .. } in exempt {
        match of_functions.remove(&**function) {
            None => findings.push(format!("`{function}` is exempt, and there is no such handler")),
            Some(found) if found.is_empty() => findings.push(format!(
                "`{function}` is exempt, and keeps what it promises; take the exemption away"
            )),
            Some(_) => {}
        }
    }
    findings.extend(of_functions.into_values().flatten());
    findings
}

/// The table beside the one that was reviewed. INVARIANT: an exemption that was not is never written.
fn compare_table(
    path: &std::path::Path,
    table: &str,
    exempt: &[Exemption],
    update: Update,
) -> Result<(), String> {
    if let Ok(reviewed) = golden::read(path) {
        let reviewed = table::exempt(&reviewed);
        let new: Vec<_> =
            exempt.iter().map(|one| &*one.function).filter(|one| !reviewed.contains(one)).collect();
        if !new.is_empty() {
            let new = new.join("`, `");
            return Err(format!(
                "`{new}`: exempt, and not in `{}`: that list may only shrink. AUTHZ_UPDATE adds \
                 nothing to it; whoever means it writes the line",
                path.display()
            ));
        }
    }
    let remedy = "where this is meant, run the test with AUTHZ_UPDATE=1";
    golden::compare(path, table, update, ("what the program promises", remedy))
}

/// A clock that stands still at this time, so that handlers which look at another one agree.
fn now() -> Clock {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Clock::at(since.map_or(0, |since| since.as_secs()))
}

impl<P: Policy> Default for Settings<P> {
    fn default() -> Self {
        Self {
            golden: None,
            samples: HashMap::new(),
            issuer: Box::new(|issuer| issuer),
            verifier: Box::new(|verifier| verifier),
            token: Box::new(|token| token),
            request: Box::new(|_| {}),
        }
    }
}

/// Panics with everything that is wrong: see [`DenialMatrix::check`] for a result.
impl<P: Policy> IntoFuture for DenialMatrix<P> {
    type Output = ();
    type IntoFuture = Pin<Box<dyn Future<Output = ()>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            if let Err(findings) = self.check().await {
                panic!("{findings}");
            }
        })
    }
}

impl<P: Policy> fmt::Debug for DenialMatrix<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoints: Vec<_> = self.endpoints.iter().map(|(one, _)| one.to_string()).collect();
        f.debug_struct("DenialMatrix").field("endpoints", &endpoints).finish_non_exhaustive()
    }
}

/// What a [`DenialMatrix`] found wrong: a line each, and the differences of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings(Vec<String>);

impl Findings {
    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the denial matrix finds:")?;
        self.0.iter().try_for_each(|finding| write!(f, "\n{finding}"))
    }
}

impl std::error::Error for Findings {}
