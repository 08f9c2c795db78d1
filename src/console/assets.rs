//! The page: files that are part of the program.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

/// Address and text of each file of `page`.
const ASSETS: [(&str, &str); 37] = [
    ("/", include_str!("page/index.html")),
    ("/assets/alert.js", include_str!("page/alert.js")),
    ("/assets/alerts.js", include_str!("page/alerts.js")),
    ("/assets/alerts_facets.js", include_str!("page/alerts_facets.js")),
    ("/assets/alerts_filter.js", include_str!("page/alerts_filter.js")),
    ("/assets/alerts_rows.js", include_str!("page/alerts_rows.js")),
    ("/assets/api.js", include_str!("page/api.js")),
    ("/assets/app.css", include_str!("page/app.css")),
    ("/assets/app.js", include_str!("page/app.js")),
    ("/assets/badges.js", include_str!("page/badges.js")),
    ("/assets/chart_bars.js", include_str!("page/chart_bars.js")),
    ("/assets/chart_gauge.js", include_str!("page/chart_gauge.js")),
    ("/assets/chart_line.js", include_str!("page/chart_line.js")),
    ("/assets/charts.js", include_str!("page/charts.js")),
    ("/assets/copy.js", include_str!("page/copy.js")),
    ("/assets/dom.js", include_str!("page/dom.js")),
    ("/assets/engine.js", include_str!("page/engine.js")),
    ("/assets/except.js", include_str!("page/except.js")),
    ("/assets/exceptions.js", include_str!("page/exceptions.js")),
    ("/assets/format.js", include_str!("page/format.js")),
    ("/assets/icon.svg", include_str!("page/icon.svg")),
    ("/assets/icons.js", include_str!("page/icons.js")),
    ("/assets/keys.js", include_str!("page/keys.js")),
    ("/assets/life.js", include_str!("page/life.js")),
    ("/assets/notice.js", include_str!("page/notice.js")),
    ("/assets/overview.js", include_str!("page/overview.js")),
    ("/assets/remembered.js", include_str!("page/remembered.js")),
    ("/assets/rule.js", include_str!("page/rule.js")),
    ("/assets/rules.js", include_str!("page/rules.js")),
    ("/assets/sign_in.js", include_str!("page/sign_in.js")),
    ("/assets/sorted_table.js", include_str!("page/sorted_table.js")),
    ("/assets/sources.js", include_str!("page/sources.js")),
    ("/assets/stream.js", include_str!("page/stream.js")),
    ("/assets/theme.js", include_str!("page/theme.js")),
    ("/assets/throttle.js", include_str!("page/throttle.js")),
    ("/assets/timeline.js", include_str!("page/timeline.js")),
    ("/assets/views.css", include_str!("page/views.css")),
];

/// The addresses of all files.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|(path, _)| *path)
}

/// The file at an address.
pub(super) fn get(path: &str) -> Option<Response> {
    let (_, text) = ASSETS.iter().find(|(known, _)| *known == path)?;
    Some(([(CONTENT_TYPE, kind(path))], *text).into_response())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/html; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/console/page");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut files: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
        files.sort();
        let mut served: Vec<&str> = paths().map(|path| path.strip_prefix("/assets/").unwrap_or("index.html")).collect();
        served.sort_unstable();
        assert_eq!(served, files);
    }

    #[test]
    fn the_page_asks_for_what_is_served_and_has_nothing_inline() {
        let (_, index) = ASSETS[0];
        for attribute in ["src=\"", "href=\""] {
            for named in index.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
                let path = format!("/{}", named.trim_start_matches('/'));
                assert!(named.starts_with('#') || paths().any(|served| served == path), "{named}");
            }
        }
        assert!(!index.contains("<style") && !index.contains(" style=") && !index.contains("<script>"));
    }
}
