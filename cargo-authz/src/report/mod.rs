//! One page that shows a reviewer who reaches what: roles against functions, the hierarchy, what is
//! open, and what changed since the lock.
//!
//! The page is whole in itself: its policy for content allows no request, so that it can be opened
//! from anywhere and tells nobody. Without its script it is the same page, and does not filter.

mod graph;
mod matrix;

use std::fmt::Write as _;

use authz_manifest::{Function, Manifest, Name, Policy};

use crate::drift::Drift;
use crate::failure::Failure;

/// The page.
///
/// # Errors
///
/// When a requirement is too complex to decide.
///
/// # Examples
///
/// ```no_run
/// let manifest = authz_core::manifest()?;
/// std::fs::write("report.html", cargo_authz::report::html("orders", &manifest, None)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn html(title: &str, manifest: &Manifest, drift: Option<&Drift>) -> Result<String, Failure> {
    judged(title, (manifest, manifest), drift)
}

/// The page of a manifest as it is written, with the answers of one as it is judged.
pub(crate) fn judged(
    title: &str,
    (manifest, judged): (&Manifest, &Manifest),
    drift: Option<&Drift>,
) -> Result<String, Failure> {
    let mut page = String::new();
    let title = escaped(title);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta \
         http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'; script-src 'unsafe-inline'\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light \
         dark\">\n<title>Access to {title}</title>\n<style>\n{}</style>\n<h1>Access to \
         {title}</h1>\n<p>{}</p>\n",
        include_str!("page.css"),
        summary(manifest)
    );
    if let Some(drift) = drift {
        page.push_str(&changes(drift));
    }
    page.push_str(&matrix::html(manifest, judged)?);
    page.push_str(&resources(manifest));
    page.push_str(&public(manifest));
    for policy in &manifest.policies {
        page.push_str(&graph::html(policy));
        page.push_str(&names(policy));
    }
    let _ = writeln!(page, "<script>\n{}</script>\n</html>", include_str!("page.js"));
    Ok(page)
}

fn summary(manifest: &Manifest) -> String {
    let count = |kind: &str| manifest.functions.iter().filter(|it| it.kind == kind).count();
    format!(
        "{} guarded functions: {} with requirements, {} that decide in their body, {} public.",
        manifest.functions.len(),
        count("requires"),
        count("manual"),
        count("public")
    )
}

fn changes(drift: &Drift) -> String {
    let mut text = String::from("<section id=\"changes\">\n<h2>Changed since the lock</h2>\n");
    if drift.is_empty() {
        text.push_str("<p>Nothing.</p>\n</section>\n");
        return text;
    }
    text.push_str("<ul>\n");
    for (_, change) in drift.in_words() {
        let _ = writeln!(text, "<li>{}", escaped(&change));
    }
    for group in drift.groups() {
        let Some(first) = group.first() else { continue };
        let class = if first.kind.widens() { "widened" } else { "other" };
        if let [change] = group.changes.as_slice() {
            let sentence = crate::output::sentence(change);
            let rest = escaped(sentence.strip_prefix(change.id()).unwrap_or_default());
            let id = escaped(change.id());
            let _ = writeln!(text, "<li class=\"{class}\"><code>{id}</code>{rest}");
            continue;
        }
        let heading = escaped(&crate::output::heading(&group));
        let _ = writeln!(text, "<li class=\"{class}\">{heading}\n<ul>");
        for change in &group.changes {
            let words = escaped(&crate::output::of_its_own(change));
            let _ = writeln!(text, "<li><code>{}</code>: {words}", escaped(change.id()));
        }
        text.push_str("</ul>\n");
    }
    text.push_str("</ul>\n</section>\n");
    text
}

/// What roles grant, and which scope includes which; nothing where there is neither.
fn names(policy: &Policy) -> String {
    let listed = |names: &[Name], others: fn(&Name) -> &Vec<String>, verb: &str| {
        let mut text = String::new();
        for name in names.iter().filter(|name| !others(name).is_empty()) {
            let others =
                others(name).iter().map(|other| format!("<code>{}</code>", escaped(other)));
            let others = others.collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "<li><code>{}</code> {verb} {others}", escaped(&name.name));
        }
        text
    };
    let grants = listed(&policy.roles, |role| &role.grants, "grants");
    let scopes = listed(&policy.scopes, |scope| &scope.includes, "includes");
    if grants.is_empty() && scopes.is_empty() {
        return String::new();
    }
    let id = escaped(&policy.id);
    format!(
        "<section class=\"names\">\n<h2>Grants and scopes of <code>{id}</code></h2>\n\
         <ul>\n{grants}{scopes}</ul>\n</section>\n"
    )
}

/// Whose the objects are, and which of their fields are for whom; nothing where there are none.
fn resources(manifest: &Manifest) -> String {
    if manifest.resources.is_empty() {
        return String::new();
    }
    let mut text =
        String::from("<section id=\"resources\">\n<h2>Objects and their fields</h2>\n<ul>\n");
    for resource in &manifest.resources {
        let whose = resource.whose().join(", ");
        let whose = if whose.is_empty() { "nobody's".to_owned() } else { whose };
        let _ = write!(text, "<li><code>{}</code>: {}", escaped(&resource.id), escaped(&whose));
        if !resource.fields.is_empty() {
            text.push_str("\n<ul>\n");
            for field in &resource.fields {
                let (name, masks) = (escaped(&field.name), escaped(&field.in_words().join(", ")));
                let _ = writeln!(text, "<li><code>{name}</code>: {masks}");
            }
            text.push_str("</ul>");
        }
        text.push('\n');
    }
    text.push_str("</ul>\n</section>\n");
    text
}

fn public(manifest: &Manifest) -> String {
    let open: Vec<&Function> =
        manifest.functions.iter().filter(|function| function.kind == "public").collect();
    let mut text = String::from("<section id=\"public\">\n<h2>Open to everybody</h2>\n");
    if open.is_empty() {
        text.push_str("<p>Nothing.</p>\n");
    } else {
        text.push_str("<ul>\n");
        for function in open {
            let reason = escaped(function.reason.as_deref().unwrap_or_default());
            let _ = writeln!(text, "<li><code>{}</code>: {reason}", escaped(&function.id));
        }
        text.push_str("</ul>\n");
    }
    text.push_str("</section>\n");
    text
}

/// What a function needs and where it is, for the first cell of its row.
fn description(function: &Function) -> String {
    let route = function.route.iter().map(|route| format!("<b>{}</b><br>", escaped(route)));
    let doc = function.doc.iter().map(|doc| format!("<br>{}", escaped(doc)));
    let name = format!("<code>{}</code>", escaped(&function.id));
    let needs = format!("<br><small>{}</small>", escaped(&function.needs()));
    route.chain([name]).chain(doc).chain([needs]).collect()
}

/// Text as HTML, in elements and in attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
