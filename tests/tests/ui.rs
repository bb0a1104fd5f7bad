//! What does not compile, with the words in which the compiler says so; and, beside each mistake,
//! what does compile.

#[test]
fn each_mistake_is_told_in_these_words_and_its_neighbour_compiles() {
    let cases = trybuild::TestCases::new();
    for kind in [
        "actix",
        "args",
        "block",
        "field",
        "grpc",
        "identity",
        "item",
        "meaning",
        "names",
        "object",
        "policy",
        "proof",
        "router",
        "rule",
        "tower",
        "vocabulary",
    ] {
        cases.compile_fail(format!("ui/{kind}/*.rs"));
    }
    cases.pass("ui/pass/*.rs");
}
