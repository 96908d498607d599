//! The signing keys of a role (2.4 #19).

use crate::{
    crypto::{Certificate, Curve, KeyError, PublicKey, TrustedKey, TrustedKeys},
    encoding::base64_decode,
    limits::{LimitExceeded, Limits, Resource},
    note::Note,
    saml::{Error, metadata::select::WHITE_SPACE, names},
    time::Timestamp,
    xml::Read,
};

/// Keys on their way to [`TrustedKeys`], with what was wrong with others. There are never more different ones
/// than can be tried for one signature: a key that would not be tried is a promise not kept.
pub(super) struct Keys {
    keys: Vec<TrustedKey>,
    different: Vec<PublicKey>,
    limit: usize,
    unreadable: usize,
    notes: Vec<Note>,
}

/// Every key of the role's KeyDescriptors for signing, which are those with `use="signing"` and those without
/// `use` (Metadata 2.4.1.1).
pub(super) fn signing_keys<'d, E: Read<'d>>(role: E, limits: &Limits, now: Timestamp) -> Result<Keys, Error> {
    let mut keys = Keys::new(limits);
    for descriptor in role.children().filter(|child| child.is(names::MD, "KeyDescriptor")) {
        match descriptor.attribute("use").map(|usage| usage.trim_matches(WHITE_SPACE)) {
            None | Some("signing") => {}
            Some("encryption") => continue,
            Some(_) => {
                let (parent, child) = (descriptor.qualified_name().to_owned(), "use".to_owned());
                return Err(Error::SchemaViolation { parent, child });
            }
        }
        for info in descriptor.children().filter(|child| child.is(names::DS, "KeyInfo")) {
            keys.read_key_info(info, now)?;
        }
    }
    Ok(keys)
}

impl Keys {
    pub(super) fn new(limits: &Limits) -> Self {
        let limit = limits.keys_per_signature;
        Self { keys: Vec::new(), different: Vec::new(), limit, unreadable: 0, notes: Vec::new() }
    }

    pub(super) fn add_certificate(&mut self, certificate: Certificate, now: Timestamp) -> Result<(), Error> {
        if now > certificate.not_after() {
            let note = Note::new("saml.certificate_expired").field(certificate.sha256().to_string());
            self.notes
                .push(note.expected(format!("until {}", certificate.not_after())).actual(now.to_string()));
        }
        self.add(certificate.into())
    }

    /// The set and the notes. One key given several times counts once.
    pub(super) fn into_trusted(self) -> Result<(TrustedKeys, Vec<Note>), Error> {
        match TrustedKeys::new(self.keys) {
            Ok(trusted) => Ok((trusted, self.notes)),
            Err(_) => Err(Error::MetadataNoSigningKey { unreadable: self.unreadable }),
        }
    }

    fn add(&mut self, key: TrustedKey) -> Result<(), Error> {
        if !self.different.contains(key.key()) {
            if self.different.len() >= self.limit {
                return Err(LimitExceeded { resource: Resource::Keys, limit: self.limit }.into());
            }
            self.different.push(key.key().clone());
        }
        self.keys.push(key);
        Ok(())
    }

    fn read_key_info<'d, E: Read<'d>>(&mut self, info: E, now: Timestamp) -> Result<(), Error> {
        for child in info.children() {
            if child.is(names::DS, "X509Data") {
                for certificate in child.children().filter(|child| child.is(names::DS, "X509Certificate")) {
                    match Certificate::parse(certificate.text().as_bytes()) {
                        Ok(certificate) => self.add_certificate(certificate, now)?,
                        Err(error) => self.note_unreadable("X509Certificate", &error),
                    }
                }
            } else if child.is(names::DS, "KeyValue") {
                for value in child.children() {
                    self.read_key_value(value)?;
                }
            }
        }
        Ok(())
    }

    fn read_key_value<'d, E: Read<'d>>(&mut self, value: E) -> Result<(), Error> {
        let key = if value.is(names::DS, "RSAKeyValue") {
            rsa_key_value(value)
        } else if value.is(names::DSIG11, "ECKeyValue") {
            ec_key_value(value)
        } else {
            Err(KeyError::Algorithm { found: value.qualified_name().to_owned() })
        };
        match key {
            Ok(key) => self.add(key.into())?,
            Err(error) => self.note_unreadable(value.local_name(), &error),
        }
        Ok(())
    }

    fn note_unreadable(&mut self, field: &str, error: &dyn std::error::Error) {
        self.unreadable += 1;
        self.notes.push(Note::new("saml.certificate_invalid").field(field).actual(error.to_string()));
    }
}

/// XML Signature 1.1 §4.5.2.2.
fn rsa_key_value<'d>(value: impl Read<'d>) -> Result<PublicKey, KeyError> {
    let modulus = base64_child(value, names::DS, "Modulus")?;
    let exponent = base64_child(value, names::DS, "Exponent")?;
    PublicKey::from_rsa_components(&modulus, &exponent)
}

/// XML Signature 1.1 §4.5.2.3: a named curve; parameters written out are not read.
fn ec_key_value<'d, E: Read<'d>>(value: E) -> Result<PublicKey, KeyError> {
    let curve = value
        .children()
        .find(|child| child.is(names::DSIG11, "NamedCurve"))
        .and_then(|curve| curve.attribute("URI"))
        .ok_or_else(|| KeyError::Curve { found: "with explicit parameters".to_owned() })?;
    let curve = match curve {
        "urn:oid:1.2.840.10045.3.1.7" => Curve::P256,
        "urn:oid:1.3.132.0.34" => Curve::P384,
        other => return Err(KeyError::Curve { found: other.to_owned() }),
    };
    PublicKey::from_ec_point(curve, &base64_child(value, names::DSIG11, "PublicKey")?)
}

fn base64_child<'d>(parent: impl Read<'d>, namespace: &str, name: &str) -> Result<Vec<u8>, KeyError> {
    let malformed = |reason: String| KeyError::Malformed { reason };
    let mut children = parent.children().filter(|child| child.is(namespace, name));
    match (children.next(), children.next()) {
        (Some(child), None) => {
            base64_decode(child.text().as_bytes()).map_err(|error| malformed(format!("{name}: {error}")))
        }
        (None, _) => Err(malformed(format!("there is no {name}"))),
        (Some(_), Some(_)) => Err(malformed(format!("there are two of {name}"))),
    }
}
