//! Identities at the verifier that guards: which it takes that it did not find itself, whose objects they own
//! there, and when they end. What the gates of the frameworks make of them is in `frameworks/`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]

use std::time::Duration;

use authz_core::danger::Vouched;
use authz_core::http::RequestHead;
use authz_core::object::Sealed;
use authz_core::testing::{Clock, TestIssuer, identity};
use authz_core::token::VerifierBuilder;
use authz_core::{Authentication, Authenticator, Denied, Guard, Refusal, Resource, requires};
use authz_tests::policy::{self, Identity, Policy, Verifier};
use http::{Request, StatusCode};

const NOW: u64 = 1_800_000_000;
const ONE: &str = "https://one.test";
const TWO: &str = "https://two.test";

/// Names a subject, and no issuer.
#[derive(Resource)]
#[resource(owner = "customer")]
struct Order {
    customer: &'static str,
}

#[requires(authenticated, object = owner)]
fn opens(guard: Guard<opens>, customer: &'static str) -> bool {
    Sealed::new(Order { customer }).open(&guard).is_ok()
}

/// Whether somebody opens the order of `7`, as the plain function finds.
fn opens_7(who: &Identity) -> bool {
    opens(who.authorize().unwrap(), "7")
}

/// Two sites with an issuer, a verifier and a subject `7` each.
struct Sites {
    clock: Clock,
    one: TestIssuer,
    two: TestIssuer,
}

impl Sites {
    fn new() -> Self {
        let (one, two) = (TestIssuer::new(ONE), TestIssuer::new(TWO));
        Self { clock: Clock::at(NOW), one, two }
    }

    fn builder(&self, issuer: &TestIssuer) -> VerifierBuilder<Policy> {
        Verifier::builder().issuer(issuer.trusted()).audience("orders").clock(&self.clock)
    }

    fn verifiers(&self) -> [Verifier; 2] {
        [&self.one, &self.two].map(|issuer| self.builder(issuer).build().unwrap())
    }

    fn token(&self, issuer: &TestIssuer) -> String {
        issuer.token(&self.clock, "orders").subject("7").sign()
    }

    async fn sevens(&self, [one, two]: &[Verifier; 2]) -> [Identity; 2] {
        let of_one = one.verify(&self.token(&self.one)).await.unwrap();
        [of_one, two.verify(&self.token(&self.two)).await.unwrap()]
    }
}

/// Asks the verifier of the site that a request names.
struct BySite([Verifier; 2]);

impl Authenticator<Policy> for BySite {
    fn authenticate<'a>(&'a self, head: RequestHead<'a>) -> Authentication<'a, Policy> {
        let Self([one, two]) = self;
        let verifier = if head.uri().path() == "/one" { one } else { two };
        Box::pin(async move {
            let identity = verifier.authenticate(head).await;
            identity.map(Some).map_err(|denied| Refusal::invalid(denied.detail().to_string()))
        })
    }
}

/// Knows one identity, and gives it to whoever asks.
struct Only(Identity);

