//! The nearest of many words by edit distance, at a bounded cost.

/// Words to search in.
///
/// Of two edits, one half of a word has at most one. So the words are kept in two orders, by their beginnings and by
/// their endings, and a search that begins with that half soon leaves nearly all words behind.
#[derive(Clone, Debug)]
pub(super) struct Words {
    forwards: Vec<Box<[char]>>,
    backwards: Vec<Box<[char]>>,
}

/// The word that was found, and how many characters differ.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) word: String,
    pub(super) distance: u8,
}

impl Words {
    /// Words of at most [`LONGEST`] characters; longer ones are left out.
    pub(super) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut forwards: Vec<Box<[char]>> = words.map(|word| word.chars().collect()).collect();
        forwards.retain(|word| word.len() <= LONGEST);
        let mut backwards: Vec<Box<[char]>> =
            forwards.iter().map(|word| word.iter().rev().copied().collect()).collect();
        forwards.sort_unstable();
        backwards.sort_unstable();
        Self { forwards, backwards }
    }

    /// The first word with the smallest edit distance (insertions, deletions, substitutions) to `query`: one or two,
    /// and fewer than either has characters.
    ///
    /// Words that begin alike share the work for what they share, and one row of the table that exceeds the distance
    /// passes over all words that begin so. There are four searches at most, each of at most [`BUDGET`] rows.
    pub(super) fn nearest(&self, query: &str) -> Option<Match> {
        let query: Vec<char> = query.chars().take(LONGEST + 1).collect();
        if query.len() > LONGEST {
            return None;
        }
        let reversed: Vec<char> = query.iter().rev().copied().collect();
        let half = query.len() / 2;
        (1..=FURTHEST).find_map(|distance| {
            let front = Search { query: &query, half, distance }.run(&self.forwards);
            let back = Search { query: &reversed, half: query.len() - half, distance }.run(&self.backwards);
            let front = front.into_iter().map(|word| word.iter().collect::<String>());
            let back = back.into_iter().map(|word| word.iter().rev().collect::<String>());
            front.chain(back).min().map(|word| Match { word, distance })
        })
    }
}

/// In characters.
const LONGEST: usize = 256;

const FURTHEST: u8 = 2;

const BUDGET: usize = 10_000;

/// A row holds the distances of one beginning of a word to those beginnings of the query that are at most two
/// characters longer or shorter.
type Row = [u8; 5];

const BAND: usize = 2;

/// More than two.
const TOO_FAR: u8 = 3;

/// For words at exactly this distance, with at least one of the edits not before the last of the first `half`
/// characters of the query.
struct Search<'a> {
    query: &'a [char],
    half: usize,
    distance: u8,
}

