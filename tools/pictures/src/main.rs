//! Draws each shipped dashboard as a reader would see it: the places, titles and kinds of its panels from the description,
//! what they show from the demonstration's week. `cargo run -p clarion-pictures` writes docs/pictures; with `-- --check` it
//! writes nothing and fails where a picture is not what would be written.
//!
//! ```text
//! generated week ─▶ engine ─▶ documents ─┐
//! description ─▶ panels ─────────────────┴▶ answers ─▶ panels of a sheet ─▶ SVG
//! ```
//! The answers are computed as in `clarion::dashboard`; the end-to-end tests hold a real Elasticsearch to the same
//! calculation. Nothing depends on the machine: no clock, no fonts.

mod chart;
mod donut;
mod figure;
mod figures;
mod grid;
mod legend;
mod page;
mod panel;
mod ranking;
mod sheet;
mod text;
mod typeset;
mod view;
mod week;

use std::path::Path;
use std::process::ExitCode;

use clarion::dashboard::{Dashboard, SHIPPED, read};
use view::View;

/// Why a picture cannot be drawn.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Name and text of every picture.
fn pictures() -> Result<Vec<(String, String)>, Failure> {
    let description = read(SHIPPED)?;
    let week = week::run()?;
    let draw = |dashboard: &Dashboard| -> Result<(String, String), Failure> {
        Ok((format!("{}.svg", dashboard.id), page::draw(&description, &View::new(dashboard, &week))?))
    };
    description.dashboards.iter().map(draw).collect()
}

fn run(check: bool) -> Result<(), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    let mut stale = Vec::new();
    for (name, text) in pictures()? {
        let path = folder.join(&name);
        if check {
            if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                stale.push(name);
            }
        } else {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(&path, text)?;
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!("docs/pictures is not fresh ({}): run `cargo run -p clarion-pictures`", stale.join(", ")).into())
}

fn main() -> ExitCode {
    let check = match std::env::args().skip(1).collect::<Vec<String>>().as_slice() {
        [] => false,
        [word] if word == "--check" => true,
        _ => {
            eprintln!("usage: pictures [--check]");
            return ExitCode::from(2);
        }
    };
    match run(check) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
