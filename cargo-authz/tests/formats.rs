//! The records of this very test, read out of files of every format there is, and out of files
//! that somebody damaged.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use std::path::PathBuf;

use authz_core::{Guard, Resource as DeriveResource, Roles, Scopes, manual, public, requires};
use authz_manifest::{Field, Manifest, Requirement, Resource};
use cargo_authz::failure::Failure;
use cargo_authz::record::{Damage, Fault, decode};
use cargo_authz::{program, section};
use object::{Architecture, BinaryFormat};
use proptest::prelude::*;
use support::{folder, object, records, shop};

/// The policy of the functions below.
mod policy {
    use super::{Roles, Scopes};

    /// The roles.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Roles)]
    pub enum Role {
        /// Runs the shop.
        #[role(includes(Clerk))]
        Manager,
        #[role(grants(Scope::WriteOrders))]
        Clerk,
    }

    /// The scopes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Scopes)]
    pub enum Scope {
        #[scope("read:orders")]
        ReadOrders,
        #[scope("write:orders", includes(ReadOrders))]
        WriteOrders,
    }

    authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
}

/// Gives the money back.
#[requires(
    role = "manager",
    any(scope = "write:orders", max_age = "5m"),
    not(acr = "bronze"),
    mfa,
    bound
)]
fn refund() {}

#[public(reason = "load balancer probe")]
fn health() {}

#[manual(reason = "the body asks the shop")]
fn me() {}

#[requires(scope = "read:orders", object = owner)]
fn show(guard: Guard<show>) {
    drop(guard);
}

#[requires(scope = "read:orders", object = owner, any_owner(role = "clerk", any(mfa, bound)))]
fn inspect(guard: Guard<inspect>) {
    drop(guard);
}

#[requires(role = policy::Role::Clerk, object = owner, any_owner(role = policy::Role::Manager))]
fn count(guard: Guard<count>) {
    drop(guard);
}

#[requires(role = "manager", object = any)]
fn all(guard: Guard<all>) {
    drop(guard);
}

/// Nobody's, and of everybody to read.
#[derive(DeriveResource)]
struct Change {
    #[resource(write(role = "manager", any(mfa, bound)))]
    discount: Option<u8>,
}

#[derive(DeriveResource)]
#[resource(owner = "customer", issuer = "at", tenant = "org")]
struct Order {
    customer: String,
    at: String,
    org: String,
    #[resource(read(role = "manager"), write(role = policy::Role::Manager))]
    #[serde(default)]
    unit_cost: u32,
    #[resource(read(not(acr = "bronze"), scope = "write:orders"))]
    r#type: String,
}

#[derive(DeriveResource)]
#[resource(tenant = "org")]
struct List<T: authz_core::object::Id> {
    org: T,
}

