use super::*;
use crate::limits::Budget;
use crate::xml::{Canonical, PieceWriter, Profile, canonicalize, parse};

const GROUP: ExpandedName = ExpandedName { namespace: "urn:g", local: "g" };
const LIMITS: XmlLimits = XmlLimits::METADATA;

/// Text that comes in so many characters at a time.
struct Slow<'t> {
    rest: &'t str,
    at_a_time: usize,
}

impl Source for Slow<'_> {
    type Error = Error;

    fn read(&mut self, into: &mut String) -> Result<Following, Error> {
        let end = self.rest.char_indices().nth(self.at_a_time).map_or(self.rest.len(), |(at, _)| at);
        let (now, rest) = self.rest.split_at(end);
        into.push_str(now);
        self.rest = rest;
        Ok(if rest.is_empty() { Following::Nothing } else { Following::More })
    }
}

fn pieces(text: &str, at_a_time: usize, skip: Option<Skip>) -> Pieces<Slow<'_>> {
    let mut pieces = Pieces::new(Slow { rest: text, at_a_time }, GROUP, skip, LIMITS, 1024 * 1024);
    pieces.window.at_a_time = at_a_time;
    pieces
}

fn canonical_in_pieces(text: &str, at_a_time: usize, prefix_list: &[&str]) -> Result<String, Error> {
    let mut pieces = pieces(text, at_a_time, None);
    let (mut writer, mut bytes) = (PieceWriter::new(prefix_list), Vec::new());
    while let Some(piece) = pieces.next()? {
        match piece {
            Piece::Start(tag) => writer.start(tag.root(), &mut bytes),
            Piece::Text(text) => writer.text(&text, &mut bytes),
            Piece::Element(part) => {
                writer.element(part.root(), &mut bytes);
                pieces.recycle(part);
            }
            Piece::Skipped(_) => panic!("nothing is to be skipped"),
            Piece::End => writer.end(&mut bytes),
        }
    }
    Ok(String::from_utf8(bytes).unwrap())
}

fn canonical(text: &str, prefix_list: &[&str]) -> Result<String, Error> {
    let document = parse(text.into(), Profile::Metadata, &LIMITS, &mut Budget::new())?;
    let mut bytes = Vec::new();
    canonicalize(document.root(), &Canonical { prefix_list, without: None }, &mut bytes);
    Ok(String::from_utf8(bytes).unwrap())
}

fn skimmed(text: &str, at_a_time: usize) -> Result<usize, Error> {
    let mut pieces = pieces(text, at_a_time, Some(Box::new(|_| true)));
    let mut skipped = 0;
    while let Some(piece) = pieces.next()? {
        match piece {
            Piece::Skipped(tag) => {
                skipped += 1;
                pieces.recycle(tag);
            }
            Piece::Start(_) | Piece::Element(_) | Piece::Text(_) | Piece::End => {}
        }
    }
    Ok(skipped)
}

const GOOD: &[&str] = &[
    "<g xmlns='urn:g'/>",
    "<a/>",
    "<a><g xmlns='urn:g'/></a>",
    "\u{feff}<?xml version='1.0' encoding='US-ASCII'?>\n<!-- - -->\n<?p q?><g xmlns='urn:g'></g>\n<!--x--><?p?>\n",
    "<g xmlns='urn:g'> <a/>\r\n<b>x</b>\r<c>&#13;\r</c>&#13;&amp;&lt;&gt;<![CDATA[<&>]]>&#x20AC;</g>",
    "<g xmlns='urn:g'>a<!-- c -->b<a>x<!-- c -->y</a>c> ]] ></g>",
    "<p:g xmlns:p='urn:g' xmlns='urn:d' xmlns:q='urn:q'><a><q:b/></a><p:g xmlns='' xmlns:q='urn:q2' q:x='&quot;'><a q:y='1'/>\
     <p:g xmlns:p='urn:g'><p:h xmlns:p='urn:p2'><p:i/></p:h></p:g><q:g/></p:g><q:a xmlns='urn:d'><g/></q:a></p:g>",
    "<g xmlns='urn:g'><g/><g></g ><g xmlns='urn:other'><g xmlns='urn:g'/></g><p:g xmlns:p='urn:g' a='>'/></g>",
    "<g xmlns='urn:g' xmlns:a='urn:a'><b a:x='1' x='2'>\n</b><b a:x='1' x='2'>\n</b><b a:x='1' x='2'><b/></b></g>",
    "<g xmlns='urn:g' ID='r'><a ID='x'/><b xml:id='y'/></g>",
    "<g xmlns='urn:g' xmlns:a='urn:a'><b xmlns:a='urn:b'><a:c/></b><b xmlns:a='urn:c'><a:c/></b><a:c/></g>",
];

