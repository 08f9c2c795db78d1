//! The ways in which a dotted field name can lie in a document: every dot is either a level or part of a key.

/// Free choices per name. Beyond them (a name of more than eight parts) the remaining dots all follow the last choice,
/// so that a name has at most 128 spellings.
const FREE_DOTS: usize = 7;

/// Every spelling of a field name as keys from the root, with its rank: the longer key earlier is preferred, so the
/// literal key (`a.b.c` at the root) has rank 0 and the fully nested path the highest.
pub(in crate::decode) fn spellings(name: &str) -> Vec<(Vec<String>, u8)> {
    let parts: Vec<&str> = name.split('.').collect();
    let free = (parts.len() - 1).min(FREE_DOTS);
    (0..1_u8 << free)
        .map(|rank| {
            let mut keys: Vec<String> = Vec::with_capacity(parts.len());
            for (index, part) in parts.iter().enumerate() {
                let dot = index.saturating_sub(1).min(free.saturating_sub(1));
                let is_level = index == 0 || rank >> (free - 1 - dot) & 1 == 1;
                match keys.last_mut() {
                    Some(key) if !is_level => {
                        key.push('.');
                        key.push_str(part);
                    }
                    _ => keys.push((*part).to_owned()),
                }
            }
            (keys, rank)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Vec<String> {
        spellings(name).into_iter().map(|(keys, _)| keys.join(" / ")).collect()
    }

    #[test]
    fn the_longer_key_earlier_comes_first() {
        assert_eq!(shown("a"), ["a"]);
        assert_eq!(shown("a.b.c"), ["a.b.c", "a.b / c", "a / b.c", "a / b / c"]);
        let ranks: Vec<u8> = spellings("a.b.c").into_iter().map(|(_, rank)| rank).collect();
        assert_eq!(ranks, [0, 1, 2, 3]);
    }

    #[test]
    fn long_names_stay_bounded_and_keep_both_ends() {
        let name = "a.b.c.d.e.f.g.h.i.j.k.l";
        let all = shown(name);
        assert_eq!(all.len(), 128);
        assert_eq!(all.first().map(String::as_str), Some(name));
        assert_eq!(all.last().cloned(), Some(name.replace('.', " / ")));
    }
}
