//! Signatures that no current library makes: RSA with MD5 or SHA-1, RSA with a short key. Slow, variable in time,
//! and for tests alone.

use admittance::crypto::{DigestAlgorithm, digest};

use super::forge::der;

/// Which digest is signed.
#[derive(Clone, Copy, Debug)]
pub(super) enum WeakDigest {
    Md5,
    Sha1,
    Sha256,
}

/// An RSA private key, as far as it is needed: big-endian numbers.
pub(super) struct RsaNumbers {
    pub(super) modulus: Vec<u8>,
    pub(super) public_exponent: Vec<u8>,
    private_exponent: Vec<u8>,
}

impl RsaNumbers {
    /// Out of PKCS#8 in PEM.
    pub(super) fn read(pem: &str) -> Self {
        let der = der(pem);
        let info = fields(content(&der));
        let key = fields(content(content(info[2])));
        let number = |index: usize| {
            let bytes = content(key[index]);
            bytes[bytes.iter().position(|byte| *byte != 0).unwrap()..].to_vec()
        };
        Self { modulus: number(1), public_exponent: number(2), private_exponent: number(3) }
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.1).
    pub(super) fn sign(&self, algorithm: WeakDigest, message: &[u8]) -> Vec<u8> {
        let mut info = algorithm.digest_info().to_vec();
        info.extend(algorithm.digest(message));
        let padding = self.modulus.len() - info.len() - 3;
        let encoded = [&[0, 1][..], &vec![0xff; padding], &[0], &info].concat();
        power(&encoded, &self.private_exponent, &self.modulus)
    }
}

impl WeakDigest {
    fn digest(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => md5(message).to_vec(),
            Self::Sha1 => digest(DigestAlgorithm::Sha1, message).as_ref().to_vec(),
            Self::Sha256 => digest(DigestAlgorithm::Sha256, message).as_ref().to_vec(),
        }
    }

    /// RFC 8017 §9.2 note 1.
    fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Md5 => b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
            Self::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
            Self::Sha256 => b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        }
    }
}

/// RFC 1321.
pub(super) fn md5(message: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - message.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let length = padded.len() - 8;
    padded[length..].copy_from_slice(&(message.len() as u64 * 8).to_le_bytes());

    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks(64) {
        let words: Vec<u32> =
            block.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64 {
            let (mixed, word) = match step / 16 {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), (7 * step) % 16),
            };
            let constant = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(words[word]);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4]));
        }
        for (value, more) in state.iter_mut().zip([a, b, c, d]) {
            *value = value.wrapping_add(more);
        }
    }
    let mut digest = [0; 16];
    digest.chunks_mut(4).zip(state).for_each(|(to, word)| to.copy_from_slice(&word.to_le_bytes()));
    digest
}

/// `base ^ exponent mod modulus` in Montgomery form; the modulus is odd.
fn power(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let n = limbs(modulus, modulus.len() / 4);
    let mut inverse: u32 = 1;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(n[0].wrapping_mul(inverse)));
    }
    let inverse = inverse.wrapping_neg();
    // One in Montgomery form, then its square factor, by doubling.
    let mut one = vec![0; n.len()];
    one[0] = 1;
    let doubled = |mut value: Vec<u32>, times: usize| {
        for _ in 0..times {
            value = double(&value, &n);
        }
        value
    };
    let radix = doubled(one.clone(), 32 * n.len());
    let radix_squared = doubled(radix.clone(), 32 * n.len());
    let base = multiply(&limbs(base, n.len()), &radix_squared, &n, inverse);
    let mut result = radix;
    for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        result = multiply(&result, &result, &n, inverse);
        if bit == 1 {
            result = multiply(&result, &base, &n, inverse);
        }
    }
    let result = multiply(&result, &one, &n, inverse);
    result.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

fn multiply(a: &[u32], b: &[u32], n: &[u32], inverse: u32) -> Vec<u32> {
    let k = n.len();
    let mut t = vec![0u32; k + 2];
    for &digit in a {
        let mut carry = 0u64;
        for j in 0..k {
            let sum = u64::from(t[j]) + u64::from(digit) * u64::from(b[j]) + carry;
            (t[j], carry) = (sum as u32, sum >> 32);
        }
        let sum = u64::from(t[k]) + carry;
        (t[k], t[k + 1]) = (sum as u32, (sum >> 32) as u32);
        let m = t[0].wrapping_mul(inverse);
        let mut carry = (u64::from(t[0]) + u64::from(m) * u64::from(n[0])) >> 32;
        for j in 1..k {
            let sum = u64::from(t[j]) + u64::from(m) * u64::from(n[j]) + carry;
            (t[j - 1], carry) = (sum as u32, sum >> 32);
        }
        let sum = u64::from(t[k]) + carry;
        (t[k - 1], t[k]) = (sum as u32, t[k + 1] + (sum >> 32) as u32);
    }
    reduce(t[..k].to_vec(), t[k], n)
}

fn double(value: &[u32], n: &[u32]) -> Vec<u32> {
    let mut carry = 0;
    let doubled = value
        .iter()
        .map(|limb| {
            let next = limb << 1 | carry;
            carry = limb >> 31;
            next
        })
        .collect();
    reduce(doubled, carry, n)
}

/// Subtracts the modulus once where the value, with its carry, is not below it.
fn reduce(value: Vec<u32>, carry: u32, n: &[u32]) -> Vec<u32> {
    if carry == 0 && value.iter().rev().lt(n.iter().rev()) {
        return value;
    }
    let mut borrow = 0i64;
    value
        .iter()
        .zip(n)
        .map(|(a, b)| {
            let difference = i64::from(*a) - i64::from(*b) - borrow;
            borrow = i64::from(difference < 0);
            difference as u32
        })
        .collect()
}

fn limbs(bytes: &[u8], count: usize) -> Vec<u32> {
    let mut limbs: Vec<u32> = bytes
        .rchunks(4)
        .map(|chunk| chunk.iter().fold(0, |limb, byte| limb << 8 | u32::from(*byte)))
        .collect();
    limbs.resize(count, 0);
    limbs
}

/// The content of a DER value.
fn content(value: &[u8]) -> &[u8] {
    &value[header(value)..]
}

/// The values inside of a DER value's content.
fn fields(mut content: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    while !content.is_empty() {
        let header = header(content);
        let length = content[2..header].iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        let length = if header == 2 { usize::from(content[1]) } else { length };
        let (field, rest) = content.split_at(header + length);
        fields.push(field);
        content = rest;
    }
    fields
}

fn header(value: &[u8]) -> usize {
    if value[1] < 0x80 { 2 } else { 2 + usize::from(value[1] & 0x7f) }
}

#[test]
fn weak_signatures_are_what_they_say() {
    use admittance::crypto::{Legacy, SignatureAlgorithm};
    use admittance::testing::saml_idp::TestKey;

    let hex = |bytes: [u8; 16]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(md5(b"")), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(hex(md5(&[b'a'; 60])), "cc7ed669cf88f201c3297c6a91e1d18d");
    let numbers = RsaNumbers::read(TestKey::Rsa.key_pem());
    let key = TestKey::Rsa.certificate().public_key();
    for (weak, algorithm) in
        [(WeakDigest::Sha1, DigestAlgorithm::Sha1), (WeakDigest::Sha256, DigestAlgorithm::Sha256)]
    {
        let signature = numbers.sign(weak, b"message");
        key.verify(SignatureAlgorithm::RsaPkcs1(algorithm), Legacy::Allow, b"message", &signature).unwrap();
    }
}
