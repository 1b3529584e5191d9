use super::*;
use proptest::prelude::*;

fn template(text: &str) -> Result<Template, String> {
    parse(text.as_bytes(), Place::Body, &mut Lines::default()).map_err(|error| error.to_string())
}

fn rendered(text: &str, seed: u64, number: u64) -> String {
    let mut out = Vec::new();
    template(text).unwrap().render(&mut Draw::new(seed, number), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn text_without_placeholders_stays_as_it_is() {
    for text in ["", "plain", "{\"a\":{\"b\":1}}", "}} {x} {"] {
        assert_eq!(rendered(text, 1, 0), text);
        assert_eq!(template(text).unwrap().as_literal(), Some(text.as_bytes()));
    }
}

#[test]
fn counters_count_requests() {
    let text = "<{{counter}}|{{ counter 100 }}>";
    let all: Vec<_> = (0..3).map(|number| rendered(text, 1, number)).collect();
    assert_eq!(all, ["<0|100>", "<1|101>", "<2|102>"]);
    assert!(template(text).unwrap().as_literal().is_none());
}

#[test]
fn random_numbers_take_every_value_of_their_range_and_no_other() {
    let mut seen = [0; 3];
    for number in 0..600 {
        let value: i64 = rendered("{{random -1..1}}", 7, number).parse().unwrap();
        seen[usize::try_from(value + 1).unwrap()] += 1;
    }
    // 200 each, with a standard deviation of 11.5.
    assert!(seen.iter().all(|count| (140..260).contains(count)), "{seen:?}");
    assert_eq!(rendered("{{random 5..5}}", 1, 9), "5");
    let whole = format!("{{{{random {}..{}}}}}", i64::MIN, i64::MAX);
    assert!(rendered(&whole, 1, 1).parse::<i64>().is_ok());
}

#[test]
fn hexadecimal_digits_are_as_many_as_asked_for() {
    for digits in [1, 15, 16, 17, 100] {
        let text = rendered(&format!("{{{{hex {digits}}}}}"), 1, 0);
        assert_eq!(text.len(), digits);
        assert!(text.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()), "{text}");
    }
}

#[test]
fn uuids_are_of_version_four_and_differ() {
    let all: std::collections::HashSet<_> = (0..1000).map(|number| rendered("{{uuid}}", 1, number)).collect();
    assert_eq!(all.len(), 1000);
    for uuid in all {
        let parts: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12], "{uuid}");
        assert!(uuid.as_bytes()[14] == b'4' && b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    }
}

#[test]
fn lines_of_a_file_come_in_turn_and_choices_at_random() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "one\ntwo\n").unwrap();
    let text = format!("{{{{line {}}}}}", file.path().display());
    let lines: Vec<_> = (0..3).map(|number| rendered(&text, 1, number)).collect();
    assert_eq!(lines, ["one", "two", "one"]);
    let picked: std::collections::BTreeSet<_> =
        (0..100).map(|number| rendered("{{pick a|b c|}}", 1, number)).collect();
    assert_eq!(picked.into_iter().collect::<Vec<_>>(), ["", "a", "b c"]);
}

#[test]
fn a_request_depends_on_its_number_and_the_seed_alone() {
    let text = "{{uuid}} {{random 1..1000000}} {{hex 8}}";
    assert_eq!(rendered(text, 3, 14), rendered(text, 3, 14));
    assert_ne!(rendered(text, 3, 14), rendered(text, 3, 15));
    assert_ne!(rendered(text, 3, 14), rendered(text, 14, 3));
}

#[test]
fn mistakes_are_named_with_their_position() {
    for (text, part) in [
        ("{{", "placeholder at 1 has no end: write }}"),
        ("abc{{counter", "placeholder at 4 has no end"),
        ("{{count}}", "`{{count}}` at 1 is no placeholder"),
        ("{{}}", "is no placeholder"),
        ("ab{{counter x}}", "`{{counter x}}` at 3 is not understood; write it as in {{counter}} or"),
        ("{{random 1}}", "write it as in {{random 1..100}}"),
        ("{{random 2..1}}", "{{random 1..100}}"),
        ("{{hex}}", "{{hex 16}}"),
        ("{{hex 0}}", "{{hex 16}}"),
        ("{{hex 99999}}", "at most 1024"),
        ("{{uuid 4}}", "{{uuid}}"),
        ("{{line}}", "{{line FILE}}"),
        ("{{pick}}", "{{pick a|b|c}}"),
        ("{{counter}} {{line /no/such/file}}", "placeholder at 13: cannot read /no/such/file"),
    ] {
        let error = template(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    let in_header = parse("{{pick a|b\r\nc}}".as_bytes(), Place::Header, &mut Lines::default());
    assert!(in_header.unwrap_err().to_string().contains("cannot be sent in a header"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "([{]{1,3}[a-z0-9 .|-]{0,12}[}]{0,3}|.){0,6}") {
        if let Ok(template) = template(&text) {
            template.render(&mut Draw::new(1, u64::MAX), &mut Vec::new());
        }
    }

    #[test]
    fn what_is_around_placeholders_is_kept(before in "[^{]*", after in "[^{}]*", number: u64) {
        let text = format!("{before}{{{{counter}}}}{after}");
        prop_assert_eq!(rendered(&text, 1, number), format!("{before}{number}{after}"));
    }
}
