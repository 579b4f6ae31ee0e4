pub(crate) mod documents;
mod edges;
mod navigation;
mod retired;
mod round_trip;
mod sample;
mod texts;
mod verdict;
