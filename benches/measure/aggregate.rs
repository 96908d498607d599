//! Federation metadata of any size: entities like those that federations publish, made as they are read, so that
//! nothing of it is kept.

use std::io::{self, BufRead, Read};

use admittance::crypto::{DigestAlgorithm, Hasher};
use admittance::encoding::base64_encode;
use admittance::limits::{Budget, XmlLimits};
use admittance::testing::saml_idp::TestKey;
use admittance::xml::{self, Canonical, Document, Element, Profile, Read as _, canonicalize};
use admittance::xmldsig::{self, Placement, Signing};

/// An aggregate as a stream.
#[derive(Clone)]
pub struct Aggregate {
    certificate: String,
    /// Its signature, where it has one.
    signature: String,
    entities: usize,
    /// What comes next.
    next: Next,
    piece: Vec<u8>,
    read: usize,
}

#[derive(Clone, Copy)]
enum Next {
    Start,
    Entity(usize),
    Nothing,
}

impl Aggregate {
    /// About this many bytes.
    pub fn new(bytes: usize) -> Self {
        let lines = TestKey::Rsa.certificate_pem().lines().filter(|line| !line.starts_with('-'));
        let mut aggregate = Self {
            certificate: lines.collect::<Vec<_>>().join("\n"),
            signature: String::new(),
            entities: 0,
            next: Next::Start,
            piece: Vec::new(),
            read: 0,
        };
        let two = aggregate.entity(0).len() + aggregate.entity(1).len();
        aggregate.entities = bytes * 2 / two;
        aggregate
    }

    /// The same with a signature over all of it by [`TestKey::OtherRsa`].
    pub fn signed(mut self) -> Self {
        let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
        let (start, end) = canonical_around("");
        hasher.update(start.as_bytes());
        for number in 0..self.entities {
            // What an entity's canonical form is does not depend on those beside it.
            let (whole, _) = canonical_around(&self.entity(number));
            hasher.update(whole.strip_prefix(&start).expect("the same start tag").as_bytes());
        }
        hasher.update(format!("\n{end}").as_bytes());
        self.signature = signature_of(&base64_encode(hasher.finish().as_ref()));
        self
    }

    /// All of it.
    pub fn into_bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).expect("nothing fails");
        bytes
    }

    /// The name of an identity provider about in the middle.
    pub fn middle(&self) -> String {
        Self::name(self.entities / 4 * 2)
    }

    fn name(number: usize) -> String {
        format!("https://entity{number:06}.example/shibboleth")
    }

    fn entity(&self, number: usize) -> String {
        let certificate = &self.certificate;
        let host = format!("entity{number:06}.example");
        let name = Self::name(number);
        let ui = format!(
            r#"<mdui:UIInfo>
          <mdui:DisplayName xml:lang="en">Example University {number}</mdui:DisplayName>
          <mdui:DisplayName xml:lang="de">Universität Beispiel {number}</mdui:DisplayName>
          <mdui:Description xml:lang="en">Staff &amp; students of Example University {number}, and guests of its institutes.</mdui:Description>
          <mdui:Description xml:lang="de">Mitarbeitende und Studierende der Universität Beispiel {number} &amp; Gäste ihrer Institute.</mdui:Description>
          <mdui:InformationURL xml:lang="en">https://www.{host}/about/identity</mdui:InformationURL>
          <mdui:PrivacyStatementURL xml:lang="en">https://www.{host}/about/privacy</mdui:PrivacyStatementURL>
          <mdui:Logo height="60" width="80" xml:lang="en">https://www.{host}/images/logo-80x60.png</mdui:Logo>
        </mdui:UIInfo>"#
        );
        let key = |usage: &str| {
            format!(
                r#"<md:KeyDescriptor use="{usage}">
        <ds:KeyInfo>
          <ds:X509Data>
            <ds:X509Certificate>{certificate}</ds:X509Certificate>
          </ds:X509Data>
        </ds:KeyInfo>
      </md:KeyDescriptor>"#
            )
        };
        let role = if number.is_multiple_of(2) {
            format!(
                r#"<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol urn:mace:shibboleth:1.0">
      <md:Extensions>
        <shibmd:Scope regexp="false">{host}</shibmd:Scope>
        {ui}
      </md:Extensions>
      {signing}
      {encryption}
      <md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="https://idp.{host}:8443/idp/profile/SAML2/SOAP/ArtifactResolution" index="1"/>
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.{host}/idp/profile/SAML2/Redirect/SLO"/>
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.{host}/idp/profile/SAML2/POST/SLO"/>
      <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
      <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
      <md:SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="https://idp.{host}/idp/profile/Shibboleth/SSO"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.{host}/idp/profile/SAML2/POST/SSO"/>
      <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.{host}/idp/profile/SAML2/Redirect/SSO"/>
    </md:IDPSSODescriptor>"#,
                signing = key("signing"),
                encryption = key("encryption"),
            )
        } else {
            let requested: String = ["mail", "displayName", "givenName", "sn", "eduPersonScopedAffiliation", "eduPersonPrincipalName"]
                .iter()
                .enumerate()
                .map(|(oid, attribute)| {
                    format!(
                        "\n        <md:RequestedAttribute FriendlyName=\"{attribute}\" Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.{oid}\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" isRequired=\"true\"/>"
                    )
                })
                .collect();
            let services: String = (1..=4)
                .map(|index| {
                    format!(
                        "\n      <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://sp{index}.{host}/Shibboleth.sso/SAML2/POST\" index=\"{index}\"/>"
                    )
                })
                .collect();
            format!(
                r#"<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
      <md:Extensions>
        <idpdisc:DiscoveryResponse xmlns:idpdisc="urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" Binding="urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol" Location="https://sp.{host}/Shibboleth.sso/Login" index="1"/>
        {ui}
      </md:Extensions>
      {key}
      <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://sp.{host}/Shibboleth.sso/SLO/Redirect"/>{services}
      <md:AttributeConsumingService index="1">
        <md:ServiceName xml:lang="en">Service {number}</md:ServiceName>{requested}
      </md:AttributeConsumingService>
    </md:SPSSODescriptor>"#,
                key = key("signing"),
            )
        };
        format!(
            r#"
  <md:EntityDescriptor entityID="{name}">
    <md:Extensions>
      <mdrpi:RegistrationInfo registrationAuthority="https://federation.example" registrationInstant="2019-05-06T07:08:09Z">
        <mdrpi:RegistrationPolicy xml:lang="en">https://federation.example/policy/registration-2019</mdrpi:RegistrationPolicy>
      </mdrpi:RegistrationInfo>
      <mdattr:EntityAttributes>
        <saml:Attribute Name="http://macedir.org/entity-category-support" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">
          <saml:AttributeValue>http://refeds.org/category/research-and-scholarship</saml:AttributeValue>
          <saml:AttributeValue>http://www.geant.net/uri/dataprotection-code-of-conduct/v1</saml:AttributeValue>
        </saml:Attribute>
      </mdattr:EntityAttributes>
    </md:Extensions>
    {role}
    <md:Organization>
      <md:OrganizationName xml:lang="en">Example University {number}</md:OrganizationName>
      <md:OrganizationDisplayName xml:lang="en">Example University {number}</md:OrganizationDisplayName>
      <md:OrganizationURL xml:lang="en">https://www.{host}/</md:OrganizationURL>
    </md:Organization>
    <md:ContactPerson contactType="technical">
      <md:GivenName>Identity</md:GivenName>
      <md:SurName>Team</md:SurName>
      <md:EmailAddress>mailto:identity@{host}</md:EmailAddress>
    </md:ContactPerson>
    <md:ContactPerson contactType="support">
      <md:GivenName>Service Desk</md:GivenName>
      <md:EmailAddress>mailto:help@{host}</md:EmailAddress>
    </md:ContactPerson>
  </md:EntityDescriptor>"#
        )
    }
}

