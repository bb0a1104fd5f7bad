//! What handlers behind a session say to caches.

use authz_accounts::axum::keep_out_of_caches;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::middleware::map_response;
use axum::routing::get;
use tower::ServiceExt;

#[tokio::test]
async fn a_handler_that_says_nothing_is_kept_out_and_one_that_says_something_varies_by_cookie() {
    let router = Router::new()
        .route("/silent", get(|| async { "yours" }))
        .route("/kept", get(|| async { ([(CACHE_CONTROL, "private, max-age=60")], "yours") }))
        .route("/varies", get(|| async { ([(VARY, "Accept")], "yours") }))
        .route("/by-cookie", get(|| async { ([(VARY, "accept, COOKIE")], "yours") }))
        .route("/by-all", get(|| async { ([(VARY, "*")], "yours") }))
        .layer(map_response(keep_out_of_caches));
    for (path, control, vary) in [
        ("/silent", "no-store", vec!["Cookie"]),
        ("/kept", "private, max-age=60", vec!["Cookie"]),
        ("/varies", "no-store", vec!["Accept", "Cookie"]),
        ("/by-cookie", "no-store", vec!["accept, COOKIE"]),
        ("/by-all", "no-store", vec!["*"]),
        // What is not there is an answer to somebody as well.
        ("/nothing", "no-store", vec!["Cookie"]),
    ] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[CACHE_CONTROL], control, "{path}");
        let varies: Vec<_> = response.headers().get_all(VARY).iter().collect();
        assert_eq!(varies, vary, "{path}");
    }
}
