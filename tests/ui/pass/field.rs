//! What is shown of whom, and taken in from whom; each a neighbour of the mistakes in `field`.

use std::collections::BTreeMap;

use authz_core::object::{Hidden, Input, Masked, Sealed};
use authz_core::testing::identity;
use authz_core::{Denied, Guard, Resource, manual, requires};
use authz_tests::policy::{self, Identity};
use serde_json::json;

mod shop {
    use authz_core::Resource;

    use crate::{BTreeMap, policy};

    #[derive(Clone, Resource)]
    #[resource(owner = "customer", policy = policy::Policy)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    pub struct Order {
        pub(crate) customer: String,
        #[serde(skip)]
        pub internal: u64,
        #[serde(with = "crate::hexadecimal")]
        pub number: u32,
        #[serde(rename = "cost", serialize_with = "crate::hexadecimal::serialize")]
        #[resource(read(role = "manager"))]
        pub unit_cost: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[resource(read(role = policy::Role::Auditor, mfa))]
        pub r#type: Option<String>,
        #[serde(flatten, skip_serializing_if = "BTreeMap::is_empty")]
        #[resource(read(any(role = "auditor", not(scope = "write:orders"))))]
        pub labels: BTreeMap<String, String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub notes: Vec<String>,
    }
}

use shop::Order;

mod hexadecimal {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &u32, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{number:x}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        let text = String::deserialize(from)?;
        u32::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}

/// Taken in, and nobody's: what everybody may see is serialized as it is.
#[derive(Debug, PartialEq, serde::Serialize, Resource)]
#[serde(rename_all(serialize = "camelCase", deserialize = "kebab-case"), deny_unknown_fields)]
struct Change {
    quantity: u32,
    #[serde(default)]
    note: String,
    #[resource(write(role = "manager"))]
    unit_discount: Option<u8>,
    #[serde(with = "hexadecimal", default = "seven", alias = "order")]
    #[resource(write(any(role = "auditor", rule = Fresh)))]
    number: u32,
    #[serde(default)]
    #[resource(write(role = "manager"))]
    r#type: String,
}

/// Both at once.
#[derive(Resource)]
#[resource(tenant = "org", crate = ::authz_core)]
struct Price {
    org: String,
    #[serde(default)]
    #[resource(read(role = "manager"), write(role = "admin"))]
    cents: u32,
}

authz_core::rule!(Fresh = all(role = "clerk", max_age = "5m"));

fn seven() -> u32 {
    7
}

fn order() -> Order {
    Order {
        customer: "ann".to_owned(),
        internal: 1,
        number: 255,
        unit_cost: 16,
        r#type: Some("gift".to_owned()),
        labels: BTreeMap::from([("shelf".to_owned(), "7".to_owned())]),
        notes: Vec::new(),
    }
}

#[requires(scope = "read:orders", object = owner, any_owner(role = "auditor"))]
fn show(guard: Guard<show>) -> Result<Masked<Order>, Hidden> {
    let order = Sealed::new(order()).open(&guard)?;
    Ok(Masked::new(order, &guard))
}

#[requires(scope = "read:orders")]
fn list(guard: Guard<list>) -> Masked<Vec<Order>> {
    Masked::new(vec![order(), order()], &guard)
}

#[manual(reason = "shows what may be seen")]
fn find(guard: Guard<find>) -> Masked<Option<Order>> {
    Masked::new(None, &guard)
}

#[requires(scope = "write:orders")]
fn change(guard: Guard<change>, input: Input<Change>) -> Result<Change, Denied> {
    input.accept(&guard)
}

#[requires(role = "admin")]
fn price(guard: Guard<price>, input: Input<Price>) -> Result<Masked<Price>, Denied> {
    Ok(Masked::new(input.accept(&guard)?, &guard))
}

fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn main() {
    let ann: Identity = identity().subject("ann").scope("write:orders").build();
    let max: Identity = identity().role("manager").scope("write:orders").mfa().build();
    let admin: Identity = identity().role("admin").build();

    let shown = serde_json::to_value(show(ann.authorize().unwrap()).unwrap()).unwrap();
    assert_eq!(shown, json!({ "customer": "ann", "number": "ff" }));
    let whole = json!({
        "customer": "ann", "number": "ff", "cost": "10", "type": "gift", "shelf": "7",
    });
    let shown = serde_json::to_value(show(max.authorize().unwrap()).unwrap()).unwrap();
    assert_eq!(shown, whole);
    let listed = list(max.authorize().unwrap());
    assert_eq!(serde_json::to_value(&listed).unwrap(), json!([whole, whole]));
    assert_eq!(listed.seen_each().filter_map(|seen| seen.unit_cost).sum::<u32>(), 32);
    let found = find(ann.authorize().unwrap());
    assert_eq!(serde_json::to_value(&found).unwrap(), json!(null));
    assert_eq!(show(ann.authorize().unwrap()).unwrap().seen().unit_cost, None);

    let none = change(ann.authorize().unwrap(), read(json!({ "quantity": 2 }))).unwrap();
    let expected = Change {
        quantity: 2,
        note: String::new(),
        unit_discount: None,
        number: 7,
        r#type: String::new(),
    };
    assert_eq!(none, expected);
    let all = json!({ "quantity": 2, "unit-discount": 9, "order": "ff", "type": "gift" });
    let changed = change(max.authorize().unwrap(), read(all.clone())).unwrap();
    assert_eq!((changed.unit_discount, changed.number, &*changed.r#type), (Some(9), 255, "gift"));
    change(ann.authorize().unwrap(), read(all)).unwrap_err();
    // What came is refused whatever it holds.
    let null = json!({ "quantity": 2, "unit-discount": null });
    change(ann.authorize().unwrap(), read(null)).unwrap_err();
    let unknown = serde_json::from_value::<Input<Change>>(json!({ "quantity": 2, "discount": 9 }));
    unknown.unwrap_err();

    let priced = price(admin.authorize().unwrap(), read(json!({ "org": "7", "cents": 5 }))).unwrap();
    assert_eq!(serde_json::to_value(priced).unwrap(), json!({ "org": "7", "cents": 5 }));
}
