#!/usr/bin/env python3
"""What the attributes cost the compiler, beside what others cost it.

Generates one crate of 1,000 async functions in several variants (bare, rebuilt by syn, protect-axum's
`#[protect]`, `#[tracing::instrument]`, `#[requires]`), touches each in turn and times `cargo check` and
`cargo build`, round after round, as cargo does it by default, with what the last compilation left, and
with `--afresh` without. Prints medians, the ratio to the bare crate and milliseconds for each function.
All in one run: compare columns of one table only.

    python3 tests/compile-cost/measure.py [--rounds 7] [--functions 1000] [--only requires,protect] [--afresh]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "compile-cost"

BODY = """
pub async fn handler_{n}(
    State(shop): State<Shop>,
    Path(id): Path<u64>,
    Json(order): Json<Order>,
) -> Result<Json<Order>, StatusCode> {{
    let total: u64 = order.lines.iter().map(|line| line.price * line.count).sum();
    if total > shop.limit + {n} {{
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }}
    let stored = shop.store(id, order).await.ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(stored))
}}
"""

SHOP = """
use axum::http::StatusCode;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Line {
    pub price: u64,
    pub count: u64,
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Order {
    pub lines: Vec<Line>,
}

#[derive(Clone)]
pub struct Shop {
    pub limit: u64,
}

impl Shop {
    pub async fn store(&self, id: u64, order: Order) -> Option<Order> {
        (id < self.limit).then_some(order)
    }
}

pub type Status = StatusCode;
"""

ROLES = ["Admin", "Manager", "Clerk", "Auditor"]
SCOPES = ["ReadOrders", "WriteOrders", "ReadStock", "WriteStock"]

POLICY = """
#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Roles)]
pub enum Role {
    #[role(includes(Manager))]
    Admin,
    #[role(includes(Clerk))]
    Manager,
    #[role(grants(Scope::WriteOrders))]
    Clerk,
    #[role(excludes(Clerk))]
    Auditor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, authz_core::Scopes)]
pub enum Scope {
    ReadOrders,
    #[scope(includes(ReadOrders))]
    WriteOrders,
    ReadStock,
    WriteStock,
%s}

