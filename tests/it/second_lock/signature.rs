//! Signatures made by either engine. Most keep to the profile of SAML in an odd spelling; the others break one rule
//! of it that libxmlsec1 does not have.

use std::sync::LazyLock;

use admittance::crypto::{Certificate, DigestAlgorithm, KeyKind, SignatureAlgorithm, SigningKey, digest};
use admittance::encoding::base64_encode;
use admittance::limits::{Budget, XmlLimits};
use admittance::xml::{self, Canonical, Document, Element, Profile, Read, canonicalize};
use admittance::xmldsig::{self, NAMESPACE};

use super::dice::Dice;
use super::oracle;

pub(super) struct Key {
    pub(super) certificate: Certificate,
    pem: Vec<u8>,
    algorithms: &'static [SignatureAlgorithm],
}

pub(super) static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let read = |name: String| {
        let path = format!("{}/tests/corpus/keys/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let key = |(name, algorithms): (&str, &'static [SignatureAlgorithm])| Key {
        certificate: Certificate::parse(&read(format!("{name}.cert.pem"))).unwrap(),
        pem: read(format!("{name}.key.pem")),
        algorithms,
    };
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    // P-256 signs fastest.
    let keys: [(&str, &'static [SignatureAlgorithm]); 6] = [
        ("p256", &[Ecdsa(Sha256)]),
        ("p256", &[Ecdsa(Sha256)]),
        ("p256", &[Ecdsa(Sha384)]),
        ("p384", &[Ecdsa(Sha384), Ecdsa(Sha256)]),
        ("rsa2048", &[RsaPkcs1(Sha256), RsaPkcs1(Sha384), RsaPkcs1(Sha512), RsaPkcs1(Sha1), RsaPss(Sha256)]),
        ("rsa1024", &[RsaPkcs1(Sha256), RsaPkcs1(Sha512), RsaPkcs1(Sha1)]),
    ];
    keys.map(key).into()
});

/// A signature without digest and value; marks stand in their places.
pub(super) struct Template {
    pub(super) markup: String,
    /// Counted in the order of start tags.
    pub(super) number: usize,
    id: String,
    digest_mark: String,
    value_mark: String,
    algorithm: SignatureAlgorithm,
    digest: DigestAlgorithm,
    prefix_list: PrefixList,
    signed_info_prefix_list: PrefixList,
    /// Only libxmlsec1 makes such a signature.
    breaks: Option<Break>,
}

/// The one rule of the profile that a signature breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    Method,
    Digest,
    Canonicalization,
    EmptyUri,
    RootPointer,
    IdPointer,
    QualifiedAttribute,
    OneTransform,
    OtherTransform,
    ThreeTransforms,
    TwoReferences,
    Object,
}

impl Template {
    /// A signature over the element with the identifier.
    pub(super) fn new(dice: &mut Dice, id: String, number: usize, key: &Key) -> Self {
        let template = Self {
            markup: String::new(),
            number,
            id,
            digest_mark: format!("digest-{number}-mark"),
            value_mark: format!("value-{number}-mark"),
            algorithm: dice.pick(key.algorithms),
            digest: dice.pick(&DIGESTS),
            prefix_list: PrefixList::new(dice, 60),
            signed_info_prefix_list: PrefixList::new(dice, 20),
            breaks: dice.percent(15).then(|| dice.pick(&Break::ALL)),
        };
        Self { markup: template.write(dice, key), ..template }
    }

