//! A table at an address, asked of a real server in this process.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::FetchError;
use super::http::HttpTable;
use crate::config::{HttpAuth, HttpLookup};
use crate::model::{Secret, Span};

/// Status, content type and body of the next answers; the names of the versions that the server was asked about.
#[derive(Clone)]
struct Server {
    next: Arc<Mutex<(u16, &'static str, Vec<u8>)>>,
    asked: Arc<Mutex<Vec<String>>>,
    address: String,
}

impl Server {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { next: Arc::new(Mutex::new((200, "", Vec::new()))), asked: Arc::default(), address };
        let answering = server.clone();
        let app =
            Router::new().route("/{name}", get(move |headers: HeaderMap| async move { answering.answer(&headers) }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let text = |name: header::HeaderName| headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned();
        self.asked.lock().unwrap().push(format!("{} {}", text(header::IF_NONE_MATCH), text(header::AUTHORIZATION)));
        let (status, kind, body) = self.next.lock().unwrap().clone();
        let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, "\"v1\""), (header::LOCATION, "http://elsewhere")];
        (StatusCode::from_u16(status).unwrap(), headers, body).into_response()
    }

    fn set(&self, status: u16, kind: &'static str, body: &[u8]) {
        *self.next.lock().unwrap() = (status, kind, body.to_vec());
    }

    fn table(&self, path: &str, auth: Option<HttpAuth>) -> HttpTable {
        let (refresh, request_timeout) = (Span::seconds(60), Span::seconds(5));
        let url = format!("{}/{path}", self.address);
        HttpTable::new(&HttpLookup { url, refresh, request_timeout, auth, ca_file: None }).unwrap()
    }
}

fn words(found: Result<Option<crate::rule::lookup::Table>, FetchError>) -> String {
    match found {
        Ok(Some(table)) => table.columns[0].1.join(" "),
        Ok(None) => "unchanged".to_owned(),
        Err(FetchError::Unreachable(reason)) => format!("later: {reason}"),
        Err(other) => format!("never: {other}"),
    }
}

#[tokio::test]
async fn a_table_is_fetched_when_it_has_changed() {
    let server = Server::start().await;
    let mut table = server.table("t.csv?secret=hunter2", Some(HttpAuth::Bearer(Secret::new("token".into()))));
    server.set(200, "text/plain", b"h\na\nb\n");
    assert_eq!(words(table.fetch().await), "a b", "the address says what plain text does not");
    server.set(304, "", b"");
    assert_eq!(words(table.fetch().await), "unchanged");
    server.set(200, "application/json", b"[1, 2]");
    table.forget();
    assert_eq!(words(table.fetch().await), "1 2");
    assert_eq!(*server.asked.lock().unwrap(), ["- Bearer token", "\"v1\" Bearer token", "- Bearer token"]);
}

#[tokio::test]
async fn what_cannot_be_used_is_said_with_its_place_and_without_what_may_be_secret() {
    let server = Server::start().await;
    let mut table = server.table("t.csv?secret=hunter2", None);
    for (status, body, expected) in [
        (200, &b"h\na,b\n"[..], "never: ADDRESS/t.csv, line 2: 2 values, but the header has 1"),
        (200, b"h\n\xff\n", "never: ADDRESS/t.csv, line 2: not UTF-8"),
        (503, b"", "later: ADDRESS/t.csv: the server answered 503 Service Unavailable"),
        (429, b"", "later: ADDRESS/t.csv: the server answered 429 Too Many Requests"),
        (401, b"", "never: ADDRESS/t.csv: the server answered 401 Unauthorized: check `auth`"),
        (404, b"", "never: ADDRESS/t.csv: the server answered 404 Not Found: check the address"),
        (302, b"", "never: ADDRESS/t.csv: the server answered 302 Found: write the address that it redirects to"),
        (304, b"", "never: ADDRESS/t.csv: the server answered 304 Not Modified: write the address"),
    ] {
        server.set(status, "text/csv", body);
        let said = words(table.fetch().await);
        assert!(said.starts_with(&expected.replace("ADDRESS", &server.address)), "{said}");
    }
    let too_large = vec![b'x'; usize::try_from(crate::rule::lookup::MAX_TABLE_BYTES).unwrap() + 1];
    server.set(200, "", &too_large);
    assert!(words(table.fetch().await).contains("larger than 64 MiB"));
    // a broken table is asked for again as if it had never come
    assert!(server.asked.lock().unwrap().iter().all(|asked| asked == "- -"));
    let mut nobody = Server { address: "http://127.0.0.1:9".to_owned(), ..server.clone() }.table("t?hunter2", None);
    let said = words(nobody.fetch().await);
    assert!(said.starts_with("later: http://127.0.0.1:9/t: ") && !said.contains("hunter2"), "{said}");
}
