mod documents;
mod edges;
mod navigation;
mod round_trip;
mod sample;
mod texts;
mod verdict;
