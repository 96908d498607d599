//! Which entity of a document is meant (2.4 #12, #15), found in one pass over it, with what a signature over all of
//! it says (#16).

use std::collections::BTreeSet;

use crate::{
    crypto::{Legacy, TrustedKeys},
    limits::{Budget, LimitExceeded, Limits, Resource},
    saml::{
        Error, Level,
        metadata::{
            idp::{EntityChoice, MetadataTrust, ParseOptions},
            text::Text,
        },
        names,
    },
    xml::{Document, Element, ExpandedName, Part, Piece, Pieces, Read, Skip},
    xmldsig::{self, Hashed, Intact, Piecewise, SignaturePolicy},
};

/// The entity, its role, and the groups that enclose it, innermost first.
pub(super) struct Selected<E> {
    pub(super) enclosing: Vec<E>,
    pub(super) entity: E,
    pub(super) role: E,
}

/// What was found, and what is known of it.
pub(super) enum Found {
    /// A document of one entity.
    Alone(Document),
    /// An entity in groups, and nobody asked for a signature.
    InGroups(InGroups<Document>),
    /// An entity in groups, all of which a trusted key has signed.
    InSignedGroups(InGroups<Hashed>, Intact),
}

/// An entity and the start tags of the groups that enclose it, innermost first.
pub(super) struct InGroups<D> {
    enclosing: Vec<D>,
    entity: D,
}

/// Reads the document to its end and keeps the one entity that is meant.
pub(super) fn select(text: Text<'_>, options: &ParseOptions, budget: &mut Budget) -> Result<Found, Error> {
    let ParseOptions { entity: choice, trust, limits, .. } = options;
    #[cfg(feature = "xmlsec")]
    let text = text.keeping_whole(limits.metadata.bytes);
    let mut pieces = Pieces::new(text, GROUP, nobody_reads(options), limits.metadata, limits.aggregate);
    let root = match pieces.next()? {
        Some(Piece::Start(root)) => root,
        Some(Piece::Element(entity)) => return alone(entity, pieces, choice),
        // INVARIANT (a root comes first): `Pieces` gives nothing before it and an error where there is none.
        Some(Piece::Skipped(_) | Piece::Text(_) | Piece::End) | None => {
            return Err(Error::MetadataNoIdp { actual: Vec::new() });
        }
    };
    match trust {
        MetadataTrust::NotChecked => {
            let root = root.into_document()?;
            let search = Search::new(choice, limits, root);
            Ok(Found::InGroups(search.run(&mut pieces, &mut Unchecked)?))
        }
        MetadataTrust::Keys(keys) => signed(root, pieces, keys, options, budget),
    }
}

/// What has to be neither read nor hashed: every entity but the one asked for, and everything that is no entity.
fn nobody_reads(options: &ParseOptions) -> Option<Skip> {
    match (&options.entity, &options.trust) {
        (EntityChoice::Named(name), MetadataTrust::NotChecked) => {
            let name = name.clone();
            Some(Box::new(move |child| {
                !child.is(names::MD, "EntityDescriptor") || entity_id(child) != Some(&name)
            }))
        }
        (EntityChoice::Only, _) | (_, MetadataTrust::Keys(_)) => None,
    }
}

/// A document whose root is no group.
fn alone(entity: Part, mut pieces: Pieces<Text<'_>>, choice: &EntityChoice) -> Result<Found, Error> {
    // Nothing but comments and the like may follow.
    while pieces.next()?.is_some() {}
    let document = entity.into_document()?;
    let root = document.root();
    if root.local_name().eq_ignore_ascii_case("html") {
        return Err(Error::MetadataHtml);
    }
    if !root.is(names::MD, "EntityDescriptor") {
        let (expected, actual) = ("md:EntityDescriptor", root.qualified_name().to_owned());
        return Err(Error::UnexpectedRoot { expected, actual });
    }
    match choice {
        EntityChoice::Named(name) if entity_id(root) != Some(name) => {
            let (expected, actual) = (name.clone(), vec![name_of(root)]);
            Err(Error::MetadataEntityNotFound { expected, actual })
        }
        EntityChoice::Named(_) | EntityChoice::Only => {
            Selected::of(root, Vec::new())?;
            Ok(Found::Alone(document))
        }
    }
}

