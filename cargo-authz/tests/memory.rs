//! A small file of a stranger does not take much memory, whatever it says of itself: each of these is read within
//! a limit of the address space, and refused in a sentence.

#![expect(clippy::unwrap_used, reason = "a test that finds something else has failed")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use authz_manifest::{Function, Manifest, Name, Requirement};
use object::{Architecture, BinaryFormat};
use support::{folder, object, printed, program, records, shop};

/// The size of each file, in bytes.
const SIZE: usize = 8 << 20;

/// The address space, in KiB: what the program itself, its libraries and the stacks of its threads take, and
/// about two dozen times the file.
const LIMIT: usize = 512 << 10;

/// Runs `cargo-authz` with that address space.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {LIMIT} && exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_cargo-authz"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn number(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

/// A record of a kind.
fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    [b"authz\x01", &[kind][..], &number(body.len()), body].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&number(text.len())[..], text.as_bytes()].concat()
}

/// A policy of these roles, without scopes, that brings `grants` and `excludes`.
fn policy(
    id: &str,
    roles: &[Vec<u8>],
    scopes: &[Vec<u8>],
    grants: &[u8],
    excludes: &[u8],
) -> Vec<u8> {
    let names = |names: &[Vec<u8>]| [&number(names.len())[..], &names.concat()].concat();
    record(
        b'p',
        &[text(id), names(roles), names(scopes), grants.to_vec(), excludes.to_vec()].concat(),
    )
}

/// A name that includes those of these places.
fn name(name: &str, includes: &[usize]) -> Vec<u8> {
    let places: Vec<_> = includes.iter().flat_map(|place| number(*place)).collect();
    [text(name), text(""), text(""), number(includes.len()).to_vec(), places].concat()
}

/// A function of the policy `p` that requires this.
fn function(requirement: &[u8]) -> Vec<u8> {
    let head = [text("a"), text("p"), text(""), number(1).to_vec(), b"r".to_vec()].concat();
    record(
        b'f',
        &[head, text(""), text(""), text(""), requirement.to_vec(), b"-".to_vec()].concat(),
    )
}

fn small_policy(role: &str) -> Vec<u8> {
    policy("p", &[name(role, &[])], &[], &number(0), &number(0))
}

/// As many as fit, each of so many bytes.
fn fitting(bytes: usize) -> usize {
    SIZE / bytes
}

#[test]
fn records_that_stand_for_more_than_they_are_are_refused() {
    let folder = folder("memory-records");
    let long = "x".repeat(SIZE / 2);
    let list = |word: u8, item: &[u8], count: usize| {
        [&[word][..], &number(count), &item.repeat(count)].concat()
    };
    let role = [b"r".to_vec(), number(0).to_vec()].concat();
    let pair = [number(0), number(0)].concat();
    let times = |item: &[u8], count: usize| [&number(count)[..], &item.repeat(count)].concat();
    let many = fitting(2 * 8);
    let two = [name(&long, &[]), name("b", &vec![0; fitting(2 * 4)])];
    let cases = [
        ("leaves", [small_policy("b"), function(&list(b'|', b"a", fitting(1)))].concat()),
        (
            "lists",
            [small_policy("b"), function(&list(b'&', &list(b'|', b"", 0), fitting(5)))].concat(),
        ),
        (
            "not",
            [small_policy("b"), function(&list(b'&', b"!!!!!!!!!!!!!!!!a", fitting(17)))].concat(),
        ),
        ("one-name", [small_policy(&long), function(&list(b'|', &role, fitting(2 * 5)))].concat()),
        ("includes", policy("p", &two, &[], &number(0), &number(0))),
        (
            "grants",
            policy("p", &[name("a", &[])], &[name(&long, &[])], &times(&pair, many), &number(0)),
        ),
        ("excludes", policy("p", &[name(&long, &[])], &[], &number(0), &times(&pair, many))),
    ];
    for (name, records) in cases {
        std::fs::write(folder.join(name), program(&records)).unwrap();
        let (text, told, code) = printed(&run(&folder, &["manifest", "--program", name]));
        assert_eq!((text.len(), code), (0, 9), "{name}: {told}");
        assert!(told.contains("its records stand for far more than they are"), "{name}: {told}");
    }
}

#[test]
fn names_have_a_limit_beyond_which_their_hierarchy_would_not_fit() {
    let folder = folder("memory-names");
    let chain = |count: usize| -> Vec<_> {
        (0..count).map(|place| name(&place.to_string(), &[(place + 1).min(count - 1)])).collect()
    };
    let limit = cargo_authz::record::MAX_NAMES;
    for (count, expected) in [(limit, 0), (limit + 1, 9), (fitting(32), 9)] {
        let policy = policy("p", &chain(count), &[], &number(0), &number(0));
        std::fs::write(folder.join("chain"), program(&[policy, function(b"a")].concat())).unwrap();
        let (_, told, code) = printed(&run(&folder, &["who", "a", "--program", "chain"]));
        assert_eq!(code, expected, "{count}: {told}");
        assert_eq!(told.contains("more than 4096 names of one kind"), expected != 0, "{told}");
    }
    // A lock says as much, and more shortly.
    let mut manifest = shop();
    let model =
        Name { includes: Vec::new(), grants: Vec::new(), ..manifest.policies[0].roles[0].clone() };
    manifest.policies[0]
        .roles
        .extend((0..limit).map(|place| Name { name: place.to_string(), ..model.clone() }));
    std::fs::write(folder.join("names.lock"), cargo_authz::lock::write(&manifest)).unwrap();
    let (_, told, code) = printed(&run(&folder, &["diff", "names.lock", "names.lock"]));
    assert_eq!(code, 12, "{told}");
    assert!(told.contains("has more than 4096 names of one kind"), "{told}");
}

