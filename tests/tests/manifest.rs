//! The manifest tells every annotated function of the program, in an order and a form that can be
//! stored and compared; the bytes in the file tell the same.

#![expect(
    clippy::unwrap_used,
    reason = "a test that finds something else than it expects has failed"
)]
#![expect(clippy::unused_async, reason = "a public handler is async, and this one has no work")]

use authz_core::manifest::{FORMAT, Function, Manifest, Requirement};
use authz_core::{Denied, Guard, Guarded, Open, OpenToAll, manual, public, requires};
use authz_tests::policy::{self, Identity};
use authz_tests::{ledger, warehouse};

/// Gives the money back.
///
/// All of it.
#[requires(role = "manager", any(scope = "write:orders", max_age = "5m"), not(acr = "bronze"))]
fn refund() {}
/// The line of the attribute on [`refund`].
const LINE_OF_REFUND: u32 = line!() - 3;

#[public(reason = "load balancer probe")]
async fn health() -> &'static str {
    "well"
}

#[manual(reason = "the body asks the shop")]
fn me() {}

#[requires(role = "packer", policy = warehouse)]
fn pack() {}

authz_core::rule!(Closing = all(scope = "close", mfa), policy = ledger);

#[requires(any(rule = Closing, role = "manager"), policy = ledger)]
fn close() {}

/// A module of its own.
mod inner {
    /// Of the same name as another.
    #[authz_core::requires(mfa)]
    pub(super) fn refund() {}
}

struct Shop {
    orders: u32,
}

impl Shop {
    #[requires(scope = "read:orders", identity = who)]
    fn list(&self, who: &Identity) -> Result<u32, Denied> {
        Ok(self.orders)
    }
}

fn manifest() -> Manifest {
    authz_core::manifest().unwrap()
}

fn function(id: &str) -> Function {
    let found: Vec<_> =
        manifest().functions.into_iter().filter(|function| function.id == id).collect();
    assert_eq!(found.len(), 1, "{id}");
    found.into_iter().next().unwrap()
}

