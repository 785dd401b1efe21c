//! Latencies in nanoseconds, counted in buckets that are at most 1/64 wide.
//!
//! Invariant: recording is one shift and one increment; nothing is allocated after creation.

/// Bits of a value below its leading one that choose the bucket.
const FINE: u32 = 6;
const BUCKETS: usize = (64 - FINE as usize + 1) << FINE;

/// A log-linear histogram of nanoseconds.
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
        }
    }

    /// Counts one value.
    pub(crate) fn record(&mut self, nanoseconds: u64) {
        self.counts[bucket(nanoseconds)] += 1;
        self.total += 1;
    }

    /// Forgets every value.
    pub(crate) fn clear(&mut self) {
        self.counts.fill(0);
        self.total = 0;
    }

    /// The value that `share` of all values do not exceed, in microseconds; 0 when there is none.
    pub(crate) fn quantile_us(&self, share: f64) -> f64 {
        let wanted = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle(index) / 1000.0;
            }
        }
        0.0
    }
}

fn bucket(value: u64) -> usize {
    let shift = (64 - FINE)
        .saturating_sub(value.leading_zeros() + 1)
        .min(63);
    if value >> FINE == 0 {
        return value as usize;
    }
    ((shift as usize + 1) << FINE) + ((value >> shift) as usize & ((1 << FINE) - 1))
}

/// The middle of a bucket, in nanoseconds.
fn middle(bucket: usize) -> f64 {
    if bucket >> FINE == 0 {
        return bucket as f64;
    }
    let shift = (bucket >> FINE) - 1;
    let low = ((1 << FINE) + (bucket & ((1 << FINE) - 1))) as f64;
    (low + 0.5) * (1u64 << shift) as f64
}

#[cfg(test)]
mod tests {
    use super::{Histogram, bucket, middle};

    #[test]
    fn every_value_falls_into_a_bucket_that_is_near_it() {
        for value in [
            0,
            1,
            63,
            64,
            65,
            127,
            128,
            1000,
            123_456,
            9_999_999_999,
            u64::MAX,
        ] {
            let near = middle(bucket(value));
            assert!(
                (near - value as f64).abs() <= value as f64 / 64.0 + 0.5,
                "{value} lands at {near}"
            );
        }
    }

    #[test]
    fn quantiles_are_those_of_the_values() {
        let mut histogram = Histogram::new();
        for value in 1..=1000 {
            histogram.record(value * 1000);
        }
        assert!((histogram.quantile_us(0.5) - 500.0).abs() < 10.0);
        assert!((histogram.quantile_us(0.99) - 990.0).abs() < 16.0);
    }
}
