//! Time of one thing as a ratio to the time of another, on a machine that has other things to do: what counts is
//! the thread's time on the processor, not the time that passes meanwhile.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

/// A sample is at least this long, so that neither the clock's resolution nor reading it counts.
const SAMPLE: Duration = Duration::from_millis(1);

const ATTEMPTS: usize = 5;

/// However slow both are.
const FEWEST_ROUNDS: usize = 15;

/// Medians over all rounds.
pub struct Comparison {
    /// Time of one run of the floor.
    pub floor: Duration,
    /// Time of one run of the subject.
    pub subject: Duration,
    /// Subject to floor, in the median of rounds.
    pub ratio: f64,
}

/// Has the allocator keep what is freed, as it does in a host that has been running for a while. A fresh process
/// would give large blocks back after each run and get them anew, page by page, which is many times their cost.
pub fn warm_up() {
    drop(black_box(vec![1_u8; 30 * 1024 * 1024]));
}

/// [`compare`], again while the ratio is above the bound, a few times: what is above it for a reason stays there,
/// what the machine's other work has put there does not. The lowest ratio counts.
pub fn compare_within(
    bound: f64,
    long: Duration,
    mut floor: impl FnMut(),
    mut subject: impl FnMut(),
) -> Comparison {
    let mut lowest = compare(long, &mut floor, &mut subject);
    for _ in 1..ATTEMPTS {
        if lowest.ratio <= bound {
            break;
        }
        let again = compare(long, &mut floor, &mut subject);
        if again.ratio < lowest.ratio {
            lowest = again;
        }
    }
    lowest
}

/// Runs floor and subject in turns for about this long. A disturbance meets both or is outvoted.
fn compare(long: Duration, mut floor: impl FnMut(), mut subject: impl FnMut()) -> Comparison {
    let (floor_runs, subject_runs) = (runs_per_sample(&mut floor), runs_per_sample(&mut subject));
    let mut samples = Vec::new();
    let start = now();
    while samples.len() < FEWEST_ROUNDS || start.elapsed() < long {
        let floor = sample(&mut floor, floor_runs);
        let subject = sample(&mut subject, subject_runs);
        samples.push((floor, subject));
    }
    Comparison {
        floor: Duration::from_secs_f64(median(samples.iter().map(|(floor, _)| *floor))),
        subject: Duration::from_secs_f64(median(samples.iter().map(|(_, subject)| *subject))),
        ratio: median(samples.iter().map(|(floor, subject)| subject / floor)),
    }
}

/// How many runs fill a sample.
fn runs_per_sample(run: &mut impl FnMut()) -> u32 {
    let mut runs = 1;
    while sample(run, runs) * f64::from(runs) < SAMPLE.as_secs_f64() {
        runs *= 2;
    }
    runs
}

/// Seconds of one run, over `runs` of them.
fn sample(run: &mut impl FnMut(), runs: u32) -> f64 {
    let start = ThreadTime::now();
    for _ in 0..runs {
        run();
    }
    start.elapsed().as_secs_f64() / f64::from(runs)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark owns its clock")]
fn now() -> Instant {
    Instant::now()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
