//! What a probe asks.

/// A probe of an orchestrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// `/livez`: does the process run?
    Liveness,
    /// `/startupz`: has the service started?
    Startup,
    /// `/readyz`: can it take requests?
    Readiness,
}

/// How much of an answer is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The status alone; no names, no reasons.
    Quiet,
    /// The checks and what they found.
    #[default]
    Normal,
    /// Of each check also its age, its groups and how many results in a row it stands on; and the thresholds.
    Verbose,
}

/// A probe, and the form of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'q> {
    /// The probe.
    pub probe: Probe,
    /// How much is told.
    pub detail: Detail,
    /// Checks that are left out of account, by name; one that is not there is left out as well.
    pub exclude: Vec<&'q str>,
}

impl<'q> Question<'q> {
    /// A probe without further wishes.
    #[must_use]
    pub const fn plain(probe: Probe) -> Self {
        Self { probe, detail: Detail::Normal, exclude: Vec::new() }
    }

    /// Reads the query of an address, with the words of Kubernetes' own endpoints: `verbose`, `exclude=NAME` as often
    /// as wanted, and `quiet`, which has the last word. Words of no meaning here are passed over: the caller is a
    /// machine, and its probe must not fail for them.
    #[must_use]
    pub fn parse(probe: Probe, query: &'q str) -> Self {
        let mut question = Self::plain(probe);
        let mut is_quiet = false;
        for word in query.split('&') {
            match word.split_once('=').unwrap_or((word, "")) {
                ("quiet", _) => is_quiet = true,
                ("verbose", _) => question.detail = Detail::Verbose,
                // A name needs no escaping.
                ("exclude", name) if !name.is_empty() => question.exclude.push(name),
                _ => {}
            }
        }
        if is_quiet {
            question.detail = Detail::Quiet;
        }
        question
    }

    /// Whether a check is left out of account.
    pub(super) fn excludes(&self, name: &str) -> bool {
        self.exclude.contains(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Detail, Probe, Question};

    #[test]
    fn a_query_says_how_much_is_told_and_what_is_left_out() {
        let parse = |query| Question::parse(Probe::Readiness, query);
        assert_eq!(parse(""), Question::plain(Probe::Readiness));
        assert_eq!(parse("exlude=a&timeout=1s&&=&exclude="), Question::plain(Probe::Readiness));
        for verbose in ["verbose", "verbose=", "verbose=1", "a=b&verbose=true"] {
            assert_eq!(parse(verbose).detail, Detail::Verbose, "{verbose}");
        }
        for quiet in ["quiet", "quiet=1", "verbose&quiet", "quiet&verbose"] {
            assert_eq!(parse(quiet).detail, Detail::Quiet, "{quiet}");
        }
        assert_eq!(parse("exclude=db&verbose&exclude=cache").exclude, ["db", "cache"]);
    }
}
