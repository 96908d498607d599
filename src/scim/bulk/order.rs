use std::collections::VecDeque;

use super::{Turn, part::Part};

/// The order in which parts are run: the client's, but for what another part refers to, which comes before it.
///
/// These are the strongly connected components of the references, each after those that it refers to (Tarjan), without
/// recursion and in a time linear in parts and references.
pub(super) fn turns(parts: &[Part]) -> VecDeque<Turn> {
    let mut search = Search {
        parts,
        index: vec![None; parts.len()],
        low: vec![0; parts.len()],
        on_stack: vec![false; parts.len()],
        stack: Vec::new(),
        next: 0,
        components: Vec::new(),
    };
    for part in 0..parts.len() {
        search.from(part);
    }
    let mut turns = VecDeque::new();
    for (cycle, mut component) in search.components.into_iter().enumerate() {
        component.sort_unstable();
        let refers_to_itself =
            component.iter().any(|part| parts.get(*part).is_some_and(|one| one.needs.contains(part)));
        match component.as_slice() {
            [part] if !refers_to_itself => turns.push_back(Turn::Whole(*part)),
            component => {
                turns.extend(component.iter().map(|&part| Turn::Make { part, cycle }));
                turns.extend(component.iter().map(|&part| Turn::Complete { part, cycle }));
                turns.extend(component.iter().map(|&part| Turn::Settle { part, cycle }));
            }
        }
    }
    turns
}

struct Search<'p> {
    parts: &'p [Part],
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    components: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, root: usize) {
        if self.is_seen(root) {
            return;
        }
        let mut path = vec![(self.enter(root), self.needs(root))];
        while let Some((part, needs)) = path.last_mut() {
            let part = *part;
            match needs.pop() {
                Some(need) if !self.is_seen(need) => {
                    let entered = (self.enter(need), self.needs(need));
                    path.push(entered);
                }
                Some(need) => {
                    if self.on_stack.get(need) == Some(&true) {
                        let index = self.index.get(need).copied().flatten().unwrap_or_default();
                        self.lower(part, index);
                    }
                }
                None => {
                    path.pop();
                    self.leave(part);
                    let low = self.low.get(part).copied().unwrap_or_default();
                    if let Some((parent, _)) = path.last() {
                        self.lower(*parent, low);
                    }
                }
            }
        }
    }

    fn enter(&mut self, part: usize) -> usize {
        if let (Some(index), Some(low), Some(on_stack)) =
            (self.index.get_mut(part), self.low.get_mut(part), self.on_stack.get_mut(part))
        {
            *index = Some(self.next);
            *low = self.next;
            *on_stack = true;
        }
        self.next = self.next.saturating_add(1);
        self.stack.push(part);
        part
    }

    fn leave(&mut self, part: usize) {
        if self.index.get(part).copied().flatten() != self.low.get(part).copied() {
            return;
        }
        let mut component = Vec::new();
        while let Some(one) = self.stack.pop() {
            if let Some(on_stack) = self.on_stack.get_mut(one) {
                *on_stack = false;
            }
            component.push(one);
            if one == part {
                break;
            }
        }
        self.components.push(component);
    }

    fn lower(&mut self, part: usize, to: usize) {
        if let Some(low) = self.low.get_mut(part) {
            *low = to.min(*low);
        }
    }

    fn is_seen(&self, part: usize) -> bool {
        self.index.get(part).copied().flatten().is_some()
    }

    /// In the client's order when taken from the end.
    fn needs(&self, part: usize) -> Vec<usize> {
        let needs = self.parts.get(part).map(|part| part.needs.iter().rev().copied().collect());
        needs.unwrap_or_default()
    }
}
