//! Glob patterns as KEYS takes them: `*`, `?`, `[abc]`, `[^a-z]`, and `\` before a byte that stands for itself.

/// Whether all of `text` matches `pattern`, in time at most the product of their lengths.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // After the latest star: where the pattern goes on, and the first byte of the text that the star may yet take.
    // Only the latest one ever needs a second try, since the earlier ones already took the shortest way.
    let mut retry: Option<(usize, usize)> = None;
    while from < text.len() {
        if pattern.get(at) == Some(&b'*') {
            at += 1;
            retry = Some((at, from));
        } else if let Some(length) = one(&pattern[at..], text[from]) {
            at += length;
            from += 1;
        } else if let Some((resume, taken)) = retry {
            at = resume;
            from = taken + 1;
            retry = Some((resume, from));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&rest| rest == b'*')
}

/// The length of the pattern's first item if it matches `byte`.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    let (matched, length) = match pattern {
        [] => (false, 0),
        [b'?', ..] => (true, 1),
        [b'\\', literal, ..] => (*literal == byte, 2),
        [b'[', class @ ..] => in_class(class, byte),
        [literal, ..] => (*literal == byte, 1),
    };
    matched.then_some(length)
}

/// Whether `byte` is in the class, and the pattern's length through the closing bracket (the end closes it too).
fn in_class(class: &[u8], byte: u8) -> (bool, usize) {
    let negated = class.first() == Some(&b'^');
    let mut at = usize::from(negated);
    let mut found = false;
    loop {
        match &class[at..] {
            [] => return (found != negated, at + 1),
            [b']', ..] => return (found != negated, at + 2),
            [b'\\', literal, ..] => {
                found |= *literal == byte;
                at += 2;
            }
            [low, b'-', high, ..] => {
                found |= (low.min(high)..=low.max(high)).contains(&&byte);
                at += 3;
            }
            [literal, ..] => {
                found |= *literal == byte;
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern:?} should match {text:?}");
        }
        for text in no {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern:?} should not match {text:?}");
        }
    }

    #[test]
    fn a_plain_pattern_matches_itself_only() {
        check("wallet", &["wallet"], &["", "walle", "wallets", "Wallet"]);
        check("", &[""], &["a"]);
    }

    #[test]
    fn a_star_takes_any_run_and_a_question_mark_one_byte() {
        check("*", &["", "a", "hashes"], &[]);
        check("h*s", &["hs", "hashes"], &["h", "hashe", "ahs"]);
        check("*a*b*", &["ab", "xaxbx"], &["ba", "aaa"]);
        check("h?llo", &["hello", "hallo"], &["hllo", "heello"]);
    }

    #[test]
    fn a_class_matches_members_ranges_and_their_complement() {
        check("h[ae]llo", &["hello", "hallo"], &["hillo", "hllo"]);
        check("h[^e]llo", &["hallo"], &["hello"]);
        check("w[0-9]", &["w0", "w9"], &["wa", "w"]);
        check("w[9-0]", &["w5"], &["wa"]);
        check("[a\\]]x", &["ax", "]x"], &["\\x"]);
        check("[ab", &["a", "b"], &["c", "[ab"]);
    }

    #[test]
    fn a_backslash_makes_the_next_byte_literal() {
        check("a\\*", &["a*"], &["ab", "a\\*"]);
        check("a\\", &["a\\"], &["a"]);
    }

    #[test]
    fn many_stars_do_not_take_exponential_time() {
        let text = "a".repeat(5_000);
        check(&"a*".repeat(30), &[&text], &[]);
        check(&("a*".repeat(30) + "b"), &[], &[&text]);
    }
}
