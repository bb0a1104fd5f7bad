use authz_core::Resource;

#[derive(Resource)]
struct Silent {
    customer: String,
}

#[derive(Resource)]
#[resource]
struct Bare {
    customer: String,
}

#[derive(Resource)]
#[resource(owner = "custmer", tenant = "organisation")]
struct Misspelt {
    customer: String,
    org: String,
}

#[derive(Resource)]
#[resource(ownr = "customer")]
struct UnknownKey {
    customer: String,
}

#[derive(Resource)]
#[resource(owner = customer)]
struct Unquoted {
    customer: String,
}

#[derive(Resource)]
#[resource(owner = "customer", owner = "seller")]
struct Twice {
    customer: String,
    seller: String,
}

#[derive(Resource)]
#[resource(tenant = "org", issuer = "issuer")]
struct IssuerOfNobody {
    org: String,
    issuer: String,
}

#[derive(Resource)]
#[resource("customer")]
struct Keyless {
    customer: String,
}

fn main() {}
