mod navigation;
mod sample;
mod verdict;