/// A group whose signature counts (2.4 #16). It is its first child, as the schema has it: what comes before could not
/// be hashed, because nobody has said yet how.
fn signed(
    root: Part,
    mut pieces: Pieces<Text<'_>>,
    keys: &TrustedKeys,
    options: &ParseOptions,
    budget: &mut Budget,
) -> Result<Found, Error> {
    let ParseOptions { entity: choice, limits, .. } = options;
    let mut before = String::new();
    let signature = loop {
        match pieces.next()? {
            Some(Piece::Text(text)) => before.push_str(&text),
            Some(Piece::Element(child)) if child.root().is(names::DS, "Signature") => break child,
            Some(Piece::Element(_) | Piece::Skipped(_) | Piece::Start(_) | Piece::End) | None => {
                return Err(Error::SignatureMissing);
            }
        }
        if before.len() > limits.metadata.text {
            return Err(LimitExceeded { resource: Resource::Text, limit: limits.metadata.text }.into());
        }
    };
    let (root, signature) = (root.into_document()?, signature.into_document()?);
    let (mut piecewise, root) =
        Piecewise::begin(root, signature.root(), keys, POLICY, limits, budget).map_err(not_signed)?;
    #[cfg(feature = "xmlsec")]
    pieces.source_mut().require_whole()?;
    piecewise.text(&before);
    let search = Search::new(choice, limits, root);
    let found = search.run(&mut pieces, &mut piecewise)?;
    let intact = piecewise.finish().map_err(not_signed)?;
    #[cfg(feature = "xmlsec")]
    second_lock(pieces.source_mut(), keys, limits)?;
    Ok(Found::InSignedGroups(found, intact))
}

/// Verifies the whole document once more, with the second lock.
#[cfg(feature = "xmlsec")]
fn second_lock(text: &Text<'_>, keys: &TrustedKeys, limits: &Limits) -> Result<(), Error> {
    let whole = text.whole().as_bytes().to_vec();
    let mut budget = Budget::new();
    let document = crate::xml::parse(whole, crate::xml::Profile::Metadata, &limits.metadata, &mut budget)?;
    match xmldsig::verify(document.root(), keys, POLICY, limits, &mut budget).map_err(not_signed)? {
        Some(_) => Ok(()),
        None => Err(Error::SignatureMissing),
    }
}

fn not_signed(error: xmldsig::Error) -> Error {
    Error::Signature { level: Level::Metadata, error }
}

/// Signatures over metadata.
pub(super) const POLICY: SignaturePolicy = SignaturePolicy { legacy: Legacy::Refuse };

impl<'d, E: Read<'d>> Selected<E> {
    /// An entity of which it is known already that it is the one.
    pub(super) fn of(entity: E, enclosing: Vec<E>) -> Result<Self, Error> {
        match idp_role(entity) {
            Some(role) => Ok(Self { enclosing, entity, role }),
            None => Err(no_identity_provider(vec![name_of(entity)], has_sp_role(entity))),
        }
    }
}

impl<D> InGroups<D> {
    /// The same as elements, trusted or not.
    pub(super) fn selected<'d, E: Read<'d>>(
        &'d self,
        root: impl Fn(&'d D) -> E,
    ) -> Result<Selected<E>, Error> {
        Selected::of(root(&self.entity), self.enclosing.iter().map(&root).collect())
    }
}

/// The entity's name, without white space at its ends (its type is `xs:anyURI`).
pub(super) fn entity_id<'d>(entity: impl Read<'d>) -> Option<&'d str> {
    entity
        .attribute("entityID")
        .map(|value| value.trim_matches(WHITE_SPACE))
        .filter(|value| !value.is_empty())
}

