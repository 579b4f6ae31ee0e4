//! What of a secret may be seen: nothing. Properties and fuzz targets judge by it.

use super::report::{is_sound, FORMATS};
use ops_config::{
    check::check,
    diagnostic::Report,
    source::{Draft, Sources, Texts},
};

/// Everything that reading and checking says, in every form.
pub(crate) fn outputs(sources: &Sources, texts: Result<Texts, Report>) -> String {
    let mut all = vec![format!("{sources:?}")];
    let of_report = |all: &mut Vec<String>, report: &Report| {
        is_sound(report);
        all.extend(FORMATS.map(|format| report.render(format)));
        all.push(format!("{report}{report:?}"));
        all.extend(report.violations.iter().map(|violation| format!("{violation}{violation:?}")));
    };
    match texts {
        Err(report) => of_report(&mut all, &report),
        Ok(texts) => {
            all.push(format!("{texts:?}"));
            match Draft::gather(sources, &texts) {
                Ok(draft) => all.push(format!("{draft:?}")),
                Err(report) => of_report(&mut all, &report),
            }
            match check(sources, &texts) {
                Ok(checked) => all.push(format!("{checked:?}{}{:?}", checked.value(), checked.warnings())),
                Err(report) => of_report(&mut all, &report),
            }
        }
    }
    all.join("\n")
}

/// What of a secret must not be found: each run of it that says something by itself.
fn traces(secret: &str) -> impl Iterator<Item = &str> {
    secret.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() >= 6)
}

/// The line of the outputs that shows something of the secret; none, if all is well.
pub(crate) fn shown<'o>(outputs: &'o str, secret: &str) -> Option<&'o str> {
    let at = traces(secret).find_map(|trace| outputs.find(trace))?;
    let from = outputs[..at].rfind('\n').map_or(0, |at| at + 1);
    outputs[from..].lines().next()
}
