//! How much of a value is left after some time (RULES S20, `half-life`). In whole numbers, so that it is the same on every
//! machine; what is left of it is a double.

use std::sync::LazyLock;

use crate::model::Span;

/// In units of 2⁻⁶⁴: 2 to the power of −1/2, −1/4, −1/8 and so on.
static ROOTS: LazyLock<[u64; 64]> = LazyLock::new(|| {
    let mut power = 1_u128 << 63;
    std::array::from_fn(|_| {
        power = (power << 64).isqrt();
        power as u64
    })
});

/// 2 to the power of −age / half-life, right to the last digits of a double; nothing after 64 half-lives.
pub(super) fn remaining(age: Span, half_life: Span) -> f64 {
    let (age, half_life) = (u128::from(age.0.max(0).unsigned_abs()), u128::from(half_life.0.max(1).unsigned_abs()));
    let whole = age / half_life;
    if whole >= 64 {
        return 0.0;
    }
    // binary digits of the rest of the exponent, the greatest first
    let fraction = ((age % half_life) << 64) / half_life;
    let mut product: Option<u64> = None;
    for (digit, root) in (0..64_u32).zip(ROOTS.iter()) {
        if fraction & (1 << (63 - digit)) != 0 {
            product = Some(product.map_or(*root, |product| ((u128::from(product) * u128::from(*root)) >> 64) as u64));
        }
    }
    let halved = 1.0 / (1_u64 << whole) as f64;
    // both divisions are by powers of two, and exact
    product.map_or(halved, |product| product as f64 / 18_446_744_073_709_551_616.0 * halved)
}

/// A value as it is written: without the digits that sums of doubles make up.
pub(super) fn tidy(value: f64) -> f64 {
    let rounded = (value * 1e9).round() / 1e9;
    // nothing is not less than nothing
    if rounded == 0.0 { 0.0 } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s20_half_is_left_after_a_half_life() {
        let day = Span::seconds(86_400);
        let of = |seconds: i64| remaining(Span::seconds(seconds), day);
        assert_eq!([of(0), of(86_400), of(3 * 86_400), of(64 * 86_400)], [1.0, 0.5, 0.125, 0.0]);
        assert_eq!(of(-5), 1.0);
        assert!((of(43_200) - std::f64::consts::FRAC_1_SQRT_2).abs() < 1e-15);
        assert_eq!(remaining(Span(i64::MAX), Span(i64::MAX)), 0.5);
        assert_eq!(tidy(29.999_999_999_999_996), 30.0);
        assert!(tidy(-1e-12).is_sign_positive());
    }

    proptest! {
        #[test]
        fn s20_it_is_the_power_of_two(age in 0..10_000_000_000_000_000_i64, half_life in 1_000_000_000..1_000_000_000_000_000_i64) {
            let power = (-(age as f64) / half_life as f64).exp2();
            let found = remaining(Span(age), Span(half_life));
            prop_assert!((found - power).abs() <= power * 1e-13 + 1e-18, "{found} {power}");
        }
    }
}
