//! Answers as Elasticsearch 9.2 and OpenSearch 2.19 gave them.

use super::*;

fn items(body: &str, documents: usize) -> (Vec<Verdict>, Option<TroubleKind>) {
    match bulk_reply(200, body, documents) {
        Reply::Items { verdicts, trouble } => (verdicts, trouble.map(|trouble| trouble.kind)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_item_has_its_own_fate() {
    let body = r#"{"errors":true,"took":5,"items":[
        {"index":{"_index":"i","_id":"a","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}},
        {"index":{"_index":"i","_id":"b","_version":2,"result":"updated","status":200}},
        {"index":{"_index":"i","_id":"c","status":409,"error":{"type":"version_conflict_engine_exception","reason":"[c]: version conflict, current version [3] is higher or equal to the one provided [3]","index_uuid":"u","shard":"0","index":"i"}}},
        {"index":{"_index":"i","_id":"d","status":400,"error":{"type":"document_parsing_exception","reason":"[1:9] failed to parse field [n] of type [long] in document with id 'd'","caused_by":{"type":"illegal_argument_exception","reason":"For input string: \"x\""}}}},
        {"index":{"_index":"i","_id":"e","status":429,"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of coordinating operation"}}},
        {"index":{"_index":"i","_id":"f","status":503,"error":{"type":"unavailable_shards_exception","reason":"primary shard is not active"}}},
        {"index":{"_index":"i","_id":"g","status":201,"failure_store":"used"}},
        {"index":{"_index":"i","_id":"h","status":201,"failure_store":"not_applicable_or_unknown"}}
    ]}"#;
    let (verdicts, trouble) = items(body, 8);
    assert_eq!(trouble, Some(TroubleKind::Overloaded), "the first trouble is told");
    assert_eq!(verdicts[..3], [Verdict::Done, Verdict::Done, Verdict::Done]);
    let Verdict::Refused { reason } = &verdicts[3] else { panic!("{verdicts:?}") };
    assert_eq!(
        reason,
        "status 400: document_parsing_exception: [1:9] failed to parse field [n] of type [long] in document with id 'd', \
         caused by illegal_argument_exception: For input string: \"x\""
    );
    assert_eq!(verdicts[4..6], [Verdict::Again, Verdict::Again]);
    assert!(matches!(verdicts[6], Verdict::Refused { .. }), "in the failure store is not indexed");
    assert_eq!(verdicts[7], Verdict::Done);
}

#[test]
fn blocks_and_missing_indices_are_refusals_and_missing_rights_are_not() {
    let item = |status: u16, kind: &str| {
        let body = format!(
            r#"{{"errors":true,"items":[{{"index":{{"status":{status},"error":{{"type":"{kind}","reason":"r"}}}}}}]}}"#
        );
        items(&body, 1)
    };
    assert_eq!(
        item(403, "cluster_block_exception").0,
        [Verdict::Refused { reason: "status 403: cluster_block_exception: r".into() }]
    );
    assert!(matches!(item(404, "index_not_found_exception").0[0], Verdict::Refused { .. }));
    assert_eq!(item(403, "security_exception"), (vec![Verdict::Again], Some(TroubleKind::Credentials)));
    assert_eq!(item(429, "cluster_block_exception"), (vec![Verdict::Again], Some(TroubleKind::Overloaded)));
    assert!(matches!(item(409, "something_else").0[0], Verdict::Refused { .. }));
}

#[test]
fn answers_that_do_not_fit_the_request_are_never_taken_for_success() {
    let none = bulk_reply(200, r#"{"errors":false,"items":[]}"#, 1);
    assert!(matches!(&none, Reply::Items { verdicts, trouble: Some(_) } if *verdicts == [Verdict::Again]));
    for body in ["", "<html>OK</html>", "{}", r#"{"items":[{"create":{"status":201}}]}"#] {
        let reply = bulk_reply(200, body, 2);
        let Reply::Items { verdicts, trouble: Some(trouble) } = reply else { panic!("{body}") };
        assert_eq!((verdicts, trouble.kind), (vec![Verdict::Again, Verdict::Again], TroubleKind::Misconfigured));
    }
}

#[test]
fn whole_requests_are_judged_by_their_status() {
    assert_eq!(bulk_reply(413, "", 3), Reply::TooLarge { said: "status 413".into() });
    let kind = |status: u16, body: &str| match bulk_reply(status, body, 1) {
        Reply::Items { trouble: Some(trouble), .. } => (trouble.kind, trouble.message),
        other => panic!("{other:?}"),
    };
    let denied = r#"{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user [w] for REST request [/_bulk]"}],"type":"security_exception","reason":"unable to authenticate user [w] for REST request [/_bulk]"},"status":401}"#;
    assert_eq!(
        kind(401, denied),
        (
            TroubleKind::Credentials,
            "status 401: security_exception: unable to authenticate user [w] for REST request [/_bulk]".into()
        )
    );
    assert_eq!(kind(429, "").0, TroubleKind::Overloaded);
    assert_eq!(kind(503, "<html>\nbad gateway").1, "status 503: <html> bad gateway");
    assert_eq!(
        kind(404, r#"{"error":"no handler found"}"#),
        (TroubleKind::Misconfigured, "status 404: no handler found".into())
    );
}
