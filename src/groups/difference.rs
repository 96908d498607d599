//! The difference of two sorted sets of numbers.

use std::cmp::Ordering;

/// Calls `only_left` and `only_right` for what is in one of two sorted sets and not in the other, in order.
///
/// Cost is linear, and small where the sets agree: equal runs are compared many numbers at a time.
pub(super) fn difference(
    mut left: &[u32],
    mut right: &[u32],
    mut only_left: impl FnMut(u32),
    mut only_right: impl FnMut(u32),
) {
    loop {
        while let (Some((a, more_left)), Some((b, more_right))) =
            (left.split_first_chunk::<RUN>(), right.split_first_chunk::<RUN>())
        {
            // Without a branch, so that it is done in few steps.
            if a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) != 0 {
                break;
            }
            (left, right) = (more_left, more_right);
        }
        // One step towards the next place where both may agree again.
        for _ in 0..RUN {
            match (left.split_first(), right.split_first()) {
                (Some((a, more_left)), Some((b, more_right))) => match a.cmp(b) {
                    Ordering::Equal => (left, right) = (more_left, more_right),
                    Ordering::Less => {
                        only_left(*a);
                        left = more_left;
                    }
                    Ordering::Greater => {
                        only_right(*b);
                        right = more_right;
                    }
                },
                (Some(_), None) => {
                    left.iter().copied().for_each(only_left);
                    return;
                }
                (None, _) => {
                    right.iter().copied().for_each(only_right);
                    return;
                }
            }
        }
    }
}

const RUN: usize = 16;
