//! The canonical form of JSON (RFC 8785), which hash-chained logs are hashed in: no white space, keys in the order of their
//! UTF-16 code units, numbers as ECMAScript prints a double, texts with as few escapes as possible.

use std::fmt::Write as _;

use crate::model::Scalar;

use super::json::Value;

/// The canonical form of an object without one of its top-level keys. `None` for what has no canonical form: a key that is
/// there twice, a number that is no finite double.
pub(super) fn canonical_without(object: &str, omitted: &str) -> Option<String> {
    let mut out = String::with_capacity(object.len());
    write_object(&Value::Object(object), Some(omitted), &mut out)?;
    Some(out)
}

fn write_value(value: &Value<'_>, out: &mut String) -> Option<()> {
    match value {
        Value::Scalar(Scalar::Null) => out.push_str("null"),
        Value::Scalar(Scalar::Bool(value)) => out.push_str(if *value { "true" } else { "false" }),
        Value::Scalar(Scalar::Number(spelled)) => write_number(spelled.parse().ok()?, out)?,
        Value::Scalar(Scalar::Text(text)) => write_text(text, out),
        Value::Array(_) => {
            out.push('[');
            for (index, element) in value.elements().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(&element, out)?;
            }
            out.push(']');
        }
        Value::Object(_) => write_object(value, None, out)?,
    }
    Some(())
}

fn write_object(object: &Value<'_>, omitted: Option<&str>, out: &mut String) -> Option<()> {
    let mut members: Vec<_> = object.members().collect();
    members.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
    if members.windows(2).any(|pair| matches!(pair, [(left, _), (right, _)] if left == right)) {
        return None;
    }
    out.push('{');
    let mut separator = "";
    for (key, value) in members.iter().filter(|(key, _)| Some(key.as_ref()) != omitted) {
        out.push_str(separator);
        separator = ",";
        write_text(key, out);
        out.push(':');
        write_value(value, out)?;
    }
    out.push('}');
    Some(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for symbol in text.chars() {
        match symbol {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Prints a double as ECMAScript's `Number::toString` does: the shortest digits that read back, plain between 1e-7 and
/// 1e21, with an exponent outside.
fn write_number(number: f64, out: &mut String) -> Option<()> {
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 {
        out.push('0');
        return Some(());
    }
    if number < 0.0 {
        out.push('-');
    }
    // Rust's `{:e}` prints the shortest digits that read back, as `d.ddde±x`.
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e')?;
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().ok()?;
    let count = i32::try_from(digits.len()).ok()?;
    // The decimal point lies behind this many digits.
    let point = exponent + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    if count <= point && point <= 21 {
        out.push_str(&digits);
        out.push_str(&zeros(point - count));
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
        let _ = write!(out, "{whole}.{fraction}");
    } else if -6 < point && point <= 0 {
        let _ = write!(out, "0.{}{digits}", zeros(-point));
    } else {
        let (first, rest) = digits.split_at_checked(1)?;
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{first}{dot}{rest}e{sign}{}", exponent.unsigned_abs());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(value: f64) -> Option<String> {
        let mut out = String::new();
        write_number(value, &mut out)?;
        Some(out)
    }

    /// RFC 8785, appendix B.
    #[test]
    fn numbers_are_those_of_the_rfc() {
        for (bits, expected) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        ] {
            assert_eq!(number(f64::from_bits(bits)).as_deref(), Some(expected), "{bits:x}");
        }
        assert_eq!(number(f64::NAN), None);
        assert_eq!(number(f64::INFINITY), None);
    }

    /// RFC 8785, sections 3.2.2 and 3.2.3.
    #[test]
    fn objects_are_those_of_the_rfc() {
        let text = "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],\
            \"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}";
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical_without(text, "").as_deref(), Some(expected));
        let keys = "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}";
        let sorted = canonical_without(keys, "").unwrap();
        let order: Vec<char> = sorted.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(order, ['2', '1', '4', '6', '7', '1', '5', '3'], "{sorted}");
    }

    #[test]
    fn what_has_no_canonical_form_is_refused() {
        assert_eq!(canonical_without("{\"hash\":1,\"a\":2}", "hash").as_deref(), Some("{\"a\":2}"));
        assert_eq!(canonical_without("{\"a\":{\"hash\":1}}", "hash").as_deref(), Some("{\"a\":{\"hash\":1}}"));
        assert_eq!(canonical_without("{\"a\":1,\"a\":1}", ""), None);
        assert_eq!(canonical_without("{\"a\":NaN}", ""), None);
    }

    proptest! {
        #[test]
        fn numbers_read_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite())) {
            prop_assert_eq!(number(value).unwrap().parse::<f64>().unwrap(), if value == 0.0 { 0.0 } else { value });
        }
    }
}
