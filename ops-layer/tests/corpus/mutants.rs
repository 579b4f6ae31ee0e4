//! Inputs made of others, blindly and always the same.
//!
//! A fuzzer is led by what its inputs reach, and what they reach differs from run to run: maps are
//! seeded by chance, and addresses are compared. Two runs of one seed part soon. So the fuzzer
//! searches for as long as somebody lets it, and the verdict on a commit is drawn from these.

use fastrand::Rng;

/// Bytes that separate, open or close something in what is read.
const TELLING: &[u8] = b"\0\n\r\t \"'#,-.=[]_{}\xff019%";

/// How often an input is changed at most.
const MOST: usize = 6;

/// Every input's changed copies, without an end.
#[derive(Debug)]
pub(crate) struct Mutants {
    inputs: Vec<Vec<u8>>,
    largest: usize,
    chance: Rng,
}

impl Mutants {
    pub(crate) fn new(inputs: Vec<Vec<u8>>, largest: usize) -> Self {
        assert!(!inputs.is_empty(), "nothing can be made of nothing");
        Self { inputs, largest, chance: Rng::with_seed(1) }
    }

    fn change(&mut self, data: &mut Vec<u8>) {
        let at = self.chance.usize(..=data.len());
        let len = self.chance.usize(..=(data.len() - at).min(32));
        let part = data[at..at + len].to_vec();
        match self.chance.u8(..8) {
            0 => data.insert(at, self.chance.u8(..)),
            1 => data.insert(at, TELLING[self.chance.usize(..TELLING.len())]),
            2 => drop(data.drain(at..at + len)),
            3 => drop(data.splice(at..at, part)),
            4 => self.spread(data, &part),
            5 => self.graft(data, at),
            6 => data.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << self.chance.u8(..8)),
            _ => data.get_mut(at).into_iter().for_each(|byte| *byte = self.chance.u8(..)),
        }
    }

    /// Puts a part elsewhere, too.
    fn spread(&mut self, data: &mut Vec<u8>, part: &[u8]) {
        let at = self.chance.usize(..=data.len());
        data.splice(at..at, part.iter().copied());
    }

    /// Goes on as another input does from some place on.
    fn graft(&mut self, data: &mut Vec<u8>, at: usize) {
        let other = &self.inputs[self.chance.usize(..self.inputs.len())];
        data.truncate(at);
        data.extend_from_slice(&other[self.chance.usize(..=other.len())..]);
    }
}

impl Iterator for Mutants {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut data = self.inputs[self.chance.usize(..self.inputs.len())].clone();
        for _ in 0..self.chance.usize(1..=MOST) {
            self.change(&mut data);
        }
        data.truncate(self.largest);
        Some(data)
    }
}