    fn write(&self, dice: &mut Dice, key: &Key) -> String {
        let prefix = dice.pick(&["ds:", "ds:", "dsig:", ""]);
        let declaration = match prefix.strip_suffix(':') {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let signed_info = self.signed_info(dice);
        let key_info = match dice.below(4) {
            0 => "<?KeyInfo><?KeyName>k</?KeyName></?KeyInfo>~".to_owned(),
            1 => format!(
                "<?KeyInfo><?X509Data><?X509Certificate>{}</?X509Certificate></?X509Data></?KeyInfo>~",
                base64_encode(key.certificate.der())
            ),
            _ => String::new(),
        };
        let object = if self.breaks == Some(Break::Object) { "<?Object><x/></?Object>~" } else { "" };
        let markup = format!(
            "<?Signature {declaration}=\"{NAMESPACE}\">~{signed_info}~\
             <?SignatureValue>{}</?SignatureValue>~{key_info}{object}</?Signature>",
            self.value_mark
        );
        let space = dice.pick(&["", "", "\n", "\n  ", " &#13;\n"]);
        markup.replace("<?", &format!("<{prefix}")).replace("</?", &format!("</{prefix}")).replace('~', space)
    }

    /// `?` stands for the prefix and `~` for the space between elements.
    fn signed_info(&self, dice: &mut Dice) -> String {
        let c14n = self.unless(Break::Canonicalization, EXCLUSIVE, dice.pick(&OTHER_C14N));
        let other = if self.algorithm.fits(KeyKind::P256) { ECDSA_SHA512 } else { RSA_SHA224 };
        let method = xmldsig::signature_algorithm_uri(self.algorithm).unwrap();
        let method = self.unless(Break::Method, method, other);
        let digest = self.unless(Break::Digest, digest_uri(self.digest), SHA224);
        let id = &self.id;
        let uri = match self.breaks {
            Some(Break::EmptyUri) => String::new(),
            Some(Break::RootPointer) => "#xpointer(/)".to_owned(),
            Some(Break::IdPointer) => format!("#xpointer(id('{id}'))"),
            _ => format!("#{id}"),
        };
        let enveloped = format!("<?Transform Algorithm=\"{NAMESPACE}enveloped-signature\"/>");
        let exclusive =
            format!("<?Transform Algorithm=\"{EXCLUSIVE}\">{}</?Transform>", self.prefix_list.markup);
        let other = dice.pick(&OTHER_C14N);
        let transforms = match self.breaks {
            Some(Break::OneTransform) => enveloped,
            Some(Break::OtherTransform) => format!("{enveloped}<?Transform Algorithm=\"{other}\"/>"),
            Some(Break::ThreeTransforms) => {
                format!("{enveloped}{exclusive}<?Transform Algorithm=\"{EXCLUSIVE}\"/>")
            }
            _ => format!("{enveloped}~{exclusive}"),
        };
        let qualified =
            self.unless(Break::QualifiedAttribute, "", " xmlns:own=\"urn:own\" own:Type=\"urn:t\"");
        let kind = dice.pick(&["", "", " Type=\"urn:t\""]);
        let reference = format!(
            "<?Reference URI=\"{uri}\"{kind}{qualified}>~<?Transforms>~{transforms}~</?Transforms>~\
             <?DigestMethod Algorithm=\"{digest}\"/>~<?DigestValue>{}</?DigestValue>~</?Reference>",
            self.digest_mark
        );
        let second = if self.breaks == Some(Break::TwoReferences) { &reference } else { "" };
        let list = &self.signed_info_prefix_list.markup;
        format!(
            "<?SignedInfo>~<?CanonicalizationMethod Algorithm=\"{c14n}\">{list}</?CanonicalizationMethod>~\
             <?SignatureMethod Algorithm=\"{method}\"/>~{reference}~{second}</?SignedInfo>"
        )
    }

    /// The usual, unless this is the rule to break.
    fn unless<'t>(&self, rule: Break, usual: &'t str, broken: &'t str) -> &'t str {
        if self.breaks == Some(rule) { broken } else { usual }
    }

    /// The text with digest and value in place of the marks, made by either engine. Where neither can, the marks
    /// stay and nothing verifies.
    pub(super) fn sign(&self, text: String, key: &Key, profile: Profile, dice: &mut Dice) -> String {
        let misread = self.prefix_list.misread || self.signed_info_prefix_list.misread;
        let first_us = self.breaks.is_none() && (misread || dice.percent(50));
        let by_us = if first_us { self.by_us(&text, key, profile, dice) } else { None };
        by_us.or_else(|| if misread { None } else { self.by_them(&text, key) }).unwrap_or(text)
    }

    fn by_them(&self, text: &str, key: &Key) -> Option<String> {
        let (digest, value) = oracle::sign(text, &self.value_mark, &key.pem)?;
        Some(text.replace(&self.digest_mark, &digest).replace(&self.value_mark, &value))
    }

    fn by_us(&self, text: &str, key: &Key, profile: Profile, dice: &mut Dice) -> Option<String> {
        let document = parse(text, profile)?;
        let element = document.element_by_id(&self.id)?;
        let signature = child(element, "Signature")?;
        let bytes = canonical(element, &self.prefix_list, Some(signature));
        let digest = spaced(&base64_encode(digest(self.digest, &bytes).as_ref()), dice);
        let text = text.replace(&self.digest_mark, &digest);

        let document = parse(&text, profile)?;
        let signed_info = child(child(document.element_by_id(&self.id)?, "Signature")?, "SignedInfo")?;
        let bytes = canonical(signed_info, &self.signed_info_prefix_list, None);
        let value = SigningKey::from_pem(&key.pem).ok()?.sign(self.algorithm, &bytes).ok()?;
        Some(text.replace(&self.value_mark, &spaced(&base64_encode(&value), dice)))
    }
}

/// An InclusiveNamespaces parameter.
#[derive(Default)]
struct PrefixList {
    prefixes: Vec<&'static str>,
    markup: String,
    /// libxmlsec1 takes it for another list.
    misread: bool,
}

impl PrefixList {
    fn new(dice: &mut Dice, percent: usize) -> Self {
        if !dice.percent(percent) {
            return Self::default();
        }
        let known = ["p", "q", "r", "\u{e9}", "#default", "ds", "xml", "unheard-of"];
        let prefixes: Vec<_> = (0..dice.below(4)).map(|_| dice.pick(&known)).collect();
        let usual = prefixes.join(" ");
        let list = match dice.below(50) {
            0 => format!(" {usual}"),
            1 => usual.replace(' ', "  "),
            2 => usual.replace(' ', "&#9;"),
            3 => format!("{usual} "),
            4 => usual.replace(' ', "\n"),
            _ => usual.clone(),
        };
        let misread = list.starts_with(' ') || list.contains("  ") || list.contains('&');
        let markup = match dice.percent(50) {
            true => format!("<InclusiveNamespaces xmlns=\"{EXCLUSIVE}\" PrefixList=\"{list}\"/>"),
            false => format!(
                "<ec:InclusiveNamespaces PrefixList=\"{list}\" xmlns:ec='{EXCLUSIVE}'> </ec:InclusiveNamespaces>"
            ),
        };
        Self { prefixes, markup, misread }
    }
}

impl Break {
    const ALL: [Self; 12] = [
        Self::Method,
        Self::Digest,
        Self::Canonicalization,
        Self::EmptyUri,
        Self::RootPointer,
        Self::IdPointer,
        Self::QualifiedAttribute,
        Self::OneTransform,
        Self::OtherTransform,
        Self::ThreeTransforms,
        Self::TwoReferences,
        Self::Object,
    ];
}

fn parse(text: &str, profile: Profile) -> Option<Document> {
    xml::parse(text.into(), profile, &XmlLimits::METADATA, &mut Budget::new()).ok()
}

fn child<'d>(element: Element<'d>, name: &str) -> Option<Element<'d>> {
    element.children().find(|child| child.is(NAMESPACE, name))
}

fn canonical(element: Element<'_>, list: &PrefixList, without: Option<Element<'_>>) -> Vec<u8> {
    let prefixes = list.prefixes.iter().map(|prefix| if *prefix == "#default" { "" } else { prefix });
    let mut bytes = Vec::new();
    canonicalize(element, &Canonical { prefix_list: &prefixes.collect::<Vec<_>>(), without }, &mut bytes);
    bytes
}

/// Base64 with white space in it.
fn spaced(base64: &str, dice: &mut Dice) -> String {
    let (middle, rest) = base64.split_at(dice.below(base64.len()));
    let space = dice.pick(&["", "", "\n", "&#13;\n", "\r\n ", "\t"]);
    format!("{space}{middle}{space}{rest}{space}")
}

const fn digest_uri(digest: DigestAlgorithm) -> &'static str {
    match digest {
        DigestAlgorithm::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const SHA224: &str = "http://www.w3.org/2001/04/xmldsig-more#sha224";
const RSA_SHA224: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224";
const ECDSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512";
const OTHER_C14N: [&str; 4] = [
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
];
const DIGESTS: [DigestAlgorithm; 4] =
    [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512, DigestAlgorithm::Sha1];