#[test]
fn every_annotated_function_is_listed_once_and_sorted_by_id() {
    // The types below exist only where the attribute stands.
    let _: fn(Guard<refund>) = refund;
    let _: fn(Guard<me>) = me;
    let _: fn(Guard<pack>) = pack;
    let _: fn(Guard<close>) = close;
    let _: fn(Guard<inner::refund>) = inner::refund;
    drop(health(Open::new()));
    let nobody = authz_core::testing::identity().build();
    assert!(Shop { orders: 7 }.list(&nobody).is_err());

    let ids: Vec<_> = manifest().functions.into_iter().map(|function| function.id).collect();
    let expected = [
        "manifest::close",
        "manifest::health",
        "manifest::inner::refund",
        "manifest::list",
        "manifest::me",
        "manifest::pack",
        "manifest::refund",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn policies_are_sorted_and_each_function_names_its_own() {
    let manifest = manifest();
    let ids: Vec<_> = manifest.policies.iter().map(|policy| policy.id.as_str()).collect();
    let expected = ["ledger", "policy", "warehouse"];
    assert_eq!(ids, expected.map(|module| format!("authz_tests::{module}::Policy")));
    for function in &manifest.functions {
        let expected = match function.id.as_str() {
            "manifest::close" => ids[0],
            "manifest::pack" => ids[2],
            _ => ids[1],
        };
        assert_eq!(function.policy, expected, "{}", function.id);
    }
}

#[test]
fn a_policy_tells_what_excludes_what() {
    let manifest = manifest();
    let ledger = &manifest.policies[0];
    let excludes: Vec<_> =
        ledger.roles.iter().map(|role| (role.name.as_str(), role.excludes.as_slice())).collect();
    let clerk: &[String] = &["auditor".to_owned()];
    let nothing: &[String] = &[];
    assert_eq!(
        excludes,
        [("manager", nothing), ("clerk", clerk), ("auditor", nothing), ("inspector", nothing)]
    );
}

#[test]
fn a_rule_is_shown_by_name_and_expanded() {
    let requirement = serde_json::to_value(function("manifest::close").requirement).unwrap();
    assert_eq!(
        requirement,
        serde_json::json!({ "any": [
            { "rule": {
                "name": "manifest::Closing",
                "requires": { "all": [{ "scope": "close" }, "mfa"] },
            } },
            { "role": "manager" },
        ] })
    );
}

#[test]
fn a_function_tells_id_file_line_kind_and_documentation() {
    assert_eq!(
        function("manifest::refund"),
        Function {
            id: "manifest::refund".to_owned(),
            policy: "authz_tests::policy::Policy".to_owned(),
            file: file!().to_owned(),
            line: LINE_OF_REFUND,
            kind: "requires".to_owned(),
            requirement: Requirement::All(vec![
                Requirement::Role("manager".to_owned()),
                Requirement::Any(vec![
                    Requirement::Scope("write:orders".to_owned()),
                    Requirement::MaxAge(300),
                ]),
                Requirement::Not(Box::new(Requirement::Acr("bronze".to_owned()))),
            ]),
            reason: None,
            route: None,
            shadow: None,
            doc: Some("Gives the money back.".to_owned()),
            object: None,
        }
    );
}

#[test]
fn public_and_manual_functions_tell_their_reason() {
    let told = |id: &str| {
        let Function { kind, requirement, reason, doc, .. } = function(id);
        (kind, requirement, reason.unwrap(), doc)
    };
    assert_eq!(
        told("manifest::health"),
        ("public".to_owned(), Requirement::Anyone, "load balancer probe".to_owned(), None)
    );
    assert_eq!(
        told("manifest::me"),
        (
            "manual".to_owned(),
            Requirement::Authenticated,
            "the body asks the shop".to_owned(),
            None
        )
    );
}

#[test]
fn the_record_of_a_function_and_the_manifest_say_the_same() {
    for record in
        [refund::FUNCTION, health::FUNCTION, me::FUNCTION, pack::FUNCTION, close::FUNCTION]
    {
        assert_eq!(function(record.id()), Function::from(record));
    }
}

#[test]
fn the_manifest_reads_back_as_it_was_written() {
    let manifest = manifest();
    let text = serde_json::to_string_pretty(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap(), manifest);
    assert_eq!(manifest.format, FORMAT);
    // Twice the same, byte for byte.
    assert_eq!(serde_json::to_string_pretty(&authz_core::manifest().unwrap()).unwrap(), text);
}

/// Reads the records out of this program's own file.
#[cfg(all(target_os = "linux", target_pointer_width = "64", target_endian = "little"))]
mod section {
    use super::manifest;

    /// Bytes, read from the front.
    struct Reader<'a>(&'a [u8]);

    impl<'a> Reader<'a> {
        fn bytes(&mut self, length: usize) -> &'a [u8] {
            let (head, rest) = self.0.split_at_checked(length).unwrap();
            self.0 = rest;
            head
        }

        /// A little-endian number of so many bytes.
        fn number(&mut self, length: usize) -> usize {
            let bytes = self.bytes(length);
            bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
        }

        fn text(&mut self) -> String {
            let length = self.number(4);
            String::from_utf8(self.bytes(length).to_vec()).unwrap()
        }
    }

    fn at(file: &[u8], offset: usize) -> Reader<'_> {
        Reader(file.get(offset..).unwrap())
    }

    /// The content of the section `.authz` of an ELF file.
    fn section(file: &[u8]) -> &[u8] {
        assert!(file.starts_with(b"\x7fELF\x02\x01"), "this program is no ELF file of 64 bits");
        let table = at(file, 0x28).number(8);
        let size = at(file, 0x3a).number(2);
        let count = at(file, 0x3c).number(2);
        let names = at(file, 0x3e).number(2);
        let place = |index: usize| {
            let mut header = at(file, table + index * size + 0x18);
            (header.number(8), header.number(8))
        };
        let (names, _) = place(names);
        let index = (0..count)
            .find(|index| {
                let name = at(file, table + index * size).number(4);
                at(file, names + name).0.starts_with(b".authz\0")
            })
            .unwrap();
        let (offset, length) = place(index);
        at(file, offset).bytes(length)
    }

    #[test]
    fn the_section_of_the_file_names_the_functions_and_policies_of_the_manifest() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let mut reader = Reader(section(&file));
        let (mut functions, mut policies) = (Vec::new(), Vec::new());
        loop {
            while let [0, rest @ ..] = reader.0 {
                reader.0 = rest;
            }
            if reader.0.is_empty() {
                break;
            }
            assert_eq!(reader.bytes(6), b"authz\x01");
            let kind = reader.bytes(1);
            let length = reader.number(4);
            let mut body = Reader(reader.bytes(length));
            if kind == b"p" {
                policies.push(body.text());
                continue;
            }
            assert_eq!(kind, b"f");
            let (id, policy, file) = (body.text(), body.text(), body.text());
            let (line, kind) = (body.number(4), body.bytes(1).to_vec());
            let (reason, route, doc) = (body.text(), body.text(), body.text());
            functions.push((id, policy, file, line, kind, reason, route, doc));
        }
        functions.sort();
        policies.sort();

        let manifest = manifest();
        let expected: Vec<_> = manifest
            .functions
            .into_iter()
            .map(|function| {
                (
                    function.id,
                    function.policy,
                    function.file,
                    usize::try_from(function.line).unwrap(),
                    function.kind.as_bytes().get(..1).unwrap().to_vec(),
                    function.reason.unwrap_or_default(),
                    function.route.unwrap_or_default(),
                    function.doc.unwrap_or_default(),
                )
            })
            .collect();
        assert_eq!(functions, expected);
        let expected: Vec<_> = manifest.policies.into_iter().map(|policy| policy.id).collect();
        assert_eq!(policies, expected);
    }
}