impl Authenticator<Policy> for Only {
    fn authenticate<'a>(&'a self, _: RequestHead<'a>) -> Authentication<'a, Policy> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

async fn ask(verifier: &Verifier) -> Result<Identity, Denied> {
    verifier.authenticate(RequestHead::of(&Request::new(()))).await
}

/// The answer to credentials that are not good, with a challenge.
fn is_refused(answer: Result<Identity, Denied>) -> bool {
    answer.is_err_and(|denied| {
        let challenge = denied.challenge().unwrap();
        denied.status() == StatusCode::UNAUTHORIZED
            && challenge.to_str().unwrap().contains(r#"error="invalid_token""#)
    })
}

// ---- whose objects

#[tokio::test]
async fn what_another_verifier_found_is_nobody() {
    let sites = Sites::new();
    let verifiers = sites.verifiers();
    let sevens = sites.sevens(&verifiers).await;
    for (here, elsewhere) in [(0, 1), (1, 0)] {
        let accepted = verifiers[here].accept(sevens[here].clone()).unwrap();
        assert!(opens_7(&accepted));
        assert!(is_refused(verifiers[here].accept(sevens[elsewhere].clone())));
        // Nor by a clone, which is the same verifier.
        assert!(verifiers[here].clone().accept(sevens[here].clone()).is_ok());
        assert!(is_refused(verifiers[here].clone().accept(sevens[elsewhere].clone())));
    }
}

#[tokio::test]
async fn an_accepted_verifier_brings_its_callers_and_not_its_home_issuer() {
    let sites = Sites::new();
    let verifiers = sites.verifiers();
    let sevens = sites.sevens(&verifiers).await;
    for (here, elsewhere) in [(0, 1), (1, 0)] {
        let both = verifiers[here].clone().accepting(&verifiers[elsewhere]);
        let other = both.accept(sevens[elsewhere].clone()).unwrap();
        assert!(!opens_7(&other), "{other:?}");
        assert!(opens_7(&both.accept(sevens[here].clone()).unwrap()));
        // In either order, and what one verifier settled is not what the next one does.
        let other = both.accept(other).unwrap();
        assert!(!opens_7(&other));
        assert!(opens_7(&sevens[elsewhere]), "of the site that found it");
        // Not back: who is accepted does not accept.
        assert!(is_refused(verifiers[elsewhere].accept(other.clone())));
        assert!(is_refused(verifiers[here].accept(other)));
        // The tokens of the other site are those of strangers still.
        let tokens = [&sites.one, &sites.two].map(|issuer| sites.token(issuer));
        assert!(both.verify(&tokens[elsewhere]).await.is_err());
    }
}

#[tokio::test]
async fn two_verifiers_of_one_issuer_mean_the_same_subject() {
    let sites = Sites::new();
    let [first, second] = [sites.builder(&sites.one), sites.builder(&sites.one)]
        .map(|builder| builder.build().unwrap());
    let seven = first.verify(&sites.token(&sites.one)).await.unwrap();
    assert!(is_refused(second.accept(seven.clone())));
    assert!(opens_7(&second.accepting(&first).accept(seven).unwrap()));
}

#[tokio::test]
async fn an_authenticator_that_chooses_between_verifiers_says_not_whose_objects_are_meant() {
    let sites = Sites::new();
    let request = |site: &str, token: String| {
        let request = Request::get(site).header("authorization", format!("Bearer {token}"));
        request.body(()).unwrap()
    };
    let of_one = request("/one", sites.token(&sites.one));
    let of_two = request("/two", sites.token(&sites.two));
    let open = async |verifier: &Verifier| {
        let who = async |request| verifier.authenticate(RequestHead::of(request)).await.unwrap();
        // Twice, since tokens are remembered.
        let first = (opens_7(&who(&of_one).await), opens_7(&who(&of_two).await));
        let second = (opens_7(&who(&of_one).await), opens_7(&who(&of_two).await));
        assert_eq!(first, second);
        first
    };
    let choice = || BySite(sites.verifiers());
    assert_eq!(open(&Verifier::of(choice())).await, (false, false), "nobody said so");
    assert_eq!(open(&Verifier::of_issuer(ONE, choice())).await, (true, false));
    assert_eq!(open(&Verifier::of_issuer(TWO, choice())).await, (false, true));
    let [one, two] = sites.verifiers();
    assert_eq!(open(&one.after(choice())).await, (true, false));
    assert_eq!(open(&two.after(choice())).await, (false, true));
}

/// One source of identities may say that its issuer is the home issuer: to the verifier that asks it, and to
/// none that asks this one.
#[tokio::test]
async fn what_is_vouched_to_one_verifier_is_not_vouched_to_the_next() {
    let at_home = |issuer: &str| {
        let seven = Vouched::<Policy>::new(issuer, "7", u64::MAX);
        Verifier::of(Only(seven.home_issuer().build()))
    };
    let sites = || [at_home("keys"), at_home("tills")];
    let request = |site| Request::get(site).body(()).unwrap();
    let both = Verifier::of(BySite(sites()));
    for (site, verifier) in ["/one", "/two"].into_iter().zip(sites()) {
        let found = async |verifier: &Verifier| {
            verifier.authenticate(RequestHead::of(&request(site))).await.unwrap()
        };
        assert!(!opens_7(&found(&both).await));
        let seven = found(&verifier).await;
        assert!(opens_7(&seven));
        // With another authenticator it is the same verifier still.
        let bea = Vouched::new("badges", "bea", u64::MAX).build();
        assert!(opens_7(&verifier.clone().after(Only(bea)).accept(seven.clone()).unwrap()));
        assert!(!opens_7(&both.clone().accepting(&verifier).accept(seven).unwrap()));
    }
}

#[tokio::test]
async fn a_remembered_identity_is_what_each_verifier_takes_it_for() {
    let seven: Identity = Vouched::new("keys", "7", u64::MAX).build();
    let keys = Verifier::of_issuer("keys", Only(seven.clone()));
    let tills = Verifier::of_issuer("tills", Only(seven));
    for _ in 0..2 {
        let (at_keys, at_tills) = (ask(&keys).await.unwrap(), ask(&tills).await.unwrap());
        assert!(opens_7(&at_keys) && !opens_7(&at_tills));
        assert!(is_refused(tills.accept(at_keys)) && is_refused(keys.accept(at_tills)));
    }
}

#[tokio::test]
async fn a_verifier_with_an_authenticator_takes_more_than_the_one_that_it_was_made_of() {
    let sites = Sites::new();
    let [tokens, _] = sites.verifiers();
    let bea: Identity = Vouched::new("badges", "bea", u64::MAX).build();
    let both = tokens.clone().after(Only(bea));
    let seven = tokens.verify(&sites.token(&sites.one)).await.unwrap();
    assert!(opens_7(&both.accept(seven).unwrap()));
    // They verify the same tokens, so either takes what the other found in one: a proof that came with it
    // can't be looked at twice.
    let seven = both.verify(&sites.token(&sites.one)).await.unwrap();
    assert!(opens_7(&tokens.accept(seven).unwrap()));
    // Routes for tokens alone stay so, whatever a middleware asks.
    let bea = ask(&both).await.unwrap();
    assert!(both.accept(bea.clone()).is_ok());
    assert!(is_refused(tokens.accept(bea)));
}

#[tokio::test]
async fn whom_a_test_made_is_taken_by_everybody() {
    let sites = Sites::new();
    for verifier in sites.verifiers() {
        // Their own end is an hour away, by the clock of the system.
        let clock = Clock::at(NOW - 86_400);
        let made: Identity = identity().subject("7").clock(&clock).build();
        assert!(opens_7(&verifier.accept(made.clone()).unwrap()));
        assert!(ask(&verifier.after(Only(made))).await.is_ok());
    }
}

// ---- when they end

#[tokio::test]
async fn credentials_of_1970_are_none() {
    let bea: Identity = Vouched::new("badges", "bea", 0).build();
    assert!(is_refused(ask(&Verifier::of(Only(bea.clone()))).await));
    assert!(is_refused(ask(&Verifier::of_issuer("badges", Only(bea.clone()))).await));
    assert!(is_refused(Verifier::of(Only(bea.clone())).accept(bea.clone())));
    let denied = bea.authorize::<opens>().unwrap_err();
    assert!(is_refused(Err(denied)));
}

#[tokio::test]
async fn what_is_vouched_for_ends_by_the_clock_and_the_leeway_of_the_verifier() {
    for leeway in [0, 30] {
        let sites = Sites::new();
        let bea: Identity = Vouched::new("badges", "bea", NOW + 100).build();
        let builder = sites.builder(&sites.one).leeway(Duration::from_secs(leeway));
        let verifier = builder.build().unwrap().after(Only(bea.clone()));
        let found = ask(&verifier).await.unwrap();
        sites.clock.advance(Duration::from_secs(99 + leeway));
        assert!(ask(&verifier).await.is_ok());
        assert!(verifier.accept(found.clone()).is_ok() && verifier.accept(bea.clone()).is_ok());
        sites.clock.advance(Duration::from_secs(1));
        // Also where it is remembered, by the authenticator or by whoever asked before.
        assert!(is_refused(ask(&verifier).await));
        assert!(is_refused(verifier.accept(found)) && is_refused(verifier.accept(bea)));
    }
}

#[tokio::test]
async fn without_a_verifier_it_ends_by_its_own_clock() {
    let clock = Clock::at(NOW);
    let bea: Identity = Vouched::new("badges", "bea", NOW + 100).clock(&clock).build();
    let at_home = Verifier::of(Only(bea.clone()));
    clock.advance(Duration::from_secs(99));
    assert!(bea.authorize::<opens>().is_ok());
    let kept = ask(&at_home).await.unwrap();
    clock.advance(Duration::from_secs(1));
    assert!(is_refused(bea.authorize::<opens>().map(Guard::into_identity)));
    // A verifier with the clock of the system goes by the one of the test too, and has its leeway.
    assert!(ask(&at_home).await.is_ok());
    clock.advance(Duration::from_secs(30));
    assert!(is_refused(ask(&at_home).await));
    // What is kept is as it was, until a verifier is asked.
    assert!(kept.authorize::<opens>().is_ok());
    assert!(is_refused(at_home.accept(kept)));
}

#[tokio::test]
async fn what_was_found_in_a_token_ends_with_the_token() {
    let sites = Sites::new();
    let verifier = sites.builder(&sites.one).leeway(Duration::ZERO).build().unwrap();
    let token = sites.one.token(&sites.clock, "orders").claim("exp", NOW + 100).sign();
    let who = verifier.verify(&token).await.unwrap();
    sites.clock.advance(Duration::from_secs(99));
    assert!(verifier.accept(who.clone()).is_ok());
    sites.clock.advance(Duration::from_secs(1));
    assert!(is_refused(verifier.accept(who)));
    assert!(verifier.verify(&token).await.is_err());
}
