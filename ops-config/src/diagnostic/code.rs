//! The stable codes of faults.

use super::Stage;
use std::{fmt, str::FromStr};

/// One row for each code: number, what it is called, what the marked place is
/// labelled with, what it means, how it is mended. Numbers are never reused.
macro_rules! codes {
    ($($variant:ident = $number:literal, $stage:ident, $title:literal, $label:literal, $explanation:literal, $mend:literal;)*) => {
        /// What kind of fault a violation is. Codes are stable over releases and never reused:
        /// `OPS0xx` reading and parsing, `OPS1xx` single values, `OPS2xx` rules across keys,
        /// `OPS3xx` building what a configuration asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $title] #[doc = ""] #[doc = $explanation] $variant = $number,)*
        }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What it is called, a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means, one or two sentences.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }

            /// How it is mended, an imperative sentence.
            #[must_use]
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)* }
            }

            /// Where a configuration with this fault is rejected.
            #[must_use]
            pub const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage,)* }
            }

            /// What stands beside the mark under the place.
            pub(super) const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

codes! {
    Missing = 1, Read, "file not found", "",
        "The configuration file, or the profile's file beside it, does not exist.",
        "Name a file that is there, or unset OPS_PROFILE.";
    Unreadable = 2, Read, "file cannot be read", "",
        "The path is a folder or a device, or the system refuses to open or read it.",
        "Name a regular file and let the process read it.";
    Empty = 3, Read, "file is empty", "",
        "The file holds no key: nothing, only blank lines, or only comments. It is taken for a save that has not ended and never read as \"all defaults\".",
        "Write at least `version = 1`.";
    NotUtf8 = 4, Read, "file is not UTF-8", "",
        "TOML is UTF-8; the file holds bytes that are not.",
        "Save the file as UTF-8.";
    TooLarge = 5, Read, "file is too large", "",
        "The file is larger than 1 MiB, so it is surely not the configuration.",
        "Name the right file.";
    Syntax = 6, Parse, "not TOML", "here",
        "The file breaks the grammar of TOML. No key is judged before it can be parsed.",
        "Mend the marked place; texts need quotes, a table's header needs its closing bracket.";
    DuplicateKey = 7, Parse, "key defined twice", "defined again here",
        "A key or table is written twice in one file; TOML does not say which would hold.",
        "Remove one of the two.";
    NoVersion = 8, Read, "no version", "",
        "The file has no `version`, the one required key, so it is taken for incomplete. A variable or --set does not stand in for it.",
        "Write `version = 1` as the first line.";
    Unfinished = 9, Read, "file is not whole yet", "",
        "The new content is the beginning of the content in force: a save in progress. It is looked at again when it has been quiet for two seconds.",
        "End the save; if the file is meant to be shorter, wait.";

    UnknownKey = 101, Schema, "unknown key", "unknown",
        "No key of this name exists in this table. Unknown keys are errors, so that a misspelt one cannot be silently without effect.",
        "Correct the name, or remove the key.";
    WrongType = 102, Schema, "wrong type", "wrong type",
        "The value is of another type than the key takes, such as a text for a number.",
        "Write a value of the expected type. Lengths of time and sizes are texts with a unit.";
    InvalidValue = 103, Schema, "value not allowed", "not allowed",
        "The value is of the right type, but out of its range, not of its form, or not one of the allowed words.",
        "Write a value as described under \"expected\".";
    MissingKey = 104, Schema, "key missing", "in this table",
        "The table needs a key that is not there.",
        "Add the key.";
    WrongLength = 105, Schema, "too few or too many", "wrong number of elements",
        "The list has fewer or more elements than the key takes.",
        "Add or remove elements.";
    UnknownVariable = 106, Schema, "unknown variable", "",
        "An environment variable begins with OPS_ but names no key. The name is OPS_, then the key's parts with two underscores between them, such as `OPS_LIMITS__MAX_IN_FLIGHT`.",
        "Correct the variable's name, or unset it.";
    TwoVariables = 107, Schema, "two variables for one key", "",
        "Two environment variables, equal but for case or `-` and `_`, set the same key; none of them can be preferred.",
        "Unset one of the two.";
    MalformedKey = 108, Schema, "not a key", "",
        "What stands before `=` in --set is not a dotted key.",
        "Write it as in `--set limits.max_in_flight=100`.";

    RetiredKey = 109, Schema, "retired key", "retired",
        "The key had this name in an earlier version. It is refused and not silently read under its new name, so that the file says what is in force.",
        "Write the key that is named in its place.";

    PoolBounds = 201, Rule, "pool bounds contradict", "the bounds contradict",
        "`min_connections` is above `max_connections`.",
        "Lower `min_connections` or raise `max_connections`.";
    UnknownName = 202, Rule, "unknown name", "no such name",
        "A key refers by name to something that the configuration does not define.",
        "Correct the name, or define what it names.";
    AddressTaken = 203, Rule, "two listeners on one address", "taken",
        "Two of `server.listen`, `admin.listen` and the metrics listener would share an address.",
        "Give each listener a port of its own.";
    TokenNeeded = 204, Rule, "admin listener open without a token", "reachable from other machines",
        "`admin.listen` is not a loopback address, so others than this machine could change how the service is operated, and no `admin.token` is set.",
        "Set `admin.token`, or listen on 127.0.0.1.";
    ChaosRefused = 205, Rule, "chaos refused in this environment", "refused",
        "`chaos.enabled` is true, but `observability.environment` is not one of `chaos.environments`.",
        "Disable chaos, or allow the environment on purpose.";
    DrainDelay = 206, Rule, "drain delay too long", "leaves no time for requests under way",
        "`shutdown.drain_delay` takes up the whole of `shutdown.timeout`, so requests under way would be cut.",
        "Make `drain_delay` shorter than `timeout`.";
    BucketsNotRising = 207, Rule, "buckets do not rise", "not above the one before",
        "Each bucket's bound must be above the one before it.",
        "Sort the bounds and remove those that stand twice.";
    StaleTooSoon = 208, Rule, "results stale too soon", "stale before the next result",
        "`probes.stale_after` is not longer than `probes.interval` and `probes.timeout` together, so that healthy checks would count as stale.",
        "Raise `stale_after`, or check more often.";
    JitterTooLarge = 209, Rule, "jitter above latency", "jitter above latency",
        "`chaos.network.jitter` is above `chaos.network.latency`, or there is no latency that it could vary.",
        "Lower `jitter`, or raise `latency`.";
    Repeated = 210, Rule, "named twice", "named before",
        "A list names the same thing twice.",
        "Remove one of the two.";
    RateAlwaysMet = 211, Rule, "threshold always met", "always met",
        "A rate of 0 is reached by calls that all succeed, so the circuit would open without any failure.",
        "Write a threshold above 0.0, or remove the table.";
    SchemeNotSupported = 212, Rule, "address cannot be used", "not supported",
        "The address of a database has a scheme that no pool can open, or is not written as its scheme asks.",
        "Write an address with a supported scheme, the password percent-encoded, and no parameter that the driver does not know.";
    DefaultJudges = 213, Rule, "routes of the default", "it is no breaker",
        "`[breakers.default]` is no breaker of its own: it only says what the others leave out, and all of them judging the same routes is never meant.",
        "Give the routes to a breaker with a name of its own, and leave them out of the default.";
    LimitBounds = 215, Rule, "limit bounds contradict", "the bounds contradict",
        "`limits.adaptive.floor` is above `limits.adaptive.ceiling`.",
        "Lower `floor` or raise `ceiling`.";
    BackoffBounds = 218, Rule, "pauses contradict", "the pauses contradict",
        "`initial_backoff` is above `max_backoff`.",
        "Lower `initial_backoff` or raise `max_backoff`.";
    SecretMissing = 220, Rule, "secret not found", "points nowhere",
        "The environment variable or the file that should hold a secret is not there or cannot be read.",
        "Set the variable, or let the process read the file.";
    SecretUnusable = 221, Rule, "secret cannot be used", "unusable",
        "The secret was found but is empty, too large, not a text, or not fit for its place.",
        "Put a usable secret there.";

    Bind = 301, Build, "cannot listen", "cannot listen here",
        "The system refuses the listener: the port is in use, or the address is not one of this machine.",
        "Choose another address, or end the process that holds it.";
    PoolOpen = 302, Build, "cannot open the pool", "cannot be opened",
        "The database could not be opened.",
        "Check that the database exists and can be reached and read.";
    Exporter = 303, Build, "cannot make the exporter", "cannot be used",
        "The exporter of traces could not be made.",
        "Correct the endpoint or its headers.";
    CannotBuild = 304, Build, "cannot be built", "needs this",
        "Something else that the configuration asks for could not be made.",
        "Follow the help beside the fault.";
    RolledBack = 305, Build, "rolled back", "given up",
        "The configuration in the file was in force and was given up: it broke what `reload.probation` watches, or somebody asked for the one before. It is not tried again until the file changes.",
        "Change the file, or restore the one that is in force.";
    Unreachable = 306, Build, "cannot be reached", "not reached",
        "No connection could be opened to what the key names. Only `ops check --live` tries.",
        "Start what is named, or correct its address.";
    CheckFails = 307, Build, "health check fails", "fails",
        "The check was made once and failed. Only `ops check --live` reports it: a service starts all the same and says so in its probes.",
        "Mend what the check looks at, or correct the check.";
}

impl Code {
    /// The number behind `OPS`.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OPS{:03}", self.number())
    }
}

/// A text that is not one of the codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a code such as \"OPS103\"")]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    /// A code as printed; small letters will do.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let known = |code: &&Self| code.to_string().eq_ignore_ascii_case(text);
        Self::ALL.iter().find(known).copied().ok_or(UnknownCode)
    }
}
