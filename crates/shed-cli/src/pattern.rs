//! From what the user typed to the one thing that is meant.

use crate::{Failure, output, picker};

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<T> {
    /// What must be typed to mean it exactly.
    pub name: String,
    /// How it is shown; tells apart what has the same name.
    pub label: String,
    /// The thing.
    pub value: T,
}

/// How freely a choice may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What is chosen: `shed` or `session`.
    pub what: &'static str,
    /// `-i`: always ask.
    pub ask: bool,
    /// A part of the name is enough if it fits one candidate only. Not for what destroys.
    pub part_is_enough: bool,
    /// A person can be asked.
    pub person: bool,
}

/// What follows from the pattern alone.
#[derive(Debug, PartialEq, Eq)]
pub enum Match {
    /// That one.
    One(usize),
    /// Several with exactly this name.
    Same(Vec<usize>),
    /// The person must say which; the pattern is where the picker starts.
    Ask(Vec<usize>),
    /// Nothing fits.
    Nothing,
}

/// Matches a pattern; an exact name always wins over names that only contain it.
pub fn find<T>(pattern: Option<&str>, candidates: &[Candidate<T>], rules: Rules) -> Match {
    let all = || (0..candidates.len()).collect::<Vec<_>>();
    let Some(pattern) = pattern.filter(|_| !rules.ask) else {
        return if candidates.is_empty() { Match::Nothing } else { Match::Ask(all()) };
    };
    let those = |fits: &dyn Fn(&Candidate<T>) -> bool| -> Vec<usize> {
        candidates.iter().enumerate().filter(|(_, candidate)| fits(candidate)).map(|(index, _)| index).collect()
    };
    let exact = those(&|candidate| candidate.name == pattern);
    match exact.as_slice() {
        [one] => return Match::One(*one),
        [] => {}
        _ => return Match::Same(exact),
    }
    let folded = pattern.to_lowercase();
    let part = those(&|candidate| candidate.label.to_lowercase().contains(&folded));
    match part.as_slice() {
        [] => Match::Nothing,
        [one] if rules.part_is_enough => Match::One(*one),
        _ => Match::Ask(part),
    }
}

/// Chooses one candidate, asking the person if need be.
///
/// # Errors
/// The failure of `nothing` if nothing fits, one that lists the candidates if nobody can be asked.
pub fn choose<T>(
    pattern: Option<&str>,
    mut candidates: Vec<Candidate<T>>,
    rules: Rules,
    nothing: impl FnOnce() -> Failure,
) -> Result<T, Failure> {
    let index = match find(pattern, &candidates, rules) {
        Match::Nothing => return Err(nothing()),
        Match::One(index) => {
            if let Some(chosen) = candidates.get(index).filter(|chosen| pattern.is_some_and(|pattern| pattern != chosen.name)) {
                output::say(&format!("{}: {}", rules.what, chosen.label));
            }
            index
        }
        // Also with a person: a script that grew up at a keyboard must not depend on who is watching.
        Match::Same(_) => return Err(same_name(pattern.unwrap_or_default(), rules.what, &candidates)),
        Match::Ask(of) if rules.person => {
            let labels: Vec<String> =
                of.iter().filter_map(|index| candidates.get(*index)).map(|candidate| candidate.label.clone()).collect();
            let typed = if rules.ask { pattern.unwrap_or_default() } else { "" };
            let picked = picker::pick(&format!("which {}?", rules.what), &labels, typed)?;
            of.get(picked).copied().unwrap_or_default()
        }
        Match::Ask(of) => return Err(which_one(pattern, rules.what, &candidates, &of)),
    };
    if index < candidates.len() { Ok(candidates.swap_remove(index).value) } else { Err(nothing()) }
}

/// The failure for one name on several servers.
pub fn same_name<T>(name: &str, what: &str, candidates: &[Candidate<T>]) -> Failure {
    let places: Vec<String> = candidates.iter().filter(|candidate| candidate.name == name).map(|c| format!("`{}`", c.label)).collect();
    Failure::new(format!("{what} `{name}` is on several servers: {}", places.join(", "))).hint("say which server with `-s NAME`")
}

fn which_one<T>(pattern: Option<&str>, what: &str, candidates: &[Candidate<T>], of: &[usize]) -> Failure {
    const SHOWN: usize = 20;
    let mut labels: Vec<String> = of.iter().take(SHOWN).filter_map(|i| candidates.get(*i)).map(|c| format!("`{}`", c.label)).collect();
    if of.len() > SHOWN {
        labels.push(format!("and {} more", of.len() - SHOWN));
    }
    let list = labels.join(", ");
    let failure = match (pattern, of) {
        (Some(pattern), [_]) => Failure::new(format!("no {what} is named exactly `{pattern}`; did you mean {list}?")),
        (Some(pattern), _) => Failure::new(format!("`{pattern}` fits several {what}s: {list}")),
        (None, _) => Failure::new(format!("no {what} was named; there are {list}")),
    };
    failure.hint("give the complete name, or run it in a terminal to choose")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Rules = Rules { what: "shed", ask: false, part_is_enough: true, person: false };

    fn candidates(names: &[(&str, &str)]) -> Vec<Candidate<String>> {
        names.iter().map(|(name, label)| Candidate { name: (*name).into(), label: (*label).into(), value: (*label).into() }).collect()
    }

    fn run(pattern: Option<&str>, names: &[(&str, &str)], rules: Rules) -> Result<String, String> {
        choose(pattern, candidates(names), rules, || Failure::new("nothing")).map_err(|failure| failure.message)
    }

    #[test]
    fn an_exact_name_wins_over_names_that_contain_it() {
        let names = [("api", "api"), ("api-v2", "api-v2"), ("web", "web")];
        assert_eq!(run(Some("api"), &names, ALONE).unwrap(), "api");
        assert_eq!(run(Some("V2"), &names, ALONE).unwrap(), "api-v2");
        assert_eq!(run(Some("zzz"), &names, ALONE).unwrap_err(), "nothing");
        assert_eq!(run(Some("ap"), &names, ALONE).unwrap_err(), "`ap` fits several sheds: `api`, `api-v2`");
        assert_eq!(run(None, &names, ALONE).unwrap_err(), "no shed was named; there are `api`, `api-v2`, `web`");
    }

    #[test]
    fn what_destroys_needs_the_complete_name() {
        let careful = Rules { part_is_enough: false, ..ALONE };
        let names = [("api-v2", "api-v2")];
        assert_eq!(run(Some("api"), &names, careful).unwrap_err(), "no shed is named exactly `api`; did you mean `api-v2`?");
        assert_eq!(run(Some("api-v2"), &names, careful).unwrap(), "api-v2");
        let person = Rules { person: true, ..careful };
        assert_eq!(find(Some("api"), &candidates(&names), person), Match::Ask(vec![0]));
    }

    #[test]
    fn one_name_on_two_servers_is_an_error_that_names_the_option() {
        let names = [("api", "api (home)"), ("api", "api (office)"), ("web", "web (home)")];
        let failure = choose(Some("api"), candidates(&names), ALONE, || Failure::new("nothing")).unwrap_err();
        assert_eq!(failure.message, "shed `api` is on several servers: `api (home)`, `api (office)`");
        assert!(failure.hint.unwrap().contains("-s"));
    }

    #[test]
    fn asking_is_forced() {
        let rules = Rules { ask: true, person: true, ..ALONE };
        assert_eq!(find(Some("api"), &candidates(&[("api", "api"), ("web", "web")]), rules), Match::Ask(vec![0, 1]));
    }
}
