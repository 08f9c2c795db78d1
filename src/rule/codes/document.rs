//! Findings about a document as a whole: what it is, and what it says of itself.

use super::{Code, correlation, error, warning, whole};

const GOOD: &str = "title: Ticket created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n";

pub(super) const CODES: &[Code] = &[
    error(
        "no-rule",
        "The document is no rule",
        "A rule has `detection:` or `correlation:`. A YAML file of another kind, such as a configuration, does not belong \
         into a folder of rules.",
        whole("title: Ticket created\nlogsource: {category: ticket}\n"),
        whole(GOOD),
    ),
    error(
        "nothing-to-repeat",
        "`action: repeat` without a document before it",
        "`repeat` takes the document before it and changes what it names. The first document of a file has none before it.",
        whole(
            "action: repeat\ntitle: Ticket created\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(GOOD),
    ),
    warning(
        "misspelt-key",
        "A key that looks like another one",
        "Sigma allows keys of one's own, so this one is ignored. It is so near to a key with a meaning that it may be meant.",
        whole(
            "title: Ticket created\nlevl: high\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nlevel: high\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "two-rules",
        "A detection and a correlation in one document",
        "A document is one rule. Put a line with `---` between the two; the correlation refers to the detection by its \
         `name`.",
        whole(
            "title: Three tickets in an hour\nname: tickets\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\ncorrelation: {type: event_count, rules: [tickets], timespan: 1h, condition: {gte: 3}}\n",
        ),
        whole(
            "title: Ticket created\nname: ticket\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n---\ntitle: Three tickets in an hour\ncorrelation: {type: event_count, rules: [ticket], timespan: 1h, condition: {gte: 3}}\n",
        ),
    ),
    error(
        "missing-title",
        "A rule without a title",
        "The title names what was found, in alerts and in lists. Sigma requires it, with at most 256 characters.",
        whole(
            "logsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(GOOD),
    ),
    error(
        "title-too-long",
        "A title of more than 256 characters",
        "Sigma allows 256. What the rule looks for and why belongs into `description`.",
        whole(
            "title: A ticket was created, which means that somebody wrote one, or that a machine did, which happens as well and is often meant, but not always, because machines write tickets when nobody told them to, and then a person has to find out why, which takes time that nobody has, at least not at night\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(GOOD),
    ),
    warning(
        "id-not-uuid",
        "An id that is no UUID",
        "Sigma wants a random UUID, so that rules of different authors never have the same. Any text works here, as long as \
         no other loaded rule has it; other tools may refuse it.",
        whole(
            "title: Ticket created\nid: ticket-1\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nid: 4c2a4f1e-9a0b-4d55-8f3b-0d6f1f7a9b21\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "wrong-type",
        "A value of the wrong type",
        "A list where a text belongs, a text where a map belongs, a word where a number belongs, and so on: the message says \
         what was found and what is wanted. An empty value counts as nothing; a number, `true` or `false` in quotes is a text.",
        whole(
            "title: Ticket created\nlevel: [high]\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nlevel: high\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "unknown-value",
        "A word that is none of the allowed ones",
        "The message lists them. A `level` or `status` that does not exist would be a rule that sorts wrongly everywhere.",
        whole(
            "title: Ticket created\nlevel: hihg\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\nlevel: high\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "unknown-key",
        "A key that does not exist",
        "Inside `correlation`, its `condition`, and tests every key means something, and one that is misspelt would change \
         what the rule means. At the top level of a document Sigma allows keys of your own.",
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    gruop-by: [user.name]\n    timespan: 10m\n    condition: {gte: 5}\n",
        ),
        correlation(
            "title: Denials\ncorrelation:\n    type: event_count\n    rules: [denied]\n    group-by: [user.name]\n    timespan: 10m\n    condition: {gte: 5}\n",
        ),
    ),
    error(
        "unknown-dialect",
        "A dialect that this engine does not speak",
        "The only dialect is `clarion/1`. A rule for another one could mean anything.",
        whole(
            "title: Ticket created\ndialect: clarion/2\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
        whole(
            "title: Ticket created\ndialect: clarion/1\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\n",
        ),
    ),
    error(
        "dialect-not-declared",
        "A key of the dialect without `dialect: clarion/1`",
        "Other Sigma tools silently ignore keys that they do not know, and would make a different rule of this one. A rule \
         that goes beyond Sigma says so at its top level.",
        correlation(
            "title: Denials in a row\ncorrelation:\n    type: event_count\n    rules: [denied]\n    reset-on: [allowed]\n    timespan: 10m\n    condition: {gte: 5}\ntests:\n    - {name: none, events: [], expect: none}\n    - name: five\n      events: []\n      expect: [{at: +0s}]\n",
        ),
        correlation(
            "title: Denials in a row\ndialect: clarion/1\ncorrelation:\n    type: event_count\n    rules: [denied]\n    reset-on: [allowed]\n    timespan: 10m\n    condition: {gte: 5}\ntests:\n    - {name: none, events: [], expect: none}\n    - name: five\n      events: []\n      expect: [{at: +0s}]\n",
        ),
    ),
    error(
        "bad-risk",
        "A risk that adds nothing up",
        "`risk` has a `score`, a whole number from 0 to 100, and `entities`: whom it falls on, each with a `type` and the `field` \
         that holds its name.",
        whole(
            "title: Ticket created\ndialect: clarion/1\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\nrisk: {score: 400, entities: [{type: user, field: user.name}]}\n",
        ),
        whole(
            "title: Ticket created\ndialect: clarion/1\nlogsource: {category: ticket}\ndetection: {selection: {event.action: ticket.created}, condition: selection}\nrisk: {score: 40, entities: [{type: user, field: user.name}]}\n",
        ),
    ),
];
