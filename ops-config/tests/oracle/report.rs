//! What every report must be, whatever it is about. Properties and fuzz targets judge by it.

use ops_config::diagnostic::{Format, Report};

/// Every form in which a report leaves the process.
pub(crate) const FORMATS: [Format; 4] =
    [Format::Human { color: false }, Format::Human { color: true }, Format::Json, Format::Github];

/// A report has reasons, those of a file in its order, each at a place that there is, and prints in
/// every form.
///
/// # Panics
/// When it is not so.
pub(crate) fn is_sound(report: &Report) {
    assert!(!report.violations.is_empty(), "refused for no reason");
    for text in &report.texts {
        let places = report.violations.iter().filter_map(|fault| fault.origin.position());
        let places: Vec<_> = places.filter(|at| at.path.as_path() == text.path()).collect();
        assert!(places.is_sorted_by_key(|at| at.span.start), "{places:?}");
        for at in places {
            let again = text.position(at.span.clone());
            assert_eq!((again.line, again.column), (at.line, at.column));
        }
    }
    assert!(report.violations.iter().all(|fault| fault.code.stage() >= report.stage), "{:?}", report.stage);
    assert!(FORMATS.into_iter().all(|format| !report.render(format).is_empty()));
    let json: serde_json::Value = serde_json::from_str(&report.render(Format::Json)).expect("the report is JSON");
    assert_eq!(json["violations"].as_array().map(Vec::len), Some(report.violations.len()));
}