fn own_records() -> Vec<u8> {
    let own = section::read(&std::env::current_exe().unwrap()).unwrap();
    own.concat().concat()
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder(&format!("formats-{name}")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn the_file_of_this_test_says_what_the_running_test_says() {
    let found = program::read(&std::env::current_exe().unwrap()).unwrap();
    assert_eq!(found, authz_core::manifest().unwrap());
    assert_eq!(found.functions.len(), 7);
    let of = |name: &str| {
        let found = found.functions.iter().find(|it| it.id.ends_with(name)).unwrap();
        found.object.as_ref().map(|object| object.in_words().join(", "))
    };
    assert_eq!(of("::refund"), None);
    assert_eq!(of("::show").as_deref(), Some("object = owner"));
    assert_eq!(
        of("::inspect").as_deref(),
        Some("object = owner, any_owner(role = \"clerk\", any(mfa, bound))")
    );
    assert_eq!(of("::count").as_deref(), Some("object = owner, any_owner(role = \"manager\")"));
    assert_eq!(of("::all").as_deref(), Some("object = any"));
    let _ = (show, inspect, count, all);
    let _ = |change: Change, list: List<u64>| (change.discount, list.org);
    let resource = |name: &str| {
        let found = found.resources.iter().find(|it| it.id.ends_with(name)).unwrap();
        let field = |it: &Field| format!("{}: {}", it.name, it.in_words().join(", "));
        let fields = found.fields.iter().map(field);
        found.whose().into_iter().chain(fields).collect::<Vec<_>>()
    };
    assert_eq!(found.resources.len(), 3);
    assert_eq!(resource("::Change"), ["discount: write(role = \"manager\", any(mfa, bound))"]);
    assert_eq!(
        resource("::Order"),
        [
            "owner = \"customer\"",
            "issuer = \"at\"",
            "tenant = \"org\"",
            "unit_cost: read(role = \"manager\"), write(role = \"manager\")",
            "type: read(not(acr = \"bronze\"), scope = \"write:orders\")",
        ]
    );
    assert_eq!(resource("::List"), ["tenant = \"org\""]);
    let _: fn(Guard<refund>) = refund;
    let _: fn(Guard<me>) = me;
    health();
}

#[test]
fn the_records_written_by_hand_are_those_of_the_attributes() {
    let manifest = authz_core::manifest().unwrap();
    assert_eq!(decode(&[records(&manifest)]).unwrap(), manifest);
    let own = decode(&[own_records()]).unwrap();
    assert_eq!((own.functions, own.resources), (manifest.functions, manifest.resources));
}

#[test]
fn every_format_of_objects_is_read() {
    let manifest = authz_core::manifest().unwrap();
    let bytes = own_records();
    for (name, format, architecture) in [
        ("elf64", BinaryFormat::Elf, Architecture::Aarch64),
        ("elf32", BinaryFormat::Elf, Architecture::Arm),
        ("riscv", BinaryFormat::Elf, Architecture::Riscv64),
        ("macho", BinaryFormat::MachO, Architecture::Aarch64),
        ("coff", BinaryFormat::Coff, Architecture::X86_64),
    ] {
        let path = written(name, &object(format, architecture, &bytes));
        assert_eq!(program::read(&path).unwrap(), manifest, "{name}");
    }
    let wasm = written("module.wasm", &wasm(&bytes));
    assert_eq!(program::read(&wasm).unwrap(), manifest);
    let pe = written("program.exe", &pe(&bytes));
    assert_eq!(program::read(&pe).unwrap(), manifest);
}

#[test]
fn a_universal_binary_has_the_manifest_of_each_of_its_parts() {
    let manifest = shop();
    let part = object(BinaryFormat::MachO, Architecture::Aarch64, &records(&manifest));
    let mut fat = Vec::new();
    let number = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    // Magic, two parts; of each its processor, offset, size and alignment.
    let parts = [0x0100_000c, 0x0100_0007].map(|processor| [processor, 0, 4096, part.len(), 12]);
    for value in [0xcafe_babe, 2].into_iter().chain(parts.concat()) {
        fat.extend(number(value));
    }
    fat.resize(4096, 0);
    fat.extend(&part);
    assert_eq!(program::read(&written("universal", &fat)).unwrap(), manifest);
}

#[test]
fn an_archive_has_the_records_of_all_its_objects() {
    let manifest = shop();
    let object = support::program(&records(&manifest));
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in [("lib.rmeta/", b"no object!".as_slice()), ("shop.o/", &object)] {
        archive.extend(
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, bytes.len()).bytes(),
        );
        archive.extend(bytes);
        if bytes.len() % 2 == 1 {
            archive.push(b'\n');
        }
    }
    assert_eq!(program::read(&written("libshop.a", &archive)).unwrap(), manifest);
}

/// A WebAssembly module of one custom section.
fn wasm(bytes: &[u8]) -> Vec<u8> {
    let leb = |mut number: usize| {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).unwrap());
        bytes
    };
    let name = b".authz";
    let mut section = leb(name.len());
    section.extend(name);
    section.extend(bytes);
    let mut module = b"\0asm\x01\0\0\0\0".to_vec();
    module.extend(leb(section.len()));
    module.extend(section);
    module
}

/// A Windows program of one section.
fn pe(bytes: &[u8]) -> Vec<u8> {
    use object::pe;
    use object::write::pe::{NtHeaders, Writer};
    let mut file = Vec::new();
    let mut writer = Writer::new(true, 0x1000, 0x200, &mut file);
    writer.reserve_dos_header_and_stub();
    writer.reserve_nt_headers(16);
    writer.reserve_section_headers(1);
    let length = u32::try_from(bytes.len()).unwrap();
    let flags = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
    let range = writer.reserve_section(*b".authz\0\0", flags, length, length);
    writer.write_dos_header_and_stub().unwrap();
    writer.write_nt_headers(NtHeaders {
        machine: pe::IMAGE_FILE_MACHINE_AMD64,
        time_date_stamp: 0,
        characteristics: pe::IMAGE_FILE_EXECUTABLE_IMAGE,
        major_linker_version: 0,
        minor_linker_version: 0,
        address_of_entry_point: 0x1000,
        image_base: 0x1_4000_0000,
        major_operating_system_version: 0,
        minor_operating_system_version: 0,
        major_image_version: 0,
        minor_image_version: 0,
        major_subsystem_version: 0,
        minor_subsystem_version: 0,
        subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_CUI,
        dll_characteristics: pe::DllFlags::default(),
        size_of_stack_reserve: 0,
        size_of_stack_commit: 0,
        size_of_heap_reserve: 0,
        size_of_heap_commit: 0,
    });
    writer.write_section_headers();
    writer.write_section(range.file_offset, bytes);
    file
}

