//! What is planted: for each mission rule, incidents that it must find and near misses that it must not.

mod accumulation;
mod deployment;
mod drift;
mod review;
mod streak;

use super::script::Script;

pub(super) fn plant(script: &mut Script) {
    deployment::plant(script);
    streak::plant(script);
    drift::plant(script);
    review::plant(script);
    accumulation::plant(script);
}
