//! The product's own key and certificate towards SAML identity providers: made at the first start, kept sealed in the
//! database so that every node has the same.

use std::sync::Arc;

use admittance::connection::Connection;
use admittance::crypto::{Certificate, DecryptionKey, SigningKey};
use admittance::saml::bindings::{Binding, Endpoint};
use admittance::saml::metadata::sp::SpConfig;
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd};
use sqlx::Row;

use crate::app::{App, PRODUCT};
use crate::database::{Database, execute, fetch_one, fetch_optional};
use crate::failure::{Failure, Result};
use crate::keys::Keys;

pub(crate) struct OwnKeys {
    pub(crate) certificate: Certificate,
    pub(crate) certificate_pem: String,
    /// A service provider with the keys, and nothing else that is of use.
    with_keys: SpConfig,
}

impl OwnKeys {
    /// The stored pair, made where there is none. The node that comes first decides for all.
    pub(crate) async fn load(database: &Database, keys: &Keys) -> Result<Self> {
        let mut tx = database.write().await?;
        let row = fetch_optional!(&mut *tx, "SELECT sealed FROM secrets WHERE name = $1"; NAME);
        if row.is_none() {
            execute!(&mut *tx,
                "INSERT INTO secrets (name, connection_id, sealed) VALUES ($1, '', $2) ON CONFLICT (name) DO NOTHING";
                NAME, keys.seal(&make()?, NAME)?
            );
        }
        let row = fetch_one!(&mut *tx, "SELECT sealed FROM secrets WHERE name = $1"; NAME);
        tx.commit().await?;
        let pem = keys.open(row.get(0), NAME).ok_or_else(|| {
            Failure::Internal("the stored key cannot be opened: is this the key of that database?".into())
        })?;
        Self::read(&pem)
    }

    fn read(pem: &str) -> Result<Self> {
        let unusable = |error: &dyn std::fmt::Display| Failure::Internal(format!("the own key: {error}"));
        let (key, certificate_pem) = pem.split_once(BORDER).ok_or_else(|| unusable(&"no certificate"))?;
        let certificate = Certificate::parse(certificate_pem.as_bytes()).map_err(|error| unusable(&error))?;
        let signing = SigningKey::from_pem(key.as_bytes()).map_err(|error| unusable(&error))?;
        let decryption = DecryptionKey::from_pem(key.as_bytes()).map_err(|error| unusable(&error))?;
        let mut with_keys =
            SpConfig::new("", "").with_signing_key(signing).with_decrypter(Arc::new(decryption));
        with_keys.signing_certificates = vec![certificate.clone()];
        with_keys.encryption_certificates = vec![certificate.clone()];
        Ok(Self { certificate, certificate_pem: certificate_pem.to_owned(), with_keys })
    }
}

/// Who we are to the identity provider of this connection.
pub(crate) fn service_provider(app: &App, connection: &Connection) -> SpConfig {
    let urls = app.urls(connection.id().as_str());
    let names = connection.sp_config(&urls.sp_entity_id, &urls.acs_url);
    let mut sp = app.own.with_keys.clone();
    sp.entity_id = names.entity_id;
    sp.acs = names.acs;
    sp.urls = app.url_policy();
    let logout = |binding| Endpoint {
        binding,
        location: format!("{}/slo", urls.sp_entity_id),
        response_location: None,
    };
    sp.slo = vec![logout(Binding::HttpRedirect), logout(Binding::HttpPost)];
    sp
}

/// RSA, because identity providers encrypt to nothing else; ten years, because a change is work for every customer.
fn make() -> Result<String> {
    let failed = |error: rcgen::Error| Failure::Internal(format!("making the own key: {error}"));
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, PRODUCT);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    let certificate = params.self_signed(&key).map_err(failed)?;
    Ok(format!("{}{BORDER}{}", key.serialize_pem(), certificate.pem()))
}

/// The name of the secret, and what it is sealed for.
const NAME: &str = "own-saml-key";
const BORDER: &str = "\n--\n";
