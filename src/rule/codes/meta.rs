//! Findings about what a rule says of itself: dates, tags, relations, versions.

use super::{Code, error, warning, whole};

pub(super) const CODES: &[Code] = &[
    error(
        "bad-date",
        "A date that is no day",
        "`date` and `modified` are days as `YYYY-MM-DD`. This one does not exist.",
        whole(
            "title: Ticket created\nmodified: 2026-02-30\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nmodified: 2026-02-28\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    warning(
        "old-date",
        "A date as Sigma 1 wrote it",
        "Sigma 2 writes days with hyphens, `YYYY-MM-DD`. It is read all the same.",
        whole(
            "title: Ticket created\ndate: 2026/01/31\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\ndate: 2026-01-31\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "bad-tag",
        "A tag without a namespace",
        "A tag is `namespace.value`, such as `atlas.aml.t0043`: without the namespace nobody knows whose word \
         it is.",
        whole(
            "title: Ticket created\ntags: [evasion]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\ntags: [atlas.aml.t0043]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    warning(
        "tag-spelling",
        "A tag that is not in lower case",
        "Sigma writes tags in lower case, with hyphens or underscores within a word. Searches for the usual \
         spelling would not find it.",
        whole(
            "title: Ticket created\ntags: [attack.T1059]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\ntags: [attack.t1059]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    warning(
        "repeated-item",
        "The same item twice in a list",
        "The second one adds nothing. Perhaps another one was meant.",
        whole(
            "title: Ticket created\nreferences: [https://example.com/a, https://example.com/a]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nreferences: [https://example.com/a, https://example.com/b]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "incomplete-relation",
        "A relation to another rule without `id` or `type`",
        "`related` says which rule (`id`) and how it is related (`type`: `derived`, `obsolete`, `merged`, \
         `renamed` or `similar`).",
        whole(
            "title: Ticket created\nrelated: [{id: 6f3e2987-db24-4c78-a860-b4f4095a7095}]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nrelated: [{id: 6f3e2987-db24-4c78-a860-b4f4095a7095, type: similar}]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "unknown-sigma-version",
        "A version of Sigma that this program does not read",
        "`sigma-version` names the version of the specification that the rule is written for. This program \
         reads version 2, and of what is proposed for version 3 the array selectors.",
        whole(
            "title: Ticket created\nsigma-version: 1\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nsigma-version: 2\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "text-too-long",
        "A text that is longer than the specification allows",
        "Titles and names have at most 256 characters and descriptions at most 65,535: they are shown in lists \
         and alerts.",
        whole(
            "title: Ticket created\nname: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nname: ticket_created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
];