const BAD: &[&str] = &[
    "",
    " ",
    "x<g xmlns='urn:g'/>",
    "<g xmlns='urn:g'/>x",
    "<g xmlns='urn:g'/><g xmlns='urn:g'/>",
    "<a/><g xmlns='urn:g'/>",
    "<g xmlns='urn:g'>",
    "<g xmlns='urn:g'><a>",
    "<g xmlns='urn:g'><a",
    "<g xmlns='urn:g'><a></b></g>",
    "<g xmlns='urn:g'></h>",
    "</g>",
    "<g xmlns='urn:g'><!-- -- --></g>",
    "<g xmlns='urn:g'><!-- ",
    "<g xmlns='urn:g'><?p q?></g>",
    "<g xmlns='urn:g'><a><?p q?></a></g>",
    "<g xmlns='urn:g'><?xml version='1.0'?></g>",
    " <?xml version='1.0'?><g xmlns='urn:g'/>",
    "<?xml version='1.1'?><g xmlns='urn:g'/>",
    "<?xml version='1.0' encoding='latin1'?><g xmlns='urn:g'/>",
    "<?xml version='1.0' encoding='us-ascii'?><g xmlns='urn:g'><a>\u{e9}</a></g>",
    "<!DOCTYPE g><g xmlns='urn:g'/>",
    "<g xmlns='urn:g'><!DOCTYPE g></g>",
    "<g xmlns='urn:g'><a><!doctype g></a></g>",
    "<g xmlns='urn:g'>&nbsp;</g>",
    "<g xmlns='urn:g'>&#0;</g>",
    "<g xmlns='urn:g'>&amp</g>",
    "<g xmlns='urn:g'>]]></g>",
    "<g xmlns='urn:g'><a>]]></a></g>",
    "<g xmlns='urn:g'><![CDATA[ </g>",
    "<![CDATA[]]><g xmlns='urn:g'/>",
    "<g xmlns='urn:g'>\u{1}</g>",
    "<g xmlns='urn:g'><a b='1' b='2'/></g>",
    "<g xmlns='urn:g' xmlns:p='urn:a' xmlns:q='urn:a'><a p:b='1' q:b='2'/></g>",
    "<g xmlns='urn:g'><p:a/></g>",
    "<g xmlns='urn:g'><a p:b=''/></g>",
    "<g xmlns='urn:g'><a><b xmlns:p='urn:p'/><p:b/></a></g>",
    "<g xmlns='urn:g'><a b='<'/></g>",
    "<g xmlns='urn:g'><a b=c/></g>",
    "<g xmlns='urn:g'><a b='&x;'/></g>",
    "<g xmlns='urn:g'><a b='1'c='2'/></g>",
    "<g xmlns='urn:g'><1/></g>",
    "<g xmlns='urn:g'><a:b:c/></g>",
    "<g xmlns='urn:g'><a xmlns:p=''/></g>",
    "<g xmlns='urn:g'><a xmlns:p='relative'/></g>",
    "<g xmlns='urn:g'><a xmlns:xml='urn:x'/></g>",
    "<g xmlns='urn:g' ID='r'><a ID='r'/></g>",
    "<g xmlns='urn:g' ID='r'><a><b Id='&#114;'/></a></g>",
    "<g xmlns='urn:g' xml:id='r'><g ID='r'/></g>",
    "<g xmlns='urn:g' ID='r'><a><b xml:id='r'/></a></g>",
];

#[test]
fn pieces_make_the_same_document() {
    for text in GOOD {
        for list in [&[][..], &["q"], &["", "p", "a"], &["p", "q", "a", "nobody"]] {
            let whole = canonical(text, list).unwrap_or_else(|error| panic!("{text}: {error}"));
            for at_a_time in [1, 2, 3, 5, 8, 1000] {
                assert_eq!(canonical_in_pieces(text, at_a_time, list).as_deref(), Ok(&*whole), "{text}");
                assert!(skimmed(text, at_a_time).is_ok(), "{text}");
            }
        }
    }
}

#[test]
fn what_is_refused_whole_is_refused_in_pieces() {
    for text in BAD {
        let error = canonical(text, &[]).expect_err(text);
        for at_a_time in [1, 2, 7, 1000] {
            assert_eq!(canonical_in_pieces(text, at_a_time, &[]).as_ref(), Err(&error), "{text}");
            assert_eq!(skimmed(text, at_a_time).as_ref(), Err(&error), "{text}");
        }
    }
}

#[test]
fn identifiers_are_compared_in_one_piece() {
    let text = "<g xmlns='urn:g'><a><b ID='x'/></a><a><b ID='x'/><b id='x'/></a><a ID=''/></g>";
    let mut pieces = pieces(text, 1000, None);
    let mut unique = Vec::new();
    while let Some(piece) = pieces.next().unwrap() {
        if let Piece::Element(part) = piece {
            unique.push(part.into_document().err());
        }
    }
    let refused = [Error::DuplicateId { id: "x".to_owned() }, Error::InvalidId { id: String::new() }];
    assert_eq!(unique, [None].into_iter().chain(refused.map(Some)).collect::<Vec<_>>());
    assert_eq!(skimmed(text, 1000), Ok(3));
}

