//! Gzip bodies, as OPA posts them. Bounded: a small body that inflates to gigabytes is refused at the limit.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::decode::error::DecodeError;

/// Whether the bytes start like a gzip member. No JSON text does.
pub(in crate::decode) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1F, 0x8B])
}

/// Inflates a body of at most `limit` bytes.
pub(in crate::decode) fn inflate(body: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    let mut inflated = Vec::new();
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body)
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|error| DecodeError::BadGzip { problem: error.to_string() })?;
    if inflated.len() > limit {
        return Err(DecodeError::BadGzip { problem: format!("it inflates to more than the limit of {limit} bytes") });
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflate(body: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_are_inflated_up_to_the_limit() {
        let body = deflate(b"[{}]");
        assert!(is_gzip(&body));
        assert_eq!(inflate(&body, 4).unwrap(), b"[{}]");
        assert_eq!(inflate(&body, 3).unwrap_err().kind(), "bad_gzip");
    }

    #[test]
    fn a_bomb_and_a_torn_body_are_refused() {
        let bomb = deflate(&vec![b' '; 20_000_000]);
        assert!(bomb.len() < 100_000);
        assert!(inflate(&bomb, 1_000_000).unwrap_err().to_string().contains("limit"));
        let body = deflate(b"[{\"a\":1}]");
        assert_eq!(inflate(&body[..body.len() - 6], 100).unwrap_err().kind(), "bad_gzip");
        assert_eq!(inflate(&[0x1F, 0x8B, 7, 7], 100).unwrap_err().kind(), "bad_gzip");
    }
}
