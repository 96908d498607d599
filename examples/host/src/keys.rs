//! The host's one key, and what is made of it: from a file or the environment, never from the database.

use std::{fs, io::Write, os::unix::fs::OpenOptionsExt};

use admittance::crypto::{DigestAlgorithm, SealingKey, Secret, digest};
use admittance::encoding;
use admittance::entropy::{Entropy, OsEntropy};

use crate::{failure::Failure, settings::Settings};

pub(crate) struct Keys {
    sealing: SealingKey,
    /// For the hash that stands for a person in flow records.
    pub(crate) subject: Secret,
    /// For the cursors of SCIM lists.
    pub(crate) cursors: Secret,
}

impl Keys {
    pub(crate) fn load(settings: &Settings) -> Result<Self, String> {
        let text = match &settings.key {
            Some(text) => text.clone(),
            None => match fs::read_to_string(&settings.key_file) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(settings)?,
                Err(error) => return Err(format!("{}: {error}", settings.key_file.display())),
            },
        };
        let key = hex::decode(text.trim()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let key = key.ok_or("the key must be 64 hexadecimal digits")?;
        let sealing = SealingKey::new(derived(&key, "sealing")).ok_or("no sealing key")?;
        let secret = |purpose| Secret::new(hex::encode(derived(&key, purpose)));
        Ok(Self { sealing, subject: secret("subject"), cursors: secret("cursors") })
    }

    /// Seals a text for one purpose and one place, as base64url.
    pub(crate) fn seal(&self, text: &str, purpose: &str) -> Result<String, Failure> {
        let sealed = self.sealing.seal(text.as_bytes(), purpose.as_bytes(), &mut OsEntropy)?;
        Ok(encoding::base64url_encode(&sealed))
    }

    /// The text, unless it was sealed for something else or has been changed.
    pub(crate) fn open(&self, sealed: &str, purpose: &str) -> Option<String> {
        let bytes = encoding::base64url_decode(sealed.as_bytes()).ok()?;
        String::from_utf8(self.sealing.open(&bytes, purpose.as_bytes())?).ok()
    }

    pub(crate) fn sealing(&self) -> &SealingKey {
        &self.sealing
    }
}

fn derived(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    let mac = admittance::crypto::Hmac::Sha256.sign(key, purpose.as_bytes());
    let mut derived = [0; 32];
    derived.iter_mut().zip(&mac).for_each(|(to, from)| *to = *from);
    derived
}

fn make(settings: &Settings) -> Result<String, String> {
    let mut key = [0; 32];
    OsEntropy.fill(&mut key).map_err(|error| error.to_string())?;
    let text = hex::encode(key);
    let path = &settings.key_file;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    tracing::info!("made a new key in {}", path.display());
    Ok(text)
}

/// The SHA-256 of what a browser or client holds, as it is stored.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(digest(DigestAlgorithm::Sha256, text.as_bytes()).as_ref())
}

/// 32 random bytes as text.
pub(crate) fn random() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    OsEntropy.fill(&mut bytes)?;
    Ok(encoding::base64url_encode(&bytes))
}

/// An identifier for a new row.
pub(crate) fn new_id(kind: &str) -> Result<String, Failure> {
    let mut bytes = [0; 12];
    OsEntropy.fill(&mut bytes)?;
    Ok(format!("{kind}-{}", hex::encode(bytes)))
}
