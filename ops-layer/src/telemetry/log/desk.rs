//! What a thread keeps at hand to write a line: the settings, the shapes of lines, a buffer.
//!
//! Nothing here is shared, so a line is made without a lock, a write that another thread
//! would see, or an allocation.

use super::{
    fields::Fields,
    line::{Line, LONGEST},
    settings::LogSettings,
    shape::Shape,
    timestamp::Timestamp,
};
use opentelemetry::trace::{SpanId, TraceId};
use ops_config::section::LogFormat;
use std::{cell::RefCell, sync::Arc, time::SystemTime};
use tracing::{Event, Metadata};

/// Places in the code that a thread remembers; two that fall on one place take turns.
const SHAPES: usize = 128;

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// What a thread keeps at hand.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// Which settings these are; no two are numbered alike, in whichever log. 0: none yet.
    number: u64,
    settings: Option<Arc<LogSettings>>,
    is_coloured: bool,
    shapes: Vec<Option<Shape>>,
    timestamp: Timestamp,
    line: String,
}

/// When an event was, and in which trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) time: SystemTime,
    pub(super) ids: Option<(TraceId, SpanId)>,
}

/// Lends this thread's desk. One that is in use, or gone with its thread, is made anew: a field whose
/// `Debug` logs comes here while the outer line is being made.
pub(super) fn with<R>(mut work: impl FnMut(&mut Desk) -> R) -> R {
    let lent = DESK.try_with(|desk| desk.try_borrow_mut().ok().map(|mut desk| work(&mut desk)));
    lent.ok().flatten().unwrap_or_else(|| work(&mut Desk::default()))
}

impl Desk {
    /// Takes over the settings of this number, unless they are at hand.
    pub(super) fn follow(&mut self, number: u64, is_coloured: bool, settings: impl FnOnce() -> Arc<LogSettings>) {
        if self.number != number {
            (self.number, self.is_coloured) = (number, is_coloured);
            self.settings = Some(settings());
            self.shapes.clear();
            self.shapes.resize_with(SHAPES, || None);
        }
    }

    /// Whether the events of this place are logged, if one of them was looked at here before.
    pub(super) fn is_logged(&self, metadata: &Metadata<'_>) -> Option<bool> {
        let shape = self.shapes.get(place(metadata))?.as_ref()?;
        shape.is_of(metadata).then_some(shape.is_logged)
    }

    /// The line of an event, its line break included; none where it is not to be logged any more.
    pub(super) fn line(&mut self, moment: Moment, event: &Event<'_>) -> Option<&str> {
        self.line.clear();
        // One huge service name must not stay with the thread.
        self.line.shrink_to(LONGEST);
        let settings = self.settings.as_ref()?;
        let shape = shape(&mut self.shapes, event.metadata(), settings, self.is_coloured)?;
        match settings.format {
            LogFormat::Json => self.line.push_str("{\"timestamp\":\""),
            LogFormat::Pretty if self.is_coloured => self.line.push_str("\x1b[2m"),
            LogFormat::Pretty => {}
        }
        self.timestamp.write(moment.time, &mut self.line);
        self.line.push_str(&shape.head);
        let fields = Fields {
            line: Line::new(&mut self.line),
            shape,
            settings,
            ids: moment.ids,
            has_begun: false,
            seeks_message: false,
            count: 0,
            present: 0,
        };
        fields.write(event);
        Some(&self.line)
    }
}

/// The shape of a place, if its events are logged.
fn shape<'s>(
    shapes: &'s mut [Option<Shape>],
    metadata: &'static Metadata<'static>,
    settings: &LogSettings,
    is_coloured: bool,
) -> Option<&'s Shape> {
    let kept = shapes.get_mut(place(metadata))?;
    if !kept.as_ref().is_some_and(|shape| shape.is_of(metadata)) {
        *kept = Some(Shape::new(metadata, settings, is_coloured));
    }
    kept.as_ref().filter(|shape| shape.is_logged)
}

/// Where the shape of a place in the code is kept: by its address, which is its own for ever.
fn place(metadata: &Metadata<'_>) -> usize {
    const GOLDEN: usize = 0x9e37_79b9;
    (std::ptr::from_ref(metadata).addr() >> 3).wrapping_mul(GOLDEN) >> 16 & (SHAPES - 1)
}