impl Search<'_> {
    /// The words, as far as the budget reaches.
    fn run<'w>(&self, words: &'w [Box<[char]>]) -> Vec<&'w [char]> {
        let mut found = Vec::new();
        let mut budget = BUDGET;
        let mut rows: Vec<Row> = vec![self.first_row()];
        let mut words = words;
        let mut previous: &[char] = &[];
        while let Some((word, after)) = words.split_first() {
            let shared = word.iter().zip(previous).take_while(|(a, b)| a == b).count();
            rows.truncate(shared + 1);
            previous = word;
            let mut passed_over = None;
            for (at, character) in word.iter().enumerate().skip(rows.len() - 1) {
                let (Some(left), Some(row)) = (budget.checked_sub(1), rows.last()) else { return found };
                budget = left;
                let row = self.next_row(*row, at, *character);
                if row.iter().all(|cell| *cell > self.distance) {
                    passed_over = word.get(..=at);
                    break;
                }
                rows.push(row);
            }
            words = match passed_over {
                Some(beginning) => after_all(after, beginning),
                None => {
                    if self.is_near(&rows, word) {
                        found.push(&**word);
                    }
                    after
                }
            };
        }
        found
    }

    fn is_near(&self, rows: &[Row], word: &[char]) -> bool {
        // The cell of the whole query in the row of the whole word.
        let cell = (self.query.len() + BAND).checked_sub(word.len());
        let found = cell.and_then(|cell| rows.last()?.get(cell).copied());
        found == Some(self.distance) && usize::from(self.distance) < word.len().min(self.query.len())
    }

    /// The distances of the empty word: the length of each beginning of the query.
    fn first_row(&self) -> Row {
        let mut row = [TOO_FAR; 5];
        for (cell, length) in row.iter_mut().skip(BAND).zip(0..=self.query.len()) {
            *cell = self.within(u8::try_from(length).unwrap_or(TOO_FAR), length);
        }
        row
    }

    /// The row of a beginning with one more character, the one at `at`.
    fn next_row(&self, row: Row, at: usize, character: char) -> Row {
        let mut next = [TOO_FAR; 5];
        let mut before = TOO_FAR;
        let deleted = row.iter().skip(1).chain([&TOO_FAR]);
        for (offset, ((cell, substituted), deleted)) in next.iter_mut().zip(&row).zip(deleted).enumerate() {
            // How much of the query this cell is about.
            let length = (at + 1 + offset).checked_sub(BAND);
            let Some(length) = length.filter(|length| *length <= self.query.len()) else { continue };
            let same = length.checked_sub(1).and_then(|last| self.query.get(last)) == Some(&character);
            let substituted = if length == 0 { TOO_FAR } else { substituted.saturating_add(u8::from(!same)) };
            let edits = substituted.min(deleted.saturating_add(1)).min(before.saturating_add(1));
            *cell = self.within(edits, length);
            before = *cell;
        }
        next
    }

    fn within(&self, edits: u8, length: usize) -> u8 {
        let allowed = if length < self.half { self.distance - 1 } else { self.distance };
        if edits <= allowed { edits } else { TOO_FAR }
    }
}

/// The words after all that begin like this. They are sorted, so those stand first.
fn after_all<'a>(words: &'a [Box<[char]>], beginning: &[char]) -> &'a [Box<[char]>] {
    // Few words begin alike, mostly: look near before far.
    let mut near = 1;
    while words.get(near).is_some_and(|word| word.starts_with(beginning)) {
        near *= 2;
    }
    let within = words.get(..near.min(words.len())).unwrap_or(words);
    let count = within.partition_point(|word| word.starts_with(beginning));
    words.get(count..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{FURTHEST, Match, Words};

    /// The table of the definition.
    fn distance(a: &str, b: &str) -> usize {
        let b: Vec<char> = b.chars().collect();
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.chars().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let cost = diagonal + usize::from(x != *y);
                diagonal = row[j + 1];
                row[j + 1] = cost.min(row[j] + 1).min(row[j + 1] + 1);
            }
        }
        row[b.len()]
    }

    /// Every word of at most five letters out of two, against each other, and some sets of them.
    #[test]
    fn it_finds_what_the_definition_finds() {
        let mut words = vec![String::new()];
        for length in 1..=5 {
            let letters =
                |n: usize| (0..length).map(|bit| if n >> bit & 1 == 0 { 'a' } else { 'b' }).collect();
            words.extend((0..1 << length).map(letters));
        }
        for every in 1..6 {
            let some: Vec<&String> = words.iter().step_by(every).collect();
            let index = Words::new(some.iter().map(|word| word.as_str()));
            for query in words.iter().filter(|query| !some.contains(query)) {
                let distances = some.iter().map(|word| (distance(word, query), (*word).clone()));
                let near = |(distance, word): &(usize, String)| {
                    *distance <= usize::from(FURTHEST) && *distance < word.len().min(query.len())
                };
                let expected = distances.filter(near).min();
                let expected = expected
                    .map(|(distance, word)| Match { word, distance: u8::try_from(distance).unwrap() });
                assert_eq!(index.nearest(query), expected, "{query:?}");
            }
        }
    }
}
