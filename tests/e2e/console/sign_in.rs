//! With a token: nothing is shown before it is known, it is kept nowhere, and signing out ends it.

use super::browser::ENTER;
use super::stage::Stage;

const TOKEN: &str = "a-long-token-of-a-test";

#[test]
fn only_the_token_opens_the_page() {
    let stage = Stage::of_events(Some(TOKEN));
    let browser = &stage.browser;
    browser.open(&format!("{}/#/sources", stage.address));
    browser.until("document.activeElement?.id === 'token'");
    browser.until_it_is("document.title", "Sign in – Clarion");
    assert_eq!(browser.value("document.querySelector('#instances')"), serde_json::Value::Null);
    browser.fill("#token", "a-guess");
    browser.click("#sign-in-button");
    browser.until_it_is("document.querySelector('#sign-in-error').textContent", "This is not the token.");
    browser.clear("#token");
    browser.fill("#token", TOKEN);
    browser.press(ENTER);
    browser.until("document.querySelector('#instances .figures') !== null");
    browser.until("document.querySelector('#live').dataset.state === 'open'");
    let kept = "JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href])";
    let kept = browser.value(kept).as_str().unwrap().to_owned();
    assert!(!kept.contains(TOKEN) && !kept.contains("clarion_session"), "{kept}");
    browser.reload();
    browser.until("document.querySelector('#instances .figures') !== null");
    browser.click("#sign-out");
    browser.until("document.activeElement?.id === 'token'");
    browser.reload();
    browser.until("document.activeElement?.id === 'token'");
    assert_eq!(browser.value("document.querySelector('#instances')"), serde_json::Value::Null);
    // the browser notes every refusal by itself
    stage.check_browser_but(|complaint| complaint.contains("/api/v1/session") && complaint.contains("401"));
}
