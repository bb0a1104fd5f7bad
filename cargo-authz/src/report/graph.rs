//! The hierarchy of the roles as a picture: who includes whom from top to bottom, and who excludes
//! whom.

use std::collections::HashMap;
use std::fmt::Write as _;

use authz_manifest::{Name, Policy};

use super::escaped;

const WIDTH: usize = 170;
const HEIGHT: usize = 34;
const GAP: usize = 24;
const LAYER: usize = 90;

pub(super) fn html(policy: &Policy) -> String {
    let places = places(&policy.roles);
    let columns = places.values().map(|(column, _)| column + 1).max().unwrap_or(0);
    let layers = places.values().map(|(_, layer)| layer + 1).max().unwrap_or(0);
    let (width, height) = (columns * (WIDTH + GAP) + GAP, layers * LAYER);
    let mut text = format!(
        "<section class=\"roles\">\n<h2>Roles of <code>{}</code></h2>\n<div class=\"wide\"><svg \
         role=\"img\" aria-label=\"which role includes which\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n",
        escaped(&policy.id)
    );
    for role in &policy.roles {
        for (others, class) in [(&role.includes, "includes"), (&role.excludes, "excludes")] {
            for other in others {
                line(&mut text, places.get(&*role.name), places.get(other.as_str()), class);
            }
        }
    }
    for role in &policy.roles {
        if let Some(place) = places.get(&*role.name) {
            node(&mut text, role, *place);
        }
    }
    text.push_str("</svg></div>\n<p>A line goes down to what is included");
    if policy.roles.iter().any(|role| !role.excludes.is_empty()) {
        text.push_str("; a dashed one joins roles that nobody holds together");
    }
    text.push_str(".</p>\n</section>\n");
    text
}

/// The column and the layer of each role: below everything that includes it.
fn places(roles: &[Name]) -> HashMap<&str, (usize, usize)> {
    let mut layer: HashMap<&str, usize> = roles.iter().map(|role| (&*role.name, 0)).collect();
    // As often as the longest chain has links; a circle can't be, and would end here as well.
    for _ in 0..roles.len() {
        let before = layer.clone();
        for role in roles {
            let above = layer.get(&*role.name).copied().unwrap_or_default();
            for other in &role.includes {
                if let Some(below) = layer.get_mut(other.as_str()) {
                    *below = (*below).max(above + 1).min(roles.len());
                }
            }
        }
        if layer == before {
            break;
        }
    }
    let mut filled: HashMap<usize, usize> = HashMap::new();
    roles
        .iter()
        .map(|role| {
            let layer = layer.get(&*role.name).copied().unwrap_or_default();
            let column = filled.entry(layer).or_default();
            *column += 1;
            (&*role.name, (*column - 1, layer))
        })
        .collect()
}

type Place = (usize, usize);

fn corner((column, layer): Place) -> (usize, usize) {
    (GAP + column * (WIDTH + GAP), GAP + layer * LAYER)
}

fn line(text: &mut String, from: Option<&Place>, to: Option<&Place>, class: &str) {
    let (Some(from), Some(to)) = (from, to) else { return };
    let ((x1, y1), (x2, y2)) = (corner(*from), corner(*to));
    // From the lower edge to the upper one; between neighbours of a layer from middle to middle.
    let (down, up) = if from.1 < to.1 { (HEIGHT, 0) } else { (HEIGHT / 2, HEIGHT / 2) };
    let _ = writeln!(
        text,
        "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
        x1 + WIDTH / 2,
        y1 + down,
        x2 + WIDTH / 2,
        y2 + up
    );
}

fn node(text: &mut String, role: &Name, place: Place) {
    let (x, y) = corner(place);
    let shown: String = if role.name.chars().count() > 20 {
        role.name.chars().take(19).chain(['…']).collect()
    } else {
        role.name.clone()
    };
    let _ = writeln!(
        text,
        "<g><title>{} {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
        escaped(&role.name),
        escaped(&role.doc),
        x + WIDTH / 2,
        y + HEIGHT / 2 + 5,
        escaped(&shown)
    );
}
