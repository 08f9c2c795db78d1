//! Findings about files as such: they have no examples, for they are not about what stands in a file.

use super::{Code, error, whole};

pub(super) const CODES: &[Code] = &[
    error(
        "unreadable",
        "A file or folder cannot be read",
        "It does not exist, or its permissions do not allow it. A file that cannot be read might hold a rule that others \
         need, so nothing is loaded.",
        None,
        None,
    ),
    error(
        "not-utf8",
        "The file is not UTF-8",
        "Sigma files are UTF-8 (a byte order mark is accepted). The message says at which byte it is not. Convert the file, \
         for instance with `iconv -f latin1 -t utf-8`.",
        None,
        None,
    ),
    error(
        "file-too-large",
        "The file is longer than 10 MiB",
        "No rule is that long: the file is probably something else. Split a generated collection into several files.",
        None,
        None,
    ),
    error(
        "rule-too-large",
        "A condition that makes too many tests",
        "The condition names large identifiers so often that one event would be tested hundreds of thousands of times. Name \
         each identifier once, or split the rule.",
        None,
        None,
    ),
    error(
        "collection-too-large",
        "Document actions that copy too much",
        "`action: global` and `action: repeat` copy documents. This file is written so that a few lines make a huge number of \
         values. Write fewer documents, or split the file.",
        None,
        None,
    ),
    error(
        "no-rules",
        "No rule file was found",
        "The folders that were given hold no file that ends in `.yml` or `.yaml`. Folders are searched recursively; hidden \
         files and folders are left out.",
        None,
        whole(
            "title: A rule in a file that ends in .yml\nlogsource: {category: ticket}\ndetection:\n    selection: {event.action: ticket.created}\n    condition: selection\n",
        ),
    ),
];
