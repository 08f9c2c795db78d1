//! The console as people meet it: the program as a process with a real Apache Kafka, its page in a real Chromium.
//!
//! | file | what it proves |
//! |---|---|
//! | `week`, `views` | a week of operations in every view: search, filters, groups, time lines |
//! | `access` | every element has a name for assistive technology, and the keyboard is enough |
//! | `arrival` | an alert appears without a reload; its life outlasts a reload and a restart |
//! | `hostile` | what comes from outside is shown as text, and nothing else |
//! | `sign_in` | who has no token sees nothing |
//! | `burst` | ten thousand alerts, and browsers that vanish: neither the page nor the engine is held up |
//! | `pictures`, `small_png` | the pictures of docs/console.md, made when somebody asks for them |
//! | `browser`, `stage` | the browser, and what a test begins with |

mod access;
mod arrival;
mod browser;
mod burst;
mod hostile;
mod pictures;
mod sign_in;
mod small_png;
mod stage;
mod views;
mod week;