#[test]
fn a_policy_for_each_few_bytes_is_read_in_one_pass() {
    let folder = folder("memory-policies");
    let policies =
        (0..fitting(64)).map(|id| policy(&id.to_string(), &[], &[], &number(0), &number(0)));
    let bytes = [policies.collect::<Vec<_>>().concat(), small_policy("b"), function(b"a")].concat();
    std::fs::write(folder.join("policies"), program(&bytes)).unwrap();
    let (_, told, code) = printed(&run(&folder, &["who", "a", "--program", "policies"]));
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_function_for_each_few_bytes_is_read_or_refused() {
    let folder = folder("memory-functions");
    let functions = (0..fitting(64)).map(|id| {
        let head =
            [text(&format!("{id:x}")), text("p"), text(""), number(1).to_vec(), b"r".to_vec()];
        record(b'f', &[head.concat(), text(""), text(""), text(""), b"a-".to_vec()].concat())
    });
    let bytes = [small_policy("b"), functions.collect::<Vec<_>>().concat()].concat();
    std::fs::write(folder.join("functions"), program(&bytes)).unwrap();
    let (_, told, code) = printed(&run(&folder, &["lock", "--program", "functions"]));
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_lock_has_a_limit_beyond_which_it_is_not_read() {
    let folder = folder("memory-lock");
    let beyond = vec![b'#'; usize::try_from(cargo_authz::lock::MAX_SIZE).unwrap() + 1];
    std::fs::write(folder.join("beyond.lock"), beyond).unwrap();
    let (_, told, code) = printed(&run(&folder, &["diff", "beyond.lock", "beyond.lock"]));
    assert_eq!(code, 15, "{told}");
}

#[test]
fn parts_and_sections_that_overlap_are_read_once_or_not_at_all() {
    let folder = folder("memory-overlap");
    let part = object(BinaryFormat::MachO, Architecture::Aarch64, &vec![0; SIZE]);
    let fat = |count: usize| {
        let big = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
        let offset = 8 + 20 * count;
        let arch = [big(0x0100_000c), big(0), big(offset), big(part.len()), big(0)].concat();
        [&0xcafe_babe_u32.to_be_bytes()[..], &big(count), &arch.repeat(count), &part].concat()
    };
    for (count, why) in
        [(2, "its parts overlap"), (64, "its parts overlap"), (65, "more than 64 parts")]
    {
        std::fs::write(folder.join("fat"), fat(count)).unwrap();
        let (text, told, code) = printed(&run(&folder, &["manifest", "--program", "fat"]));
        assert_eq!((text.as_str(), code), ("", 6), "{count}: {told}");
        assert!(told.contains(why), "{count}: {told}");
    }
    // One section, named in the table again and again.
    let mut elf = program(&records(&shop()));
    let at = |bytes: &[u8], place: usize| {
        usize::try_from(u64::from_le_bytes(*bytes.get(place..).unwrap().first_chunk().unwrap()))
            .unwrap()
    };
    let table = at(&elf, 0x28);
    let count = usize::from(u16::from_le_bytes(*elf.get(0x3c..).unwrap().first_chunk().unwrap()));
    let headers = elf.get(table..table + 64 * count).unwrap().to_vec();
    let named = elf.windows(6).any(|bytes| bytes == b".authz");
    assert!(named && headers.len() == 64 * count);
    let moved = elf.len();
    let own = records(&shop()).len();
    let header = headers.chunks(64).find(|header| at(header, 0x20) == own).unwrap();
    elf.extend(&headers);
    elf.extend(header.repeat(60_000));
    elf.get_mut(0x28..0x30).unwrap().copy_from_slice(&(moved as u64).to_le_bytes());
    let sections = u16::try_from(count + 60_000).unwrap();
    elf.get_mut(0x3c..0x3e).unwrap().copy_from_slice(&sections.to_le_bytes());
    std::fs::write(folder.join("elf"), elf).unwrap();
    let (text, told, code) = printed(&run(&folder, &["manifest", "--program", "elf"]));
    assert_eq!((text.as_str(), code), ("", 6), "{told}");
    assert!(told.contains("its sections overlap"), "{told}");
}

#[test]
fn a_large_program_is_read_within_the_same_limit() {
    let folder = folder("memory-large");
    let mut large = shop();
    let one = large.functions[4].clone();
    let requirement = Requirement::Any((0..8).map(|_| one.requirement.clone()).collect());
    large.functions = (0..10_000)
        .map(|place| Function {
            id: format!("shop::f{place:05}"),
            requirement: requirement.clone(),
            ..one.clone()
        })
        .collect();
    let large = Manifest { functions: large.functions, ..shop() };
    std::fs::write(folder.join("large"), program(&records(&large))).unwrap();
    let (_, told, code) = printed(&run(&folder, &["lock", "--program", "large"]));
    assert_eq!(code, 0, "{told}");
    let (text, told, code) = printed(&run(&folder, &["check", "--program", "large"]));
    assert_eq!((text.as_str(), code), ("", 0), "{told}");
}