#[test]
fn zero_bytes_between_records_and_unknown_bytes_behind_fields_are_skipped() {
    let manifest = shop();
    let bytes = records(&manifest);
    // A field that a later version adds at the end of a body, and a kind of record of its own.
    let mut later = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((head, tail)) = rest.split_at_checked(11) {
        let length = u32::from_le_bytes(*head.last_chunk().unwrap());
        let (body, tail) = tail.split_at(length as usize);
        later.extend(&head[..7]);
        later.extend((length + 3).to_le_bytes());
        later.extend(body);
        later.extend(b"new\0\0\0\0\0");
        rest = tail;
    }
    later.extend(b"authz\x01?\x02\0\0\0??");
    assert_eq!(decode(&[later]).unwrap(), manifest);
}

#[test]
fn what_is_checked_of_objects_is_read_or_refused() {
    let mut shop = shop();
    shop.functions.truncate(1);
    let bytes = records(&shop);
    let mut unknown = bytes.clone();
    *unknown.last_mut().unwrap() = b'?';
    let Damage { fault: Fault::Malformed(text), .. } = decode(&[unknown]).unwrap_err() else {
        panic!()
    };
    assert_eq!(text, "unknown check of objects 0x3f");
    // From before there were such checks.
    let policy = records(&Manifest { functions: Vec::new(), ..shop.clone() }).len();
    let mut earlier = bytes[..bytes.len() - 1].to_vec();
    let place = policy + 7..policy + 11;
    let length = u32::from_le_bytes(bytes[place.clone()].try_into().unwrap());
    earlier[place].copy_from_slice(&(length - 1).to_le_bytes());
    assert_eq!(decode(&[earlier]).unwrap(), shop);
}

#[test]
fn a_record_of_a_resource_is_read_or_refused() {
    let with = |edit: fn(&mut Resource)| {
        let mut manifest = shop();
        let policy = Some(manifest.policies[0].id.clone());
        let mask = Some(Requirement::Role("manager".to_owned()));
        let field = Field { name: "cost".to_owned(), read: mask, write: None };
        let mut resource = Resource {
            id: "shop::Order".to_owned(),
            policy,
            file: String::new(),
            line: 1,
            owner: Some("customer".to_owned()),
            issuer: None,
            tenant: None,
            fields: vec![field],
        };
        edit(&mut resource);
        manifest.resources = vec![resource];
        manifest
    };
    let whole = with(|_| ());
    assert_eq!(decode(&[records(&whole)]).unwrap(), whole);
    let plain = with(|resource| {
        resource.policy = None;
        resource.fields.clear();
    });
    assert_eq!(decode(&[records(&plain)]).unwrap(), plain);

    let text = |bytes: Vec<u8>| match decode(&[bytes]) {
        Err(Damage { fault: Fault::Malformed(text), .. }) => text,
        other => panic!("{other:?}"),
    };
    // The last bytes are the index of a role and the `-` of what writing takes.
    let bytes = records(&whole);
    let end = bytes.len();
    let mut unknown = bytes.clone();
    unknown[end - 5] = 99;
    assert_eq!(text(unknown), "`shop::Order.cost` asks for a name that its policy has not");
    let mut strange = bytes.clone();
    strange[end - 1] = b'?';
    assert_eq!(text(strange), "unknown requirement 0x3f");
    let Damage { fault: Fault::Malformed(cut), .. } = decode(&[&bytes[..end - 1]]).unwrap_err()
    else {
        panic!()
    };
    assert!(cut.contains("bytes are announced"), "{cut}");
    let policy = b"shop::policy::Policy";
    let place = bytes.windows(policy.len()).rposition(|window| window == policy).unwrap();
    let mut orphan = bytes.clone();
    orphan[place] = b'x';
    assert_eq!(
        text(orphan),
        "`shop::Order` stands under the policy `xhop::policy::Policy`, which has no record"
    );
    let mut nameless = bytes;
    let length = place - 4 - b"shop::Order".len() - 4;
    let shorter = u32::try_from(end - length - policy.len()).unwrap();
    nameless.drain(place..place + policy.len());
    nameless[place - 4..place].fill(0);
    nameless[length - 4..length].copy_from_slice(&shorter.to_le_bytes());
    assert_eq!(text(nameless), "`shop::Order` has masks and names no policy");
}

