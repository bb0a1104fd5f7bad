//! Roles against functions: what each role reaches alone, and what it needs besides.

use std::collections::HashMap;
use std::fmt::Write as _;

use authz_manifest::{Function, Manifest, Object, Policy};

use super::{description, escaped};
use crate::drift::{no_policy, objects_of};
use crate::failure::Failure;
use crate::identity::{Caller, Identity};
use crate::meaning::{Side, TooComplex, Vocabulary, beside_role};

/// What a holder of one role reaches.
#[derive(Clone)]
struct Cell {
    /// What it needs besides; nothing where the role does not help.
    besides: Option<Identity>,
    /// Whose objects it sees then, where the function opens objects.
    sees: Option<&'static str>,
}

pub(super) fn html(manifest: &Manifest, judged: &Manifest) -> Result<String, Failure> {
    let mut text = String::from(CONTROLS_BEFORE);
    for policy in &manifest.policies {
        for role in &policy.roles {
            let name = escaped(&role.name);
            let _ = writeln!(text, "<option value=\"{name}\">{name}</option>");
        }
    }
    text.push_str(CONTROLS_AFTER);
    for policy in &manifest.policies {
        let both = manifest.functions.iter().zip(&judged.functions);
        let functions: Vec<_> = both.filter(|(written, _)| written.policy == policy.id).collect();
        if !functions.is_empty() {
            text.push_str(&table(policy, &functions)?);
        }
    }
    if let Some(orphan) = manifest
        .functions
        .iter()
        .find(|function| !manifest.policies.iter().any(|policy| policy.id == function.policy))
    {
        return Err(no_policy(orphan));
    }
    text.push_str("<p id=\"none\" hidden>No function is like that.</p>\n</section>\n");
    Ok(text)
}

const CONTROLS_BEFORE: &str = "\
<section id=\"matrix\">
<h2>Who reaches what</h2>
<p>● with the role alone, ○ with something besides, which the cell tells.</p>
<form id=\"filter\">
<label>Search <input id=\"search\" type=\"search\" autocomplete=\"off\"></label>
<label>Reached by <select id=\"role\">
<option value=\"\">anybody</option>
";

const CONTROLS_AFTER: &str = "\
</select></label>
<label>Kind <select id=\"kind\">
<option value=\"\">any</option>
<option>requires</option>
<option>manual</option>
<option>public</option>
</select></label>
<output id=\"count\"></output>
</form>
";

/// A function as it is written, and as it is judged.
type Row<'a> = (&'a Function, &'a Function);

fn table(policy: &Policy, functions: &[Row<'_>]) -> Result<String, Failure> {
    let vocabulary = Vocabulary::new(policy);
    let mut text = String::from("<div class=\"wide\"><table>\n<thead><tr><th>function<th>no role");
    for role in &policy.roles {
        let doc = escaped(&role.doc);
        let _ = write!(text, "<th title=\"{doc}\">{}", escaped(&role.name));
    }
    text.push_str("\n<tbody>\n");
    // Of one requirement, all cells are known.
    let mut known: HashMap<String, Vec<Cell>> = HashMap::new();
    for (written, function) in functions {
        let object =
            function.object.iter().flat_map(Object::in_words).collect::<Vec<_>>().join(", ");
        let key = format!("{} {} {object}", function.kind, function.requirement);
        let cells = match known.get(&key) {
            Some(cells) => cells.clone(),
            None => known.entry(key).or_insert(cells(&vocabulary, policy, function)?).clone(),
        };
        text.push_str(&row(policy, written, &cells));
    }
    text.push_str("</table></div>\n");
    Ok(text)
}

fn cells(
    vocabulary: &Vocabulary,
    policy: &Policy,
    function: &Function,
) -> Result<Vec<Cell>, Failure> {
    let public = function.kind == "public";
    let side = Side { vocabulary, public, requirement: &function.requirement };
    let roles = policy.roles.iter().map(|role| Some(role.name.as_str()));
    std::iter::once(None)
        .chain(roles)
        .map(|role| {
            let besides = beside_role(side, role)
                .map_err(|TooComplex| Failure::TooComplex { function: function.id.clone() })?;
            let sees = besides.as_ref().and_then(|besides| {
                let mut holder = besides.clone();
                holder.roles.extend(role.map(str::to_owned));
                objects_of(vocabulary, function, &Caller::Somebody(holder))
            });
            Ok(Cell { besides, sees })
        })
        .collect()
}

fn row(policy: &Policy, function: &Function, cells: &[Cell]) -> String {
    let reached: Vec<_> = policy
        .roles
        .iter()
        .zip(cells.iter().skip(1))
        .filter(|(_, cell)| cell.besides.is_some())
        .map(|(role, _)| role.name.as_str())
        .collect();
    let mut text = format!(
        "<tr data-kind=\"{}\" data-roles=\"{}\"><th>{}",
        function.kind,
        escaped(&serde_json::to_string(&reached).unwrap_or_default()),
        description(function)
    );
    if function.kind == "public" {
        let _ = writeln!(text, "<td class=\"all\" colspan=\"{}\">everybody", cells.len());
        return text;
    }
    for Cell { besides, sees } in cells {
        match besides {
            None => text.push_str("<td>"),
            Some(besides) if *besides == Identity::default() => {
                text.push_str("<td class=\"alone\">●");
            }
            Some(besides) => {
                let besides = escaped(&besides.to_string());
                let _ = write!(text, "<td class=\"more\">○ <small>{besides}</small>");
            }
        }
        if let Some(sees) = sees {
            let _ = write!(text, " <small>{sees}</small>");
        }
    }
    text.push('\n');
    text
}
