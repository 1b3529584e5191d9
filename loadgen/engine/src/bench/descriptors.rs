//! File descriptors: each connection needs one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process has open besides connections, generously.
const OTHERS: u64 = 64;

/// What it has open at least.
const FEWEST_OTHERS: u64 = 16;

/// Connections that this process could have at a time. Each takes `each` descriptors.
pub(super) fn most_connections(each: u64) -> usize {
    let limit = getrlimit(Resource::Nofile).maximum;
    limit.map_or(usize::MAX, |limit| usize::try_from(left_of(limit) / each).unwrap_or(usize::MAX))
}

/// Of `limit` descriptors, those for connections: where there are few, half of them.
fn left_of(limit: u64) -> u64 {
    limit.saturating_sub(OTHERS.min(limit / 2).max(FEWEST_OTHERS))
}

/// Lets this process have as many as it may.
pub(super) fn raise_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Whatever is refused here is said by the connections that it costs.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_descriptors_are_shared_and_too_few_leave_none() {
        assert_eq!([1024, 128, 100, 20, 16, 0].map(left_of), [960, 64, 50, 4, 0, 0]);
    }

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes_and_connections_are_counted_by_it() {
        raise_limit();
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        assert!(most_connections(2) <= most_connections(1));
    }
}