/// White space of XML.
pub(super) const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// What becomes of each piece apart from the search, and what of those that are kept.
trait Keeper {
    type Kept;
    fn start(&mut self, tag: Document) -> Self::Kept;
    fn text(&mut self, text: &str);
    fn element(&mut self, element: Element<'_>) -> Result<(), Error>;
    fn keep(&mut self, document: Document) -> Self::Kept;
    fn end(&mut self);
}

/// Nothing.
struct Unchecked;

impl Keeper for Unchecked {
    type Kept = Document;

    fn start(&mut self, tag: Document) -> Document {
        tag
    }

    fn text(&mut self, _: &str) {}

    fn element(&mut self, _: Element<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn keep(&mut self, document: Document) -> Document {
        document
    }

    fn end(&mut self) {}
}

/// It is hashed.
impl Keeper for Piecewise {
    type Kept = Hashed;

    fn start(&mut self, tag: Document) -> Hashed {
        self.start(tag)
    }

    fn text(&mut self, text: &str) {
        self.text(text);
    }

    fn element(&mut self, element: Element<'_>) -> Result<(), Error> {
        self.element(element).map_err(not_signed)
    }

    fn keep(&mut self, document: Document) -> Hashed {
        self.keep(document)
    }

    fn end(&mut self) {
        self.end();
    }
}

/// The search for the one entity that is meant.
struct Search<'c, K: Keeper> {
    choice: &'c EntityChoice,
    limits: &'c Limits,
    /// The start tags of the groups that are open.
    open: Vec<K::Kept>,
    /// Of the entities that have come, the names of the first.
    names: Vec<String>,
    has_sp: bool,
    /// The names of entities before the one that is meant, which must not have its name.
    earlier: Earlier,
    found: Option<Chosen<K::Kept>>,
    /// The names of others that could be meant.
    rivals: Vec<String>,
}

struct Chosen<D> {
    entity: D,
    name: Option<String>,
    has_idp_role: bool,
    has_sp_role: bool,
    /// How many of the open groups enclose it and have not ended.
    enclosing_open: usize,
    /// Those that have ended, innermost first.
    enclosing: Vec<D>,
}

/// Names, up to as many bytes as an entity may have.
struct Earlier {
    names: BTreeSet<Option<String>>,
    bytes: usize,
}

impl<'c, K: Keeper> Search<'c, K> {
    fn new(choice: &'c EntityChoice, limits: &'c Limits, root: K::Kept) -> Self {
        Self {
            choice,
            limits,
            open: vec![root],
            names: Vec::new(),
            has_sp: false,
            earlier: Earlier { names: BTreeSet::new(), bytes: 0 },
            found: None,
            rivals: Vec::new(),
        }
    }

