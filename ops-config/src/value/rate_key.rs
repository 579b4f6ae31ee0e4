//! What a rate is counted by: `"all"`, `"client"`, `"route"`, `"header:x-api-key"`.

use super::{text::text_schema, text::text_serde, HeaderName, Malformed};
use std::{fmt, str::FromStr};

const EXPECTED: &str = "\"all\", \"client\", \"route\" or \"header:NAME\" such as \"header:x-api-key\"";
const PATTERN: &str = "^(?:all|client|route|header:[a-z0-9!#$%&'*+.^_`|~-]{1,128})$";

/// What a rate is counted by: requests with the same key share one bucket of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// One bucket for all.
    All,
    /// One for each address at the other end of the connection; for IPv6, for each network of 64 bits.
    Client,
    /// One for each pattern of the rate's routes.
    Route,
    /// One for each value of this header, and one for the requests without it.
    Header(HeaderName),
}

impl fmt::Display for RateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Client => f.write_str("client"),
            Self::Route => f.write_str("route"),
            Self::Header(name) => write!(f, "header:{name}"),
        }
    }
}

impl FromStr for RateKey {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "all" => Ok(Self::All),
            "client" => Ok(Self::Client),
            "route" => Ok(Self::Route),
            _ => {
                let name = text.strip_prefix("header:").and_then(|name| name.parse().ok());
                name.map(Self::Header).ok_or_else(|| Malformed::new(EXPECTED))
            }
        }
    }
}

text_serde!(RateKey);
text_schema!(RateKey, "RateKey", EXPECTED, PATTERN);
