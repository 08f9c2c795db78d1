//! How wide a text is, without asking a font: a picture is the same on every machine. Estimates are those of a wide sans
//! serif, so that a text drawn in a narrower one still fits.

/// Width of a character in thousandths of the size.
fn width_of(symbol: char) -> u32 {
    match symbol {
        'i' | 'j' | 'l' | '\'' | '|' => 290,
        ' ' | ',' | '.' | ':' | ';' | 'I' | '!' | '·' => 325,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 410,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '…' | '×' => 950,
        'a'..='z' => 620,
        '0'..='9' | '_' | '"' | '*' => 640,
        'A'..='Z' => 710,
        _ if symbol.is_ascii() => 800,
        _ => 1000,
    }
}

/// Width of a text of a size, in pixels.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let thousandths: u32 = text.chars().map(width_of).sum();
    i32::try_from(thousandths).unwrap_or(i32::MAX / 100).saturating_mul(size) / 1000
}

/// The text, or as much of its beginning as fits, with an ellipsis.
pub(crate) fn fitted(text: &str, size: i32, room: i32) -> String {
    // what turns text around or breaks lines would not stay within its cell
    let mut plain: String = text.chars().map(|symbol| if symbol.is_control() { ' ' } else { symbol }).collect();
    if width(&plain, size) <= room {
        return plain;
    }
    while !plain.is_empty() && width(&plain, size) + width("…", size) > room {
        plain.pop();
    }
    format!("{}…", plain.trim_end())
}

/// The text in lines no wider than `room`, broken between words.
pub(crate) fn lines(text: &str, size: i32, room: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The text in at most so many lines; the last of them is shortened.
pub(crate) fn paragraph(text: &str, size: i32, room: i32, most: usize) -> Vec<String> {
    let all = lines(text, size, room);
    let Some(rest) = all.get(most.saturating_sub(1)..).filter(|rest| !rest.is_empty()) else { return all };
    let last = fitted(&rest.join(" "), size, room);
    all.iter().take(most.saturating_sub(1)).cloned().chain([last]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis_and_fits() {
        assert_eq!(fitted("short", 12, 100), "short");
        let cut = fitted("a name that is much too long for its cell", 12, 100);
        assert!(cut.ends_with('…') && cut.starts_with("a name") && width(&cut, 12) <= 100, "{cut}");
        assert_eq!(fitted("a\nb\u{0}", 12, 100), "a b ");
    }

    #[test]
    fn lines_are_broken_between_words() {
        let broken = lines("one two three four five six", 12, 70);
        assert!(broken.len() > 1 && broken.iter().all(|line| width(line, 12) <= 70), "{broken:?}");
        assert_eq!(broken.join(" "), "one two three four five six");
        let two = paragraph("one two three four five six", 12, 70, 2);
        assert!(two.len() == 2 && two[0] == broken[0] && two[1].ends_with('…'), "{two:?}");
        assert_eq!(paragraph("one two", 12, 70, 2), ["one two"]);
    }
}