impl BufRead for Aggregate {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.piece.len() {
            let (piece, next) = match self.next {
                Next::Start => (format!("{DECLARATION}{START}{}", self.signature), Next::Entity(0)),
                Next::Entity(number) if number < self.entities => {
                    (self.entity(number), Next::Entity(number + 1))
                }
                Next::Entity(_) => (format!("\n{END}\n"), Next::Nothing),
                Next::Nothing => (String::new(), Next::Nothing),
            };
            (self.piece, self.next, self.read) = (piece.into_bytes(), next, 0);
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Aggregate {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

/// The canonical form of an aggregate with this content, without its end tag; and the end tag.
fn canonical_around(content: &str) -> (String, &'static str) {
    let canonical = canonical(document(&format!("{START}{content}{END}")).root());
    (canonical.strip_suffix(END).expect("an end tag").to_owned(), END)
}

/// The signature over an aggregate with this digest: that of an empty one, with the digest in its place.
fn signature_of(digest: &str) -> String {
    let key = TestKey::OtherRsa.signing_key();
    let algorithm = key.default_algorithm();
    let signing = Signing {
        id: ID,
        placement: Placement::FirstChild,
        key,
        algorithm,
        certificate: None,
        prefix_list: &[],
    };
    let empty = xmldsig::sign(format!("{START}{END}").into_bytes(), &signing).expect("a signature");
    let empty = document(&String::from_utf8(empty).expect("UTF-8"));
    let child = |of: Element<'_>, name| {
        of.children().find(|child| child.local_name() == name).expect(name).text().into_owned()
    };
    let signature = empty.root().children().next().expect("a signature");
    let signed_info = signature.children().next().expect("what is signed");
    let reference = signed_info.children().last().expect("a reference");
    let new = canonical(signed_info).replace(&child(reference, "DigestValue"), digest);
    let value = base64_encode(&key.sign(algorithm, new.as_bytes()).expect("a signature"));
    canonical(signature)
        .replace(&child(reference, "DigestValue"), digest)
        .replace(&child(signature, "SignatureValue"), &value)
}

fn document(text: &str) -> Document {
    xml::parse(text.into(), Profile::Metadata, &XmlLimits::METADATA, &mut Budget::new()).expect("a document")
}

fn canonical(element: Element<'_>) -> String {
    let mut bytes = Vec::new();
    canonicalize(element, &Canonical::default(), &mut bytes);
    String::from_utf8(bytes).expect("UTF-8")
}

const ID: &str = "_20261122";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const START: &str = r#"<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute" xmlns:mdrpi="urn:oasis:names:tc:SAML:metadata:rpi" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="_20261122" Name="https://federation.example/all" validUntil="2026-12-06T00:00:00Z" cacheDuration="PT6H">"#;
const END: &str = "</md:EntitiesDescriptor>";
