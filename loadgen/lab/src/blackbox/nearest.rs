//! What somebody may have meant who wrote a name that nobody has.

/// Letters in common, as a share of the longer name, from which on one is near another: `wbe` is near `web`, and `db` is not near
/// `database`.
const NEAR: f64 = 0.6;

/// What to add to a complaint about `word`, if one of `known` is near: `; did you mean ...`; or else nothing. `shown` is how a
/// name is written there.
pub(super) fn did_you_mean<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    shown: impl Fn(&str) -> String,
) -> String {
    let nearness = |name: &str| {
        let (name, word) = (name.to_lowercase(), word.to_lowercase());
        strsim::normalized_damerau_levenshtein(&name, &word)
    };
    let names = known.into_iter().map(|name| (nearness(name), name));
    let nearest = names.filter(|(near, _)| *near >= NEAR).max_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest.map_or_else(String::new, |(_, name)| format!("; did you mean `{}`?", shown(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant_if_it_is_near() {
        let names = ["database", "web", "webui", "warm_up"];
        for (word, meant) in [
            ("wbe", "; did you mean `web`?"),
            ("webi", "; did you mean `webui`?"),
            ("Databse", "; did you mean `database`?"),
            ("warmup", "; did you mean `warm_up`?"),
            ("db", ""),
            ("queue", ""),
            ("", ""),
        ] {
            assert_eq!(did_you_mean(word, names, str::to_owned), meant, "{word}");
        }
        assert_eq!(did_you_mean("wbe", names, |name| format!("{{{name}}}")), "; did you mean `{web}`?");
        assert_eq!(did_you_mean("web", [], str::to_owned), "");
    }
}