authz_core::policy!(pub Policy { roles: Role, scopes: Scope });
"""


def kebab(name):
    return "".join("-" + c.lower() if c.isupper() else c for c in name).lstrip("-")


def requires(n):
    role, scope = kebab(ROLES[n % 4]), kebab(SCOPES[n // 4 % 4])
    return f'#[requires(role = "{role}", scope = "{scope}")]'


def requires_any(n):
    """A requirement that has to be judged: names of one kind meet."""
    scope = kebab(SCOPES[n // 4 % 4])
    return f'#[requires(any(role = "clerk", role = "auditor"), not(role = "admin"), scope = "{scope}")]'


VARIANTS = {
    "bare": ("", "", ""),
    "syn round trip": (lambda n: "#[roundtrip]", "use roundtrip::roundtrip;", ""),
    "#[protect]": (
        lambda n: f'#[protect("ROLE_{ROLES[n % 4].upper()}", "{SCOPES[n // 4 % 4]}")]',
        "use protect_axum::protect;",
        "",
    ),
    "#[instrument]": (lambda n: "#[instrument(skip_all)]", "use tracing::instrument;", ""),
    "#[requires]": (requires, "use authz_core::requires;", POLICY % ""),
    "#[requires], judged": (requires_any, "use authz_core::requires;", POLICY % ""),
    "1,000 more scopes": (
        "",
        "",
        POLICY % "".join(f'    #[scope("area{n % 40}:action{n}")]\n    Scope{n},\n' for n in range(1000)),
    ),
    "no more scopes": ("", "", POLICY % ""),
}

MANIFEST = """
[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[lib]
path = "src/lib.rs"

[dependencies]
authz-core = {{ path = "{root}/authz-core" }}
axum = "0.8"
protect-axum = "0.2"
roundtrip = {{ path = "../roundtrip" }}
serde = {{ version = "1", features = ["derive"] }}
tracing = "0.1"
"""

ROUNDTRIP = """
use proc_macro::TokenStream;
use quote::quote;

#[proc_macro_attribute]
pub fn roundtrip(_: TokenStream, item: TokenStream) -> TokenStream {
    let item = syn::parse_macro_input!(item as syn::ItemFn);
    quote!(#item).into()
}
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def crate_name(variant):
    words = "".join(c if c.isalnum() else " " for c in variant).split()
    return "-".join(["cost", *words])


def generate(variants, functions):
    for variant in variants:
        attribute, imports, policy = VARIANTS[variant]
        folder = WORK / crate_name(variant)
        write(folder / "Cargo.toml", MANIFEST.format(name=crate_name(variant), root=ROOT))
        modules = []
        for start in range(0, functions, 100):
            module = f"handlers_{start // 100}"
            modules.append(f"pub mod {module};")
            text = "use axum::{Json, extract::{Path, State}, http::StatusCode};\n"
            text += f"{imports}\nuse crate::shop::{{Order, Shop}};\n"
            for n in range(start, min(start + 100, functions)):
                text += "\n" + (attribute(n) if attribute else "") + BODY.format(n=n)
            write(folder / "src" / f"{module}.rs", text)
        lib = "pub mod shop;\n" + ("pub mod policy;\n" if policy else "") + "\n".join(modules) + "\n"
        write(folder / "src" / "lib.rs", lib)
        write(folder / "src" / "shop.rs", SHOP)
        if policy:
            write(folder / "src" / "policy.rs", policy)
    write(WORK / "roundtrip" / "src" / "lib.rs", ROUNDTRIP)
    write(
        WORK / "roundtrip" / "Cargo.toml",
        '[package]\nname = "roundtrip"\nversion = "0.0.0"\nedition = "2024"\n\n[lib]\nproc-macro = true\n\n'
        '[dependencies]\nquote = "1"\nsyn = { version = "2", features = ["full"] }\n',
    )
    members = ", ".join(f'"{crate_name(v)}"' for v in variants)
    write(WORK / "Cargo.toml", f'[workspace]\nresolver = "3"\nmembers = ["roundtrip", {members}]\n')


def run(command, variant, incremental):
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(WORK / "target"),
        "CARGO_INCREMENTAL": "1" if incremental else "0",
    }
    start = time.perf_counter()
    subprocess.run(
        ["cargo", command, "--quiet", "-p", crate_name(variant)],
        cwd=WORK, env=environment, check=True,
    )
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--functions", type=int, default=1000)
    parser.add_argument("--only", default="", help="variants whose name contains one of these words")
    parser.add_argument("--commands", default="check,build")
    parser.add_argument("--afresh", action="store_true", help="compile without incremental state")
    options = parser.parse_args()
    words = [word for word in options.only.split(",") if word]
    variants = [v for v in VARIANTS if v == "bare" or not words or any(w in v for w in words)]
    generate(variants, options.functions)
    print(f"{options.functions} functions, {options.rounds} rounds, medians; "
          f"touched, then compiled {'afresh' if options.afresh else 'incrementally'}\n")
    for command in options.commands.split(","):
        times = {variant: [] for variant in variants}
        for variant in variants:
            run(command, variant, not options.afresh)
        for _ in range(options.rounds):
            for variant in variants:
                (WORK / crate_name(variant) / "src" / "lib.rs").touch()
                times[variant].append(run(command, variant, not options.afresh))
        report(command, times, options.functions)


def report(command, times, functions):
    bare = statistics.median(times["bare"])
    print(f"| cargo {command} | median | least | ratio to bare | ms for each function |")
    print("|---|---|---|---|---|")
    for variant, seconds in times.items():
        median = statistics.median(seconds)
        added = (median - bare) / functions * 1000
        print(f"| {variant} | {median:.2f} s | {min(seconds):.2f} s | {median / bare:.2f} x | {added:+.2f} |")
    print()


if __name__ == "__main__":
    main()