#[test]
fn a_damaged_record_is_an_error_that_names_the_offset() {
    let bytes = records(&shop());
    let fault = |bytes: &[u8]| decode(&[bytes]).unwrap_err();
    let malformed =
        |offset: usize, text: &str| Damage { offset, fault: Fault::Malformed(text.to_owned()) };

    let mut other = bytes.clone();
    other[0] = b'A';
    assert_eq!(
        fault(&other),
        malformed(0, "a record starts with `authz`, and here are other bytes")
    );

    let mut newer = bytes.clone();
    newer[5] = 2;
    assert_eq!(fault(&newer), Damage { offset: 0, fault: Fault::Version(2) });

    let cut = &bytes[..bytes.len() - 1];
    let Damage { offset, fault: Fault::Malformed(text) } = fault(cut) else { panic!() };
    assert!(text.contains("bytes are announced, and "), "{text}");
    assert!(offset > bytes.len() / 2 && offset < bytes.len());

    // The number of roles, behind the header and the id of the policy.
    let mut many = bytes.clone();
    let place = 11 + 4 + "shop::policy::Policy".len();
    many[place..place + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let Damage { offset, fault: Fault::Malformed(text) } = fault(&many) else { panic!() };
    assert_eq!(offset, place + 4);
    assert!(text.starts_with("a list of 4294967295 items"), "{text}");

    let mut orphan = shop();
    orphan
        .policies
        .push(authz_manifest::Policy { id: "other".to_owned(), ..orphan.policies[0].clone() });
    let mut function = orphan.functions[0].clone();
    function.policy = "other".to_owned();
    orphan.functions = vec![function];
    let only_first = [records(&Manifest { functions: Vec::new(), ..shop() })];
    let all = records(&orphan);
    let behind = records(&Manifest { functions: Vec::new(), ..orphan }).len();
    let with_orphan = [only_first[0].as_slice(), &all[behind..]].concat();
    let Damage { fault: Fault::Malformed(text), .. } = fault(&with_orphan) else { panic!() };
    assert_eq!(
        text,
        "`shop::service::cancel` stands under the policy `other`, which has no record"
    );
}

#[test]
fn nesting_has_a_limit_below_which_json_reads_what_it_wrote() {
    let deep = |depth: usize| {
        let mut manifest = shop();
        manifest.functions.truncate(1);
        let mut tree = Requirement::Mfa;
        for _ in 0..depth {
            tree = Requirement::All(vec![tree]);
        }
        manifest.functions[0].requirement = tree;
        manifest
    };
    let limit = cargo_authz::record::MAX_DEPTH;
    let manifest = deep(limit);
    assert_eq!(decode(&[records(&manifest)]).unwrap(), manifest);
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    let text = cargo_authz::lock::write(&manifest);
    cargo_authz::lock::parse(&text, "authz.lock".as_ref()).unwrap();

    let Err(Damage { fault: Fault::Malformed(text), .. }) = decode(&[records(&deep(limit + 1))])
    else {
        panic!("nesting without a limit")
    };
    assert_eq!(text, format!("nesting is deeper than {limit}"));
}

#[test]
fn what_is_no_program_says_so_and_is_not_read_whole() {
    let folder = folder("formats-no-program");
    let failure = |path: &PathBuf| program::read(path).unwrap_err();
    let missing = folder.join("missing");
    assert!(matches!(failure(&missing), Failure::Unreadable { .. }));
    assert!(matches!(failure(&folder), Failure::NotAProgram { .. }));

    let text = written("text", b"#!/bin/sh\necho no\n");
    assert!(matches!(failure(&text), Failure::NotAProgram { .. }));
    let without = written("without", &{
        let object = object::write::Object::new(
            BinaryFormat::Elf,
            Architecture::X86_64,
            object::Endianness::Little,
        );
        object.write().unwrap()
    });
    assert!(matches!(failure(&without), Failure::NoSection { .. }));
    let empty = written(
        "empty",
        &support::program(&records(&Manifest { functions: Vec::new(), ..shop() })),
    );
    assert!(matches!(failure(&empty), Failure::Empty { .. }));

    // One GiB of nothing, and one GiB behind the word of a program; neither takes memory.
    let huge = folder.join("huge");
    std::fs::File::create(&huge).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(failure(&huge), Failure::NotAProgram { .. }));
    let long = written("long.wasm", b"\0asm\x01\0\0\0");
    std::fs::File::options().write(true).open(&long).unwrap().set_len(1 << 30).unwrap();
    assert!(matches!(failure(&long), Failure::TooLarge { .. }));
    let section = written(
        "section",
        &support::program(&vec![0; usize::try_from(section::MAX_SECTION).unwrap() + 1]),
    );
    assert!(matches!(failure(&section), Failure::TooLarge { .. }));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = records(&shop());
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        drop(decode(&[&bytes]));
        bytes.truncate(cut.index(bytes.len()));
        drop(decode(&[&bytes]));
    }

    #[test]
    fn no_file_makes_the_reader_panic(
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let original = support::program(&records(&shop()));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("formats-flipped");
        let mut bytes = original;
        for (place, byte) in flips {
            // The headers are at both ends.
            let place = place.index(512);
            let place = if place < 256 { place } else { bytes.len() - (place - 255) };
            bytes[place] = byte;
        }
        std::fs::write(&path, &bytes).unwrap();
        drop(program::read(&path));
    }
}
