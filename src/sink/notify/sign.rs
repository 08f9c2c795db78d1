//! Signatures of the Standard Webhooks specification: HMAC-SHA256 over id, time and body. HMAC is RFC 2104.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;
/// What a key begins with.
const PREFIX: &str = "whsec_";

/// A key to sign with.
pub(super) struct SigningKey(Vec<u8>);

impl SigningKey {
    /// Reads a key: `whsec_` and Base64, as the specification writes it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let encoded = text.trim().strip_prefix(PREFIX);
        let encoded =
            encoded.ok_or_else(|| format!("a signing key is written {PREFIX} and then its bytes in Base64"))?;
        let key = STANDARD.decode(encoded).map_err(|_| format!("what follows {PREFIX} in a signing key is Base64"))?;
        if (24..=64).contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(format!("a signing key has 24 to 64 bytes; this one has {}", key.len()))
        }
    }

    /// The header `webhook-signature`.
    pub(super) fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut signed = format!("{id}.{seconds}.").into_bytes();
        signed.extend_from_slice(body);
        format!("v1,{}", STANDARD.encode(hmac_sha256(&self.0, &signed)))
    }
}

/// 32 hexadecimal digits of a SHA-256.
pub(super) fn fingerprint(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    let digest;
    let key = if key.len() > BLOCK {
        digest = Sha256::digest(key);
        digest.as_slice()
    } else {
        key
    };
    let padded = |pad: u8| (0..BLOCK).map(move |at| key.get(at).copied().unwrap_or(0) ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn hmac_is_that_of_the_standard() {
        for (key, text, mac) in [
            (vec![0x0b; 20], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac_sha256(&key, text.as_bytes())), mac);
        }
    }

    /// The example of the specification.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let key = SigningKey::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let signature = key.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_that_is_none_is_not_shown() {
        for text in ["hunter2", "whsec_hunter2!", "whsec_aHVudGVyMg=="] {
            let reason = SigningKey::read(text).err().unwrap();
            assert!(!reason.contains("hunter2") && !reason.contains("aHVudGVy"), "{reason}");
        }
    }
}