    /// To the end of the document, as another entity of the same name may come last.
    fn run(mut self, pieces: &mut Pieces<Text<'_>>, keeper: &mut K) -> Result<InGroups<K::Kept>, Error> {
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Start(tag) => self.open.push(keeper.start(tag.into_document()?)),
                Piece::Text(text) => keeper.text(&text),
                Piece::End => {
                    keeper.end();
                    self.close();
                }
                Piece::Element(part) if self.is_meant(part.root())? => {
                    let entity = part.root();
                    let (name, has_idp_role, has_sp_role) = (
                        entity_id(entity).map(str::to_owned),
                        idp_role(entity).is_some(),
                        has_sp_role(entity),
                    );
                    self.found = Some(Chosen {
                        entity: keeper.keep(part.into_document()?),
                        name,
                        has_idp_role,
                        has_sp_role,
                        enclosing_open: self.open.len(),
                        enclosing: Vec::new(),
                    });
                }
                Piece::Element(part) => {
                    keeper.element(part.root())?;
                    pieces.recycle(part);
                }
                Piece::Skipped(tag) => {
                    if tag.root().is(names::MD, "EntityDescriptor") {
                        remember(&mut self.names, tag.root());
                    }
                    pieces.recycle(tag);
                }
            }
        }
        self.finish()
    }

    /// Whether this is the entity that is meant, the first that could be.
    fn is_meant(&mut self, entity: Element<'_>) -> Result<bool, Error> {
        if !entity.is(names::MD, "EntityDescriptor") {
            return Ok(false);
        }
        let name = entity_id(entity);
        self.has_sp |= has_sp_role(entity);
        remember(&mut self.names, entity);
        let could_be = match self.choice {
            EntityChoice::Named(wanted) => name == Some(wanted),
            EntityChoice::Only => idp_role(entity).is_some(),
        };
        match &self.found {
            // A second entity of the same name would be another answer to the same question.
            Some(found) if could_be || found.name.as_deref() == name => remember(&mut self.rivals, entity),
            Some(_) => {}
            None if could_be => {
                if self.earlier.names.contains(&name.map(str::to_owned)) {
                    remember(&mut self.rivals, entity);
                }
                return Ok(true);
            }
            None if *self.choice == EntityChoice::Only => self.earlier.add(name, self.limits)?,
            None => {}
        }
        Ok(false)
    }

    fn close(&mut self) {
        let Some(group) = self.open.pop() else { return };
        if let Some(found) = &mut self.found
            && self.open.len() < found.enclosing_open
        {
            found.enclosing_open = self.open.len();
            found.enclosing.push(group);
        }
    }

    fn finish(self) -> Result<InGroups<K::Kept>, Error> {
        let Some(found) = self.found else {
            return Err(match self.choice {
                EntityChoice::Named(name) => {
                    Error::MetadataEntityNotFound { expected: name.clone(), actual: self.names }
                }
                EntityChoice::Only => no_identity_provider(self.names, self.has_sp),
            });
        };
        let name = || vec![shown(found.name.as_deref())];
        if !self.rivals.is_empty() {
            let actual = name().into_iter().chain(self.rivals).take(MOST_NAMES).collect();
            return Err(Error::MetadataSeveralEntities { actual });
        }
        if !found.has_idp_role {
            return Err(no_identity_provider(name(), found.has_sp_role));
        }
        Ok(InGroups { enclosing: found.enclosing, entity: found.entity })
    }
}

impl Earlier {
    fn add(&mut self, name: Option<&str>, limits: &Limits) -> Result<(), Error> {
        let (bytes, limit) = (name.map_or(0, str::len), limits.metadata.bytes);
        if self.names.insert(name.map(str::to_owned)) {
            self.bytes += bytes;
        }
        match self.bytes > limit {
            true => Err(LimitExceeded { resource: Resource::Bytes, limit }.into()),
            false => Ok(()),
        }
    }
}

/// The first role of an identity provider that speaks SAML 2.0.
fn idp_role<'d, E: Read<'d>>(entity: E) -> Option<E> {
    entity.children().find(|child| child.is(names::MD, "IDPSSODescriptor") && speaks_saml_2(*child))
}

fn speaks_saml_2<'d>(role: impl Read<'d>) -> bool {
    role.attribute("protocolSupportEnumeration")
        .is_some_and(|protocols| protocols.split(WHITE_SPACE).any(|protocol| protocol == names::SAMLP))
}

fn has_sp_role<'d>(entity: impl Read<'d>) -> bool {
    entity.children().any(|role| role.is(names::MD, "SPSSODescriptor"))
}

fn no_identity_provider(actual: Vec<String>, has_sp: bool) -> Error {
    if has_sp { Error::MetadataSpOnly { actual } } else { Error::MetadataNoIdp { actual } }
}

fn name_of<'d>(entity: impl Read<'d>) -> String {
    shown(entity_id(entity))
}

/// A name as evidence.
fn shown(name: Option<&str>) -> String {
    name.unwrap_or("(no entityID)").chars().take(LONGEST_NAME).collect()
}

fn remember(names: &mut Vec<String>, entity: Element<'_>) {
    if names.len() < MOST_NAMES {
        names.push(name_of(entity));
    }
}

/// Aggregates are groups of entities and of groups.
const GROUP: ExpandedName = ExpandedName { namespace: names::MD, local: "EntitiesDescriptor" };
const MOST_NAMES: usize = 10;
const LONGEST_NAME: usize = 1024;