#[test]
fn skipping_goes_by_the_start_tag() {
    let text = "<g xmlns='urn:g'><a n='1'><b/></a><a n='2'><b/></a><g><a n='3'/><a n='2'/></g></g>";
    for at_a_time in [1, 3, 1000] {
        let skip: Skip = Box::new(|element| element.attribute("n") != Some("2"));
        let mut pieces = pieces(text, at_a_time, Some(skip));
        let mut seen = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            match piece {
                Piece::Skipped(tag) => seen.push(format!("-{}", tag.root().attribute("n").unwrap())),
                Piece::Element(part) => seen.push(part.root().attribute("n").unwrap().to_owned()),
                Piece::Start(_) => seen.push("(".to_owned()),
                Piece::End => seen.push(")".to_owned()),
                Piece::Text(_) => {}
            }
        }
        assert_eq!(seen.concat(), "(-12(-32))");
    }
}

/// The same letters mean something else in another scope, and a tag that was good there may not be here.
#[test]
fn good_tags_are_good_in_their_scope() {
    let good = "<a><p:b xmlns:p='urn:p'><p:c/><p:c/><p:c/></p:b><p:b xmlns:p='urn:p'><p:c/><p:c/></p:b></a>";
    for bad in
        ["<p:c/>", "<a><p:c/></a>", "<a><b xmlns:p='urn:p'/><p:c/></a>", "<q:b xmlns:p='urn:p'><p:c/></q:b>"]
    {
        let text = format!("<g xmlns='urn:g'>{}{good}{good}{bad}{good}</g>", good.repeat(20));
        assert!(matches!(skimmed(&text, 1000), Err(Error::Namespace { .. })), "{bad}");
    }
    let outer = format!("<g xmlns='urn:g'><g xmlns:p='urn:p'>{}</g><p:c/></g>", "<p:c/>".repeat(5));
    assert!(matches!(skimmed(&outer, 1000), Err(Error::Namespace { .. })));
}

#[test]
fn limits_hold() {
    let limited = |text: &str, limits: XmlLimits, bytes: usize| -> Vec<Option<Resource>> {
        let skips: [Option<Skip>; 2] = [None, Some(Box::new(|_| true))];
        let run = |skip| {
            let mut pieces = Pieces::new(Slow { rest: text, at_a_time: 1 }, GROUP, skip, limits, bytes);
            pieces.window.at_a_time = 8;
            loop {
                match pieces.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(Error::Limit(exceeded)) => return Some(exceeded.resource),
                    Err(error) => panic!("{text}: {error}"),
                }
            }
        };
        skips.map(run).to_vec()
    };
    let group = |content: &str| format!("<g xmlns='urn:g'>{content}</g>");
    let both = |resource| vec![resource, resource];
    let entity = "<a><b>0123456789</b></a>";
    let long = group(&entity.repeat(20));
    let small = XmlLimits { bytes: entity.len(), ..LIMITS };
    assert_eq!(limited(&long, small, long.len()), both(None));
    assert_eq!(limited(&long, small, long.len() - 1), both(Some(Resource::Bytes)));
    let smaller = XmlLimits { bytes: entity.len() - 1, ..LIMITS };
    assert_eq!(limited(&long, smaller, 10_000), both(Some(Resource::Bytes)));
    // A document that is no group has the bound of a piece.
    assert_eq!(limited(entity, small, 10_000), both(None));
    assert_eq!(limited(&format!("{entity} "), small, 10_000), both(Some(Resource::Bytes)));
    // Markup and text that never end.
    for content in ["<a ".to_owned(), format!("<!-- {}", "> ".repeat(99)), "x".repeat(200), " >".repeat(200)]
    {
        let refused = limited(&group(&(content + &" ".repeat(10_000))), small, 100_000);
        assert_eq!(refused, both(Some(Resource::Bytes)));
    }
    let nodes = XmlLimits { nodes: 3, ..LIMITS };
    assert_eq!(limited(&long, nodes, 10_000), both(None));
    assert_eq!(limited(&group("<a><b>x</b><c/></a>"), nodes, 10_000), both(Some(Resource::Nodes)));
    let depth = XmlLimits { depth: 3, ..LIMITS };
    assert_eq!(limited(&group("<a><b/></a>"), depth, 10_000), both(None));
    assert_eq!(limited(&group("<g><a><b/></a></g>"), depth, 10_000), both(Some(Resource::Depth)));
    assert_eq!(limited(&group("<g><g><g/></g></g>"), depth, 10_000), both(Some(Resource::Depth)));
    let text = XmlLimits { text: 5, ..LIMITS };
    assert_eq!(limited(&group("12345<a>12345</a>"), text, 10_000), both(None));
    assert_eq!(limited(&group("<a>123<!---->456</a>"), text, 10_000), both(Some(Resource::Text)));
    assert_eq!(limited(&group("123&#52;56"), text, 10_000), both(Some(Resource::Text)));
    let scope = XmlLimits { namespaces_in_scope: 2, ..LIMITS };
    assert_eq!(limited(&group("<a xmlns:p='urn:p'/>"), scope, 10_000), both(None));
    assert_eq!(
        limited(&group("<g xmlns:p='urn:p'><a xmlns:q='urn:q'/></g>"), scope, 10_000),
        both(Some(Resource::Namespaces))
    );
}
