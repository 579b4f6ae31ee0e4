//! Secrets of every shape, and the looks for them.

use base64::{engine::general_purpose::STANDARD, Engine};
use std::fmt::Write;

/// A secret: what is planted, and the forms in which it would be found.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    pub(crate) text: String,
    /// Where it was planted.
    place: String,
    /// In small letters.
    plain: Vec<String>,
    encoded: Vec<String>,
}

/// What secrets look like; `§` stands for the part that says something by itself.
pub(crate) const SHAPES: [&str; 14] = [
    "§",
    "it's \"§\" 'here'",
    r"back\slash\n§\",
    "%41%zz§%00%",
    "^(§|.*)[a-z]+$",
    "****§****",
    "admin.token=§",
    "Bearer §",
    "{§} {{ env = \"§\" }} ${§}",
    "<b>§</b> & §; --§",
    "[§]\t#§",
    "https://§:§@host/§?§=§#§",
    "§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§§",
    "YWxhZGRpbjo=§==",
];

impl Planted {
    /// The next secret of this shape. Each is another one, so that what is found tells its place.
    pub(crate) fn new(place: impl Into<String>, shape: &str, random: &mut fastrand::Rng) -> Self {
        let mark: String = std::iter::repeat_with(|| random.alphanumeric()).take(20).collect();
        // Half of it is as bad. A text that is encoded as part of another one is shifted by it.
        let halves = [&mark[..10], &mark[10..]];
        let mut plain: Vec<_> = halves.iter().map(|half| half.to_lowercase()).collect();
        plain.push(mark.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }));
        let shifted = |shift: usize| {
            let whole = STANDARD.encode(" ".repeat(shift) + &mark);
            whole[4..whole.len() - 4].to_owned()
        };
        Self { text: shape.replace('§', &mark), place: place.into(), plain, encoded: (0..3).map(shifted).collect() }
    }

    /// The first output that has it, with what stands around.
    fn found(&self, outputs: &[(String, String, String)]) -> Option<String> {
        outputs.iter().find_map(|(name, text, small)| {
            let plain = self.plain.iter().find_map(|form| small.find(form));
            let at = plain.or_else(|| self.encoded.iter().find_map(|form| text.find(form)))?;
            let around = &text.as_bytes()[at.saturating_sub(200)..(at + 80).min(text.len())];
            Some(format!("{} is in {name}: …{}…", self.place, String::from_utf8_lossy(around)))
        })
    }
}

/// Everything the process said, by who heard it.
#[derive(Debug, Default)]
pub(crate) struct Outputs(Vec<(String, String, String)>);

impl Outputs {
    pub(crate) fn add(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let text = text.into();
        // Byte for byte as long, so that what is found in one is at the same place in the other.
        let small = text.to_ascii_lowercase();
        self.0.push((name.into(), text, small));
    }

    /// The names of those that have a text.
    pub(crate) fn with(&self, text: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, whole, _)| whole.contains(text)).map(|(name, ..)| name.as_str()).collect()
    }

    pub(crate) fn assert_hide(&self, secrets: &[Planted]) {
        let found: Vec<_> = secrets.iter().filter_map(|secret| secret.found(&self.0)).collect();
        assert!(found.is_empty(), "{} of {} secrets are shown:\n{}", found.len(), secrets.len(), found.join("\n"));
    }
}

#[test]
fn a_secret_is_found_in_every_form() {
    let secret = Planted::new("here", SHAPES[1], &mut fastrand::Rng::with_seed(1));
    let hex = secret.text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"));
    let forms = [
        secret.text.clone(),
        secret.text.to_uppercase(),
        hex,
        STANDARD.encode(&secret.text),
        format!("{:?}", secret.text),
    ];
    for form in forms {
        let mut outputs = Outputs::default();
        outputs.add("an output", format!("before {form} after"));
        assert!(secret.found(&outputs.0).is_some(), "{form}");
    }
    let mut outputs = Outputs::default();
    outputs.add("an output", "it's \"********\" 'here'");
    outputs.assert_hide(&[secret]);
}
