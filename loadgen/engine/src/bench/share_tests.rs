//! Shards together against the one process that they stand for.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::bench::plan::Plan;
use crate::bench::script::{Buffer, Numbers};
use crate::bench::testing::plan;

fn share(text: &str) -> Share {
    text.parse().unwrap()
}

/// The plans of all shards of what `line` asks for.
fn shards(line: &str, of: usize) -> Vec<Plan> {
    let shard = |index| format!("{line} --shard {index}/{of}");
    (0..of).map(|index| plan(&shard(index).split(' ').collect::<Vec<_>>()).unwrap()).collect()
}

/// When anything is due, in order.
fn due<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<Duration> {
    let of_one = |plan: &Plan| (0..plan.threads).flat_map(|thread| plan.schedule(thread)).collect::<Vec<_>>();
    let mut due: Vec<Duration> = plans.into_iter().flat_map(of_one).collect();
    due.sort_unstable();
    due
}

#[test]
fn schedules_of_all_shards_are_the_one_schedule() {
    for line in [
        "h -q 100 -z 2s",
        "h -q 7 -n 50",
        "h -q 300 -z 1s --arrivals poisson --seed 9",
        "h --stage 1s:10..90 --stage 500ms:0 --stage 1s:40",
        "h --stage 2s:50..5 --arrivals poisson",
    ] {
        let whole = due(&[plan(&line.split(' ').collect::<Vec<_>>()).unwrap()]);
        for (of, threads) in [(1, 1), (2, 3), (3, 1), (7, 2)] {
            let shards = shards(&format!("{line} --threads {threads}"), of);
            assert_eq!(due(&shards), whole, "{of} shards of {line}");
            let counts: Vec<usize> = shards.iter().map(|it| due([it]).len()).collect();
            assert_eq!(counts, counts_of(whole.len(), of), "{of} shards of {line}");
        }
    }
}

/// As even as can be, the first ones with one more.
fn counts_of(whole: usize, of: usize) -> Vec<usize> {
    (0..of).map(|index| (whole + of - 1 - index) / of).collect()
}

#[test]
fn shards_may_have_different_numbers_of_threads() {
    let of = |index: usize, threads: usize| {
        let flags = format!("h -q 50 -z 3s --shard {index}/3 --threads {threads}");
        plan(&flags.split(' ').collect::<Vec<_>>()).unwrap()
    };
    let whole = due(&[plan(&["h", "-q", "50", "-z", "3s"]).unwrap()]);
    assert_eq!(due(&[of(0, 1), of(1, 4), of(2, 2)]), whole);
}

#[test]
fn connections_and_requests_are_divided_without_rest() {
    let shards = shards("h -n 200 -c 50 --threads 2", 3);
    assert_eq!(shards.iter().map(Plan::own_connections).collect::<Vec<_>>(), [17, 17, 16]);
    assert_eq!(shards.iter().map(|it| it.own_requests().unwrap()).collect::<Vec<_>>(), [67, 67, 66]);
    let clients = |plan: &Plan| (0..2).map(|thread| plan.clients_of(thread)).collect::<Vec<_>>();
    assert_eq!(shards.iter().map(clients).collect::<Vec<_>>(), [[9, 8], [9, 8], [8, 8]]);
}

#[test]
fn with_a_rate_each_shard_has_as_many_connections_as_one_process_would() {
    let alone = plan(&["h", "-q", "5", "-n", "10"]).unwrap().connections;
    assert_eq!(shards("h -q 5 -n 10", 3).iter().map(Plan::own_connections).collect::<Vec<_>>(), [alone; 3]);
}

/// Placeholders, URLs and lines of files go by the number of a request.
#[test]
fn no_two_shards_give_a_request_the_same_number_and_together_they_leave_none_out() {
    let plans = shards("h/{{counter}} --template -n 100 -c 5", 3);
    let mut seen = BTreeSet::new();
    for plan in &plans {
        let (numbers, mut buffer) = (Numbers::of(plan.share), Buffer::default());
        for _ in 0..plan.own_requests().unwrap() {
            let bytes = plan.script.next(&numbers, &mut buffer).bytes.to_vec();
            let path = String::from_utf8(bytes).unwrap();
            let number = path["GET /".len()..].split(' ').next().unwrap().parse::<u64>().unwrap();
            assert!(seen.insert(number), "{number} twice");
        }
    }
    assert!(seen.into_iter().eq(0..100));
}

#[test]
fn threads_of_all_shards_begin_with_different_addresses() {
    let plans = shards("h -q 100 -z 1s --threads 2", 3);
    let seats: BTreeSet<usize> = plans.iter().flat_map(|it| [it.seat(0), it.seat(1)]).collect();
    assert!(seats.into_iter().eq(0..6));
}

#[test]
fn shards_are_read_as_they_are_written() {
    for text in ["0/1", "0/3", "2/3", "99/100"] {
        assert_eq!(share(text).to_string(), text);
    }
    assert!(!share("0/1").is_part() && share("0/2").is_part());
}

#[test]
fn what_is_no_shard_is_refused_with_what_would_be_one() {
    let complaint = |text: &str| text.parse::<Share>().unwrap_err().to_string();
    for text in ["", "1", "/", "1/", "/3", "0/0", "-1/3", "+1/3", "0/3/3", "a/3", "$(INDEX)/3", "0 / 3"] {
        assert_eq!(complaint(text), ShareError::Form.to_string(), "{text}");
    }
    assert_eq!(complaint("3/3"), "there is no shard 3 of 3: they count from 0, and the last is 2/3");
}

#[test]
fn a_shard_without_anything_to_send_is_refused() {
    for (flags, wanted) in [
        ("h -n 2 -c 5 --shard 2/3", "--shard 2/3"),
        ("h -q 1 -z 2s --shard 2/3", "--shard 2/3"),
        ("h -c 2 --shard 0/3", "--connections 2"),
        ("h --shard 0/51", "--connections 50"),
        ("h -c 4 --threads 2 --shard 3/4", "--threads 2"),
        ("h --find-knee p99<1s --shard 0/2", "--shard"),
    ] {
        let complaint = plan(&flags.split(' ').collect::<Vec<_>>()).unwrap_err();
        assert!(complaint.contains(wanted), "{flags}: {complaint}");
    }
}

proptest! {
    #[test]
    fn parts_add_up_and_are_even(whole in 0..100_000_usize, of in 1..50_usize) {
        let parts: Vec<usize> = (0..of).map(|index| share(&format!("{index}/{of}")).part(whole)).collect();
        prop_assert_eq!(parts.iter().sum::<usize>(), whole);
        prop_assert!(parts.windows(2).all(|pair| pair[0] == pair[1] || pair[0] == pair[1] + 1));
        prop_assert!(parts[0] - parts[of - 1] <= 1);
        let counts = (0..of).map(|index| share(&format!("{index}/{of}")).part_of_count(whole as u64));
        prop_assert!(counts.eq(parts.iter().map(|part| *part as u64)));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,20}|[0-9/]{0,45}") {
        let _ = text.parse::<Share>();
    }
}
